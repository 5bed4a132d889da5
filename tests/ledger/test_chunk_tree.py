"""Trees that are kept between epochs have the roots and paths of trees made anew."""

import random

import pytest

from ledger.chunk_tree import ChunkTree
from ledger.chunks import pack_chunk, unpack_chunk
from ledger.epoch import CHUNK_BYTES, chunk_hashes, chunk_root, snapshot_levels
from ledger.errors import Malformed
from ledger.merkle import build_inclusion_proof, inclusion_proof, leaf_hash, verify_inclusion
from ledger.snapshot_tree import SnapshotTree


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 128, 129, 640, 1000, 64 * 33 + 7])
def test_a_kept_chunk_tree_is_the_tree_made_anew(size):
    chance = random.Random(size)
    entries = bytearray(chance.randbytes(size))
    tree = ChunkTree(entries)
    assert tree.root == chunk_root(bytes(entries))
    for _ in range(5):
        places = [chance.randrange(size) for _ in range(chance.randrange(1, 9))] if size else []
        for place in places:
            entries[place] ^= 0x40
        root = tree.update(entries, {place // CHUNK_BYTES for place in places})

        hashes = chunk_hashes(bytes(entries))
        assert root == tree.root == chunk_root(bytes(entries))
        for chunk in range(len(hashes)):
            assert tree.path(chunk) == inclusion_proof(hashes, chunk)


def test_a_list_that_grew_or_a_chunk_beyond_it_is_refused():
    tree = ChunkTree(bytes(128))

    with pytest.raises(ValueError, match="never changes its size"):
        tree.update(bytes(129), [0])
    with pytest.raises(ValueError, match="is not in the list"):
        tree.update(bytes(128), [2])
    with pytest.raises(ValueError, match="is not in the list"):
        tree.path(2)


def test_a_kept_snapshot_tree_is_the_tree_made_anew():
    chance = random.Random(4)
    leaves = {}
    tree = SnapshotTree(leaves)
    for _ in range(30):
        names = [f"https://issuer.example/status/{chance.randrange(60)}" for _ in range(4)]
        changed = {name: chance.randbytes(40) for name in names}
        leaves |= changed
        root = tree.update(changed)

        ordered = sorted(leaves.items(), key=lambda leaf: leaf[0].encode())
        assert root == tree.root == snapshot_levels(ordered)[-1][0]
        assert tree.names == tuple(name for name, _ in ordered)
        for place, (_, leaf) in enumerate(ordered):
            proof = build_inclusion_proof(tree.read(), index=place, size=len(ordered))
            assert verify_inclusion(
                leaf_hash=leaf_hash(leaf), index=place, size=len(ordered), proof=proof, root=root
            )


@pytest.mark.parametrize("length", [1, 7, 8, 9, 20, 63, 64])
def test_each_chunk_has_one_packed_form_and_comes_back(length):
    chance = random.Random(length)
    for filled in range(length + 1):
        data = bytearray(length)
        for place in chance.sample(range(length), filled):
            data[place] = chance.randrange(1, 256)
        packed = pack_chunk(bytes(data))

        assert len(packed) <= length
        assert unpack_chunk(packed, length) == data
        if packed != data:
            with pytest.raises(Malformed):
                unpack_chunk(bytes(data), length)


def test_no_other_bytes_pass_for_a_packed_chunk():
    chance = random.Random(1)
    passed = 0
    for _ in range(20_000):
        length = chance.choice((3, 9, 16, 64))
        given = chance.randbytes(chance.randrange(length + 2))
        if chance.random() < 0.5:
            given = bytes(chance.choice((0, 0, 0, 1, 128)) for _ in given)
        try:
            data = unpack_chunk(given, length)
        except Malformed:
            continue
        passed += 1
        assert len(data) == length
        assert pack_chunk(data) == given
    assert passed > 100
