"""RDFC-1.0: the tests of the W3C manifest (for DI-02)."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyoxigraph

from cityhall.vectors.shelf import Checks, Result, Shelf, Unknown
from credentials.errors import Malformed
from credentials.rdf_canonical import canonicalize


def _check_manifest(shelf: Shelf, path: Path) -> Iterator[Result]:
    for entry in shelf.json(path)["entries"]:
        yield shelf.judge(path, str(entry["id"]), partial(_holds, shelf, path.parent, entry))


def _holds(shelf: Shelf, folder: Path, entry: Any) -> bool:
    needed = [folder / entry[name] for name in ("action", "result") if entry.get(name)]
    if not all(path.is_file() for path in needed):
        raise Unknown("its files are not in this copy")
    lines = _read_lines(shelf.data(needed[0]))
    hash_name = "sha384" if entry.get("hashAlgorithm") == "SHA384" else "sha256"
    if entry["type"] == "rdfc:RDFC10NegativeEvalTest":
        return _is_too_complex(lines)
    found = canonicalize(lines, hash_name=hash_name)
    published = shelf.text(needed[1])
    if entry["type"] == "rdfc:RDFC10EvalTest":
        return found.document.decode() == published
    if entry["type"] == "rdfc:RDFC10MapTest":
        return bool(dict(found.labels) == json.loads(published))
    raise Unknown(f"no check for {entry['type']}")


def _read_lines(data: bytes) -> list[str]:
    return [f"{quad} .\n" for quad in pyoxigraph.parse(data, pyoxigraph.RdfFormat.N_QUADS)]


def _is_too_complex(lines: list[str]) -> bool:
    try:
        canonicalize(lines)
    except Malformed as refused:
        return refused.detail == "too_complex"
    return False


CHECKS: Checks = (("manifest.jsonld", _check_manifest),)
