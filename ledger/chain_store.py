"""
What the log knows of each chain: the final head, the one transaction that is under way, an alarm.

SQL only, in the caller's transaction. Every write names the revision that it was decided on, so
two processes that look at once never both act: the later one finds another revision.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
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
    insert,
    select,
    update,
)

from ledger.chain import ChainHead, LogHead, Prepared
from ledger.tables import metadata
from runtime.database import Session

CHAIN = Table(
    "ledger_chain",
    metadata,
    Column("caip2", String(41), primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("final_epoch", BigInteger),
    Column("final_size", BigInteger),
    Column("final_root", LargeBinary),
    Column("final_height", BigInteger),
    Column("final_block", LargeBinary),
    Column("nonce", BigInteger),
    Column("fee", BigInteger),
    Column("raw", LargeBinary),
    Column("digest", LargeBinary),
    Column("since", BigInteger),
    Column("target", BigInteger),
    Column("sent_at", BigInteger),
    Column("alarm", String(32)),
    Column("alarm_text", Text),
)
COSIGNED = Table(
    "ledger_chain_witness",
    metadata,
    Column("vkey", String(255), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("line", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class InFlight:
    """A transaction that was kept and may have been sent: from `since` leaves to `target`."""

    prepared: Prepared
    since: int
    target: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """Why a person must look. `code` is stable."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One chain. `revision` counts its changes; 0 is a chain that was never written."""

    caip2: str
    revision: int
    final: ChainHead | None
    in_flight: InFlight | None
    alarm: Alarm | None


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The largest tree that a ledger witness cosigned, and its line."""

    size: int
    root: bytes
    line: str


def load_chain(session: Session, caip2: str) -> ChainRow:
    """The row of a chain."""
    row = session.execute(select(CHAIN).where(CHAIN.c.caip2 == caip2)).first()
    return _chain_row(row) if row else ChainRow(caip2, 0, None, None, None)


def load_chains(session: Session) -> list[ChainRow]:
    """Every chain that was ever written."""
    return [_chain_row(row) for row in session.execute(select(CHAIN).order_by(CHAIN.c.caip2))]


def save_chain(session: Session, row: ChainRow) -> bool:
    """Put a row in the place of the one that it was made from; False when that has changed."""
    values = _values(replace(row, revision=row.revision + 1))
    if row.revision == 0:
        if load_chain(session, row.caip2).revision:
            return False
        session.execute(insert(CHAIN).values(**values))
        return True
    changed = session.execute(
        update(CHAIN)
        .where(CHAIN.c.caip2 == row.caip2, CHAIN.c.revision == row.revision)
        .values(**values)
    )
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]


def load_cosigned(session: Session, vkey: str) -> Cosigned | None:
    """What a ledger witness last cosigned."""
    row = session.execute(select(COSIGNED).where(COSIGNED.c.vkey == vkey)).first()
    return Cosigned(size=row.size, root=bytes(row.root), line=row.line) if row else None


def save_cosigned(session: Session, vkey: str, cosigned: Cosigned) -> None:
    """Keep what is about to be cosigned."""
    session.execute(delete(COSIGNED).where(COSIGNED.c.vkey == vkey))
    session.execute(
        insert(COSIGNED).values(
            vkey=vkey, size=cosigned.size, root=cosigned.root, line=cosigned.line
        )
    )


def _values(row: ChainRow) -> dict[str, Any]:
    final, flight, alarm = row.final, row.in_flight, row.alarm
    return {
        "caip2": row.caip2,
        "revision": row.revision,
        "final_epoch": final and final.head.epoch,
        "final_size": final and final.head.size,
        "final_root": final and final.head.root,
        "final_height": final and final.height,
        "final_block": final and final.block_hash,
        "nonce": flight and flight.prepared.nonce,
        "fee": flight and flight.prepared.fee,
        "raw": flight and flight.prepared.raw,
        "digest": flight and flight.prepared.digest,
        "since": flight and flight.since,
        "target": flight and flight.target,
        "sent_at": flight and int(flight.at.timestamp()),
        "alarm": alarm and alarm.code,
        "alarm_text": alarm and alarm.text,
    }


def _chain_row(row: Row[Any]) -> ChainRow:
    final = flight = alarm = None
    if row.final_size is not None:
        head = LogHead(row.final_epoch, row.final_size, bytes(row.final_root))
        final = ChainHead(head, row.final_height, bytes(row.final_block))
    if row.raw is not None:
        prepared = Prepared(row.nonce, row.fee, bytes(row.raw), bytes(row.digest))
        flight = InFlight(prepared, row.since, row.target, datetime.fromtimestamp(row.sent_at, UTC))
    if row.alarm is not None:
        alarm = Alarm(row.alarm, row.alarm_text)
    return ChainRow(row.caip2, row.revision, final, flight, alarm)
