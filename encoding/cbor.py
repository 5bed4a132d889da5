"""
CBOR in core deterministic encoding (RFC 8949 section 4.2.1), read strictly and in bounded work.

Each value has exactly one encoding, so bytes can be compared and hashed: shortest heads, definite
lengths, map keys in bytewise order and only once, nothing trailing, shortest floats. Known are
integers of 64 bits, byte and text strings, arrays, maps with integer or text keys, tags,
booleans, null and finite floats; the rest is refused.
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
_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}


def parse_cbor(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> CborValue:
    """Read one deterministic CBOR value that fills the whole input."""
    if len(data) > max_bytes:
        raise Malformed(f"CBOR is larger than {max_bytes} bytes", detail="too_large")
    reader = _Reader(data)
    value = reader.read_value(max_depth)
    if reader.position != len(data):
        raise Malformed("bytes follow the CBOR value", detail="trailing_data")
    return value


def build_cbor(value: object) -> bytes:
    """Write the one deterministic encoding of a value; tuples are arrays."""
    try:
        return _build(value)
    except RecursionError as error:
        raise Malformed("value is nested too deeply", detail="too_deep") from error


class _Reader:
    """A position in the bytes. Every read checks that the bytes are there."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self.data):
            raise Malformed("CBOR is truncated", detail="invalid_cbor")
        taken = self.data[self.position : end]
        self.position = end
        return taken

    def read_head(self) -> tuple[int, int, int]:
        """Major type, additional information and argument, shortest form only."""
        initial = self.take(1)[0]
        major, extra = initial >> 5, initial & 0x1F
        if extra < 24:
            return major, extra, extra
        if extra > 27:
            raise Malformed("CBOR has no definite length", detail="indefinite_length")
        argument = int.from_bytes(self.take(1 << extra - 24), "big")
        smallest = 24 if extra == 24 else 1 << 8 * (1 << extra - 25)
        if major != _SIMPLE and argument < smallest:
            raise Malformed("CBOR number is not in shortest form", detail="not_deterministic")
        return major, extra, argument

    def read_value(self, depth: int) -> CborValue:
        major, extra, argument = self.read_head()
        if major in (_ARRAY, _MAP, _TAG):
            return self.read_nested(major, argument, depth)
        if major in (_UNSIGNED, _NEGATIVE):
            return argument if major == _UNSIGNED else -1 - argument
        if major == _BYTES:
            return self.take(argument)
        if major == _TEXT:
            return self.read_text(argument)
        return _parse_simple(extra, argument)

    def read_nested(self, major: int, argument: int, depth: int) -> CborValue:
        if depth == 0:
            raise Malformed("CBOR is nested too deeply", detail="too_deep")
        if major == _TAG:
            return Tagged(argument, self.read_value(depth - 1))
        # Each item takes a byte at least: a length beyond the input is refused before any work.
        if argument > len(self.data) - self.position:
            raise Malformed("CBOR is truncated", detail="invalid_cbor")
        if major == _ARRAY:
            return [self.read_value(depth - 1) for _ in range(argument)]
        return self.read_map(argument, depth - 1)

    def read_text(self, size: int) -> str:
        try:
            return self.take(size).decode("utf-8")
        except UnicodeError as error:
            raise Malformed("CBOR text is not valid UTF-8", detail="invalid_utf8") from error

    def read_map(self, size: int, depth: int) -> dict[CborKey, CborValue]:
        members: dict[CborKey, CborValue] = {}
        last = b""
        for _ in range(size):
            start = self.position
            key = self.read_value(0)
            encoded = self.data[start : self.position]
            if isinstance(key, bool) or not isinstance(key, int | str):
                raise Malformed("map key is neither integer nor text", detail="invalid_cbor")
            if key in members:
                raise Malformed("CBOR map has a duplicate key", detail="duplicate_member")
            if encoded < last:
                raise Malformed("CBOR map is not in order", detail="not_deterministic")
            last = encoded
            members[key] = self.read_value(depth)
        return members


def _parse_simple(extra: int, argument: int) -> CborValue:
    if extra in _FLOATS:
        encoded = argument.to_bytes(1 << extra - 24, "big")
        number: float = struct.unpack(_FLOATS[extra], encoded)[0]
        if not math.isfinite(number):
            raise Malformed("CBOR number is not finite", detail="not_a_number")
        if _build_float(number)[1:] != encoded:
            raise Malformed("CBOR number is not in shortest form", detail="not_deterministic")
        return number
    if extra == _NULL:
        return None
    if extra in (_FALSE, _TRUE):
        return extra == _TRUE
    raise Malformed("CBOR simple value is not known", detail="invalid_cbor")


def _build_head(major: int, argument: int) -> bytes:
    if 0 <= argument < 24:
        return bytes([major << 5 | argument])
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if 0 <= argument < 1 << 8 * size:
            return bytes([major << 5 | extra]) + argument.to_bytes(size, "big")
    raise Malformed("integer does not fit 64 bits", detail="integer_out_of_range")


def _build(value: object) -> bytes:
    match value:
        case None | bool():
            encoded = _build_head(_SIMPLE, _NULL if value is None else _TRUE if value else _FALSE)
        case int():
            encoded = _build_integer(value)
        case float():
            encoded = _build_float(value)
        case bytes():
            encoded = _build_head(_BYTES, len(value)) + value
        case str():
            encoded = _build_text(value)
        case list() | tuple():
            encoded = _build_head(_ARRAY, len(value)) + b"".join(_build(item) for item in value)
        case Mapping():
            encoded = _build_map(value)
        case Tagged():
            encoded = _build_head(_TAG, value.tag) + _build(value.value)
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
