"""
base64url without padding (RFC 7515 section 2, RFC 4648 section 5), strictly.

Each byte string has exactly one text: padding, white space, the other alphabet and non-zero
trailing bits are refused, so two different texts never decode to the same bytes.
"""

import base64
import binascii

from encoding.errors import Malformed


def encode(data: bytes) -> str:
    """Bytes to text, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Text to bytes; anything `encode` would not have written is refused."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise Malformed("text is not base64url", detail="invalid_base64url") from error
    # The decoder of the standard library skips foreign characters and ignores trailing bits;
    # writing the bytes again finds all of that at once.
    if encode(data) != text:
        raise Malformed("text is not canonical base64url", detail="invalid_base64url")
    return data
