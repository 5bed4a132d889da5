"""Small words that every statement of this package uses."""

from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import CursorResult


def changed_rows(result: Any) -> int:
    """How many rows a statement changed: a compare-and-swap that changed none has lost."""
    return cast("CursorResult[Any]", result).rowcount


def to_seconds(instant: datetime) -> int:
    """A time as the tables keep it."""
    return int(instant.timestamp())


def to_instant(seconds: int) -> datetime:
    """A time as values carry it."""
    return datetime.fromtimestamp(seconds, tz=UTC)
