"""JSON Canonicalization Scheme: the test data of RFC 8785 (for DI-02)."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cityhall.vectors.shelf import Checks, Result, Shelf
from encoding.strict_json import canonical_json, parse_json


def _check_input(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "bytes", partial(_is_hex, shelf, path))
    yield shelf.judge(path, "text", partial(_is_text, shelf, path))


def _canonical(shelf: Shelf, path: Path) -> bytes:
    return canonical_json(parse_json(shelf.data(path)))


def _is_hex(shelf: Shelf, path: Path) -> bool:
    published = shelf.text(path.parents[1] / "outhex" / f"{path.stem}.txt")
    return _canonical(shelf, path) == bytes.fromhex(published)


def _is_text(shelf: Shelf, path: Path) -> bool:
    return _canonical(shelf, path) == shelf.data(path.parents[1] / "output" / path.name)


CHECKS: Checks = (("input/*.json", _check_input),)
