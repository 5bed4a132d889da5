"""
The first examples of Verifiable Credential Barcodes: drawings, with comments, missing commas and
parts left out. What can be compared in them is; the rest is an illustration.
"""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cityhall.vectors.shelf import Checks, Differs, Result, Shelf, explain, is_refused
from credentials.cbor_ld_urls import pack_multibase, unpack_multibase
from credentials.optical_data import read_index
from credentials.terse_status import TYPE, expand_terse_entry
from credentials.vcdm_shape import check_credential
from encoding.strict_json import JsonValue

NO_URL = (
    "terseStatusListBaseUrl is no URL in this example; the text under "
    "TerseBitstringStatusListEntry says that it MUST be one: refused"
)


def _check_index(shelf: Shelf, path: Path) -> Iterator[Result]:
    """Example 2 prints the bytes of the index that example 1 has."""
    sketch = shelf.one("spec-examples/02-*")
    yield shelf.judge(path, "protectedComponentIndex", partial(_is_index, shelf, path, sketch))
    yield shelf.judge(sketch, "its bytes", partial(_is_packed, shelf, path, sketch))


def _index_of(shelf: Shelf, path: Path) -> str:
    return _member(shelf.text(path), "protectedComponentIndex")


def _is_index(shelf: Shelf, path: Path, sketch: Path) -> bool:
    bits = int.from_bytes(_printed(shelf, sketch)[1:], "big")
    return len(read_index(_index_of(shelf, path))) == bits.bit_count()


def _is_packed(shelf: Shelf, path: Path, sketch: Path) -> bool:
    data = _printed(shelf, sketch)
    index = _index_of(shelf, path)
    return pack_multibase(index) == data and unpack_multibase(data) == index


def _printed(shelf: Shelf, sketch: Path) -> bytes:
    return bytes.fromhex(re.findall(r"h'([0-9A-F]+)", shelf.text(sketch))[0])


def _check_shape(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "shape of a credential", partial(_has_shape, shelf, path))


def _has_shape(shelf: Shelf, path: Path) -> bool:
    check_credential(json.loads(shelf.text(path)))
    return True


def _check_terse(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "a terse entry", partial(_is_terse, shelf.text(path)))


def _is_terse(text: str) -> bool:
    entry: dict[str, JsonValue] = {
        "type": TYPE,
        "terseStatusListBaseUrl": _member(text, "terseStatusListBaseUrl"),
        "terseStatusListIndex": int(re.findall(r'Index": ([0-9]+)', text)[0]),
    }
    with_scheme = {**entry, "terseStatusListBaseUrl": f"https://{entry['terseStatusListBaseUrl']}"}
    expanded = expand_terse_entry(with_scheme, purpose="revocation")
    if expanded["statusListIndex"] != str(123567890 % 2**26):
        return False
    if is_refused(partial(expand_terse_entry, entry, purpose="revocation")):
        raise Differs(NO_URL)
    return True


def _member(text: str, name: str) -> str:
    return str(re.findall(rf'"{name}": "([^"]*)"', text)[0])


SKETCHES: Checks = (
    ("spec-examples/01-*", _check_index),
    ("spec-examples/03-*", explain("illustration: parts are left out")),
    ("spec-examples/04-*", explain("illustration: parts are left out")),
    ("spec-examples/05-*", _check_shape),
    ("spec-examples/06-*", _check_terse),
)
