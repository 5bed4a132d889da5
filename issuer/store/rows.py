"""
The tables of the issuing counter. Rows are private to this package; it hands out domain values.

Times are whole seconds since 1970 in UTC. Secrets are never stored, only their SHA-256: a copy of
this database redeems no offer, uses no token and enters by no enrolment link.
"""

from sqlmodel import Field, SQLModel


class AgencyRow(SQLModel, table=True):
    """An agency; `revision` rises with each change, so that what is built from it can be kept."""

    __tablename__ = "issuer_agency"
    id: str = Field(primary_key=True)
    label: str
    types: str
    credential_x5c: str | None = None
    status_x5c: str | None = None
    revision: int = 1
    created_at: int


class OfficerRow(SQLModel, table=True):
    """A person who works for exactly one agency."""

    __tablename__ = "issuer_officer"
    id: str = Field(primary_key=True)
    agency: str = Field(index=True)
    name: str
    created_at: int


class EnrolmentRow(SQLModel, table=True):
    """A one-time link by which an officer registers a passkey."""

    __tablename__ = "issuer_enrolment"
    digest: str = Field(primary_key=True)
    agency: str
    officer_name: str
    expires_at: int
    used_at: int | None = None


class PasskeyRow(SQLModel, table=True):
    """A registered passkey of an officer."""

    __tablename__ = "issuer_passkey"
    id: str = Field(primary_key=True)
    officer: str = Field(index=True)
    public_key: str
    sign_count: int
    created_at: int


class CredentialRow(SQLModel, table=True):
    """What was issued and how it stands; never the credential itself, never its holder."""

    __tablename__ = "issuer_credential"
    id: str = Field(primary_key=True)
    agency: str
    type: str
    format: str
    label: str
    state: str
    status: str
    reason: str | None = None
    claims_digest: str
    copies: int = 0
    offered_at: int
    issued_at: int | None = None
    valid_until: int | None = None
    notification_digest: str | None = Field(default=None, unique=True)
    notification_event: str | None = None
    request_digest: str | None = Field(default=None, unique=True)
    request_body_digest: str | None = None


class OfferRow(SQLModel, table=True):
    """The way from an officer's decision to a wallet. `claims` goes when the credential is made."""

    __tablename__ = "issuer_offer"
    id: str = Field(primary_key=True)
    agency: str
    credential: str = Field(unique=True)
    state: str
    claims: str | None
    links: str | None = None
    holder_keys: str | None = None
    valid_until: int | None = None
    expires_at: int
    code_digest: str = Field(unique=True)
    tx_code_digest: str | None = None
    tx_code_tries: int = 0
    token_digest: str | None = Field(default=None, unique=True)
    token_expires_at: int | None = None
    token_thumbprint: str | None = None
    token_client_id: str | None = None
    names_credential: bool = False
    intention: str | None = None
    intention_until: int | None = None


class StatusListRow(SQLModel, table=True):
    """
    A status list and how far its publication has come.

    `change` counts what happened to its credentials; `published_change` is what the published
    version shows; `pushed_version` is what the register has taken. Unequal means work to do.
    """

    __tablename__ = "issuer_status_list"
    agency: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    size: int
    allocated: int = 0
    change: int = 1
    published_change: int = 0
    version: int = 0
    pushed_version: int = 0
    issued_at: int = 0
    expires_at: int = 0


class StatusEntryRow(SQLModel, table=True):
    """One index of a list, given away once and for ever. `is_issued` false: promised or burnt."""

    __tablename__ = "issuer_status_entry"
    agency: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    list_index: int = Field(primary_key=True)
    credential: str = Field(index=True)
    intention: str
    is_issued: bool = False


class DecoyRow(SQLModel, table=True):
    """An index that no credential has or ever gets, and the status that it shows."""

    __tablename__ = "issuer_decoy"
    agency: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    list_index: int = Field(primary_key=True)
    status: str


class PublicationRow(SQLModel, table=True):
    """The current bytes of a status list, in its three forms."""

    __tablename__ = "issuer_publication"
    agency: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    version: int
    token: str
    revocation: str
    suspension: str


class ReceiptRow(SQLModel, table=True):
    """A signed receipt of a status change. `is_handed`: the register keeps it too."""

    __tablename__ = "issuer_receipt"
    digest: str = Field(primary_key=True)
    agency: str
    credential: str = Field(index=True)
    text: str
    issued_at: int = Field(index=True)
    is_handed: bool = False


class NonceRow(SQLModel, table=True):
    """A `c_nonce` that may be used until it runs out."""

    __tablename__ = "issuer_nonce"
    digest: str = Field(primary_key=True)
    agency: str
    expires_at: int = Field(index=True)


class ProofRow(SQLModel, table=True):
    """A key proof that was used, and for which offer: nobody uses it for another."""

    __tablename__ = "issuer_proof"
    digest: str = Field(primary_key=True)
    offer: str
    expires_at: int = Field(index=True)


class ViewRequestRow(SQLModel, table=True):
    """A wish for a view: which session at the verifier answers it, and what came of it."""

    __tablename__ = "issuer_view_request"
    id: str = Field(primary_key=True)
    agency: str
    view: str
    session: str
    state: str
    verdict: str | None = None
    expires_at: int
