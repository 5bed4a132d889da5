"""
The right edge of a growing tree: its complete subtrees, from which its root follows.

It lets a reader that saw the first n leaves go on from there in a few hashes, instead of reading
them again. Pure.
"""

from collections.abc import Sequence

from ledger.errors import Malformed
from ledger.merkle import EMPTY_ROOT, HASH_BYTES, node_hash


class Frontier:
    """The complete subtrees over the leaves so far, the largest first."""

    def __init__(self, size: int = 0, subtrees: Sequence[bytes] = ()) -> None:
        if size < 0 or len(subtrees) != size.bit_count():
            raise Malformed("a frontier has one hash for each complete subtree", detail="malformed")
        if any(len(subtree) != HASH_BYTES for subtree in subtrees):
            raise Malformed("a hash of a frontier is not 32 bytes", detail="malformed")
        self.size = size
        self.subtrees = list(subtrees)

    def append(self, leaf: bytes) -> None:
        """One more leaf, by its hash."""
        size, current = self.size, leaf
        while size & 1:
            current = node_hash(self.subtrees.pop(), current)
            size >>= 1
        self.subtrees.append(current)
        self.size += 1

    def root(self) -> bytes:
        """The root over all of them."""
        if not self.subtrees:
            return EMPTY_ROOT
        current = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            current = node_hash(left, current)
        return current
