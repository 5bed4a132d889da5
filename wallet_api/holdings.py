"""
What a resident holds: cards for the screen, and the view copies that the device keeps offline.

A view copy is useless without the device's key, so handing it to the device loses nothing; the
wide credentials stay here, sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from credentials.policy import ClaimPath
from credentials.sd_jwt import select_disclosures
from encoding.strict_json import JsonValue
from wallet_api.model import Caller, Card, Copy
from wallet_api.standings import Standings
from wallet_api.store.cards import CardStore

SD_JWT = "dc+sd-jwt"
SHOWN_AT_THE_COUNTER: Mapping[str, tuple[ClaimPath, ...]] = {
    "business-licence": (("licence_number",), ("business_name",), ("activity",)),
}
"""Types that are shown themselves, without a view of their own, and what of them."""


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
        """
        Every copy that the device shows without signal, least used first: views as they are, and
        of a few other types only the claims that their check at the counter asks for.
        """
        return [
            _show_copy(card, copy)
            for card in self.cards.all(caller)
            if card.face.get("is_view") is True or card.face.get("type") in SHOWN_AT_THE_COUNTER
            for copy in card.copies
            if card.face.get("format") == SD_JWT
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


def _show_copy(card: Card, copy: Copy) -> dict[str, JsonValue]:
    face = card.face
    text, claims = copy.text, face["claims"]
    shown = SHOWN_AT_THE_COUNTER.get(str(face["type"]))
    if shown is not None and isinstance(claims, list):
        text = select_disclosures(text, shown)
        paths = [list(path) for path in shown]
        claims = [one for one in claims if isinstance(one, dict) and one["path"] in paths]
    return {
        "view": face["type"],
        "credential_id": card.id,
        "credential": text,
        "face": list(copy.face),
        "key": copy.key,
        "label": face["label"],
        "issuer": face["issuer"],
        "claims": claims,
        "valid_from": face["valid_from"],
        "valid_until": face["valid_until"],
    }
