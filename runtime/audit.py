"""
Who did what to what, and when: rows that are only ever added, each covering the one before.

The digest of a row is SHA-256 over the digest before it and the canonical JSON (RFC 8785) of the
row, so a changed, removed or inserted row breaks every later one. A cut tail is found only by
whoever kept a later head; `head` gives it to be anchored elsewhere. Subjects are pseudonyms.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from sqlalchemy import Row, insert, inspect, select

from encoding.strict_json import JsonValue, build_json, canonical_json
from runtime.clock import Clock
from runtime.database import Database, Session
from runtime.tables import AUDIT

GENESIS: Final = bytes(32)
"""What the first row covers."""

_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Head:
    """How many rows there are, and the digest that covers them all."""

    count: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One row, as it is shown."""

    number: int
    at: str
    actor: str
    action: str
    subject: str
    detail: str


def record(
    session: Session,
    *,
    clock: Clock,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, JsonValue] | str = "",
) -> int:
    """
    Add a row inside the caller's writing transaction, and give its number.

    The act and its record so become true together. `detail` holds codes and numbers, never
    personal data.
    """
    last = _head(session)
    entry = Entry(
        number=last.count + 1,
        at=clock().astimezone(UTC).isoformat(timespec="milliseconds"),
        actor=actor,
        action=action,
        subject=subject,
        detail=detail if isinstance(detail, str) else build_json(detail).decode(),
    )
    session.execute(
        insert(AUDIT).values(
            number=entry.number,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            detail=entry.detail,
            digest=_digest(last.digest, entry),
        )
    )
    return entry.number


def head(database: Database) -> Head:
    """The present end of the chain."""
    with database.reading() as session:
        return _head(session)


def load_entries(
    session: Session, *, limit: int, action: str | None = None, subject: str | None = None
) -> tuple[Entry, ...]:
    """The newest rows first."""
    query = select(AUDIT).order_by(AUDIT.c.number.desc()).limit(limit)
    if action is not None:
        query = query.where(AUDIT.c.action == action)
    if subject is not None:
        query = query.where(AUDIT.c.subject == subject)
    return tuple(_read(row) for row in session.execute(query))


def verify_chain(database: Database) -> list[str]:
    """Recompute every digest; one sentence for each breach. No log at all is a breach."""
    breaches: list[str] = []
    with database.reading() as session:
        if not inspect(session.connection()).has_table(AUDIT.name):
            return ["there is no audit log"]
        expected, digest = 1, GENESIS
        for row in _rows(session):
            entry = _read(row)
            if entry.number != expected:
                breaches.append(f"row {expected} is missing before row {entry.number}")
            elif row.digest != _digest(digest, entry):
                breaches.append(f"row {entry.number} was changed")
            # Go on from what is stored, so that one breach is told once.
            expected, digest = entry.number + 1, bytes(row.digest)
    return breaches


def _head(session: Session) -> Head:
    newest = session.execute(
        select(AUDIT.c.number, AUDIT.c.digest).order_by(AUDIT.c.number.desc()).limit(1)
    ).first()
    return Head(0, GENESIS) if newest is None else Head(newest.number, bytes(newest.digest))


def _rows(session: Session) -> Iterator[Row[tuple[object, ...]]]:
    last = 0
    while True:
        page = session.execute(
            select(AUDIT).where(AUDIT.c.number > last).order_by(AUDIT.c.number).limit(_PAGE)
        ).all()
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1].number


def _read(row: Row[tuple[object, ...]]) -> Entry:
    return Entry(
        number=row.number,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        detail=row.detail,
    )


def _digest(previous: bytes, entry: Entry) -> bytes:
    row = [entry.number, entry.at, entry.actor, entry.action, entry.subject, entry.detail]
    return hashlib.sha256(previous + canonical_json(row)).digest()
