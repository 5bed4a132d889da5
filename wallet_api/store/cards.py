"""Cards and their copies, in the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from encoding.strict_json import JsonValue
from runtime.clock import Clock
from runtime.database import Database
from runtime.failpoints import failpoint
from wallet_api.errors import NotFound
from wallet_api.model import Caller, Card, Copy, Errand, Happening, NewCopy
from wallet_api.store.errands import move_errand
from wallet_api.store.history import add_history
from wallet_api.store.sealing import (
    count_changed,
    from_seconds,
    new_id,
    open_json,
    seal_json,
    to_seconds,
)
from wallet_api.store.tables import CardRow, CopyRow


@dataclass(frozen=True, slots=True)
class NewCard:
    """A verified credential and its copies, about to be stored."""

    face: Mapping[str, JsonValue]
    copies: tuple[NewCopy, ...]


@dataclass(frozen=True, slots=True)
class CardStore:
    """What residents hold."""

    database: Database
    clock: Clock

    def receive(
        self,
        caller: Caller,
        errand: Errand,
        *,
        to: str,
        detail: Mapping[str, JsonValue],
        cards: Sequence[NewCard],
        told: Mapping[str, JsonValue],
    ) -> tuple[str, ...]:
        """
        The offer's end in one commit: its state, the cards, their copies and the history line.
        Returns the new cards' ids; `detail` gets them as `cards`.
        """
        ids = tuple(new_id() for _ in cards)
        now = self.clock()
        with failpoint("wallet.receive"), self.database.writing() as session:
            move_errand(session, caller, errand, to=to, detail={**detail, "cards": list(ids)})
            for card_id, card in zip(ids, cards, strict=True):
                _add_card(session, caller, card_id, card, at=to_seconds(now))
            add_history(session, caller, now=now, happening=Happening.RECEIVED, detail=told)
        return ids

    def all(self, caller: Caller) -> tuple[Card, ...]:
        """Everything the resident holds, newest first."""
        with self.database.reading() as session:
            rows = session.scalars(
                select(CardRow)
                .where(col(CardRow.resident_id) == caller.resident)
                .order_by(col(CardRow.received_at).desc(), col(CardRow.id))
            ).all()
            copies = session.scalars(
                select(CopyRow)
                .where(col(CopyRow.resident_id) == caller.resident)
                .order_by(col(CopyRow.uses), col(CopyRow.id))
            ).all()
            return tuple(
                _card(caller, row, [copy for copy in copies if copy.card_id == row.id])
                for row in rows
            )

    def load(self, caller: Caller, card_id: str) -> Card:
        """One card of the resident's own, or NotFound."""
        with self.database.reading() as session:
            row = session.scalar(
                select(CardRow).where(
                    col(CardRow.id) == card_id, col(CardRow.resident_id) == caller.resident
                )
            )
            if row is None:
                raise NotFound("no such credential")
            copies = session.scalars(
                select(CopyRow)
                .where(col(CopyRow.card_id) == card_id)
                .order_by(col(CopyRow.uses), col(CopyRow.id))
            ).all()
            return _card(caller, row, copies)

    def remove(self, caller: Caller, card_id: str, *, told: Mapping[str, JsonValue]) -> None:
        """The card and its copies, gone, with the history line."""
        with failpoint("wallet.remove_card"), self.database.writing() as session:
            session.execute(
                delete(CopyRow).where(
                    col(CopyRow.card_id) == card_id,
                    col(CopyRow.resident_id) == caller.resident,
                )
            )
            statement = delete(CardRow).where(
                col(CardRow.id) == card_id, col(CardRow.resident_id) == caller.resident
            )
            if count_changed(session, statement) == 0:
                raise NotFound("no such credential")
            add_history(session, caller, now=self.clock(), happening=Happening.DELETED, detail=told)

    def promise(
        self,
        caller: Caller,
        errand: Errand,
        *,
        to: str,
        detail: Mapping[str, JsonValue],
        copies: Sequence[str],
    ) -> None:
        """
        Consent in one commit: the request's state and one more use of each chosen copy, counted
        before the verifier can have seen it, so that a fresh copy is always taken first.
        """
        with failpoint("wallet.consent"), self.database.writing() as session:
            move_errand(session, caller, errand, to=to, detail=detail)
            session.execute(
                update(CopyRow)
                .where(col(CopyRow.id).in_(copies), col(CopyRow.resident_id) == caller.resident)
                .values(uses=col(CopyRow.uses) + 1)
            )


def _add_card(session: Session, caller: Caller, card_id: str, card: NewCard, *, at: int) -> None:
    session.add(
        CardRow(
            id=card_id,
            resident_id=caller.resident,
            received_at=at,
            face_sealed=seal_json(caller.cipher, card.face, row=card_id, column="face"),
        )
    )
    session.flush()
    for copy in card.copies:
        copy_id = new_id()
        content: dict[str, JsonValue] = {"key": copy.key, "text": copy.text}
        if copy.face:
            content["face"] = list(copy.face)
        session.add(
            CopyRow(
                id=copy_id,
                card_id=card_id,
                resident_id=caller.resident,
                text_sealed=seal_json(caller.cipher, content, row=copy_id, column="text"),
            )
        )


def _card(caller: Caller, row: CardRow, copies: Sequence[CopyRow]) -> Card:
    return Card(
        id=row.id,
        received_at=from_seconds(row.received_at),
        face=open_json(caller.cipher, row.face_sealed, row=row.id, column="face"),
        copies=tuple(_copy(caller, copy) for copy in copies),
    )


def _copy(caller: Caller, row: CopyRow) -> Copy:
    content = open_json(caller.cipher, row.text_sealed, row=row.id, column="text")
    face = content.get("face")
    return Copy(
        id=row.id,
        key=str(content["key"]),
        text=str(content["text"]),
        uses=row.uses,
        face=tuple(map(str, face)) if isinstance(face, list) else (),
    )
