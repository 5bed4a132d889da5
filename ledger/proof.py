"""
C2SP tlog-proof: the inclusion of one entry as a text file that any foreign verifier can check.

`extra` is not authenticated; nothing here reads meaning into it. Pure.
"""

import base64
from dataclasses import dataclass

from ledger.errors import AnchorError, Malformed, NoteRefused
from ledger.merkle import HASH_BYTES, verify_inclusion
from ledger.note import QuorumPolicy, WitnessedCheckpoint, parse_note, parse_size, verify_checkpoint
from ledger.vkey import decode_base64

_HEADER = "c2sp.org/tlog-proof@v1"
MAX_PATH = 63


@dataclass(frozen=True, slots=True)
class LogProof:
    """Entry `index` with its path in the tree of the checkpoint, a signed note."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None


def parse_log_proof(text: str) -> LogProof:
    """A proof from its text; its checkpoint must be a note, not yet verified."""
    head, blank, checkpoint = text.partition("\n\n")
    header, *lines = head.split("\n")
    if header != _HEADER or not blank:
        raise Malformed("this is no tlog-proof", detail="malformed_proof")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index ") or len(lines) > 1 + MAX_PATH:
        raise Malformed("the proof has no index, or too many hashes", detail="malformed_proof")
    index = parse_size(lines.pop(0).removeprefix("index "))
    path = tuple(decode_base64(line) for line in lines)
    if any(len(node) != HASH_BYTES for node in path):
        raise Malformed("a hash of the proof is not 32 bytes", detail="malformed_proof")
    parse_note(checkpoint)
    return LogProof(index=index, path=path, checkpoint=checkpoint, extra=extra)


def build_log_proof(proof: LogProof) -> str:
    """The text of a proof."""
    lines = [_HEADER]
    if proof.extra is not None:
        lines.append(f"extra {base64.b64encode(proof.extra).decode()}")
    lines.append(f"index {proof.index}")
    lines += [base64.b64encode(node).decode() for node in proof.path]
    return "\n".join(lines) + "\n\n" + proof.checkpoint


def verify_log_proof(
    proof: LogProof, *, policy: QuorumPolicy, leaf_hash: bytes
) -> WitnessedCheckpoint:
    """The checkpoint in which the entry stands; else AnchorError."""
    try:
        witnessed = verify_checkpoint(proof.checkpoint, policy)
    except (Malformed, NoteRefused) as error:
        raise AnchorError(f"the checkpoint does not hold: {error}", detail=error.detail) from error
    if not verify_inclusion(
        leaf_hash=leaf_hash,
        index=proof.index,
        size=witnessed.checkpoint.size,
        proof=proof.path,
        root=witnessed.checkpoint.root,
    ):
        raise AnchorError("the entry is not in the log", detail="not_in_log")
    return witnessed
