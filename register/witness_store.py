"""
The witness's rows: one for each log, with the largest tree that it cosigned. SQL only.

Reading the head and replacing it happen in one writing transaction, so two requests can never both
extend the same head.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)

from runtime.database import Session

metadata = MetaData()

_log = Table(
    "witness_log",
    metadata,
    Column("origin", String(255), primary_key=True),
    Column("vkeys", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text),
)
_identity = Table(
    "witness_identity",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("vkey", String(255)),
)


@dataclass(frozen=True, slots=True)
class WatchedLog:
    """A log and what this witness last cosigned of it. `note` is None before the first time."""

    origin: str
    vkeys: tuple[str, ...]
    size: int
    root: bytes
    note: str | None


def load_log(session: Session, origin: str) -> WatchedLog | None:
    """The row of a log."""
    row = session.execute(select(_log).where(_log.c.origin == origin)).first()
    return _watched_log(row) if row else None


def load_logs(session: Session) -> list[WatchedLog]:
    """Every log that is watched."""
    return [_watched_log(row) for row in session.execute(select(_log).order_by(_log.c.origin))]


def load_notes(session: Session) -> dict[str, str]:
    """The last checkpoint of each log that was ever cosigned, by SHA-256 of the origin."""
    rows = session.execute(select(_log.c.origin, _log.c.note).where(_log.c.note.is_not(None)))
    return {hashlib.sha256(row.origin.encode()).hexdigest(): row.note for row in rows}


def insert_log(session: Session, *, origin: str, vkeys: tuple[str, ...], root: bytes) -> None:
    """Begin to watch a log; nothing of it was seen yet."""
    session.execute(insert(_log).values(origin=origin, vkeys="\n".join(vkeys), size=0, root=root))


def set_vkeys(session: Session, origin: str, vkeys: tuple[str, ...]) -> None:
    """Change the keys that speak for a log."""
    session.execute(update(_log).where(_log.c.origin == origin).values(vkeys="\n".join(vkeys)))


def advance(session: Session, *, before: WatchedLog, size: int, root: bytes, note: str) -> bool:
    """Replace the head that was read; False when it is not there any more."""
    changed = session.execute(
        update(_log)
        .where(_log.c.origin == before.origin, _log.c.size == before.size)
        .values(size=size, root=root, note=note)
    )
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]


def has_identity(session: Session) -> bool:
    """Whether this database belongs to a witness already, with or without its key."""
    return session.execute(select(_identity.c.id)).first() is not None


def insert_identity(session: Session) -> None:
    """Say that a key is about to be made for this database."""
    session.execute(insert(_identity).values(id=1))


def bind_identity(session: Session, vkey: str) -> str:
    """The key that this database belongs to; this one, if it belongs to none yet."""
    session.execute(update(_identity).where(_identity.c.vkey.is_(None)).values(vkey=vkey))
    return str(session.execute(select(_identity.c.vkey)).scalar_one())


def load_identity(session: Session) -> str | None:
    """The key that this database belongs to, if one was ever made."""
    return session.execute(select(_identity.c.vkey)).scalar()


def _watched_log(row: Row[Any]) -> WatchedLog:
    return WatchedLog(
        origin=row.origin,
        vkeys=tuple(row.vkeys.split("\n")),
        size=row.size,
        root=bytes(row.root),
        note=row.note,
    )
