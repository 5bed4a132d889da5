"""
What witnesses say of a did:webvh log: `did-witness.json` and its thresholds (WVH-04).

A witness signs a `versionId` and thereby approves that entry and all before it. Counted are
distinct witnesses that were asked, and only proofs on entries that this log holds: a proof of
another log, of an entry not published yet, or that does not verify, counts for nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from credentials.errors import Malformed
from credentials.keys import Signer
from credentials.webvh_log import MAX_ENTRIES, Version
from credentials.webvh_proof import read_signer, sign_proof, verify_proof
from encoding import errors as encoding_errors
from encoding import strict_json
from encoding.strict_json import JsonValue

MAX_WITNESS_BYTES = 1_048_576
MAX_WITNESS_PROOFS = 1024
"""Signatures that one file can make us check."""


def verify_witnesses(versions: Sequence[Version], data: bytes | None, *, now: datetime) -> None:
    """Refuse a log of which an entry lacks approvals; without the file nothing is approved."""
    asked = {name for each in versions if each.witnesses for name in each.witnesses.ids}
    if not asked:
        return
    if data is None:
        raise Malformed("the proofs of the witnesses are not at hand", detail="not_witnessed")
    numbers = {each.version_id: each.number for each in versions}
    approved = _collect_approvals(_parse_file(data), numbers=numbers, asked=asked, now=now)
    for version in versions:
        if version.witnesses is not None:
            count = sum(approved.get(name, 0) >= version.number for name in version.witnesses.ids)
            if count < version.witnesses.threshold:
                raise Malformed("too few witnesses approved an entry", detail="not_witnessed")


def sign_witness_proof(version_id: str, *, signer: Signer, now: datetime) -> dict[str, JsonValue]:
    """The approval of a witness: of this version and all before it."""
    return sign_proof({"versionId": version_id}, signer=signer, now=now)


def build_witness_file(proofs: Mapping[str, Sequence[Mapping[str, JsonValue]]]) -> bytes:
    """`did-witness.json` of the proofs by version; publish it before the log."""
    return strict_json.build_json(
        [{"versionId": name, "proof": [*each]} for name, each in proofs.items() if each]
    )


def _parse_file(data: bytes) -> list[tuple[str, list[JsonValue]]]:
    try:
        value = strict_json.parse_json(data, max_bytes=MAX_WITNESS_BYTES, max_members=50_000)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    if not isinstance(value, list) or len(value) > 2 * MAX_ENTRIES:
        raise Malformed("a witness file is a short array", detail="invalid_witness_file")
    records: list[tuple[str, list[JsonValue]]] = []
    for record in value:
        version_id = record.get("versionId") if isinstance(record, dict) else None
        proofs = record.get("proof", []) if isinstance(record, dict) else None
        if not isinstance(version_id, str) or not isinstance(proofs, list):
            raise Malformed("a witness record cannot be read", detail="invalid_witness_file")
        records.append((version_id, proofs))
    if sum(len(proofs) for _, proofs in records) > MAX_WITNESS_PROOFS:
        raise Malformed("a witness file has too many proofs", detail="too_large")
    return records


def _collect_approvals(
    records: list[tuple[str, list[JsonValue]]],
    *,
    numbers: Mapping[str, int],
    asked: set[str],
    now: datetime,
) -> dict[str, int]:
    """Witness to the latest version that it approved."""
    approved: dict[str, int] = {}
    for version_id, proofs in records:
        number = numbers.get(version_id, 0)
        for proof in proofs:
            witness = _verify_approval(version_id, proof, asked=asked, now=now) if number else ""
            if witness:
                approved[witness] = max(number, approved.get(witness, 0))
    return approved


def _verify_approval(version_id: str, proof: JsonValue, *, asked: set[str], now: datetime) -> str:
    """The witness whose proof holds, or nobody: one that fails only does not count."""
    try:
        if not isinstance(proof, dict) or read_signer(proof) not in asked:
            return ""
        return verify_proof({"versionId": version_id}, proof, now=now)
    except Malformed:
        return ""
