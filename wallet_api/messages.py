"""
The bodies of the mobile-facing API, as `/openapi.json` describes them.

Requests are read strictly (`encoding.strict_json`), unknown members are ignored, sizes are
bounded by security.md, Limits.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

Link = Annotated[str, StringConstraints(min_length=1, max_length=16_384)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Texts = dict[str, str]


class _Message(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class Registration(_Message):
    """A new resident. The device key is the one of the DPoP proof."""

    display_name: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None


class Empty(_Message):
    """No members."""


class OfferLink(_Message):
    """A credential offer as scanned, pasted or followed."""

    offer: Link


class Acceptance(_Message):
    """The resident says yes: the code, if one was sent, and fresh public keys, one for a copy."""

    tx_code: ShortText | None = None
    keys: Annotated[list[dict[str, JsonValue]], Field(min_length=1, max_length=20)]
    format: ShortText | None = None


class Signature(_Message):
    """A raw ES256 signature, base64url, by the key with this thumbprint."""

    key: ShortText
    signature: ShortText


class Signatures(_Message):
    """What the device signed."""

    signatures: Annotated[list[Signature], Field(min_length=1, max_length=40)]


class ViewOrder(_Message):
    """A view to get from its agency; without `issuer` the accredited one is found."""

    view: ShortText
    issuer: Link | None = None


class RequestLinkMessage(_Message):
    """A presentation request as scanned, pasted or followed."""

    request: Link


class Consent(_Message):
    """For each question the card that answers it."""

    choices: Annotated[dict[ShortText, Identifier], Field(max_length=16)]


class IdPath(BaseModel):
    """The id of a thing of the caller's own."""

    id: Identifier


class Session(BaseModel):
    """A DPoP-bound access token."""

    resident_id: str
    device_id: str
    access_token: str
    token_type: str = "DPoP"  # noqa: S105 - RFC 9449 names the type
    expires_in: int


class DeviceInfo(BaseModel):
    """A registered device."""

    id: str
    created_at: int
    last_seen_at: int
    is_this: bool


class Devices(BaseModel):
    """The resident's devices."""

    devices: list[DeviceInfo]
    display_name: str | None


class PartyInfo(BaseModel):
    """An issuer or verifier; `registered` says that the city's trust registry knows it."""

    id: str
    name: Texts
    registered: bool


class OfferedInfo(BaseModel):
    """One credential of an offer."""

    id: str
    type: str
    label: Texts
    format: str


class TransactionCodeInfo(BaseModel):
    """What the resident has to type."""

    input_mode: str
    length: int | None
    description: str | None


class OfferInfo(BaseModel):
    """An offer as previewed; nothing is accepted yet."""

    id: str
    state: str
    issuer: PartyInfo
    credentials: list[OfferedInfo]
    tx_code: TransactionCodeInfo | None
    batch_size: int
    expires_at: int


class SigningInputInfo(BaseModel):
    """A text to sign, exactly as it is, with the named key."""

    key: str
    input: str


class SigningInputs(BaseModel):
    """What the device has to sign."""

    signing_inputs: list[SigningInputInfo]


class ClaimInfo(BaseModel):
    """A claim with its labels by language."""

    path: list[str | int | None]
    label: Texts
    value: JsonValue


class CardInfo(BaseModel):
    """A card."""

    id: str
    type: str
    types: list[str]
    format: str
    label: Texts
    issuer: PartyInfo
    claims: list[ClaimInfo]
    valid_from: str | None
    valid_until: str | None
    is_view: bool
    status: str
    status_as_of: str | None
    copies: int
    received_at: int


class Cards(BaseModel):
    """What the resident holds."""

    credentials: list[CardInfo]


class Proved(BaseModel):
    """The received cards; or, when the issuer wants a fresh nonce, what to sign again."""

    credentials: list[CardInfo]
    signing_inputs: list[SigningInputInfo] = []


class ViewCopyInfo(BaseModel):
    """A copy that the device shows without signal."""

    view: str
    credential_id: str
    credential: str
    key: str
    label: Texts
    issuer: PartyInfo
    claims: list[ClaimInfo]
    valid_from: str | None
    valid_until: str | None


class ViewCopies(BaseModel):
    """All view copies."""

    views: list[ViewCopyInfo]


class StartedViewInfo(BaseModel):
    """A view session: answer the request, then ask how it stands."""

    id: str
    request_uri: str


class ViewInfo(BaseModel):
    """How a view session stands."""

    id: str
    state: str
    offer_uri: str | None


class ShownClaimInfo(ClaimInfo):
    """A claim that would be shared; `required` is false when only its card brings it along."""

    required: bool


class CandidateInfo(BaseModel):
    """A card that can answer a question."""

    credential_id: str
    label: Texts
    issuer: PartyInfo
    claims: list[ShownClaimInfo]


class QuestionInfo(BaseModel):
    """One question of a request."""

    query_id: str
    required: bool
    candidates: list[CandidateInfo]


class RequestInfo(BaseModel):
    """A request as verified; nothing is answered yet."""

    id: str
    state: str
    verifier: PartyInfo
    purpose: Texts
    credentials: list[QuestionInfo]
    satisfiable: bool
    expires_at: int


class Answered(BaseModel):
    """How a request ended, and where the verifier wants the resident to go on."""

    accepted: bool
    redirect_uri: str | None


class HistoryInfo(BaseModel):
    """A line of the history."""

    id: str
    at: int
    happening: str
    detail: dict[str, JsonValue]


class History(BaseModel):
    """The newest lines first."""

    entries: list[HistoryInfo]


class ProblemInfo(BaseModel):
    """An RFC 9457 problem."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
