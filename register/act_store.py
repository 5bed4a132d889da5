"""
The rows of governance: the chain of acts, and the proposals that wait for signatures. SQL only;
every function works in the caller's transaction. Acts are added and never changed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    LargeBinary,
    Row,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
)

from register.store import metadata
from runtime.database import Session

_act = Table(
    "register_act",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
)
_proposal = Table(
    "register_proposal",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class StoredAct:
    """An act of the chain. `text`: the JWS; `version`: of the registry that it made."""

    sequence: int
    digest: bytes
    kind: str
    text: str
    accepted_at: int
    version: int


def newest_act(session: Session) -> StoredAct | None:
    """The head of the chain."""
    newest = select(func.max(_act.c.sequence)).scalar_subquery()
    row = session.execute(select(_act).where(_act.c.sequence == newest)).first()
    return _stored(row) if row else None


def newest_act_of(session: Session, kinds: Collection[str]) -> StoredAct | None:
    """The newest act of one of these kinds."""
    row = session.execute(
        select(_act).where(_act.c.kind.in_(kinds)).order_by(_act.c.sequence.desc()).limit(1)
    ).first()
    return _stored(row) if row else None


def load_acts(session: Session, *, after: int, limit: int) -> list[StoredAct]:
    """The chain from behind `after` on, in order."""
    rows = session.execute(
        select(_act).where(_act.c.sequence > after).order_by(_act.c.sequence).limit(limit)
    )
    return [_stored(row) for row in rows]


def insert_act(session: Session, act: StoredAct) -> None:
    """The next act."""
    session.execute(
        insert(_act).values(
            sequence=act.sequence,
            digest=act.digest,
            kind=act.kind,
            text=act.text,
            accepted_at=act.accepted_at,
            version=act.version,
        )
    )


def load_proposals(session: Session) -> dict[str, str]:
    """What waits for signatures, by digest."""
    rows = session.execute(select(_proposal).order_by(_proposal.c.digest))
    return {row.digest: row.text for row in rows}


def load_proposal(session: Session, digest: str) -> str | None:
    """The proposal with this digest."""
    found = session.execute(select(_proposal.c.text).where(_proposal.c.digest == digest)).scalar()
    return str(found) if found is not None else None


def save_proposal(session: Session, digest: str, text: str, *, until: int) -> None:
    """Keep a proposal, or put more signatures under it."""
    session.execute(delete(_proposal).where(_proposal.c.digest == digest))
    session.execute(insert(_proposal).values(digest=digest, text=text, until=until))


def drop_proposals(session: Session, *, until: int | None) -> None:
    """Forget those that nobody can accept any more: all, or those that ended before a time."""
    statement = delete(_proposal)
    if until is not None:
        statement = statement.where(_proposal.c.until < until)
    session.execute(statement)


def _stored(row: Row[Any]) -> StoredAct:
    return StoredAct(
        sequence=row.sequence,
        digest=bytes(row.digest),
        kind=row.kind,
        text=row.text,
        accepted_at=row.accepted_at,
        version=row.version,
    )
