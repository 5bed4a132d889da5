"""
Merkle trees of RFC 9162 section 2.1 (the hashes of RFC 6962): roots, proofs and their checks.

A tree is addressed by its complete subtrees: `read(height, index)` gives the hash over the
2^height leaves that begin at leaf index * 2^height. A list in memory and the tiles of a log on
disk are both such a reader, so every proof has one implementation. Pure: no I/O of its own.
"""

import hashlib
from collections.abc import Callable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of the tree without leaves, RFC 9162 section 2.1.1."""

NodeReader = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf; the prefix keeps a leaf from ever passing for a node."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in order."""
    return tree_levels(hashes)[-1][0] if hashes else EMPTY_ROOT


def tree_levels(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """
    Every level from the leaf hashes up to the root. A last node without sibling moves up as it is,
    which gives the same tree as the recursive definition.
    """
    sha256 = hashlib.sha256
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        level = [
            sha256(b"\x01" + below[i] + below[i + 1]).digest() for i in range(0, len(below) - 1, 2)
        ]
        if len(below) % 2:
            level.append(below[-1])
        levels.append(level)
    return levels


def read_levels(levels: Sequence[Sequence[bytes]]) -> NodeReader:
    """A reader over `tree_levels`."""

    def read(height: int, index: int) -> bytes:
        return levels[height][index]

    return read


def root_at(read: NodeReader, size: int) -> bytes:
    """The root of the first `size` leaves."""
    return _range_hash(read, 0, size) if size else EMPTY_ROOT


def inclusion_proof(hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The path of leaf `index` in the tree over these leaf hashes."""
    reader = read_levels(tree_levels(hashes))
    return build_inclusion_proof(reader, index=index, size=len(hashes))


def consistency_proof(hashes: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """The proof that the tree over the first `old_size` leaf hashes grew into the whole."""
    reader = read_levels(tree_levels(hashes))
    return build_consistency_proof(reader, old_size=old_size, size=len(hashes))


def build_inclusion_proof(read: NodeReader, *, index: int, size: int) -> tuple[bytes, ...]:
    """RFC 9162 section 2.1.3.1: from the leaf's sibling up to the root's child."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(read, middle, end))
            end = middle
        else:
            path.append(_range_hash(read, start, middle))
            start = middle
    return tuple(reversed(path))


def build_consistency_proof(read: NodeReader, *, old_size: int, size: int) -> tuple[bytes, ...]:
    """RFC 9162 section 2.1.4.1. Empty when the old tree is empty or is the whole tree."""
    if not 0 <= old_size <= size:
        raise ValueError(f"a tree of {size} never had {old_size} leaves")
    if old_size in (0, size):
        return ()
    path: list[bytes] = []
    start, end = 0, size
    is_old_root_known = True
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(_range_hash(read, middle, end))
            end = middle
        else:
            path.append(_range_hash(read, start, middle))
            start = middle
            is_old_root_known = False
    if not is_old_root_known:
        path.append(_range_hash(read, start, end))
    return tuple(reversed(path))


def verify_inclusion(
    *, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """RFC 9162 section 2.1.3.2."""
    found = inclusion_root(leaf_hash=leaf_hash, index=index, size=size, proof=proof)
    return found is not None and found == root


def inclusion_root(
    *, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes]
) -> bytes | None:
    """The root that a path leads to; None where a tree of `size` leaves has no such path."""
    if not 0 <= index < size or not _are_hashes((leaf_hash, *proof)):
        return None
    # Not by `node_hash`: a staple has thirty nodes, and calls would cost as much as hashes.
    sha256, node, last, current = hashlib.sha256, index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return None
        if node & 1 or node == last:
            current = sha256(b"\x01" + sibling + current).digest()
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            current = sha256(b"\x01" + current + sibling).digest()
        node, last = node >> 1, last >> 1
    return current if last == 0 else None


def verify_consistency(
    *, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> bool:
    """RFC 9162 section 2.1.4.2; the empty tree is consistent with every tree, by an empty proof."""
    if not 0 <= old_size <= size or not _are_hashes((old_root, root, *proof)):
        return False
    if old_size == size:
        return not proof and old_root == root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == old_root and new == root


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def _range_hash(read: NodeReader, start: int, end: int) -> bytes:
    """The hash over leaves start..end; `start` is where a subtree of that many leaves may begin."""
    parts: list[bytes] = []
    while start < end:
        height = (end - start).bit_length() - 1
        parts.append(read(height, start >> height))
        start += 1 << height
    current = parts.pop()
    while parts:
        current = node_hash(parts.pop(), current)
    return current


def _are_hashes(values: Sequence[bytes]) -> bool:
    return set(map(len, values)) == {HASH_BYTES}
