"""
Tiles: C2SP tlog-tiles. A log's hashes and entries as immutable pieces of 256, and their paths.

The stored form of the log is the served form: a tile only grows, and every partial tile is a
prefix of the fuller one. Pure.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger.errors import Malformed
from ledger.merkle import HASH_BYTES, NodeReader, tree_levels

TILE_HEIGHT = 8
TILE_WIDTH = 256
MAX_LEVEL = 63
_PATH = re.compile(
    r"(?:(?P<level>0|[1-9][0-9]?)|entries)"
    r"/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class TileName:
    """Which tile: `level` None is a bundle of entries; `width` below 256 is a partial tile."""

    level: int | None
    index: int
    width: int


def parse_tile_path(path: str) -> TileName:
    """The part of the URL after `/tile/`."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise Malformed("this is no tile path", detail="malformed_tile")
    index = int(match["index"].replace("x", "").replace("/", ""))
    name = TileName(
        level=int(match["level"]) if match["level"] else None,
        index=index,
        width=int(match["width"] or TILE_WIDTH),
    )
    # Only the canonical path is served, so that each tile has one URL in every cache.
    if (name.level or 0) > MAX_LEVEL or build_tile_path(name) != path:
        raise Malformed("this is no tile path", detail="malformed_tile")
    return name


def build_tile_path(name: TileName) -> str:
    """The path of a tile, such as `0/x001/x234/067` or `entries/000.p/3`."""
    digits = str(name.index)
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    index = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    level = "entries" if name.level is None else str(name.level)
    suffix = f".p/{name.width}" if name.width < TILE_WIDTH else ""
    return f"{level}/{index}{suffix}"


def tiles_of_size(size: int) -> tuple[TileName, ...]:
    """Every hash tile of a tree of this size, partial ones last within their level."""
    names: list[TileName] = []
    level = 0
    while size:
        names += [TileName(level, index, TILE_WIDTH) for index in range(size // TILE_WIDTH)]
        if size % TILE_WIDTH:
            names.append(TileName(level, size // TILE_WIDTH, size % TILE_WIDTH))
        size //= TILE_WIDTH
        level += 1
    return tuple(names)


def build_entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries with their lengths before them."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_nodes(load: Callable[[int, int], bytes]) -> NodeReader:
    """
    A reader of complete subtrees over tiles; `load(level, index)` gives a tile's bytes. Heights
    between two tile levels are hashed from the tile below them.
    """

    def read(height: int, index: int) -> bytes:
        level, inner = divmod(height, TILE_HEIGHT)
        width = 1 << inner
        tile_index, place = divmod(index * width, TILE_WIDTH)
        tile = load(level, tile_index)
        piece = tile[place * HASH_BYTES : (place + width) * HASH_BYTES]
        if len(piece) != width * HASH_BYTES:
            raise Malformed(f"tile {level}/{tile_index} is too short", detail="short_tile")
        return tree_levels(split_hashes(piece))[-1][0]

    return read


def split_hashes(tile: bytes) -> list[bytes]:
    """The hashes in a tile."""
    return [tile[start : start + HASH_BYTES] for start in range(0, len(tile), HASH_BYTES)]
