"""
Detached timestamp proofs of OpenTimestamps (`.ots`, version 1), read strictly, written to the byte.

A proof is a set of paths: operations that lead from a SHA-256 digest to what an attestation speaks
of. Known operations are append, prepend, SHA-256 and RIPEMD-160; proofs that need another one are
refused. Attestations of unknown kinds are kept and prove nothing. Work is bounded by bytes, paths
and operations. Written in the order of the reference implementation. Pure.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ledger.errors import Malformed

MAX_BYTES: Final = 65_536
MAX_PATHS: Final = 64
MAX_OPERATIONS: Final = 256
"""On one path."""
MAX_MESSAGE_BYTES: Final = 4096
MAX_PAYLOAD_BYTES: Final = 8192
MAX_ADDRESS_BYTES: Final = 1000
MAX_HEIGHT: Final = 2**31 - 1
DIGEST_BYTES: Final = 32

APPEND: Final = 0xF0
PREPEND: Final = 0xF1
SHA256: Final = 0x08
RIPEMD160: Final = 0x03
_MAGIC: Final = b"\x00OpenTimestamps\x00\x00Proof\x00" + bytes.fromhex("bf89e2e884e89294")
_VERSION: Final = 1
_BRANCH: Final = 0xFF
_ATTESTATION: Final = 0x00
_PENDING: Final = bytes.fromhex("83dfe30d2ef90c8e")
_BITCOIN: Final = bytes.fromhex("0588960d73d71901")
_TAG_BYTES: Final = 8
_MAX_VARUINT_BYTES: Final = 9
_ADDRESS: Final = re.compile(rb"[A-Za-z0-9._/:-]+\Z")


@dataclass(frozen=True, slots=True)
class Operation:
    """One step; the argument belongs to append and prepend."""

    tag: int
    argument: bytes = b""

    def apply(self, message: bytes) -> bytes:
        """What becomes of the message."""
        if self.tag == SHA256:
            return hashlib.sha256(message).digest()
        if self.tag == RIPEMD160:
            return hashlib.new("ripemd160", message).digest()
        pair = (message, self.argument) if self.tag == APPEND else (self.argument, message)
        result = b"".join(pair)
        if len(result) > MAX_MESSAGE_BYTES:
            raise _malformed("a message on the way grows too long")
        return result


@dataclass(frozen=True, slots=True)
class Pending:
    """A calendar promises to say later in which block it is."""

    address: str


@dataclass(frozen=True, slots=True)
class InBitcoin:
    """The message is the Merkle root in the header of the block at this height."""

    height: int


@dataclass(frozen=True, slots=True)
class UnknownAttestation:
    """Of another kind; it proves nothing here."""

    tag: bytes
    payload: bytes


Attestation: TypeAlias = Pending | InBitcoin | UnknownAttestation


@dataclass(frozen=True, slots=True)
class Path:
    """Operations, the message that they lead to, and who attests to it."""

    operations: tuple[Operation, ...]
    message: bytes
    attestation: Attestation


@dataclass(frozen=True, slots=True)
class TimestampProof:
    """All that is known of one digest."""

    digest: bytes
    paths: tuple[Path, ...]


def parse_proof(data: bytes) -> TimestampProof:
    """A whole `.ots` file for a SHA-256 digest."""
    cursor = _Cursor(data)
    if cursor.take(len(_MAGIC)) != _MAGIC:
        raise _malformed("this is no timestamp proof")
    if cursor.varuint() != _VERSION:
        raise Malformed("a proof of an unknown version", detail="unsupported_timestamp_proof")
    if cursor.byte() != SHA256:
        raise Malformed("only SHA-256 digests are read", detail="unsupported_timestamp_proof")
    digest = cursor.take(DIGEST_BYTES)
    return TimestampProof(digest, _parse_paths(cursor, digest))


def parse_timestamp(data: bytes, message: bytes) -> tuple[Path, ...]:
    """What a calendar answers about a message: the paths alone."""
    return _parse_paths(_Cursor(data), message)


def build_proof(proof: TimestampProof) -> bytes:
    """The `.ots` file."""
    header = _MAGIC + bytes([_VERSION, SHA256]) + proof.digest
    return header + build_timestamp(proof.paths)


def build_timestamp(paths: Sequence[Path]) -> bytes:
    """The paths as a tree, where what they share stands once."""
    keys = sorted({_key(path) for path in paths})
    if not keys:
        raise _malformed("a proof has at least one path")
    parts = []
    for place, key in enumerate(keys):
        shared = _shared(keys[place - 1], key) if place else 0
        for depth in range(shared, len(key)):
            prefix = key[:depth]
            if any(each[:depth] == prefix and each[depth] != key[depth] for each in keys[place:]):
                parts.append(bytes([_BRANCH]))
            parts.append(_build_item(key[depth]))
    return b"".join(parts)


_Item: TypeAlias = tuple[bool, bytes, bytes]
"""Whether it is an operation, its tag, its argument or payload: in the order of writing."""


def _key(path: Path) -> tuple[_Item, ...]:
    steps = [(True, bytes([each.tag]), each.argument) for each in path.operations]
    return (*steps, _attestation_item(path.attestation))


def _attestation_item(attestation: Attestation) -> _Item:
    if isinstance(attestation, Pending):
        address = attestation.address.encode()
        return False, _PENDING, _build_varuint(len(address)) + address
    if isinstance(attestation, InBitcoin):
        return False, _BITCOIN, _build_varuint(attestation.height)
    return False, attestation.tag, attestation.payload


def _build_item(item: _Item) -> bytes:
    is_operation, tag, content = item
    if not is_operation:
        return bytes([_ATTESTATION]) + tag + _build_varuint(len(content)) + content
    return tag + (_build_varuint(len(content)) + content if tag[0] in {APPEND, PREPEND} else b"")


def _shared(one: tuple[_Item, ...], other: tuple[_Item, ...]) -> int:
    pairs = zip(one, other, strict=False)
    return next((depth for depth, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _parse_paths(cursor: "_Cursor", message: bytes) -> tuple[Path, ...]:
    """One pass without recursion: a branch marker remembers where the next sibling begins."""
    paths: list[Path] = []
    operations: tuple[Operation, ...] = ()
    waiting: list[tuple[tuple[Operation, ...], bytes]] = []
    while True:
        tag = cursor.byte()
        if tag == _BRANCH:
            waiting.append((operations, message))
            if len(waiting) >= MAX_PATHS:
                raise _malformed("a proof has too many paths")
            tag = cursor.byte()
            if tag == _BRANCH:
                raise _malformed("a branch is marked once")
        if tag != _ATTESTATION:
            operation = _parse_operation(cursor, tag)
            operations, message = (*operations, operation), operation.apply(message)
            if len(operations) > MAX_OPERATIONS:
                raise _malformed("a path has too many operations")
            continue
        paths.append(Path(operations, message, _parse_attestation(cursor)))
        if not waiting:
            break
        if len(paths) >= MAX_PATHS:
            raise _malformed("a proof has too many paths")
        operations, message = waiting.pop()
    if cursor.is_left() or len(set(paths)) != len(paths):
        raise _malformed("a proof ends with its last path and says each once")
    return tuple(paths)


def _parse_operation(cursor: "_Cursor", tag: int) -> Operation:
    if tag in {SHA256, RIPEMD160}:
        return Operation(tag)
    if tag not in {APPEND, PREPEND}:
        raise Malformed(
            f"operation {tag:#04x} is not known here", detail="unsupported_timestamp_proof"
        )
    argument = cursor.varbytes(MAX_MESSAGE_BYTES)
    if not argument:
        raise _malformed("nothing is appended or prepended")
    return Operation(tag, argument)


def _parse_attestation(cursor: "_Cursor") -> Attestation:
    tag = cursor.take(_TAG_BYTES)
    payload = cursor.varbytes(MAX_PAYLOAD_BYTES)
    inner = _Cursor(payload)
    if tag == _PENDING:
        address = inner.varbytes(MAX_ADDRESS_BYTES)
        if inner.is_left() or not _ADDRESS.match(address):
            raise _malformed("a calendar has a plain address")
        return Pending(address.decode("ascii"))
    if tag == _BITCOIN:
        height = inner.varuint()
        if inner.is_left() or height > MAX_HEIGHT:
            raise _malformed("a block has a height")
        return InBitcoin(height)
    return UnknownAttestation(tag, payload)


@dataclass(slots=True)
class _Cursor:
    data: bytes
    position: int = 0

    def __post_init__(self) -> None:
        if len(self.data) > MAX_BYTES:
            raise _malformed("a proof is short")

    def is_left(self) -> bool:
        return self.position < len(self.data)

    def take(self, length: int) -> bytes:
        start, self.position = self.position, self.position + length
        if self.position > len(self.data):
            raise _malformed("a proof ends too early")
        return self.data[start : self.position]

    def byte(self) -> int:
        return self.take(1)[0]

    def varuint(self) -> int:
        """LEB128, the shortest form."""
        value = 0
        for place in range(_MAX_VARUINT_BYTES):
            byte = self.byte()
            value |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                if place and not byte:
                    break
                return value
        raise _malformed("a number is not in its shortest form")

    def varbytes(self, limit: int) -> bytes:
        length = self.varuint()
        if length > limit:
            raise _malformed("a part of a proof is too long")
        return self.take(length)


def _build_varuint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _malformed(message: str) -> Malformed:
    return Malformed(message, detail="malformed_timestamp_proof")
