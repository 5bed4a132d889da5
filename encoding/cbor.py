"""
CBOR in core deterministic encoding (RFC 8949 section 4.2.1), read strictly and in bounded work.

Each value has exactly one encoding, so bytes can be compared and hashed: shortest heads, definite
lengths, map keys in bytewise order and only once, nothing trailing, shortest floats. Known are
integers of 64 bits, byte and text strings, arrays, maps with integer or text keys, tags,
booleans, null and finite floats; the rest is refused. A tag is a tag: nothing becomes a date, a
big integer or a shared reference on its own.
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from encoding.errors import Malformed

MAX_BYTES: Final = 65_536
MAX_DEPTH: Final = 16


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value with a tag (RFC 8949 section 3.4). What the tag means is the caller's affair."""

    tag: int
    value: "CborValue"


CborKey: TypeAlias = int | str
CborScalar: TypeAlias = bool | int | float | bytes | str | None
CborValue: TypeAlias = "CborScalar | list[CborValue] | dict[CborKey, CborValue] | Tagged"

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_FALSE, _TRUE, _NULL = 20, 21, 22
_FIRST_NEGATIVE, _FIRST_BYTES, _FIRST_TEXT, _FIRST_ARRAY = 0x20, 0x40, 0x60, 0x80
_FIRST_MAP, _FIRST_TAG, _FIRST_SIMPLE = 0xA0, 0xC0, 0xE0
_BYTES_255, _LONG_TEXT = 0x58, 0x78  # the first that say their length in the byte behind
_FIRSTS: Final = tuple(bytes([each]) for each in range(256))
_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}


def parse_cbor(
    data: bytes,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    order_free: bool = False,
) -> CborValue:
    """
    Read one deterministic CBOR value that fills the whole input.

    `order_free` accepts map keys in any order, as other people's mdocs and COSE messages have
    them; everything else stays as strict.
    """
    if len(data) > max_bytes:
        raise Malformed(f"CBOR is larger than {max_bytes} bytes", detail="too_large")
    try:
        value, position = _read(data, 0, max_depth, not order_free)
    except IndexError as error:
        raise Malformed("CBOR is truncated", detail="invalid_cbor") from error
    except UnicodeDecodeError as error:
        raise Malformed("CBOR text is not valid UTF-8", detail="invalid_utf8") from error
    if position > len(data):
        raise Malformed("CBOR is truncated", detail="invalid_cbor")
    if position != len(data):
        raise Malformed("bytes follow the CBOR value", detail="trailing_data")
    return value


def build_cbor(value: object) -> bytes:
    """Write the one deterministic encoding of a value; tuples are arrays."""
    try:
        return _build(value)
    except RecursionError as error:
        raise Malformed("value is nested too deeply", detail="too_deep") from error


def build_bytes(data: bytes) -> bytes:
    """A byte string; the same as `build_cbor`, for those who put a message together themselves."""
    return _build_head(_BYTES, len(data)) + data


def build_embedded(encoded: bytes) -> bytes:
    """Encoded CBOR as a byte string with tag 24 (RFC 8949 section 3.4.5.1)."""
    size = len(encoded)
    if 24 <= size < 256:
        return b"\xd8\x18\x58" + _FIRSTS[size] + encoded
    return b"\xd8\x18" + _build_head(_BYTES, size) + encoded


# The readers below take a position and give the value with the position behind it. They are plain
# functions, a slice beyond the end is found out by the position only at the end, and first bytes
# are compared as they are: a credential has hundreds of items, and this costs half of what a
# reader object with checked steps did.


def _read(data: bytes, position: int, depth: int, is_ordered: bool) -> tuple[CborValue, int]:
    """The value at this position. IndexError: the bytes end before it does."""
    initial = data[position]
    if initial >= _FIRST_SIMPLE:
        return _read_simple(data, position)
    argument = initial & 0x1F
    position += 1
    if argument == 24 and data[position] >= 24:
        argument = data[position]
        position += 1
    elif argument >= 24:
        argument, position = _read_argument(data, position, argument)
    if initial < _FIRST_BYTES:
        return argument if initial < _FIRST_NEGATIVE else -1 - argument, position
    if initial < _FIRST_ARRAY:
        end = position + argument
        taken = data[position:end]
        return taken if initial < _FIRST_TEXT else taken.decode("utf-8"), end
    if depth == 0:
        raise Malformed("CBOR is nested too deeply", detail="too_deep")
    if initial >= _FIRST_TAG:
        value, position = _read(data, position, depth - 1, is_ordered)
        return Tagged(argument, value), position
    # Each item takes a byte at least: a length beyond the input is refused before any work.
    if argument > len(data) - position:
        raise Malformed("CBOR is truncated", detail="invalid_cbor")
    if initial >= _FIRST_MAP:
        return _read_map(data, position, argument, depth - 1, is_ordered)
    items = []
    for _ in range(argument):
        value, position = _read(data, position, depth - 1, is_ordered)
        items.append(value)
    return items, position


def _read_argument(data: bytes, position: int, extra: int) -> tuple[int, int]:
    """What the head says in the bytes after its first, shortest form only."""
    if extra > 27:
        raise Malformed("CBOR has no definite length", detail="indefinite_length")
    end = position + (1 << extra - 24)
    if end > len(data):
        raise Malformed("CBOR is truncated", detail="invalid_cbor")
    argument = int.from_bytes(data[position:end], "big")
    if argument < (24 if extra == 24 else 1 << 8 * (1 << extra - 25)):
        raise Malformed("CBOR number is not in shortest form", detail="not_deterministic")
    return argument, end


