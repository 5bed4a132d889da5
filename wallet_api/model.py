"""
The nouns of the wallet: residents, devices, cards with their copies, and errands under way.

Values only. A `Caller` is a device that has proved its key in this request; everything the store
does for a resident goes through the caller's cipher.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from encoding.strict_json import JsonValue
from wallet_api.encryption import ResidentCipher


class ErrandKind(StrEnum):
    """What an errand is about."""

    OFFER = "offer"
    REQUEST = "request"
    VIEW = "view"


class OfferState(StrEnum):
    """PREVIEWED -> ACCEPTED -> RECEIVED, or FAILED from either."""

    PREVIEWED = "previewed"
    ACCEPTED = "accepted"
    RECEIVED = "received"
    FAILED = "failed"


class RequestState(StrEnum):
    """OPEN -> CONSENTED -> ANSWERED, or DECLINED or FAILED from the first two."""

    OPEN = "open"
    CONSENTED = "consented"
    ANSWERED = "answered"
    DECLINED = "declined"
    FAILED = "failed"


class ViewState(StrEnum):
    """WAITING -> OFFERED or REFUSED."""

    WAITING = "waiting"
    OFFERED = "offered"
    REFUSED = "refused"


class Happening(StrEnum):
    """What the history tells of."""

    RECEIVED = "received"
    PRESENTED = "presented"
    DECLINED = "declined"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Device:
    """A registered device. Its key binds tokens; it never signs a credential's key binding."""

    id: str
    thumbprint: str
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """The resident and the device behind a request, proved by DPoP."""

    resident: str
    device: str
    thumbprint: str
    cipher: ResidentCipher


@dataclass(frozen=True, slots=True)
class Copy:
    """
    One issued text, bound to one key of the device. Copies of a card differ in key, salts,
    signature and status entry, so that two presentations cannot be linked (S-090).
    """

    id: str
    key: str
    """RFC 7638 thumbprint of the holder key."""
    text: str
    uses: int
    face: tuple[str, ...] = ()
    """The QR texts of the picture that was signed beside this copy."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the resident sees of one received credential, and its copies."""

    id: str
    received_at: datetime
    face: Mapping[str, JsonValue]
    """Type, format, issuer, names by language, claims and validity, as `holdings` builds it."""
    copies: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class NewCopy:
    """A verified credential about to be stored, with the face that was signed beside it."""

    key: str
    text: str
    face: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Errand:
    """
    Something under way: receiving an offer, answering a request, getting a view from its agency.
    `detail` is sealed in the store; `state` moves only by compare-and-swap.
    """

    id: str
    kind: ErrandKind
    state: str
    expires_at: datetime
    detail: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of the resident's history."""

    id: str
    at: datetime
    happening: Happening
    detail: Mapping[str, JsonValue]
