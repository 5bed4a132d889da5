"""
The part of the Protocol Buffers wire format that transactions of Cosmos chains use.

Fields are numbered varints and byte strings (wire types 0 and 2). Reading is strict and bounded:
shortest varints of at most 64 bits, fields in rising order, every byte used. Pure.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

from ledger.errors import Malformed

Value: TypeAlias = int | bytes
Field: TypeAlias = tuple[int, Value]

MAX_FIELDS: Final = 64
_VARINT: Final = 0
_BYTES: Final = 2
_MAX_VARINT: Final = 2**64 - 1
_MAX_VARINT_BYTES: Final = 10


def build_message(fields: Sequence[Field]) -> bytes:
    """A message in the canonical form of Cosmos ADR-027: a default value is left out."""
    parts = []
    for number, value in fields:
        if isinstance(value, int):
            parts.append(_build_varint(number << 3 | _VARINT) + _build_varint(value))
        else:
            key = _build_varint(number << 3 | _BYTES)
            parts.append(key + _build_varint(len(value)) + value)
    return b"".join(parts)


def parse_message(data: bytes) -> list[Field]:
    """The fields of a message, as they stand."""
    fields: list[Field] = []
    position = 0
    while position < len(data):
        key, position = _parse_varint(data, position)
        number, wire_type = key >> 3, key & 7
        if number == 0 or (fields and number < fields[-1][0]) or len(fields) == MAX_FIELDS:
            raise _malformed("fields rise from 1 and are few")
        value: Value
        value, position = _parse_varint(data, position)
        if wire_type == _BYTES:
            start, position = position, position + value
            if position > len(data):
                raise _malformed("a field is longer than its message")
            value = data[start:position]
        elif wire_type != _VARINT:
            raise _malformed(f"wire type {wire_type} has no place in a transaction")
        fields.append((number, value))
    return fields


def bytes_of(fields: Sequence[Field], number: int) -> bytes:
    """The one byte string of this number; empty where there is none."""
    found = [value for each, value in fields if each == number]
    if len(found) > 1 or not all(isinstance(value, bytes) for value in found):
        raise _malformed(f"field {number} is not one byte string")
    return bytes(found[0]) if found else b""


def _build_varint(value: int) -> bytes:
    if not 0 <= value <= _MAX_VARINT:
        raise _malformed("a varint has 64 bits")
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _parse_varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for place in range(_MAX_VARINT_BYTES):
        if position + place >= len(data):
            raise _malformed("a varint ends too early")
        byte = data[position + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            if (place and not byte) or value > _MAX_VARINT:
                break
            return value, position + place + 1
    raise _malformed("a varint is the shortest of its value, in 64 bits")


def _malformed(message: str) -> Malformed:
    return Malformed(message, detail="malformed_protobuf")
