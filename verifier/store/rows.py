"""
The verifier's tables, private to this package.

Times are unix seconds. No column holds a presentation, and none but the short-lived `result` of a
session holds a claim.
"""

from typing import cast

from sqlalchemy import BigInteger, Index, Table
from sqlmodel import Field, SQLModel


class SessionRow(SQLModel, table=True):
    """`request_id` stands in the QR, `id` is known to the starter only."""

    __tablename__ = "verifier_session"
    __table_args__ = (Index("verifier_session_by_expiry", "expires_at"),)

    id: str = Field(primary_key=True)
    request_id: str = Field(unique=True)
    purpose: str
    starter: str
    is_same_device: bool
    client_id: str
    nonce: str
    wallet_state: str
    state: str
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    result: str | None = None
    response_code_hash: str | None = None
    is_released: bool


class CheckRow(SQLModel, table=True):
    """One check, online or synced later. Nothing in it names the resident."""

    __tablename__ = "verifier_check"
    __table_args__ = (Index("verifier_check_by_checker", "checker", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    checked_at: int = Field(sa_type=BigInteger)
    recorded_at: int = Field(sa_type=BigInteger)
    purpose: str
    channel: str
    outcome: str
    reasons: str
    epoch: int | None = Field(default=None, sa_type=BigInteger)
    checker: str
    log_id: str | None = Field(default=None, unique=True)


class AccountRow(SQLModel, table=True):
    """An inspector or a business."""

    __tablename__ = "verifier_account"

    id: str = Field(primary_key=True)
    role: str
    name: str
    created_at: int = Field(sa_type=BigInteger)


class EnrolmentRow(SQLModel, table=True):
    """A one-time link, stored hashed."""

    __tablename__ = "verifier_enrolment"

    token_hash: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="verifier_account.id")
    expires_at: int = Field(sa_type=BigInteger)
    used_at: int | None = Field(default=None, sa_type=BigInteger)


class PasskeyRow(SQLModel, table=True):
    """A registered passkey of an account."""

    __tablename__ = "verifier_passkey"

    credential_id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="verifier_account.id")
    public_key: bytes
    sign_count: int = Field(sa_type=BigInteger)
    created_at: int = Field(sa_type=BigInteger)


class MaterialRow(SQLModel, table=True):
    """The newest signed document of each kind that was believed; versions only rise."""

    __tablename__ = "verifier_material"

    kind: str = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger)
    text: str
    fetched_at: int = Field(sa_type=BigInteger)


def _table(row: type[SQLModel]) -> Table:
    return cast("Table", row.__table__)  # type: ignore[attr-defined]


SESSIONS = _table(SessionRow)
CHECKS = _table(CheckRow)
ACCOUNTS = _table(AccountRow)
ENROLMENTS = _table(EnrolmentRow)
PASSKEYS = _table(PasskeyRow)
MATERIAL = _table(MaterialRow)
