"""
CBOR-LD examples of an older draft: tag 1281 and one table for all, where CBOR-LD 1.0 has tag 51997
and a registry entry. We refuse the old tag; where no context is needed the payload is compared.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cityhall.vectors.shelf import Checks, Differs, Result, Shelf
from credentials.cbor_ld import decode_cbor_ld, encode_cbor_ld
from credentials.cbor_ld_registry import BUILT_IN, DEFAULT
from credentials.errors import Malformed

OLD_TAG = bytes.fromhex("d90501")
NEW_HEAD = bytes.fromhex("d9cb1d8201")
OLDER_DRAFT = "an older draft: tag 1281; CBOR-LD 1.0, CBOR Tags for CBOR-LD, has 51997 and an array"


def _check_example(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "the document in CBOR-LD", partial(_compare, shelf, path))


def _compare(shelf: Shelf, path: Path) -> bool:
    data = shelf.data(path)
    document = json.loads(shelf.data(path.with_suffix(".jsonld")))
    if not data.startswith(OLD_TAG) or _why_refused(data) != "not_cbor_ld":
        return False
    if document in ([], {}):
        ours = encode_cbor_ld(document, entry=BUILT_IN[DEFAULT])
        is_same_payload = ours == NEW_HEAD + data.removeprefix(OLD_TAG)
        if not is_same_payload or decode_cbor_ld(ours) != document:
            return False
    elif _why_refused(NEW_HEAD + data.removeprefix(OLD_TAG)) != "unknown_context":
        return False
    raise Differs(OLDER_DRAFT)


def _why_refused(data: bytes) -> str:
    try:
        decode_cbor_ld(data)
    except Malformed as error:
        return error.detail
    return ""


CHECKS: Checks = (("*.cborld", _check_example),)
