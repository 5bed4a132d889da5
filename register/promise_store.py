"""
The receipts that agencies handed in, and what became of each promise. SQL only.

The text of a receipt, which names entries, stays only while the promise is open or when it was
broken; of a kept one the digest and the times remain.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Row,
    String,
    Table,
    Text,
    func,
    insert,
    select,
    update,
)

from register.store import metadata
from runtime.database import Session


class PromiseState(StrEnum):
    """What became of a promise."""

    DUE = "due"
    KEPT = "kept"
    LATE = "late"


RECEIPT = Table(
    "register_receipt",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("text", Text),
    Column("issuer", String(2048), nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("due_epoch", BigInteger),
    Column("state", String(8), nullable=False),
    Column("judged_epoch", BigInteger),
    Index("ix_register_receipt_state", "state"),
)


@dataclass(frozen=True, slots=True)
class Promise:
    """One receipt. `judged_epoch`: the epoch by which it was found kept or late."""

    digest: str
    text: str | None
    issuer: str
    issued_at: int
    due_at: int
    due_epoch: int | None
    state: str
    judged_epoch: int | None


def insert_promise(session: Session, promise: Promise) -> bool:
    """Keep an open promise; False when it is known already."""
    known = select(RECEIPT.c.digest).where(RECEIPT.c.digest == promise.digest)
    if session.execute(known).first() is not None:
        return False
    session.execute(
        insert(RECEIPT).values(
            digest=promise.digest,
            text=promise.text,
            issuer=promise.issuer,
            issued_at=promise.issued_at,
            due_at=promise.due_at,
            due_epoch=promise.due_epoch,
            state=promise.state,
            judged_epoch=promise.judged_epoch,
        )
    )
    return True


def load_open(session: Session, *, limit: int) -> list[Promise]:
    """Promises that are open, the oldest first."""
    statement = select(RECEIPT).where(RECEIPT.c.state == PromiseState.DUE.value)
    ordered = statement.order_by(RECEIPT.c.issued_at, RECEIPT.c.digest).limit(limit)
    return [_promise(row) for row in session.execute(ordered)]


def every_promise(session: Session) -> list[Promise]:
    """All of them, for checks."""
    return [_promise(row) for row in session.execute(select(RECEIPT).order_by(RECEIPT.c.digest))]


def record_judged(session: Session, digest: str, *, state: PromiseState, epoch: int) -> None:
    """Due -> kept, which lets go of the text, or due -> late, which keeps it as evidence."""
    values: dict[str, Any] = {"state": state.value, "judged_epoch": epoch}
    if state is PromiseState.KEPT:
        values["text"] = None
    session.execute(
        update(RECEIPT)
        .where(RECEIPT.c.digest == digest, RECEIPT.c.state == PromiseState.DUE.value)
        .values(**values)
    )


def count_promises(session: Session) -> dict[PromiseState, int]:
    """How many there are of each."""
    rows = session.execute(select(RECEIPT.c.state, func.count()).group_by(RECEIPT.c.state))
    found = {state: number for state, number in rows}  # noqa: C416 - rows, not pairs
    return {state: found.get(state.value, 0) for state in PromiseState}


def _promise(row: Row[Any]) -> Promise:
    return Promise(
        digest=row.digest,
        text=row.text,
        issuer=row.issuer,
        issued_at=row.issued_at,
        due_at=row.due_at,
        due_epoch=row.due_epoch,
        state=row.state,
        judged_epoch=row.judged_epoch,
    )
