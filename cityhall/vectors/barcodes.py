"""Verifiable Credential Barcodes: the layer of Base45 (BAR-01); CBOR-LD is not implemented."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cityhall.vectors.shelf import Checks, Result, Shelf, explain
from encoding import base45

NO_CBOR_LD = "CBOR-LD is not implemented (BAR-01)"


def _check_barcode(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "Base45 of the compressed credential", partial(_is_base45, shelf, path))


def _is_base45(shelf: Shelf, path: Path) -> bool:
    """`VC1-`, then multibase R over the bytes that the example before prints in hex."""
    text = shelf.text(path).strip("\n")
    before = shelf.one(f"spec-examples/{int(path.name[:2]) - 1:02}-*")
    found = re.match(r"[0-9A-F]+", shelf.text(before))
    data = bytes.fromhex(found[0]) if found else b""
    is_read = bool(data) and base45.decode(text.removeprefix("VC1-R")) == data
    return is_read and text == f"VC1-R{base45.encode(data)}"


BARCODES: Checks = (
    ("spec-examples/20-*", _check_barcode),
    ("spec-examples/*", explain(NO_CBOR_LD)),
)
CBOR_LD: Checks = (("*", explain(NO_CBOR_LD)),)
