"""
The kinds of value that a claim may have, and whether a value is of its kind.

Messages name the kind, never the value, which is personal data.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from credentials.errors import Malformed
from credentials.face import MAX_PICTURE_BYTES, MEDIA_TYPE, Picture, inspect_picture
from encoding.strict_json import JsonValue

MAX_STRING = 300
MAX_ITEMS = 50
MAX_IMAGE_BYTES = 24_576  # a face for a small screen; the whole disclosure must stay under 64 kB

_FACE_START = f"data:{MEDIA_TYPE};base64,"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")

# No SVG: it is a program (S-051). The first bytes must be those of the named type.
_IMAGE_STARTS = MappingProxyType(
    {
        "data:image/jpeg;base64,": b"\xff\xd8\xff",
        "data:image/png;base64,": b"\x89PNG\r\n\x1a\n",
        "data:image/webp;base64,": b"RIFF",
    }
)


def check_kind(value: JsonValue, *, kind: str, items: str | None) -> str | None:
    """What is wrong with the value, or None. `items` is the kind of an array's elements."""
    if kind == "array":
        return _check_array(value, items=items)
    return None if KINDS[kind](value) else _PROBLEMS[kind]


def _check_array(value: JsonValue, *, items: str | None) -> str | None:
    if not isinstance(value, list) or items is None:
        return _PROBLEMS["array"]
    if not 0 < len(value) <= MAX_ITEMS:
        return f"must have 1 to {MAX_ITEMS} elements"
    problems = (check_kind(element, kind=items, items=None) for element in value)
    return next((f"each element {problem}" for problem in problems if problem), None)


def _is_string(value: JsonValue) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= MAX_STRING
        and value == value.strip()
        and not _CONTROL.search(value)
    )


def _is_date(value: JsonValue) -> bool:
    if not isinstance(value, str) or not _DATE.match(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_image(value: JsonValue) -> bool:
    if not isinstance(value, str) or len(value) > MAX_IMAGE_BYTES * 4 // 3 + 32:
        return False
    for prefix, start in _IMAGE_STARTS.items():
        if value.startswith(prefix):
            try:
                return base64.b64decode(value[len(prefix) :], validate=True).startswith(start)
            except binascii.Error:
                return False
    return False


def read_face_url(value: JsonValue) -> Picture | None:
    """The picture of a claim of kind `face`, whose container was looked at (S-051)."""
    if not isinstance(value, str) or not value.startswith(_FACE_START):
        return None
    if len(value) > MAX_PICTURE_BYTES * 4 // 3 + 32:
        return None
    try:
        return inspect_picture(base64.b64decode(value[len(_FACE_START) :], validate=True))
    except (binascii.Error, Malformed):
        return None


KINDS: Mapping[str, Callable[[JsonValue], bool]] = MappingProxyType(
    {
        "string": _is_string,
        "date": _is_date,
        "integer": lambda value: type(value) is int,
        "boolean": lambda value: isinstance(value, bool),
        "object": lambda value: isinstance(value, dict),
        "array": lambda value: isinstance(value, list),
        "image": _is_image,
        "face": lambda value: read_face_url(value) is not None,
    }
)
ITEM_KINDS = frozenset({"string", "date", "integer", "boolean"})

_PROBLEMS = MappingProxyType(
    {
        "string": f"must be text of 1 to {MAX_STRING} plain characters",
        "date": "must be a date such as 2026-11-22",
        "integer": "must be a whole number",
        "boolean": "must be true or false",
        "object": "must be an object",
        "array": "must be an array",
        "image": "must be a small JPEG, PNG or WebP as a data URL",
        "face": f"must be a WebP of at most {MAX_PICTURE_BYTES} bytes as a data URL",
    }
)
