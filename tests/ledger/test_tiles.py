"""Tiles and their paths, as tlog-tiles writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Malformed
from ledger.merkle import build_consistency_proof, leaf_hash, root_at, verify_consistency
from ledger.note import parse_checkpoint_text, parse_note, parse_verifier_key, verify_note
from ledger.tiles import (
    TileName,
    build_entry_bundle,
    build_tile_path,
    parse_tile_path,
    read_nodes,
    tiles_of_size,
)


def test_tile_01_a_tree_of_70000_has_the_tiles_of_the_specification():
    names = tiles_of_size(70_000)
    level = {number: [name for name in names if name.level == number] for number in range(3)}

    assert [name.width for name in level[0]] == [256] * 273 + [112]
    assert [name.width for name in level[1]] == [256, 17]
    assert [name.width for name in level[2]] == [1]
    assert tiles_of_size(256) == (TileName(0, 0, 256), TileName(1, 0, 1))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (TileName(0, 1234067, 256), "0/x001/x234/067"),
        (TileName(63, 0, 1), "63/000.p/1"),
        (TileName(None, 999, 255), "entries/999.p/255"),
        (TileName(1, 1000, 256), "1/x001/000"),
    ],
)
def test_tile_01_paths_are_written_in_groups_of_three(name, path):
    assert build_tile_path(name) == path
    assert parse_tile_path(path) == name


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "64/000",
        "00/000",
        "0/0",
        "0/1234",
        "0/x000/001",
        "0/001/x002",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "data/000",
        "0/../000",
        "0/٠٠٠",
        "entries/000/",
    ],
)
def test_tile_01_a_tile_has_one_path(path):
    with pytest.raises(Malformed):
        parse_tile_path(path)


@given(st.integers(0, 10**12), st.integers(1, 256))
def test_every_tile_name_survives_its_path(index, width):
    name = TileName(2, index, width)

    assert parse_tile_path(build_tile_path(name)) == name


def test_the_published_log_is_read_tile_by_tile(vectors):
    folder = vectors / "tlog" / "tessera-log"
    key = parse_verifier_key((folder / "vkey.txt").read_text().strip())
    heads = {}
    for size in range(8):
        note = parse_note((folder / f"checkpoint.{size}").read_text())
        verify_note(note, keys=[key])
        heads[size] = parse_checkpoint_text(note.text)
    newest = TileName(0, 0, 7)
    tile = (folder / "tile" / build_tile_path(newest)).read_bytes()
    read = read_nodes(lambda level, index: tile if (level, index) == (0, 0) else b"")

    for size, head in heads.items():
        assert (head.size, head.root) == (size, root_at(read, size))
    for old in range(1, 8):
        proof = build_consistency_proof(read, old_size=old, size=7)
        assert verify_consistency(
            old_size=old, old_root=heads[old].root, size=7, root=heads[7].root, proof=proof
        )
    assert_entries(folder, tile)


def assert_entries(folder, tile):
    bundle = (folder / "tile" / build_tile_path(TileName(None, 0, 7))).read_bytes()
    entries, position = [], 0
    while position < len(bundle):
        length = int.from_bytes(bundle[position : position + 2], "big")
        entries.append(bundle[position + 2 : position + 2 + length])
        position += 2 + length
    assert b"".join(leaf_hash(entry) for entry in entries) == tile
    assert build_entry_bundle(entries) == bundle
