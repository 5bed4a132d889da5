"""
The wallet's tables. Rows never leave this package.

Columns that end in `_sealed` are ciphertexts of `wallet_api.encryption`, bound to resident, row
and column. What stays readable is random identifiers, states and times; and the thumbprint of a
device's DPoP key, which is never shown to an issuer or a verifier.
"""

from sqlmodel import Field, SQLModel


class ResidentRow(SQLModel, table=True):
    """A resident and the wrapped key of everything they store."""

    __tablename__ = "wallet_resident"

    id: str = Field(primary_key=True)
    wrapped_key: bytes = Field(unique=True)
    display_name_sealed: bytes | None = None
    created_at: int


class DeviceRow(SQLModel, table=True):
    """A device's DPoP key, by thumbprint."""

    __tablename__ = "wallet_device"

    id: str = Field(primary_key=True)
    resident_id: str = Field(foreign_key="wallet_resident.id", index=True)
    thumbprint: str = Field(unique=True)
    created_at: int
    last_seen_at: int


class CardRow(SQLModel, table=True):
    """A received credential as the resident sees it."""

    __tablename__ = "wallet_card"

    id: str = Field(primary_key=True)
    resident_id: str = Field(foreign_key="wallet_resident.id", index=True)
    received_at: int
    face_sealed: bytes


class CopyRow(SQLModel, table=True):
    """One issued text of a card, with the thumbprint of its holder key inside."""

    __tablename__ = "wallet_copy"

    id: str = Field(primary_key=True)
    card_id: str = Field(foreign_key="wallet_card.id", index=True)
    resident_id: str = Field(foreign_key="wallet_resident.id", index=True)
    text_sealed: bytes
    uses: int = 0


class ErrandRow(SQLModel, table=True):
    """An offer, request or view session under way."""

    __tablename__ = "wallet_errand"

    id: str = Field(primary_key=True)
    resident_id: str = Field(foreign_key="wallet_resident.id", index=True)
    kind: str
    state: str
    expires_at: int = Field(index=True)
    detail_sealed: bytes


class HistoryRow(SQLModel, table=True):
    """A line of a resident's history."""

    __tablename__ = "wallet_history"

    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    resident_id: str = Field(foreign_key="wallet_resident.id", index=True)
    at: int
    detail_sealed: bytes


class TrustRow(SQLModel, table=True):
    """The newest trust registry that was believed, so that a restart needs no register."""

    __tablename__ = "wallet_trust"

    id: int = Field(primary_key=True)
    version: int
    text: str
    keys: str
    fetched_at: int
