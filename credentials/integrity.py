"""
Integrity strings: `sha256-…` and its kin, as `vct#integrity` and type metadata carry them.

SD-JWT VC "Integrity of Referenced Documents" with the syntax of W3C SRI (SDVC-M-03). The digest is
over the octets as they were sent. Only the strongest algorithm in the string counts, and a string
without a known algorithm matches nothing.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from credentials.errors import Malformed
from encoding.strict_json import JsonValue

MAX_TEXT = 2048
# Weakest first.
_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_STRENGTH = tuple(_HASHES)


def build_integrity(data: bytes) -> str:
    """The integrity string of a document, with SHA-256."""
    return "sha256-" + base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")


def read_integrity(members: Mapping[str, JsonValue], name: str) -> str | None:
    """The member `NAME#integrity`; None when there is none, a fault when it is no text."""
    integrity = members.get(f"{name}#integrity")
    if f"{name}#integrity" not in members:
        return None
    if not isinstance(integrity, str) or len(integrity) > MAX_TEXT:
        raise Malformed("an integrity must be a short text", detail="invalid_integrity")
    return integrity


def check_integrity(integrity: str, data: bytes) -> None:
    """Refuse a document that the integrity string does not stand for."""
    expressions = [each.partition("-") for each in integrity.split()]
    known = [(name, digest) for name, _, digest in expressions if name in _HASHES]
    if not known:
        raise Malformed("an integrity has no known algorithm", detail="invalid_integrity")
    strongest = max((name for name, _ in known), key=_STRENGTH.index)
    computed = _HASHES[strongest](data).digest()
    digests = [_decode(digest) for name, digest in known if name == strongest]
    if not any(hmac.compare_digest(digest, computed) for digest in digests):
        raise Malformed("a document is not the one that was meant", detail="integrity_mismatch")


def _decode(text: str) -> bytes:
    """The digest of an expression; options after `?` are none of ours. Empty when unreadable."""
    plain = text.partition("?")[0].replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain, validate=True)
    except (binascii.Error, ValueError):
        return b""