def _read_map(
    data: bytes, position: int, size: int, depth: int, is_ordered: bool
) -> tuple[dict[CborKey, CborValue], int]:
    members: dict[CborKey, CborValue] = {}
    last = b""
    for _ in range(size):
        start = position
        initial = data[position]
        # What most keys and members are needs no call: short text, small numbers, few bytes.
        if _FIRST_TEXT <= initial < _LONG_TEXT:
            position += initial - _FIRST_TEXT + 1
            key: CborKey = data[start + 1 : position].decode("utf-8")
        elif initial < 24:
            key = initial
            position += 1
        else:
            found, position = _read(data, position, 0, is_ordered)
            key = _as_key(found)
        if key in members:
            raise Malformed("CBOR map has a duplicate key", detail="duplicate_member")
        if is_ordered:
            encoded = data[start:position]
            if encoded < last:
                raise Malformed("CBOR map is not in order", detail="not_deterministic")
            last = encoded
        initial = data[position]
        if _FIRST_TEXT <= initial < _LONG_TEXT:
            start = position + 1
            position += initial - _FIRST_TEXT + 1
            members[key] = data[start:position].decode("utf-8")
        elif initial == _BYTES_255 and data[position + 1] >= 24:
            start = position + 2
            position = start + data[position + 1]
            members[key] = data[start:position]
        elif initial < 24:
            members[key] = initial
            position += 1
        else:
            members[key], position = _read(data, position, depth, is_ordered)
    return members, position


def _as_key(value: CborValue) -> CborKey:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise Malformed("map key is neither integer nor text", detail="invalid_cbor")
    return value


def _read_simple(data: bytes, position: int) -> tuple[CborValue, int]:
    """Null, a boolean or a finite float in its shortest form."""
    extra = data[position] & 0x1F
    position += 1
    if extra in _FLOATS:
        end = position + (1 << extra - 24)
        encoded = data[position:end]
        if end > len(data):
            raise Malformed("CBOR is truncated", detail="invalid_cbor")
        number: float = struct.unpack(_FLOATS[extra], encoded)[0]
        if not math.isfinite(number):
            raise Malformed("CBOR number is not finite", detail="not_a_number")
        if _build_float(number)[1:] != encoded:
            raise Malformed("CBOR number is not in shortest form", detail="not_deterministic")
        return number, end
    if extra == _NULL:
        return None, position
    if extra in (_FALSE, _TRUE):
        return extra == _TRUE, position
    if extra > 27:
        raise Malformed("CBOR has no definite length", detail="indefinite_length")
    raise Malformed("CBOR simple value is not known", detail="invalid_cbor")


def _build_head(major: int, argument: int) -> bytes:
    if 0 <= argument < 24:
        return _FIRSTS[major << 5 | argument]
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if 0 <= argument < 1 << 8 * size:
            return _FIRSTS[major << 5 | extra] + argument.to_bytes(size, "big")
    raise Malformed("integer does not fit 64 bits", detail="integer_out_of_range")


def _build(value: object) -> bytes:
    match value:
        case bytes():
            encoded = _build_head(_BYTES, len(value)) + value
        case str():
            encoded = _build_text(value)
        case None | bool():
            encoded = _build_head(_SIMPLE, _NULL if value is None else _TRUE if value else _FALSE)
        case int():
            encoded = _build_integer(value)
        case list() | tuple():
            encoded = _build_head(_ARRAY, len(value)) + b"".join([_build(item) for item in value])
        case dict() | Mapping():
            encoded = _build_map(value)
        case Tagged():
            encoded = _build_head(_TAG, value.tag) + _build(value.value)
        case float():
            encoded = _build_float(value)
        case _:
            raise Malformed(f"{type(value).__name__} has no CBOR form", detail="not_cbor")
    return encoded


def _build_integer(number: int) -> bytes:
    return _build_head(_UNSIGNED, number) if number >= 0 else _build_head(_NEGATIVE, -1 - number)


def _build_text(text: str) -> bytes:
    try:
        encoded = text.encode("utf-8")
    except UnicodeError as error:
        raise Malformed("text holds a lone surrogate", detail="lone_surrogate") from error
    return _build_head(_TEXT, len(encoded)) + encoded


def _build_map(value: Mapping[object, object]) -> bytes:
    if any(isinstance(key, bool) or not isinstance(key, int | str) for key in value):
        raise Malformed("map key is neither integer nor text", detail="not_cbor")
    members = sorted((_build(key), _build(item)) for key, item in value.items())
    return _build_head(_MAP, len(members)) + b"".join(key + item for key, item in members)


def _build_float(number: float) -> bytes:
    """The shortest of the three sizes that keeps the number exactly."""
    if not math.isfinite(number):
        raise Malformed("number is not finite", detail="not_a_number")
    for extra, layout in _FLOATS.items():
        try:
            encoded = struct.pack(layout, number)
        except OverflowError:
            continue
        if struct.unpack(layout, encoded)[0] == number:
            return bytes([_SIMPLE << 5 | extra]) + encoded
    raise Malformed("number is not finite", detail="not_a_number")
