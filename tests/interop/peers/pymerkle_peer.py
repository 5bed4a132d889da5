"""`pymerkle` in a process of its own: RFC 9162 trees, their roots and their paths."""

from lines import serve
from pymerkle import InmemoryTree

_entries = []
_tree = InmemoryTree(algorithm="sha256")


def grow(entries):
    """Append entries in hex; how many there are."""
    _entries.extend(bytes.fromhex(entry) for entry in entries)
    for entry in entries:
        _tree.append_entry(bytes.fromhex(entry))
    return _tree.get_size()


def roots(sizes):
    """The roots of the trees of the first entries."""
    return [_tree.get_root(size).hex() for size in sizes]


def ranges(bounds):
    """The root over each range of entries, from a tree of its own."""
    return [
        InmemoryTree.init_from_entries(_entries[start:end], algorithm="sha256").get_root().hex()
        for start, end in bounds
    ]


def inclusion(places):
    """The path of each (index, size); pymerkle counts from 1 and puts the leaf first."""
    return [_tree.prove_inclusion(at + 1, size).serialize()["path"] for at, size in places]


serve({"grow": grow, "roots": roots, "ranges": ranges, "inclusion": inclusion})
