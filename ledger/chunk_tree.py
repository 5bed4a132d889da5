"""
The chunk tree of one status list, kept so that a change costs its own path only.

The levels lie in flat bytes, 32 for each node: a list of 2^20 two-bit statuses has 4,096 chunks and
takes 256 KB of hashes, with no object for each node. The tree is that of `epoch.chunk_root`. Pure.
"""

from collections.abc import Iterable
from hashlib import sha256
from itertools import pairwise

from ledger.epoch import CHUNK_BYTES
from ledger.merkle import EMPTY_ROOT, HASH_BYTES


class ChunkTree:
    """The hashes over the chunks of a list whose raw bytes somebody else keeps."""

    __slots__ = ("_levels", "_size")

    def __init__(self, entries: bytes | bytearray | memoryview) -> None:
        self._size = len(entries)
        self._levels = build_levels(hash_chunks(entries))

    @property
    def root(self) -> bytes:
        """The chunk root of the list's leaf."""
        return bytes(self._levels[-1]) or EMPTY_ROOT

    def path(self, chunk: int) -> tuple[bytes, ...]:
        """The path of a chunk, from its sibling up."""
        if not 0 <= chunk < len(self._levels[0]) // HASH_BYTES:
            raise ValueError(f"chunk {chunk} is not in the list")
        path = []
        for level in self._levels[:-1]:
            sibling = (chunk ^ 1) * HASH_BYTES
            # A last node without sibling moved up as it is.
            if sibling < len(level):
                path.append(bytes(level[sibling : sibling + HASH_BYTES]))
            chunk >>= 1
        return tuple(path)

    def update(self, entries: bytes | bytearray | memoryview, chunks: Iterable[int]) -> bytes:
        """The root after these chunks of `entries` changed; the list keeps its size."""
        if len(entries) != self._size:
            raise ValueError("a list never changes its size")
        view, below = memoryview(entries), set(chunks)
        for chunk in below:
            start = chunk * CHUNK_BYTES
            if not 0 <= start < self._size:
                raise ValueError(f"chunk {chunk} is not in the list")
            hashed = sha256(b"\x00" + bytes(view[start : start + CHUNK_BYTES])).digest()
            self._levels[0][chunk * HASH_BYTES : (chunk + 1) * HASH_BYTES] = hashed
        update_levels(self._levels, below)
        return self.root


def hash_chunks(entries: bytes | bytearray | memoryview) -> bytearray:
    """The leaf hashes of all chunks, one after the other."""
    whole = bytes(entries)
    return bytearray().join(
        [
            sha256(b"\x00" + whole[start : start + CHUNK_BYTES]).digest()
            for start in range(0, len(whole), CHUNK_BYTES)
        ]
    )


def build_levels(leaves: bytearray) -> list[bytearray]:
    """Every level over these leaf hashes, the root last; of no leaves one empty level."""
    levels = [leaves]
    while len(levels[-1]) > HASH_BYTES:
        below = bytes(levels[-1])
        pairs = len(below) - len(below) % (2 * HASH_BYTES)
        level = bytearray().join(
            [
                sha256(b"\x01" + below[start : start + 2 * HASH_BYTES]).digest()
                for start in range(0, pairs, 2 * HASH_BYTES)
            ]
        )
        levels.append(level + below[pairs:])
    return levels


def update_levels(levels: list[bytearray], changed: Iterable[int]) -> None:
    """Hash anew what stands above these leaves, each node once."""
    places = set(changed)
    for below, level in pairwise(levels):
        places = {place >> 1 for place in places}
        for place in places:
            pair = bytes(below[place * 2 * HASH_BYTES : (place + 1) * 2 * HASH_BYTES])
            node = sha256(b"\x01" + pair).digest() if len(pair) > HASH_BYTES else pair
            level[place * HASH_BYTES : (place + 1) * HASH_BYTES] = node
