"""
The two notations of time in credentials: NumericDate (RFC 7519) and dateTimeStamp (VCDM 2.0).

Both give aware datetimes in UTC. A dateTimeStamp without a zone is refused (S-028).
"""

import math
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from credentials.errors import Malformed
from encoding.strict_json import JsonValue

_NUMBERS = (int, float)
LATEST = 253_402_300_799  # the last second of the year 9999

# XML Schema 1.1 dateTimeStamp without years beyond 9999, leap seconds and 24:00:00.
_DATE_TIME_STAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,18})?"
    r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)\Z"
)
_LONGEST = 44  # seconds, 18 digits behind the point, a zone


def parse_numeric_date(value: JsonValue, *, name: str) -> datetime:
    """Seconds since 1970, whole or not."""
    if type(value) is int and 0 <= value <= LATEST:
        return datetime.fromtimestamp(value, UTC)
    if (
        isinstance(value, bool)
        or not isinstance(value, _NUMBERS)
        or not math.isfinite(value)
        or not 0 <= value <= LATEST
    ):
        raise Malformed(f"{name} is not a NumericDate", detail="invalid_time")
    return datetime.fromtimestamp(value, UTC)


def parse_date_time_stamp(value: JsonValue, *, name: str) -> datetime:
    """An xsd:dateTimeStamp such as `2026-11-22T09:00:00Z`."""
    moment = _read_stamp(value) if isinstance(value, str) and len(value) <= _LONGEST else None
    if moment is None:
        raise Malformed(f"{name} is not a dateTimeStamp", detail="invalid_time")
    return moment


@lru_cache(maxsize=1024)
def _read_stamp(value: str) -> datetime | None:
    """Remembered: each is read for its shape and again for its meaning. None: it is no time."""
    found = _DATE_TIME_STAMP.match(value)
    if found is None:
        return None
    try:
        if found[3] == "Z" and found[2] is None:
            return datetime.fromisoformat(value)
        moment = datetime.fromisoformat(found[1] + (found[3] if found[3] != "Z" else "+00:00"))
        moment += timedelta(seconds=float(found[2] or 0))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two beginnings, either of which may be open."""
    if one is None or other is None:
        return one or other
    return max(one, other)


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two ends, either of which may be open."""
    if one is None or other is None:
        return one or other
    return min(one, other)
