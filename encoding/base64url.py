"""
base64url without padding (RFC 7515 section 2, RFC 4648 section 5), strictly.

Each byte string has exactly one text: padding, white space, the other alphabet and non-zero
trailing bits are refused, so two different texts never decode to the same bytes.
"""

import binascii
from collections.abc import Sequence
from typing import Final

from encoding.errors import Malformed

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
# What the standard alphabet has and this one lacks becomes a character that none has.
_FROM_URL: Final = bytes.maketrans(b"-_+/=", b"+/!!!")
_PADDING: Final = (b"", b"", b"==", b"=")
"""By the length of the text modulo 4; a remainder of 1 is never right."""

_LAST: Final = (None, None, frozenset(b"AQgw"), frozenset(b"AEIMQUYcgkosw048"))
"""The last characters whose unused bits are zero."""


_FILL: Final = ("", "", "AA", "A")
"""Zero bits that make a text's length a multiple of 4, by its length modulo 4."""

_ZEROS: Final = (b"", b"\x00\x00", b"\x00")
"""Zero bytes that make a length a multiple of 3, by that length modulo 3."""


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


def encode_each(items: Sequence[bytes]) -> list[str]:
    """As `encode` does each. In one go, since a call for each costs more than the work."""
    filled = b"".join([item + _ZEROS[len(item) % 3] for item in items])
    text = binascii.b2a_base64(filled, newline=False).translate(_TO_URL).decode("ascii")
    texts, start = [], 0
    for item in items:
        groups, rest = divmod(len(item), 3)
        end = start + 4 * groups
        texts.append(text[start : end + rest + 1] if rest else text[start:end])
        start = end + 4 if rest else end
    return texts


def decode_each(texts: Sequence[str]) -> list[bytes]:
    """As `decode` does each. In one go: each text is filled up with zero bits."""
    filled = "".join([text + _FILL[len(text) & 3] for text in texts])
    try:
        data = binascii.a2b_base64(filled.encode("ascii").translate(_FROM_URL), strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("text is not base64url", detail="invalid_base64url") from error
    found, start = [], 0
    for text in texts:
        groups, rest = divmod(len(text), 4)
        end = start + 3 * groups
        if not rest:
            found.append(data[start:end])
            start = end
            continue
        # What was filled up is zero, and so must be the bits of the text that belong to no byte.
        if rest == 1 or data[end + rest - 1]:
            raise Malformed("text is not canonical base64url", detail="invalid_base64url")
        found.append(data[start : end + rest - 1])
        start = end + 3
    return found
