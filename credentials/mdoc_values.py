"""
Values of mdoc elements: the two notations of time in CBOR, embedded CBOR, and JSON.

ISO 18013-5 section 7.2: `tdate` is tag 0 with whole seconds in UTC, `full-date` is tag 1004
(RFC 8943). Claims leave this room as JSON: bytes as base64url text, dates as text. Nothing is
rounded or guessed; a date that no calendar has is refused.
"""

import re
from datetime import UTC, date, datetime
from typing import Final

from credentials.cose import parse_value
from credentials.errors import Malformed
from encoding import base64url
from encoding.cbor import CborValue, Tagged
from encoding.strict_json import JsonValue

TDATE_TAG: Final = 0
EMBEDDED_TAG: Final = 24
FULL_DATE_TAG: Final = 1004

_TEXT_KEYS = frozenset({str})
_AS_THEY_ARE = frozenset({str, bool, int, float, type(None)})

# ISO 18013-5 section 9.1.2.4: no fractions of seconds, and Z for the zone.
_TDATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
_FULL_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def build_tdate(instant: datetime) -> Tagged:
    """A point in time, in UTC and whole seconds."""
    return Tagged(TDATE_TAG, instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def build_full_date(day: date) -> Tagged:
    """A day of the calendar."""
    return Tagged(FULL_DATE_TAG, day.isoformat())


def parse_tdate(value: CborValue) -> datetime:
    """A point in time, exactly as the standard spells it."""
    text = value.value if isinstance(value, Tagged) and value.tag == TDATE_TAG else None
    if not isinstance(text, str) or not _TDATE.match(text):
        raise Malformed("a time is not a tdate", detail="invalid_time")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed("a time is not a tdate", detail="invalid_time") from error


def parse_embedded(value: CborValue) -> bytes:
    """The bytes of an embedded CBOR value (tag 24), as they were hashed or signed."""
    if isinstance(value, Tagged) and value.tag == EMBEDDED_TAG and isinstance(value.value, bytes):
        return value.value
    raise Malformed("an embedded value must be bytes with tag 24", detail="invalid_mdoc")


def parse_map(value: CborValue) -> dict[str, CborValue]:
    """A map whose keys are text."""
    if not isinstance(value, dict) or not _TEXT_KEYS.issuperset(map(type, value)):
        raise Malformed("a part of an mdoc must be a map of names", detail="invalid_mdoc")
    return value  # type: ignore[return-value]


def parse_embedded_map(value: CborValue) -> dict[str, CborValue]:
    """The map within an embedded value."""
    return parse_map(parse_value(parse_embedded(value)))


def build_json(value: CborValue) -> JsonValue:
    """The value as JSON has it. Tags are dropped, but dates must be dates."""
    if type(value) in _AS_THEY_ARE:
        return value  # type: ignore[return-value]
    match value:
        case bytes():
            return base64url.encode(value)
        case list():
            return [build_json(each) for each in value]
        case dict():
            members = {str(name): build_json(each) for name, each in value.items()}
            if len(members) != len(value):
                raise Malformed("two members have one name", detail="duplicate_member")
            return members
        case Tagged():
            return _build_tagged_json(value)
        case _:
            return value


def _build_tagged_json(value: Tagged) -> JsonValue:
    if value.tag == TDATE_TAG:
        parse_tdate(value)
    if value.tag == FULL_DATE_TAG:
        _check_full_date(value.value)
    return build_json(value.value)


def _check_full_date(text: CborValue) -> None:
    if not isinstance(text, str) or not _FULL_DATE.match(text):
        raise Malformed("a date is not a full-date", detail="invalid_time")
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise Malformed("a date is not a full-date", detail="invalid_time") from error
