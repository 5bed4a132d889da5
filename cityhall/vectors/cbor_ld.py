"""
CBOR-LD examples of an older draft: tag 1281 and one table for all, where CBOR-LD 1.0 has tag 51997
and a registry entry. We refuse the old tag; where no context is needed the payload is compared. The
contexts of the two others are not published here, and the old table of contexts is no entry.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cityhall.vectors.shelf import Checks, Differs, Result, Shelf
from credentials.cbor_ld import decode_cbor_ld, encode_cbor_ld
from credentials.cbor_ld_registry import BUILT_IN, DEFAULT
from credentials.errors import Malformed
from encoding.strict_json import JsonValue

OLD_TAG = bytes.fromhex("d90501")
NEW_HEAD = bytes.fromhex("d9cb1d8201")
OLDER_DRAFT = "an older draft: tag 1281; CBOR-LD 1.0, CBOR Tags for CBOR-LD, has 51997 and an array"


def _check_example(shelf: Shelf, path: Path) -> Iterator[Result]:
    document = json.loads(shelf.data(path.with_suffix(".jsonld")))
    if path.name.startswith("empty-"):
        yield shelf.judge(path, "the payload", partial(_is_payload, shelf.data(path), document))
    yield shelf.judge(path, "the tag", partial(_has_old_tag, shelf.data(path)))


def _is_payload(data: bytes, document: JsonValue) -> bool:
    ours = encode_cbor_ld(document, entry=BUILT_IN[DEFAULT])
    is_same = ours.removeprefix(NEW_HEAD) == data.removeprefix(OLD_TAG)
    return is_same and decode_cbor_ld(ours) == document


def _has_old_tag(data: bytes) -> bool:
    if not data.startswith(OLD_TAG) or _why_refused(data) != "not_cbor_ld":
        return False
    if _why_refused(NEW_HEAD + data.removeprefix(OLD_TAG)) not in ("", "unknown_context"):
        return False
    raise Differs(OLDER_DRAFT)


def _why_refused(data: bytes) -> str:
    try:
        decode_cbor_ld(data)
    except Malformed as error:
        return error.detail
    return ""


CHECKS: Checks = (("*.cborld", _check_example),)
