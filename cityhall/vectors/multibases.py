"""Multibase: the published tables, for the two bases that CID 1.0 section 2.4 names."""

import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cityhall.vectors.shelf import Checks, Result, Shelf
from encoding import multibase

BASES = {"base58btc": "z", "base64url": "u"}
OTHER = "another base: CID 1.0 section 2.4 names base58btc and base64url only; it is refused"


def _check_table(shelf: Shelf, path: Path) -> Iterator[Result]:
    head, *rows = csv.reader(shelf.text(path).splitlines(), skipinitialspace=True)
    data = head[1].encode().decode("unicode_escape").encode("latin-1")
    for name, text in rows:
        if name in BASES:
            yield shelf.judge(path, name, partial(_is_both_ways, data, text, BASES[name]))
        else:
            yield shelf.unknown(path, name, OTHER)


def _is_both_ways(data: bytes, text: str, base: str) -> bool:
    written = multibase.encode_multibase(data, base=base)
    return written == text and multibase.decode_multibase(text) == data


def _check_registry(shelf: Shelf, path: Path) -> Iterator[Result]:
    rows = [
        row
        for row in csv.reader(shelf.text(path).splitlines(), skipinitialspace=True)
        if len(row) > 2
    ]
    registered = {row[2].strip(): row[1].strip() for row in rows}
    for name, prefix in BASES.items():
        yield shelf.judge(path, name, partial(_is_prefix, prefix, registered.get(name)))


def _is_prefix(ours: str, registered: str | None) -> bool:
    return ours == registered == multibase.encode_multibase(b"x", base=ours)[0]


CHECKS: Checks = (("multibase.csv", _check_registry), ("*.csv", _check_table))
