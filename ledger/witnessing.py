"""
The request of C2SP tlog-witness `add-checkpoint`, read and written. Pure.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import Malformed
from ledger.merkle import HASH_BYTES
from ledger.note import parse_size
from ledger.vkey import decode_base64

MAX_PROOF = 63
SIZE_MEDIA_TYPE = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A checkpoint with the proof that it extends the witness's tree of `old_size`."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: str


def build_add_checkpoint(*, old_size: int, proof: Sequence[bytes], checkpoint: str) -> bytes:
    """The body of the request."""
    lines = [f"old {old_size}", *(base64.b64encode(node).decode() for node in proof)]
    return ("\n".join(lines) + "\n\n" + checkpoint).encode()


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """The request in a body; the note in it is not looked at yet."""
    try:
        head, blank, checkpoint = body.decode().partition("\n\n")
    except UnicodeDecodeError as error:
        raise Malformed("the request is not UTF-8", detail="malformed_request") from error
    first, *lines = head.split("\n")
    if not blank or not first.startswith("old ") or len(lines) > MAX_PROOF:
        raise Malformed("the request has no old size line", detail="malformed_request")
    proof = tuple(decode_base64(line) for line in lines)
    if any(len(node) != HASH_BYTES for node in proof):
        raise Malformed("a hash of the proof is not 32 bytes", detail="malformed_request")
    return AddCheckpoint(
        old_size=parse_size(first.removeprefix("old ")), proof=proof, checkpoint=checkpoint
    )
