"""did:jwk: the examples of the method's text (JWK-01)."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cityhall.vectors.shelf import Checks, Differs, Result, Shelf
from credentials.dids import resolve_key_did

_DID = re.compile(r"^(did:jwk:[A-Za-z0-9_-]+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
STRAY = "the printed reference has a stray $; DID Core 5.3: a relationship holds a DID URL"


def _check_examples(shelf: Shelf, path: Path) -> Iterator[Result]:
    text = shelf.text(path).partition("## Examples")[2]
    pairs = zip(_DID.findall(text), _BLOCK.findall(text), strict=True)
    for number, (did, document) in enumerate(pairs, 1):
        yield shelf.judge(path, f"example {number}", partial(_is_its_document, did, document))


def _is_its_document(did: str, published: str) -> bool:
    built = resolve_key_did(did)
    if json.loads(published) == built:
        return True
    if json.loads(published.replace("did:jwk:$ey", "did:jwk:ey")) == built:
        raise Differs(STRAY)
    return False


CHECKS: Checks = (("*.md", _check_examples),)
