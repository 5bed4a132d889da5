"""A driver as an inspector meets one: a phone, its cards, and what it shows."""

import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from city_papers import FOUR
from inspected_city import InspectedCity

from credentials.jose import join_signature
from credentials.packing import build_qr_text
from credentials.sd_jwt import build_key_binding_input, select_disclosures


@dataclass
class Driver:
    """A resident with a phone that holds the keys."""

    city: InspectedCity
    cards: dict = field(default_factory=dict)
    count: int = 0

    def key(self):
        self.count += 1
        return self.city.keys.signer(f"holder-{id(self)}-{self.count}", "ES256")

    def receive(self, type_name, **details):
        card = self.city.issue(type_name, holder=self.key(), **details)
        self.cards[type_name] = card
        return card

    def receive_taxi_cards(self):
        for type_name in FOUR.values():
            self.receive(type_name)
        linked = [
            self.cards[name]
            for name in ("driving-licence", "vehicle-registration", "insurance-certificate")
        ]
        return self.receive("taxi-inspection", linked=linked)

    def present(self, card, *, audience, nonce=None, signer=None, disclose=None, at=None):
        """The card with a fresh key binding."""
        text = card.text
        if disclose is not None:
            text = select_disclosures(text, [(name,) for name in disclose])
        signing_input = build_key_binding_input(
            text,
            audience=audience,
            nonce=nonce or secrets.token_urlsafe(9),
            now=at or self.city.clock(),
        )
        signature = (signer or card.holder).sign(signing_input.encode())
        return text + join_signature(signing_input, signature)

    def show(self, card, **details):
        """The QR text of the card."""
        audience = details.pop("audience", f"urn:citywallet:qr:{card.type}")
        certificates = [each.certificates["credential"] for each in self.city.agencies.values()]
        return build_qr_text(
            self.present(card, audience=audience, **details), certificates=certificates
        )


def read_link(link):
    """What a request link says: client_id and request_uri."""
    fields = parse_qs(urlsplit(link).query)
    return fields["client_id"][0], fields["request_uri"][0]
