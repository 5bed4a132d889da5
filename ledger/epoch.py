"""
What one epoch commits to: the trees over a status list's chunks, over all lists, over the trust
registry, and the one leaf that goes into the log.

Leaves are deterministic CBOR, so the bytes are the value. This module sees digests and opaque
trust leaves only: never a person, a credential or what a status means. Pure.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from encoding.cbor import build_cbor, parse_cbor
from encoding.errors import Malformed as EncodingMalformed
from ledger.errors import Malformed
from ledger.merkle import HASH_BYTES, leaf_hash, tree_levels, tree_root

CHUNK_BYTES = 64
"""Of a 2-bit list 256 entries: small enough to show, large enough to keep the tree low."""
MAX_LEAF_BYTES = 4096
_FORMAT = 1
_MAX_TIME = 253_402_300_799


@dataclass(frozen=True, slots=True)
class ListLeaf:
    """
    One status list in one epoch. `version` only rises for a `uri`; `size` counts entries of `bits`
    bits; `token_digest` is the SHA-256 of the signed list, `chunk_root` commits to its raw bits.
    """

    uri: str
    version: int
    bits: int
    size: int
    token_digest: bytes
    chunk_root: bytes


@dataclass(frozen=True, slots=True)
class EpochLeaf:
    """One epoch: how many lists, the root over them, the root over the trust registry."""

    epoch: int
    time: datetime
    lists: int
    lists_root: bytes
    trust_root: bytes


@dataclass(frozen=True, slots=True)
class TrustLeaf:
    """An entry of the trust registry, opaque here: its sort key and the digest of its content."""

    key: bytes
    digest: bytes


def build_list_leaf(leaf: ListLeaf) -> bytes:
    """The bytes of a list leaf."""
    return build_cbor(
        (
            _FORMAT,
            leaf.uri,
            leaf.version,
            leaf.bits,
            leaf.size,
            leaf.token_digest,
            leaf.chunk_root,
        )
    )


def parse_list_leaf(data: bytes) -> ListLeaf:
    """A list leaf from its bytes."""
    match _parse(data):
        case [1, str(uri), int(version), int(bits), int(size), bytes(digest), bytes(root)] if (
            bits in (1, 2, 4, 8) and min(version, size) >= 0
        ):
            _check_hashes(digest, root)
            return ListLeaf(uri, version, bits, size, digest, root)
    raise Malformed("this is no list leaf", detail="malformed_leaf")


def build_epoch_leaf(leaf: EpochLeaf) -> bytes:
    """The bytes that are appended to the log."""
    time = int(leaf.time.timestamp())
    return build_cbor((_FORMAT, leaf.epoch, time, leaf.lists, leaf.lists_root, leaf.trust_root))


def parse_epoch_leaf(data: bytes) -> EpochLeaf:
    """An epoch leaf from its bytes."""
    match _parse(data):
        case [1, int(epoch), int(time), int(lists), bytes(lists_root), bytes(trust_root)] if (
            min(epoch, time, lists) >= 0 and time <= _MAX_TIME
        ):
            _check_hashes(lists_root, trust_root)
            instant = datetime.fromtimestamp(time, UTC)
            return EpochLeaf(epoch, instant, lists, lists_root, trust_root)
    raise Malformed("this is no epoch leaf", detail="malformed_leaf")


def build_trust_leaf(leaf: TrustLeaf) -> bytes:
    """The bytes of a trust leaf."""
    return build_cbor((_FORMAT, leaf.key, leaf.digest))


def token_digest(token: bytes) -> bytes:
    """What a list leaf says of a signed list: the SHA-256 of its exact bytes."""
    return hashlib.sha256(token).digest()


def chunk_hashes(entries: bytes) -> list[bytes]:
    """The leaf hashes of the chunk tree over a list's raw bits."""
    return [
        leaf_hash(entries[start : start + CHUNK_BYTES])
        for start in range(0, len(entries), CHUNK_BYTES)
    ]


def chunk_root(entries: bytes) -> bytes:
    """The root of the chunk tree."""
    return tree_root(chunk_hashes(entries))


def chunk_of(index: int, *, bits: int) -> int:
    """Which chunk holds entry `index`."""
    return index * bits // 8 // CHUNK_BYTES


def chunk_count(*, size: int, bits: int) -> int:
    """How many chunks a list of `size` entries has."""
    entries_bytes = (size * bits + 7) // 8
    return (entries_bytes + CHUNK_BYTES - 1) // CHUNK_BYTES


def snapshot_levels(leaves: Sequence[tuple[str, bytes]]) -> list[list[bytes]]:
    """The snapshot tree over (URI, leaf bytes): every list once, sorted by the bytes of its URI."""
    uris = [uri.encode() for uri, _ in leaves]
    if any(left >= right for left, right in pairwise(uris)):
        raise ValueError("the lists of a snapshot are not sorted, or one stands there twice")
    return tree_levels([leaf_hash(leaf) for _, leaf in leaves])


def trust_root(leaves: Sequence[TrustLeaf]) -> bytes:
    """The trust tree: every leaf once, sorted by key."""
    ordered = sorted(leaves, key=lambda leaf: leaf.key)
    if len({leaf.key for leaf in ordered}) != len(ordered):
        raise ValueError("two trust leaves share a key")
    return tree_root([leaf_hash(build_trust_leaf(leaf)) for leaf in ordered])


def _parse(data: bytes) -> object:
    try:
        value = parse_cbor(data, max_bytes=MAX_LEAF_BYTES, max_depth=2)
    except EncodingMalformed as error:
        raise Malformed("the leaf cannot be read", detail="malformed_leaf") from error
    # In Python a boolean passes for an integer; in a leaf it never does.
    if isinstance(value, list) and any(isinstance(item, bool) for item in value):
        raise Malformed("a leaf holds no booleans", detail="malformed_leaf")
    return value


def _check_hashes(*values: bytes) -> None:
    if any(len(value) != HASH_BYTES for value in values):
        raise Malformed("a digest of the leaf is not 32 bytes", detail="malformed_leaf")
