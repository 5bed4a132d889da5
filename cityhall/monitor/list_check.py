"""
The lists of the newest epoch: proofs, bytes, bits, and what their issuers themselves show.

Each list's bytes have the digest of its leaf, its raw bits the chunk root; all leaves together
give the root of the epoch; no version is older than one that was seen, and none is other bytes
under the same number. An issuer that shows other bytes than the log, or a newer list that the log
should have had by now, is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from cityhall.monitor.findings import Report
from cityhall.monitor.log_check import Head
from cityhall.monitor.public_log import MAX_LIST, MAX_SNAPSHOT, NotReadable, PublicLog
from cityhall.monitor.seen import Seen
from credentials.errors import CredentialError
from credentials.status_lists import StatusList, read_status_list
from encoding.strict_json import JsonValue
from ledger.anchor import AnchorProof, parse_anchor_proof, verify_anchor
from ledger.epoch import build_list_leaf, chunk_root, token_digest
from ledger.errors import LedgerError
from ledger.merkle import EMPTY_ROOT, leaf_hash, tree_root


@dataclass(frozen=True, slots=True)
class AnchoredList:
    """A list whose bytes, bits and proof hold."""

    proof: AnchorProof
    listed: StatusList


def check_lists(log: PublicLog, head: Head, seen: Seen, report: Report) -> dict[str, AnchoredList]:
    """Every list of the newest epoch that holds, by its address."""
    snapshot = log.json("/snapshot", max_bytes=MAX_SNAPSHOT)
    rows = snapshot.get("lists")
    found: dict[str, AnchoredList] = {}
    proofs: list[AnchorProof] = []
    for row in rows if isinstance(rows, list) else []:
        proof = _check_row(row, head, seen, report, found)
        if proof is not None:
            proofs.append(proof)
    _check_root(proofs, report)
    report.figures["lists"] = len(proofs)
    for uri, anchored in found.items():
        leaf = anchored.proof.list_leaf
        seen.lists[uri] = (leaf.version, leaf.token_digest.hex())
    return found


def check_issuers(
    log: PublicLog, lists: Mapping[str, AnchoredList], report: Report, *, max_age: timedelta
) -> None:
    """What the issuers show at the lists' own addresses."""
    for uri, anchored in lists.items():
        leaf = anchored.proof.list_leaf
        try:
            token = log.data(uri, max_bytes=MAX_LIST)
            shown = read_status_list(token.decode())
        except (NotReadable, CredentialError, UnicodeDecodeError) as error:
            report.note("issuer_unreadable", f"{uri} cannot be read at its issuer: {error}")
            continue
        version = int(shown.issued_at.timestamp())
        if token_digest(token) == leaf.token_digest:
            continue
        if version < leaf.version:
            report.breach("issuer_rollback", f"the issuer shows an older {uri} than the log")
        elif version == leaf.version:
            report.breach("split_view", f"the issuer shows other bytes of {uri} than the log")
        elif report.at - shown.issued_at > max_age:
            report.breach("withheld", f"the log does not have the newest {uri} in time")


def _check_row(
    row: JsonValue, head: Head, seen: Seen, report: Report, found: dict[str, AnchoredList]
) -> AnchorProof | None:
    """The proof of one list; everything but its leaf may be wrong and is told."""
    members = row if isinstance(row, dict) else {}
    uri, token = members.get("uri"), members.get("token")
    try:
        proof = parse_anchor_proof(members.get("proof"))
    except LedgerError as error:
        report.breach("list_malformed_proof", f"{uri} has no proof: {error}")
        return None
    if not isinstance(uri, str) or not isinstance(token, str):
        report.breach("missing_list", f"the snapshot has no bytes of {uri}")
        return proof
    try:
        verify_anchor(proof, policy=head.policy, uri=uri, token=token.encode())
        listed = read_status_list(token)
    except (LedgerError, CredentialError) as error:
        detail = getattr(error, "detail", "malformed")
        report.breach(f"list_{detail}", f"{uri} does not hold: {error}")
        return proof
    leaf = proof.list_leaf
    version = int(listed.issued_at.timestamp())
    if (leaf.bits, leaf.size, leaf.version) != (listed.bits, listed.size, version):
        report.breach("wrong_leaf", f"the leaf of {uri} says other things than its bytes")
    elif chunk_root(listed.entries) != leaf.chunk_root:
        report.breach("wrong_chunks", f"the bits of {uri} do not give their root")
    elif not _is_older_than_seen(uri, proof, seen, report):
        found[uri] = AnchoredList(proof, listed)
    return proof


def _is_older_than_seen(uri: str, proof: AnchorProof, seen: Seen, report: Report) -> bool:
    version, digest = seen.lists.get(uri, (0, ""))
    leaf = proof.list_leaf
    if leaf.version < version:
        report.breach("list_rollback", f"{uri} has version {leaf.version}, {version} was seen")
        return True
    if leaf.version == version and digest and leaf.token_digest.hex() != digest:
        report.note("same_version", f"{uri} has new bytes under the same second of issue")
    return False


def _check_root(proofs: list[AnchorProof], report: Report) -> None:
    """All leaves and no other give the root that the epoch committed to."""
    ordered = sorted(proofs, key=lambda proof: proof.list_leaf.uri.encode())
    hashes = [leaf_hash(build_list_leaf(proof.list_leaf)) for proof in ordered]
    epochs = {proof.epoch_leaf for proof in proofs}
    if len(epochs) > 1:
        report.breach("mixed_epochs", "the snapshot mixes two epochs")
    for epoch in epochs:
        root = tree_root(hashes) if hashes else EMPTY_ROOT
        if (epoch.lists, epoch.lists_root) != (len(hashes), root):
            report.breach("wrong_lists_root", "the lists do not give the root of their epoch")
