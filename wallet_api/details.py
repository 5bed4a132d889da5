"""
What the wallet remembers of an errand between two steps, sealed in the store.

These models are the only shape in which a detail is written and read back. The texts that a
device is asked to sign live here too, so that a signature can only ever be joined to the very
bytes that the resident consented to.
"""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

from encoding.strict_json import JsonValue as Json
from wallet_api.model import Errand


class _Detail(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Party(_Detail):
    """An issuer or a verifier as screens show it."""

    id: str
    name: dict[str, str]
    """By language; empty when nobody vouches for a name."""
    registered: bool


class ClaimLabel(_Detail):
    """A claim's path and what to call it, by language."""

    path: list[str | int | None]
    label: dict[str, str]


class OfferedCredential(_Detail):
    """One configuration of an offer."""

    id: str
    type: str
    format: str
    types: list[str]
    label: dict[str, str]
    claims: list[ClaimLabel]
    binding: str
    """`jwk` or `did:jwk`: how a key proof names its key."""


class TransactionCode(_Detail):
    """What the resident must type, as the issuer describes it."""

    input_mode: str
    length: int | None
    description: str | None


class SigningInput(_Detail):
    """A text for the device to sign, and the key that must sign it."""

    key: str
    jwk: dict[str, str]
    input: str


class OfferDetail(_Detail):
    """An offer under way."""

    issuer: Party
    code: str
    authorization_server: str
    token_endpoint: str
    credential_endpoint: str
    nonce_endpoint: str | None
    notification_endpoint: str | None
    tx_code: TransactionCode | None
    credentials: list[OfferedCredential]
    batch_size: int
    chosen: str | None = None
    access_token: str | None = None
    identifier: str | None = None
    inputs: list[SigningInput] = []
    cards: list[str] = []


class ShownClaim(_Detail):
    """
    A claim that would be shared. `required` is false for one that nobody asked for but that
    cannot be held back, because its issuer did not make it selectively disclosable.
    """

    path: list[str | int | None]
    label: dict[str, str]
    value: JsonValue
    required: bool


class CandidateCard(_Detail):
    """A card that can answer one question of a request, and what would be seen of it."""

    credential_id: str
    label: dict[str, str]
    issuer: Party
    claims: list[ShownClaim]
    disclose: list[list[str | int | None]]


class AskedCredential(_Detail):
    """One question of a request and the cards that can answer it."""

    query_id: str
    required: bool
    candidates: list[CandidateCard]


class PresentationInput(SigningInput):
    """A proof for the device to sign: what it answers, and the text that goes before it."""

    query_id: str
    credential_id: str
    before: str
    """An SD-JWT with its disclosures up to the last `~`; empty for an enveloping vp+jwt."""


class RequestSource(_Detail):
    """A request as it came, to be verified each time it is used."""

    link: str
    request_object: str | None = None
    wallet_nonce: str | None = None
    did_document: str | None = None


class RequestDetail(_Detail):
    """A request under way."""

    verifier: Party
    purpose: dict[str, str] = {}
    source: RequestSource
    credentials: list[AskedCredential]
    satisfiable: bool
    required_ids: list[str] = []
    optional_ids: list[str] = []
    inputs: list[PresentationInput] = []
    copies: list[str] = []
    redirect_uri: str | None = None


class ViewDetail(_Detail):
    """A view session at an agency: what was asked, where to ask how it went, what came of it."""

    view: str
    issuer: str
    status_uri: str
    offer_uri: str | None = None


DetailType = TypeVar("DetailType", bound=_Detail)


def read_detail(errand: Errand, model: type[DetailType]) -> DetailType:
    """The detail of an errand; it was written by `write_detail`, so this cannot fail."""
    return model.model_validate(dict(errand.detail))


def write_detail(detail: _Detail) -> dict[str, Json]:
    """The detail as the store seals it."""
    written: dict[str, Json] = detail.model_dump(mode="json")
    return written
