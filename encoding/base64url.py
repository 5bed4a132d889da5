"""
base64url without padding (RFC 7515 section 2, RFC 4648 section 5), strictly.

Each byte string has exactly one text: padding, white space, the other alphabet and non-zero
trailing bits are refused, so two different texts never decode to the same bytes.
"""

import binascii
from typing import Final

from encoding.errors import Malformed

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
# What the standard alphabet has and this one lacks becomes a character that none has.
_FROM_URL: Final = bytes.maketrans(b"-_+/=", b"+/!!!")
_PADDING: Final = (b"", b"", b"==", b"=")
"""By the length of the text modulo 4; a remainder of 1 is never right."""

_LAST: Final = (None, None, frozenset(b"AQgw"), frozenset(b"AEIMQUYcgkosw048"))
"""The last characters whose unused bits are zero."""


def encode(data: bytes) -> str:
    """Bytes to text, without padding."""
    text = binascii.b2a_base64(data, newline=False).translate(_TO_URL)
    return text.rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Text to bytes; anything `encode` would not have written is refused."""
    remainder = len(text) & 3
    try:
        raw = text.encode("ascii")
        data = binascii.a2b_base64(raw.translate(_FROM_URL) + _PADDING[remainder], strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("text is not base64url", detail="invalid_base64url") from error
    last = _LAST[remainder]
    if last is not None and raw[-1] not in last:
        raise Malformed("text is not canonical base64url", detail="invalid_base64url")
    return data
