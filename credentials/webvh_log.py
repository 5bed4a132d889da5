"""
A did:webvh log: its entries, the SCID, the chain of hashes, and who signed each entry.

did:webvh 1.0, "Read (Resolve)" and "DID Method Processes" (WVH-01 to WVH-05). Every entry is
checked in full, first to last; one that fails invalidates the whole log, also for older versions.
Work is bounded by the bytes of the log and the number of its entries.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp
from credentials.webvh_identifier import (
    PLACEHOLDER,
    SHA256_MULTIHASH,
    WebvhDid,
    is_sha256_multihash,
    parse_did_webvh,
)
from credentials.webvh_parameters import (
    Parameters,
    Witnesses,
    active_update_keys,
    active_witnesses,
    parse_first_parameters,
    parse_next_parameters,
)
from credentials.webvh_proof import parse_proofs, verify_proof
from encoding import errors as encoding_errors
from encoding import multibase, strict_json
from encoding.strict_json import JsonValue, canonical_json

MAX_LOG_BYTES = 2_097_152
MAX_ENTRIES = 512
SKEW = timedelta(minutes=5)

_MEMBERS = frozenset({"versionId", "versionTime", "parameters", "state", "proof"})
_VERSION_ID = re.compile(r"([1-9][0-9]{0,5})-([1-9A-HJ-NP-Za-km-z]{46})\Z")
_IN_UTC = re.compile(r".*(?:Z|\+00:00)\Z")


@dataclass(frozen=True, slots=True)
class Version:
    """One verified entry: the document of that version and what held for it."""

    number: int
    version_id: str
    time_text: str
    time: datetime
    did: WebvhDid
    document: Mapping[str, JsonValue]
    parameters: Parameters
    witnesses: Witnesses | None


def parse_log(data: bytes) -> tuple[dict[str, JsonValue], ...]:
    """The lines of `did.jsonl` as objects; nothing of them is believed yet."""
    if len(data) > MAX_LOG_BYTES:
        raise Malformed(f"a log is larger than {MAX_LOG_BYTES} bytes", detail="too_large")
    lines = data.removesuffix(b"\n").split(b"\n")
    if len(lines) > MAX_ENTRIES:
        raise Malformed(f"a log has more than {MAX_ENTRIES} entries", detail="too_large")
    try:
        entries = tuple(strict_json.parse_object(line) for line in lines)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    if any(set(entry) != _MEMBERS for entry in entries):
        raise Malformed("an entry has other members than its five", detail="invalid_log_entry")
    return entries


def verify_log(data: bytes, *, now: datetime) -> tuple[Version, ...]:
    """Every version of a log, checked in all but what witnesses say."""
    versions: list[Version] = []
    for entry in parse_log(data):
        versions.append(_verify_entry(entry, versions[-1] if versions else None, now=now))
    return tuple(versions)


def hash_entry(entry: Mapping[str, JsonValue], *, previous: str) -> str:
    """The entry hash: over the entry without its proof, with what came before as its version."""
    preliminary = {name: value for name, value in entry.items() if name != "proof"}
    preliminary["versionId"] = previous
    return hash_json(preliminary)


def hash_json(value: object) -> str:
    """base58btc(multihash(JCS(value))) with SHA-256, the only hash of version 1.0."""
    try:
        data = canonical_json(value)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    return multibase.encode_base58btc(SHA256_MULTIHASH + sha256(data).digest())


def replace_text(value: object, *, old: str, new: str) -> dict[str, JsonValue]:
    """The object with a text replaced wherever it stands, names of members included."""
    text = strict_json.build_json(value).decode("utf-8").replace(old, new)
    try:
        return strict_json.parse_object(text, max_bytes=2 * strict_json.MAX_BYTES)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error


def _verify_entry(
    entry: dict[str, JsonValue], previous: Version | None, *, now: datetime
) -> Version:
    number, version_id, entry_hash = _read_version_id(entry["versionId"])
    if number != (previous.number + 1 if previous else 1):
        raise Malformed("a log skips a version", detail="broken_log_chain")
    before = previous.parameters if previous else None
    if before is None:
        parameters = parse_first_parameters(entry["parameters"])
        _verify_scid(entry, parameters.scid)
    else:
        parameters = parse_next_parameters(before, entry["parameters"])
    if hash_entry(entry, previous=previous.version_id if previous else parameters.scid) != (
        entry_hash
    ):
        raise Malformed("an entry does not follow from the one before", detail="broken_log_chain")
    _verify_proofs(entry, keys=active_update_keys(before, parameters), now=now)
    document = entry["state"]
    if not isinstance(document, dict):
        raise Malformed("an entry's state must be an object", detail="invalid_log_entry")
    return Version(
        number=number,
        version_id=version_id,
        time_text=str(entry["versionTime"]),
        time=_check_time(entry["versionTime"], previous, now=now),
        did=_check_did(document, parameters, previous),
        document=document,
        parameters=parameters,
        witnesses=active_witnesses(before, parameters),
    )


def _read_version_id(value: JsonValue) -> tuple[int, str, str]:
    found = _VERSION_ID.match(value) if isinstance(value, str) else None
    if found is None or not is_sha256_multihash(found[2]):
        raise Malformed("a versionId is a number and a SHA-256", detail="invalid_log_entry")
    return int(found[1]), found[0], found[2]


def _verify_scid(entry: dict[str, JsonValue], scid: str) -> None:
    body = {name: value for name, value in entry.items() if name != "proof"}
    # Two entries would share one SCID if the placeholder itself were allowed to stay.
    if PLACEHOLDER in strict_json.build_json(body).decode("utf-8"):
        raise Malformed("a first entry holds a placeholder", detail="wrong_scid")
    preliminary = replace_text({**body, "versionId": scid}, old=scid, new=PLACEHOLDER)
    if hash_json(preliminary) != scid:
        raise Malformed("the SCID is not the hash of the first entry", detail="wrong_scid")


def _verify_proofs(entry: dict[str, JsonValue], *, keys: tuple[str, ...], now: datetime) -> None:
    document = {name: value for name, value in entry.items() if name != "proof"}
    for proof in parse_proofs(entry["proof"]):
        signer = verify_proof(document, proof, now=now)
        if signer.removeprefix("did:key:") not in keys:
            raise Malformed("an entry is signed by another key", detail="invalid_log_proof")


def _check_time(value: JsonValue, previous: Version | None, *, now: datetime) -> datetime:
    time = parse_date_time_stamp(value, name="versionTime")
    if not _IN_UTC.match(str(value)):
        raise Malformed("a versionTime must be in UTC", detail="invalid_version_time")
    if previous is not None and time <= previous.time:
        raise Malformed("a versionTime must rise", detail="invalid_version_time")
    if time > now + SKEW:
        raise Malformed("a versionTime is in the future", detail="invalid_version_time")
    return time


def _check_did(
    document: dict[str, JsonValue], parameters: Parameters, previous: Version | None
) -> WebvhDid:
    """The DID of a version: always the same SCID, and the same text unless it may move."""
    name = document.get("id")
    if not isinstance(name, str):
        raise Malformed("a document has no id", detail="invalid_did_document")
    did = parse_did_webvh(name)
    if did.scid != parameters.scid:
        raise Malformed("a document has another SCID", detail="wrong_scid")
    if previous is not None and did.text != previous.did.text:
        known_as = document.get("alsoKnownAs")
        if not previous.parameters.portable or not parameters.portable:
            raise Malformed("a DID moved that may not", detail="log_of_another_did")
        if not isinstance(known_as, list) or previous.did.text not in known_as:
            raise Malformed("a DID moved and forgot its name", detail="log_of_another_did")
    return did
