"""Offers, requests and view sessions under way, in the store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from encoding.strict_json import JsonValue
from runtime.clock import Clock
from runtime.database import Database
from runtime.failpoints import failpoint
from wallet_api.errors import Conflict, NotFound
from wallet_api.model import Caller, Errand, ErrandKind, Happening
from wallet_api.store.history import add_history
from wallet_api.store.sealing import (
    count_changed,
    from_seconds,
    new_id,
    open_json,
    seal_json,
    to_seconds,
)
from wallet_api.store.tables import ErrandRow

_COLUMN = "detail"


@dataclass(frozen=True, slots=True)
class ErrandStore:
    """What residents are in the middle of."""

    database: Database
    clock: Clock

    def begin(
        self,
        caller: Caller,
        *,
        kind: ErrandKind,
        state: str,
        expires_at: datetime,
        detail: Mapping[str, JsonValue],
    ) -> Errand:
        """A new errand. Expired ones of everybody are swept away in the same commit."""
        errand_id = new_id()
        with failpoint("wallet.begin_errand"), self.database.writing() as session:
            session.execute(
                delete(ErrandRow).where(col(ErrandRow.expires_at) < to_seconds(self.clock()))
            )
            session.add(
                ErrandRow(
                    id=errand_id,
                    resident_id=caller.resident,
                    kind=kind.value,
                    state=state,
                    expires_at=to_seconds(expires_at),
                    detail_sealed=seal_json(caller.cipher, detail, row=errand_id, column=_COLUMN),
                )
            )
        return Errand(
            id=errand_id, kind=kind, state=state, expires_at=expires_at, detail=dict(detail)
        )

    def load(self, caller: Caller, errand_id: str, *, kind: ErrandKind) -> Errand:
        """The resident's own errand, not yet expired; anything else is NotFound."""
        with self.database.reading() as session:
            row = session.scalar(
                select(ErrandRow).where(
                    col(ErrandRow.id) == errand_id,
                    col(ErrandRow.resident_id) == caller.resident,
                    col(ErrandRow.kind) == kind.value,
                    col(ErrandRow.expires_at) >= to_seconds(self.clock()),
                )
            )
            if row is None:
                raise NotFound(f"no such {kind.value}, or it has expired")
            return Errand(
                id=row.id,
                kind=kind,
                state=row.state,
                expires_at=from_seconds(row.expires_at),
                detail=open_json(caller.cipher, row.detail_sealed, row=row.id, column=_COLUMN),
            )

    def move(
        self,
        caller: Caller,
        errand: Errand,
        *,
        to: str,
        detail: Mapping[str, JsonValue],
        history: tuple[Happening, Mapping[str, JsonValue]] | None = None,
    ) -> Errand:
        """The named transition from the state the errand was read in, with its history line."""
        with failpoint("wallet.move_errand"), self.database.writing() as session:
            move_errand(session, caller, errand, to=to, detail=detail)
            if history is not None:
                add_history(
                    session, caller, now=self.clock(), happening=history[0], detail=history[1]
                )
        return Errand(
            id=errand.id,
            kind=errand.kind,
            state=to,
            expires_at=errand.expires_at,
            detail=dict(detail),
        )


def move_errand(
    session: Session,
    caller: Caller,
    errand: Errand,
    *,
    to: str,
    detail: Mapping[str, JsonValue],
) -> None:
    """Compare-and-swap on the state; Conflict when someone else was faster."""
    statement = (
        update(ErrandRow)
        .where(
            col(ErrandRow.id) == errand.id,
            col(ErrandRow.resident_id) == caller.resident,
            col(ErrandRow.state) == errand.state,
        )
        .values(
            state=to,
            detail_sealed=seal_json(caller.cipher, detail, row=errand.id, column=_COLUMN),
        )
    )
    if count_changed(session, statement) == 0:
        raise Conflict(f"the {errand.kind.value} has moved on from {errand.state}")
