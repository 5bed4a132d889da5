"""The resident's own history, in the store. Nobody else ever reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from encoding.strict_json import JsonValue
from runtime.database import Database
from wallet_api.model import Caller, Happening, HistoryEntry
from wallet_api.store.sealing import from_seconds, new_id, open_json, seal_json, to_seconds
from wallet_api.store.tables import HistoryRow

_COLUMN = "detail"
PAGE = 100
"""Page size of security.md, Limits."""


@dataclass(frozen=True, slots=True)
class HistoryStore:
    """What was received, shown, declined and deleted."""

    database: Database

    def latest(self, caller: Caller) -> tuple[HistoryEntry, ...]:
        """The newest entries, newest first."""
        with self.database.reading() as session:
            rows = session.scalars(
                select(HistoryRow)
                .where(col(HistoryRow.resident_id) == caller.resident)
                .order_by(col(HistoryRow.number).desc())
                .limit(PAGE)
            ).all()
            return tuple(_entry(caller, row) for row in rows)


def add_history(
    session: Session,
    caller: Caller,
    *,
    now: datetime,
    happening: Happening,
    detail: Mapping[str, JsonValue],
) -> None:
    """One line, written in the transaction of what it tells of."""
    row_id = new_id()
    told = {"happening": happening.value, "detail": dict(detail)}
    session.add(
        HistoryRow(
            id=row_id,
            resident_id=caller.resident,
            at=to_seconds(now),
            detail_sealed=seal_json(caller.cipher, told, row=row_id, column=_COLUMN),
        )
    )


def _entry(caller: Caller, row: HistoryRow) -> HistoryEntry:
    told = open_json(caller.cipher, row.detail_sealed, row=row.id, column=_COLUMN)
    detail = told["detail"]
    return HistoryEntry(
        id=row.id,
        at=from_seconds(row.at),
        happening=Happening(str(told["happening"])),
        detail=detail if isinstance(detail, dict) else {},
    )
