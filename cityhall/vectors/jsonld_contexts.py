"""JSON-LD contexts: the published bytes are the bytes that we pin (VCDM-12, S-033)."""

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cityhall.vectors.shelf import Checks, Result, Shelf
from credentials.pinned_contexts import PINNED

ADDRESSES = {
    "bitstring-status-list/v1.jsonld": "https://www.w3.org/ns/credentials/status/v1",
    "bitstring-status-list/2021/v1.jsonld": "https://w3id.org/vc/status-list/2021/v1",
    "credentials/v1": "https://www.w3.org/2018/credentials/v1",
    "credentials/v2": "https://www.w3.org/ns/credentials/v2",
    "credentials/examples/v2": "https://www.w3.org/ns/credentials/examples/v2",
    "credentials/undefined-terms/v2": "https://www.w3.org/ns/credentials/undefined-terms/v2",
    "data-integrity/data-integrity/v1": "https://w3id.org/security/data-integrity/v1",
    "data-integrity/data-integrity/v2": "https://w3id.org/security/data-integrity/v2",
    "data-integrity/jwk/v1": "https://w3id.org/security/jwk/v1",
    "data-integrity/multikey/v1": "https://w3id.org/security/multikey/v1",
    "cid/v1.jsonld": "https://www.w3.org/ns/cid/v1",
    "vc-barcodes/vc-barcodes-v1.jsonld": "https://w3id.org/vc-barcodes/v1",
}


def _check_context(shelf: Shelf, path: Path) -> Iterator[Result]:
    address = ADDRESSES.get(shelf.place(path))
    if address is None:
        yield shelf.unknown(path, "", "not pinned here: a document that names it is refused")
    else:
        yield shelf.judge(path, address, partial(_is_pinned, shelf.data(path), address))


def _is_pinned(data: bytes, address: str) -> bool:
    return hashlib.sha256(data).hexdigest() == PINNED[address][1]


CHECKS: Checks = (("*", _check_context),)
