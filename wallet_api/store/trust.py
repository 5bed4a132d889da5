"""The newest believed trust registry, in the store. It is public: nothing here is sealed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from runtime.database import Database
from wallet_api.store.sealing import from_seconds, to_seconds
from wallet_api.store.tables import TrustRow

_ONLY = 1


@dataclass(frozen=True, slots=True)
class KeptTrust:
    """The signed text as it was fetched, and the JWKS that it was first believed with."""

    version: int
    text: str
    keys: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class TrustStore:
    """One row; its version only rises and its keys never change."""

    database: Database

    def load(self) -> KeptTrust | None:
        """What was believed last."""
        with self.database.reading() as session:
            row = session.get(TrustRow, _ONLY)
            if row is None:
                return None
            return KeptTrust(
                version=row.version,
                text=row.text,
                keys=row.keys,
                fetched_at=from_seconds(row.fetched_at),
            )

    def keep(self, kept: KeptTrust) -> None:
        """Remember a registry, unless a newer one is remembered already."""
        with self.database.writing() as session:
            row = session.scalar(select(TrustRow).where(col(TrustRow.id) == _ONLY))
            if row is None:
                row = TrustRow(id=_ONLY, version=0, text="", keys=kept.keys, fetched_at=0)
                session.add(row)
            if kept.version >= row.version:
                row.version = kept.version
                row.text = kept.text
                row.fetched_at = to_seconds(kept.fetched_at)
