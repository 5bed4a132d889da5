"""
The snapshot tree of an epoch, kept so that an epoch costs what changed.

Sorted by the bytes of the URIs as `epoch.snapshot_levels` has it, and with the same root. A changed
leaf costs one path; a list that comes or goes moves its neighbours, so the levels are made anew: a
thousand hashes of a thousand lists. Pure.
"""

from collections.abc import Mapping

from ledger.chunk_tree import build_levels, update_levels
from ledger.merkle import EMPTY_ROOT, HASH_BYTES, NodeReader, leaf_hash


class SnapshotTree:
    """The hashes over the leaves of all lists, by URI."""

    __slots__ = ("_levels", "_names", "_places")

    def __init__(self, leaves: Mapping[str, bytes]) -> None:
        self._names = sorted(leaves, key=str.encode)
        self._places = {name: place for place, name in enumerate(self._names)}
        hashes = [leaf_hash(leaves[name]) for name in self._names]
        self._levels = build_levels(bytearray().join(hashes))

    @property
    def root(self) -> bytes:
        """The lists root of the epoch's leaf."""
        return bytes(self._levels[-1]) or EMPTY_ROOT

    @property
    def names(self) -> tuple[str, ...]:
        """The URIs in the order of the tree."""
        return tuple(self._names)

    def update(self, changed: Mapping[str, bytes]) -> bytes:
        """The root after these leaves took the place of those of the same lists, or were added."""
        new = [name for name in changed if name not in self._places]
        if new:
            self._insert(new)
        for name, leaf in changed.items():
            start = self._places[name] * HASH_BYTES
            self._levels[0][start : start + HASH_BYTES] = leaf_hash(leaf)
        if new:
            self._levels = build_levels(self._levels[0])
        else:
            update_levels(self._levels, [self._places[name] for name in changed])
        return self.root

    def read(self) -> NodeReader:
        """A reader of complete subtrees, for proofs."""

        def node(height: int, index: int) -> bytes:
            start = index * HASH_BYTES
            return bytes(self._levels[height][start : start + HASH_BYTES])

        return node

    def _insert(self, new: list[str]) -> None:
        old = self._levels[0]
        before = self._places
        self._names = sorted([*self._names, *new], key=str.encode)
        self._places = {name: place for place, name in enumerate(self._names)}
        empty = bytes(HASH_BYTES)
        hashes = [
            bytes(old[before[name] * HASH_BYTES : (before[name] + 1) * HASH_BYTES])
            if name in before
            else empty
            for name in self._names
        ]
        self._levels = [bytearray().join(hashes)]
