"""
Multibase texts and unsigned varints (W3C CID 1.0 sections 2.4 and 2.5), for DIDs and Multikeys.

Two bases only: base58btc (`z`) and base64url without padding (`u`). Texts are bounded, since
base58 needs quadratic time, and every value has exactly one text.
"""

from struct import Struct
from typing import Final

from encoding import base64url
from encoding.errors import Malformed

ED25519_PUBLIC_KEY: Final = 0xED
P256_PUBLIC_KEY: Final = 0x1200
"""Multicodec numbers of the keys that the city knows."""

MAX_BASE58: Final = 1024
_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE: Final = {character: value for value, character in enumerate(_ALPHABET)}
_FOREIGN: Final = 0xFF
_EIGHT: Final = Struct("8B")
_DIGITS: Final = bytes(_VALUE.get(chr(code), _FOREIGN) for code in range(256))
_MAX_VARINT_BYTES: Final = 9


def encode_base58btc(data: bytes) -> str:
    """Bytes to base58 text in Bitcoin's alphabet; leading zero bytes become ones."""
    number = int.from_bytes(data, "big")
    characters = []
    while number:
        number, value = divmod(number, 58)
        characters.append(_ALPHABET[value])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(characters))


def decode_base58btc(text: str) -> bytes:
    """Base58 text to bytes."""
    if len(text) > MAX_BASE58:
        raise Malformed(f"base58 text is longer than {MAX_BASE58}", detail="too_large")
    try:
        digits = ("1" * (-len(text) % 8) + text).encode("ascii").translate(_DIGITS)
    except UnicodeEncodeError as error:
        raise Malformed("text holds a foreign character", detail="invalid_multibase") from error
    if _FOREIGN in digits:
        raise Malformed("text holds a foreign character", detail="invalid_multibase")
    number = 0
    # Eight at a time, so that most of the work is on small numbers.
    for a, b, c, d, e, f, g, h in _EIGHT.iter_unpack(digits):
        high = ((a * 58 + b) * 58 + c) * 58 + d
        number = number * 58**8 + high * 58**4 + ((e * 58 + f) * 58 + g) * 58 + h
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_multibase(data: bytes, *, base: str = "z") -> str:
    """Bytes to text with its base in front: `z` base58btc, `u` base64url."""
    if base == "z":
        return "z" + encode_base58btc(data)
    if base == "u":
        return "u" + base64url.encode(data)
    raise Malformed("multibase prefix is not known", detail="invalid_multibase")


def decode_multibase(text: str) -> bytes:
    """Text to bytes; other bases than `z` and `u` are refused."""
    if text.startswith("z"):
        return decode_base58btc(text[1:])
    if text.startswith("u"):
        return base64url.decode(text[1:])
    raise Malformed("multibase prefix is not known", detail="invalid_multibase")


def encode_varint(number: int) -> bytes:
    """Unsigned varint, least significant seven bits first."""
    if not 0 <= number < 1 << 7 * _MAX_VARINT_BYTES:
        raise Malformed("number does not fit a varint", detail="invalid_varint")
    data = bytearray()
    while number > 0x7F:
        data.append(number & 0x7F | 0x80)
        number >>= 7
    data.append(number)
    return bytes(data)


def decode_varint(data: bytes) -> tuple[int, bytes]:
    """The number in front of `data` and the bytes after it; only the shortest form counts."""
    number = 0
    for position, byte in enumerate(data[:_MAX_VARINT_BYTES]):
        number |= (byte & 0x7F) << 7 * position
        if byte < 0x80:
            if byte == 0 and position > 0:
                raise Malformed("varint is not minimal", detail="invalid_varint")
            return number, data[position + 1 :]
    raise Malformed("varint does not end", detail="invalid_varint")


def encode_multicodec(codec: int, data: bytes) -> bytes:
    """Bytes with the number of their kind in front."""
    return encode_varint(codec) + data


def decode_multicodec(data: bytes) -> tuple[int, bytes]:
    """The number of the kind, and the bytes."""
    return decode_varint(data)
