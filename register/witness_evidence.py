"""
What a witness keeps of a log that may have shown two histories: tlog-witness, `add-checkpoint`.

Kept is a checkpoint that the log signed and that was refused, with the one that the witness held
then. Two roots of one size convict the log at once. A larger tree whose proof did not hold may also
be an honest checkpoint sent with a wrong proof by somebody else: it is dropped again when the log
proves that size with that root. SQL only.
"""

from dataclasses import dataclass

from sqlalchemy import Column, LargeBinary, String, Table, Text, delete, func, insert, select
from sqlalchemy.types import BigInteger

from register.witness_store import metadata
from runtime.database import Session

MAX_EVIDENCE = 64
"""Of each log; the first ones stay, so that nobody can push them out."""

_evidence = Table(
    "witness_evidence",
    metadata,
    Column("origin", String(255), primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, primary_key=True),
    Column("note", Text, nullable=False),
    Column("held", Text),
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A refused checkpoint with the log's signatures, and the one cosigned before it, if any."""

    origin: str
    size: int
    root: bytes
    note: str
    held: str | None


def keep_evidence(session: Session, evidence: Evidence) -> bool:
    """Keep it, unless it is kept already or there is enough; whether it is new."""
    here = _evidence.c.origin == evidence.origin
    same = (_evidence.c.size == evidence.size, _evidence.c.root == evidence.root)
    if session.execute(select(_evidence.c.size).where(here, *same)).first() is not None:
        return False
    held = session.execute(select(func.count()).select_from(_evidence).where(here)).scalar_one()
    if held >= MAX_EVIDENCE:
        return False
    session.execute(
        insert(_evidence).values(
            origin=evidence.origin,
            size=evidence.size,
            root=evidence.root,
            note=evidence.note,
            held=evidence.held,
        )
    )
    return True


def drop_explained(session: Session, *, origin: str, size: int, root: bytes) -> None:
    """The log proved this tree: it was no fork."""
    session.execute(
        delete(_evidence).where(
            _evidence.c.origin == origin, _evidence.c.size == size, _evidence.c.root == root
        )
    )


def load_evidence(session: Session) -> list[Evidence]:
    """Everything that is kept, log by log and by size."""
    rows = session.execute(
        select(_evidence).order_by(_evidence.c.origin, _evidence.c.size, _evidence.c.root)
    )
    return [Evidence(row.origin, row.size, bytes(row.root), row.note, row.held) for row in rows]
