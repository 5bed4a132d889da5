"""How statements are run: named transitions tell by their row count whether they took place."""

from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import CursorResult
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import Executable
from sqlmodel import SQLModel


def count_changed(session: Session, statement: Executable) -> int:
    """Run an UPDATE, DELETE or INSERT; answer how many rows it touched."""
    options = {"synchronize_session": False}
    result = session.execute(statement, execution_options=options)
    return cast("CursorResult[Any]", result).rowcount


def build_insert(session: Session, row: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT; both engines write it the same way."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(row)
    return sqlite.insert(row)


def build_seconds(instant: datetime) -> int:
    """Whole seconds since 1970."""
    return int(instant.timestamp())


def parse_seconds(seconds: int) -> datetime:
    """The instant, aware and in UTC."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def parse_optional_seconds(seconds: int | None) -> datetime | None:
    """The instant, or None."""
    return None if seconds is None else parse_seconds(seconds)
