"""
The one place where a service asks for the time.

Work receives a `Clock` and calls it once, so a whole request happens at one `now`.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present, aware and in UTC."""


def system_clock(offset_seconds: int) -> Clock:
    """The machine's clock, moved by some seconds for rehearsals."""
    offset = timedelta(seconds=offset_seconds)
    return lambda: datetime.now(UTC) + offset
