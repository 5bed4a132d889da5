"""The JSON shapes of the officers' and operators' API, as `/openapi.json` describes them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Entries = list[dict[str, Any]]


class Shape(BaseModel):
    """Nothing is converted: a number is no text and `"true"` is not true."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Loose(BaseModel):
    """Path and query values come as text."""

    model_config = ConfigDict(extra="ignore")


class AgencyBody(Shape):
    """An agency to be founded."""

    name: str
    types: list[str] = Field(max_length=64)
    label: dict[str, str]


class CertificatesBody(Shape):
    """The register's certificates, base64 DER, leaf first."""

    credential_x5c: list[str] = Field(max_length=4)
    status_x5c: list[str] = Field(max_length=4)


class OfficerBody(Shape):
    """A person who shall become an officer."""

    name: str


class OfferBody(Shape):
    """A credential to be offered. `tx_code`: ask for a code that the wallet's owner types."""

    agency: str
    type: str
    claims: dict[str, Any]
    format: Literal["dc+sd-jwt", "vc+sd-jwt", "vc+jwt", "jwt_vc_json"] = "dc+sd-jwt"
    tx_code: bool = False


class StatusBody(Shape):
    """A change of status, with the reason that goes into the audit log."""

    status: Literal["valid", "suspended", "revoked"]
    reason: str


class NothingBody(Shape):
    """An empty object."""

    model_config = ConfigDict(strict=True, extra="ignore")


class AgencyPath(Loose):
    """Names an agency."""

    agency: str = Field(max_length=64)


class CredentialPath(Loose):
    """Names a credential record."""

    credential_id: str = Field(max_length=128)


class CredentialQuery(Loose):
    """Narrows a list of credentials; `cursor` is the last answer's `next`."""

    type: str | None = Field(default=None, max_length=64)
    status: Literal["valid", "suspended", "revoked"] | None = None
    cursor: str | None = Field(default=None, max_length=400)
    limit: int = Field(default=50, ge=1, le=100)


class Offered(BaseModel):
    """What the officer hands over."""

    credential_id: str
    offer_uri: str
    offer_uri_by_value: str
    tx_code: str | None = None
    expires_at: str


class Receipt(BaseModel):
    """The signed promise of a status change (type `revocation-receipt+jwt`)."""

    receipt: str
    credential_id: str
    status: str
    list: str | None
    index: int | None
    entries: Entries
    due_epoch_time: str
    due_epoch: int | None
    is_published: bool


class ReceiptsQuery(Loose):
    """`since`: issued at or after this second; leads from one page to the next."""

    since: int = Field(default=0, ge=0, le=253_402_300_799)


class Receipts(BaseModel):
    """Receipts as they were signed, oldest first; `next` is the `since` of the next page."""

    receipts: list[str]
    next: int | None


class Record(BaseModel):
    """A credential as its agency sees it."""

    credential_id: str
    agency: str
    type: str
    format: str
    label: str
    state: str
    status: str
    reason: str | None
    copies: int
    offered_at: str
    issued_at: str | None
    valid_until: str | None
    wallet: str | None
    entries: Entries | None = None


class Records(BaseModel):
    """A page of records; `next` leads on."""

    credentials: list[Record]
    next: str | None


class EnrolmentLink(BaseModel):
    """A one-time link."""

    enrolment_link: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
