"""
Block headers of Bitcoin, handed in by whoever follows that chain, and what one of them shows.

A header is 80 bytes; its work is real when its double SHA-256 is not above the target that it
names. It may name an easy one, so the reader says which target is hard enough. Pure.
"""

import hashlib
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ledger.errors import ForeignChain, Malformed

HEADER_BYTES: Final = 80
_LAYOUT: Final = struct.Struct("<i32s32sIII")
_MAX_TARGET_BITS: Final = 256
_SIGN_BIT: Final = 0x00800000


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """Hashes are in the order of the bytes on the wire, not as they are displayed."""

    digest: bytes
    previous: bytes
    merkle_root: bytes
    time: datetime
    target: int


def parse_header(raw: bytes, *, easiest_target: int) -> BlockHeader:
    """A header with enough work."""
    if len(raw) != HEADER_BYTES:
        raise Malformed("a block header has 80 bytes", detail="malformed_block_header")
    _, previous, merkle_root, time, bits, _ = _LAYOUT.unpack(raw)
    target = expand_target(bits)
    digest = hashlib.sha256(hashlib.sha256(raw).digest()).digest()
    if int.from_bytes(digest, "little") > min(target, easiest_target) or target > easiest_target:
        raise ForeignChain("a block header without enough work", detail="header_without_work")
    return BlockHeader(digest, previous, merkle_root, datetime.fromtimestamp(time, UTC), target)


def expand_target(bits: int) -> int:
    """The target behind the compact `nBits`."""
    size, mantissa = bits >> 24, bits & 0x7FFFFF
    target = mantissa << 8 * (size - 3) if size > 3 else mantissa >> 8 * (3 - size)
    if bits & _SIGN_BIT or not target or target.bit_length() > _MAX_TARGET_BITS:
        raise Malformed("a block header names no target", detail="malformed_block_header")
    return target


def displayed(digest: bytes) -> str:
    """A block hash as people write it."""
    return digest[::-1].hex()
