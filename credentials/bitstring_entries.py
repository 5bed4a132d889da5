"""
An entry of a Bitstring Status List of any purpose and size, and the number that stands there.

Bitstring Status List 1.0 sections 2.1 and 3.2 (BSL-01, BSL-07). What says something about validity
goes through `status_references` and `status_lists`; this is for messages and other purposes.
"""

import re
from dataclasses import dataclass
from typing import Final

from credentials.errors import Malformed
from encoding.strict_json import JsonValue

MAX_STATUS_SIZE: Final = 8

_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,39})\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,2}\Z")


@dataclass(frozen=True, slots=True)
class BitstringEntry:
    """A `BitstringStatusListEntry` of any purpose; `messages` are those of `statusMessage`."""

    purpose: str
    index: int
    uri: str
    status_size: int
    messages: tuple[str, ...]


def parse_bitstring_entry(value: JsonValue) -> BitstringEntry:
    """An entry of `credentialStatus` (BSL-01, BSL-07)."""
    if not isinstance(value, dict) or value.get("type") != "BitstringStatusListEntry":
        raise Malformed("this is no bitstring entry", detail="malformed_value_error")
    purpose, uri = value.get("statusPurpose"), value.get("statusListCredential")
    index, size = value.get("statusListIndex"), value.get("statusSize", 1)
    if not isinstance(purpose, str) or not isinstance(uri, str) or uri == value.get("id"):
        raise Malformed("an entry has a purpose and a list", detail="malformed_value_error")
    if not isinstance(index, str) or not _INDEX.match(index):
        raise Malformed("an index is a decimal in a string", detail="malformed_value_error")
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MAX_STATUS_SIZE:
        raise Malformed("a statusSize is a small number", detail="malformed_value_error")
    return BitstringEntry(
        purpose=purpose,
        index=int(index),
        uri=uri,
        status_size=size,
        messages=_read_messages(value.get("statusMessage"), status_size=size),
    )


def bitstring_value(entries: bytes, entry: BitstringEntry) -> int:
    """The number that stands at an entry's place, its first bit the most significant."""
    start = entry.index * entry.status_size
    end = start + entry.status_size
    if end > len(entries) * 8:
        raise Malformed("the index is outside of the list", detail="range_error")
    window = int.from_bytes(entries[start // 8 : (end + 7) // 8], "big")
    return window >> -end % 8 & (1 << entry.status_size) - 1


def _read_messages(messages: JsonValue, *, status_size: int) -> tuple[str, ...]:
    if messages is None and status_size == 1:
        return ()
    if not isinstance(messages, list) or len(messages) != 2**status_size:
        raise Malformed("every status needs its message", detail="malformed_value_error")
    by_status: dict[int, str] = {}
    for item in messages:
        status, message = (
            (item.get("status"), item.get("message")) if isinstance(item, dict) else (None, None)
        )
        if not isinstance(status, str) or not _HEX.match(status) or not isinstance(message, str):
            raise Malformed("a message has a status in hex", detail="malformed_value_error")
        by_status[int(status, 16)] = message
    if set(by_status) != set(range(2**status_size)):
        raise Malformed("every status needs its message", detail="malformed_value_error")
    return tuple(by_status[status] for status in range(2**status_size))
