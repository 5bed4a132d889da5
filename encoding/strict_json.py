"""
JSON (RFC 8259, I-JSON RFC 7493), read strictly and in bounded work.

The only loader of JSON in the city. It refuses what makes two readers disagree or one reader
suffer: duplicate members, NaN and Infinity, integers beyond 2^53 - 1, broken UTF-8, lone
surrogates, trailing bytes, deep nesting, too many members. It never raises RecursionError.
Canonical JSON is RFC 8785.

orjson does the bulk of the work, and is never believed: a text counts as read only when orjson
writes the very same bytes again, and a value is written by it only when it holds nothing that the
strict writer would write otherwise. Everything else goes the strict way, which alone decides.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Final, TypeAlias, cast

import orjson
import rfc8785

from encoding.errors import Malformed

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

MAX_BYTES: Final = 65_536
MAX_DEPTH: Final = 32
MAX_MEMBERS: Final = 10_000
MAX_INTEGER: Final = 2**53 - 1
"""Beyond this two integers may be one number (RFC 7493 section 2.2), and RFC 8785 writes none."""

# An unterminated string also matches, to its end, so that the search stays linear.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_NOT_STRUCTURE = re.compile(r"[^\[\]{}]++")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")

_LEAVES: Final = frozenset({str, int, bool, type(None)})
_MAX_CONTAINERS: Final = 100_000
_BEYOND_BMP: Final = re.compile(rb"[\xf0-\xf4]")
"""The first byte of a character whose place in RFC 8785's order is not that of its UTF-8."""


def parse_json(
    data: bytes | str,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    max_members: int = MAX_MEMBERS,
) -> JsonValue:
    """Read one JSON value that fills the whole input."""
    try:
        raw = data if isinstance(data, bytes) else data.encode("utf-8")
        if _is_small(raw, max_bytes, max_depth, max_members):
            value: JsonValue = orjson.loads(raw)
            # Of duplicate members orjson keeps one, it turns long integers into floats and drops
            # white space; whatever it lost is missing now, and the bytes differ.
            if orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER) == raw:
                return value
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, UnicodeError):
        pass
    return _read_strictly(data, max_bytes, max_depth, max_members)


def parse_each(texts: Sequence[bytes]) -> list[JsonValue]:
    """As `parse_json` does each, in one go where together they are within the limits of one."""
    try:
        if _is_small(b"".join(texts), MAX_BYTES, MAX_DEPTH, MAX_MEMBERS):
            values: list[JsonValue] = [*map(orjson.loads, texts)]
            again = map(orjson.dumps, values, repeat(None), repeat(orjson.OPT_STRICT_INTEGER))
            if [*again] == [*texts]:
                return values
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        pass
    return [parse_json(text) for text in texts]


def _read_strictly(
    data: bytes | str, max_bytes: int, max_depth: int, max_members: int
) -> JsonValue:
    text = _decode_text(data, max_bytes)
    _check_structure(text, max_depth=max_depth, max_members=max_members)
    value = _decode_value(text)
    # Raw surrogates cannot get here, so only texts with such an escape need the walk.
    if "\\u" in text and _SURROGATE_ESCAPE.search(text):
        _refuse_lone_surrogates(value)
    return value


def _is_small(raw: bytes, max_bytes: int, max_depth: int, max_members: int) -> bool:
    """
    Whether the limits hold at a glance: brackets and commas within strings count as well, and a
    text has no more members than bytes.
    """
    size = len(raw)
    return (
        size <= max_bytes
        and raw.count(b"[") + raw.count(b"{") <= max_depth
        and (size <= max_members or max_depth + raw.count(b",") <= max_members)
    )


def parse_object(
    data: bytes | str,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    max_members: int = MAX_MEMBERS,
) -> dict[str, JsonValue]:
    """Read one JSON object that fills the whole input."""
    value = parse_json(data, max_bytes=max_bytes, max_depth=max_depth, max_members=max_members)
    if not isinstance(value, dict):
        raise Malformed("JSON value is not an object", detail="not_an_object")
    return value


def build_json(value: object) -> bytes:
    """Write compact UTF-8 JSON, members in the given order."""
    written = _write_plain(value, 0)
    if written is not None:
        return written
    try:
        return _ENCODER.encode(value).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise Malformed("value cannot be written as JSON", detail="not_json") from error


