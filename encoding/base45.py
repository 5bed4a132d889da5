"""
Base45 (RFC 9285): bytes in the alphabet that QR codes store at 5.5 bits a character.

Decoding is strict: lower case, unknown characters, a lone last character and groups above the
largest value are refused.
"""

import struct

from encoding.errors import Malformed

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_FOREIGN = 255
_VALUES = bytes(
    ALPHABET.index(chr(code)) if chr(code) in ALPHABET else _FOREIGN for code in range(256)
)
_PAIRS = tuple(low + high for high in ALPHABET for low in ALPHABET)
"""Two characters, least significant first, for each value below 45 * 45."""


def encode(data: bytes) -> str:
    """Two bytes become three characters, a last single byte becomes two."""
    parts = []
    for position in range(0, len(data) - 1, 2):
        high, low = divmod(data[position] << 8 | data[position + 1], 2025)
        parts.append(_PAIRS[low] + ALPHABET[high])
    if len(data) % 2:
        parts.append(_PAIRS[data[-1]])
    return "".join(parts)


def decode(text: str) -> bytes:
    """Text to bytes, refusing all that `encode` never writes."""
    if len(text) % 3 == 1:
        raise Malformed("base45 text has a lone last character", detail="invalid_base45")
    try:
        values = text.encode("ascii").translate(_VALUES)
    except UnicodeEncodeError as error:
        raise Malformed("text holds a foreign character", detail="invalid_base45") from error
    if _FOREIGN in values:
        raise Malformed("text holds a foreign character", detail="invalid_base45")
    whole = len(values) - len(values) % 3
    triples = zip(values[0:whole:3], values[1:whole:3], values[2:whole:3], strict=True)
    numbers = [low + 45 * middle + 2025 * high for low, middle, high in triples]
    rest = values[whole] + 45 * values[whole + 1] if len(values) > whole else 0
    if max(numbers, default=0) > 0xFFFF or rest > 0xFF:
        raise Malformed("base45 group is out of range", detail="invalid_base45")
    data = struct.pack(f">{len(numbers)}H", *numbers)
    return data + bytes([rest]) if len(values) > whole else data
