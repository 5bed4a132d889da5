"""
Digests of related resources, checked where the resource is at hand (VCDM 2.0 section 5.3, VCDM-11).

Nothing is fetched: what is at hand are the pinned contexts. A digest of anything else cannot be
told here and is left to whoever retrieves it. `digestMultibase` is a multihash with SHA-256 or
SHA-384; a bare SHA-256, as early texts had it, is read as one.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final

from credentials.errors import Malformed
from credentials.integrity import check_integrity
from credentials.pinned_contexts import PINNED, read_pinned
from encoding import errors as encoding_errors
from encoding.multibase import decode_multibase
from encoding.strict_json import JsonValue

_SHA_256: Final = b"\x12\x20"
_SHA_384: Final = b"\x20\x30"
_BARE: Final = 32


def check_resources(document: Mapping[str, JsonValue]) -> None:
    """Refuse a document whose digest of a pinned context is another than that of its bytes."""
    for resource in _list_resources(document):
        url = resource.get("id")
        if not isinstance(url, str) or url not in PINNED:
            continue
        data = read_pinned(url)
        integrity, digest = resource.get("digestSRI"), resource.get("digestMultibase")
        if isinstance(integrity, str):
            check_integrity(integrity, data)
        if isinstance(digest, str):
            _check_multibase(digest, data)


def _list_resources(document: Mapping[str, JsonValue]) -> Iterator[dict[str, JsonValue]]:
    value = document.get("relatedResource", [])
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield each


def _check_multibase(text: str, data: bytes) -> None:
    try:
        digest = decode_multibase(text)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    sha_256, sha_384 = hashlib.sha256(data).digest(), hashlib.sha384(data).digest()
    expected = {_SHA_256: _SHA_256 + sha_256, _SHA_384: _SHA_384 + sha_384}
    bare = sha_256 if len(digest) == _BARE else b""
    if digest not in (expected.get(digest[:2], bare), bare):
        raise Malformed("a resource is not the one that was meant", detail="integrity_mismatch")