def canonical_json(value: object) -> bytes:
    """Write the one canonical form of RFC 8785, for hashing and comparing."""
    written = _write_plain(value, orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    if written is not None and (written.isascii() or not _BEYOND_BMP.search(written)):
        return written
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, TypeError, ValueError, RecursionError) as error:
        raise Malformed("value has no canonical JSON", detail="not_json") from error


def _write_plain(value: object, option: int) -> bytes | None:
    """What orjson writes, where that is what every writer writes; else None."""
    try:
        return orjson.dumps(value, option=option) if _is_plain(value) else None
    except (orjson.JSONEncodeError, RecursionError):
        return None


def _is_plain(value: object) -> bool:
    """Whether it holds no float (each writer has its own way with them) and no odd class."""
    waiting = [value]
    for each in waiting:
        kind = type(each)
        if kind is dict:
            members: Iterable[object] = each.values()  # type: ignore[attr-defined]
        elif kind is list:
            members = each  # type: ignore[assignment]
        elif kind in _LEAVES:
            continue
        else:
            return False
        waiting += [member for member in members if type(member) not in _LEAVES]
        if len(waiting) > _MAX_CONTAINERS:  # or it holds itself
            return False
    return True


def _decode_text(data: bytes | str, max_bytes: int) -> str:
    if len(data) > max_bytes:
        raise Malformed(f"JSON is larger than {max_bytes} bytes", detail="too_large")
    try:
        if isinstance(data, bytes):
            return data.decode("utf-8")
        if len(data.encode("utf-8")) > max_bytes:
            raise Malformed(f"JSON is larger than {max_bytes} bytes", detail="too_large")
    except UnicodeError as error:
        raise Malformed("JSON is not valid UTF-8", detail="invalid_utf8") from error
    return data


def _decode_value(text: str) -> JsonValue:
    try:
        # Without white space around it, as programs write JSON, one scan is all.
        value, end = _DECODER.raw_decode(text)
        if end == len(text):
            return cast("JsonValue", value)
    except json.JSONDecodeError:
        pass  # read again, for the white space or for the fault
    try:
        return cast("JsonValue", _DECODER.decode(text))
    except json.JSONDecodeError as error:
        detail = "trailing_data" if error.msg == "Extra data" else "invalid_json"
        raise Malformed("text is not JSON", detail=detail) from error


def _check_structure(text: str, *, max_depth: int, max_members: int) -> None:
    """
    Bound depth and members before the recursive parser sees the text.

    Counting brackets and commas everywhere overestimates; only when that is too much are the
    strings taken out and the count made exact.
    """
    openings = text.count("[") + text.count("{")
    if openings <= max_depth and openings + text.count(",") <= max_members:
        return
    bare = _STRING.sub("", text)
    if bare.count("[") + bare.count("{") + bare.count(",") > max_members:
        raise Malformed(f"JSON has more than {max_members} members", detail="too_many_members")
    depth = 0
    for character in _NOT_STRUCTURE.sub("", bare):
        depth += 1 if character in "[{" else -1
        if depth > max_depth:
            raise Malformed(f"JSON is nested deeper than {max_depth}", detail="too_deep")


def _object_without_duplicates(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("JSON object has a duplicate member", detail="duplicate_member")
    return members


def _integer(digits: str) -> int:
    # Length first: Python itself needs quadratic time for long integers.
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise Malformed("integer is outside of +-(2^53 - 1)", detail="integer_out_of_range")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Malformed("number is too large", detail="number_out_of_range")
    return number


def _constant(name: str) -> JsonValue:
    raise Malformed("JSON has no " + name, detail="not_a_number")


def _refuse_lone_surrogates(value: JsonValue) -> None:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise Malformed("string holds a lone surrogate", detail="lone_surrogate")
    elif isinstance(value, list):
        for item in value:
            _refuse_lone_surrogates(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            _refuse_lone_surrogates(name)
            _refuse_lone_surrogates(item)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_without_duplicates,
    parse_int=_integer,
    parse_float=_float,
    parse_constant=_constant,
)
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
)
