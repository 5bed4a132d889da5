"""
Our trees against `pymerkle`'s: roots and paths byte for byte, for every small tree and large ones.

pymerkle writes consistency paths in an order of its own; so each of ours is held against SUBPROOF
of RFC 9162 section 2.1.4.1, with every hash in it computed by pymerkle as the root of its own tree.
"""

import random

import pytest

from ledger import merkle

pytestmark = pytest.mark.interop
SMALL, LARGE, SEED = 130, 20_000, 9162


def entries(size):
    return [b"entry %d" % number for number in range(size)]


def subproof(old, start, end, *, is_whole):
    """SUBPROOF as ranges of leaves: what a consistency proof holds, in its order."""
    if start + old == end:
        return [] if is_whole else [(start, end)]
    half = 1
    while half * 2 < end - start:
        half *= 2
    if old <= half:
        rest = subproof(old, start, start + half, is_whole=is_whole)
        return [*rest, (start + half, end)]
    rest = subproof(old - half, start + half, end, is_whole=False)
    return [*rest, (start, start + half)]


def grown(peers, size):
    """pymerkle with a tree of its own, and our leaves."""
    peer = peers["pymerkle"]
    held = peer.ask("grow", entries=[])
    for start in range(held, size, 1000):
        more = entries(size)[start : min(start + 1000, size)]
        peer.ask("grow", entries=[entry.hex() for entry in more])
    return peer, [merkle.leaf_hash(entry) for entry in entries(size)]


def assert_consistency(peer, leaves, pairs):
    wanted = {pair: subproof(pair[0], 0, pair[1], is_whole=True) for pair in pairs}
    bounds = sorted({bound for ranges in wanted.values() for bound in ranges})
    hashes = dict(zip(bounds, peer.ask("ranges", bounds=bounds), strict=True))
    for (old, size), ranges in wanted.items():
        proof = merkle.consistency_proof(leaves[:size], old)

        assert [node.hex() for node in proof] == [hashes[bound] for bound in ranges]
        assert merkle.verify_consistency(
            old_size=old,
            old_root=merkle.tree_root(leaves[:old]),
            size=size,
            root=merkle.tree_root(leaves[:size]),
            proof=proof,
        )


def assert_inclusion(peer, leaves, places):
    paths = peer.ask("inclusion", places=places)
    for (index, size), path in zip(places, paths, strict=True):
        proof = merkle.inclusion_proof(leaves[:size], index)

        assert [leaves[index].hex(), *(node.hex() for node in proof)] == path


def test_every_root_up_to_130_leaves_is_the_one_of_pymerkle(peers):
    peer, leaves = grown(peers, SMALL)
    ours = [merkle.tree_root(leaves[:size]).hex() for size in range(1, SMALL + 1)]

    assert ours == peer.ask("roots", sizes=list(range(1, SMALL + 1)))


def test_every_inclusion_proof_up_to_130_leaves_is_the_one_of_pymerkle(peers):
    peer, leaves = grown(peers, SMALL)
    places = [(index, size) for size in range(1, SMALL + 1) for index in range(size)]

    assert len(places) == SMALL * (SMALL + 1) // 2
    assert_inclusion(peer, leaves, places)


def test_every_consistency_proof_up_to_130_leaves_holds_the_hashes_of_pymerkle(peers):
    peer, leaves = grown(peers, SMALL)
    pairs = [(old, size) for size in range(1, SMALL + 1) for old in range(1, size + 1)]

    assert len(pairs) == SMALL * (SMALL + 1) // 2
    assert_consistency(peer, leaves, pairs)


def test_large_trees_of_random_sizes_are_those_of_pymerkle(peers):
    peer, leaves = grown(peers, LARGE)
    chance = random.Random(SEED)
    sizes = sorted(chance.sample(range(SMALL, LARGE + 1), 12))
    roots = [merkle.tree_root(leaves[:size]).hex() for size in sizes]

    assert roots == peer.ask("roots", sizes=sizes)
    assert_inclusion(peer, leaves, [(chance.randrange(size), size) for size in sizes])
    assert_consistency(peer, leaves, [(chance.randrange(1, size), size) for size in sizes])
