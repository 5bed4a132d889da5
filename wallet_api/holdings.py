"""
What a resident holds: cards for the screen, and the view copies that the device keeps offline.

A view copy is useless without the device's key, so handing it to the device loses nothing; the
wide credentials stay here, sealed.
"""

from dataclasses import dataclass

from encoding.strict_json import JsonValue
from wallet_api.model import Caller, Card
from wallet_api.standings import Standings
from wallet_api.store.cards import CardStore


@dataclass(frozen=True, slots=True)
class Holdings:
    """The resident's drawer."""

    cards: CardStore
    standings: Standings

    def all(self, caller: Caller) -> list[dict[str, JsonValue]]:
        """Every card, newest first, each with its status as far as it is known."""
        cards = self.cards.all(caller)
        self.standings.refresh(card.face for card in cards)
        return [self._show(card) for card in cards]

    def load(self, caller: Caller, card_id: str) -> dict[str, JsonValue]:
        """One card."""
        card = self.cards.load(caller, card_id)
        self.standings.refresh([card.face])
        return self._show(card)

    def remove(self, caller: Caller, card_id: str) -> None:
        """Delete a card and its copies. The issuer's record is not touched by that."""
        card = self.cards.load(caller, card_id)
        told: dict[str, JsonValue] = {"label": card.face["label"], "party": card.face["issuer"]}
        self.cards.remove(caller, card_id, told=told)

    def views(self, caller: Caller) -> list[dict[str, JsonValue]]:
        """Every copy of every view, least used first: what the device shows without signal."""
        return [
            {
                "view": card.face["type"],
                "credential_id": card.id,
                "credential": copy.text,
                "key": copy.key,
                "label": card.face["label"],
                "issuer": card.face["issuer"],
                "claims": card.face["claims"],
                "valid_from": card.face["valid_from"],
                "valid_until": card.face["valid_until"],
            }
            for card in self.cards.all(caller)
            if card.face.get("is_view") is True
            for copy in card.copies
        ]

    def _show(self, card: Card) -> dict[str, JsonValue]:
        standing = self.standings.of(card.face)
        return {
            "id": card.id,
            **{name: value for name, value in card.face.items() if name != "statuses"},
            "status": standing.status,
            "status_as_of": standing.as_of,
            "copies": len(card.copies),
            "received_at": int(card.received_at.timestamp()),
        }
