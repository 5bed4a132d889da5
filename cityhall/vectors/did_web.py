"""did:web: the mappings and documents of the method's text (WEB-01)."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cityhall.vectors.shelf import Checks, Differs, Result, Shelf, Unknown, is_refused
from credentials.did_document import parse_did_document
from credentials.did_web import did_web_url
from encoding import strict_json

_MAPPING = re.compile(r"\s*(did:web:\S+)\s*->\s*(https://\S+)\s*")
COMMA = "the document has a comma too many; RFC 8259 section 5: none follows the last element"


def _check_example(shelf: Shelf, path: Path) -> Iterator[Result]:
    text = shelf.text(path)
    pair = _MAPPING.fullmatch(text)
    if pair:
        yield shelf.judge(path, "mapping", partial(_maps, pair[1], pair[2]))
    elif text.startswith("https://"):
        # The text prints the name in the example before.
        did = _neighbour(shelf, path, -1)
        yield shelf.judge(path, "mapping", partial(_maps, did, text.strip()))
    elif text.startswith("did:web:") and len(text.split()) == 1:
        url = _neighbour(shelf, path, 1)
        yield shelf.judge(path, "mapping", partial(_maps, text.strip(), url))
    elif text.lstrip().startswith("{"):
        yield shelf.judge(path, "document", partial(_reads, text))
    elif text.startswith("did:web:"):
        yield shelf.unknown(path, "", "illustration: names without their addresses")
    else:
        yield shelf.unknown(path, "", "illustration: a grammar or a header")


def _neighbour(shelf: Shelf, path: Path, step: int) -> str:
    return shelf.text(path.with_name(f"{int(path.stem) + step:02}.txt")).strip()


def _maps(did: str, url: str) -> bool:
    return did_web_url(did, allow_http_loopback=False) == url


def _reads(text: str) -> bool:
    if is_refused(lambda: strict_json.parse_json(text)):
        document = json.loads(re.sub(r"\},(\s*\])", r"}\1", text))
        if _gives_its_keys(document):
            raise Differs(COMMA)
        return False
    return _gives_its_keys(json.loads(text))


def _gives_its_keys(document: dict[str, strict_json.JsonValue]) -> bool:
    did = str(document["id"])
    keys = parse_did_document(document, did=did)
    methods = document["verificationMethod"]
    if not isinstance(methods, list) or not keys:
        raise Unknown("its kinds of keys are not supported")
    printed = {
        str(each["id"]): each.get("publicKeyJwk") for each in methods if isinstance(each, dict)
    }
    return all(
        isinstance(jwk := printed.get(name), dict) and key.jwk.items() <= jwk.items()
        for name, key in keys.items()
    )


CHECKS: Checks = (("spec-examples/*.txt", _check_example),)
