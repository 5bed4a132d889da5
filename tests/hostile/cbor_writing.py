"""CBOR as a careless or hostile writer makes it: repeated keys, any order, meaningless bytes."""

from dataclasses import dataclass
from typing import Any

from encoding.cbor import Tagged, build_cbor


@dataclass(frozen=True)
class Raw:
    """Bytes that stand where a value should."""

    data: bytes


@dataclass(frozen=True)
class Pairs:
    """A map with exactly these members in this order, whatever they are."""

    members: tuple[tuple[Any, Any], ...]


def head(major: int, argument: int) -> bytes:
    """The shortest head."""
    if argument < 24:
        return bytes([major << 5 | argument])
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << 8 * size:
            return bytes([major << 5 | extra]) + argument.to_bytes(size, "big")
    raise ValueError(argument)


def write(value: Any) -> bytes:
    """The value in its own order; `Raw` is written as it is."""
    if isinstance(value, Raw):
        return value.data
    if isinstance(value, Pairs):
        members = value.members
        return head(5, len(members)) + b"".join(write(key) + write(each) for key, each in members)
    if isinstance(value, dict):
        return write(Pairs(tuple(value.items())))
    if isinstance(value, list | tuple):
        return head(4, len(value)) + b"".join(map(write, value))
    if isinstance(value, Tagged):
        return head(6, value.tag) + write(value.value)
    return build_cbor(value)


def embed(value: Any) -> Tagged:
    """A value as embedded CBOR (tag 24); bytes are taken as already encoded."""
    return Tagged(24, value if isinstance(value, bytes) else write(value))
