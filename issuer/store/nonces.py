"""Nonces that wallets put into key proofs: good for a while, and again within it (interop 2.4)."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from issuer.store.rows import NonceRow
from issuer.store.statements import build_seconds


def add_nonce(
    session: Session, *, agency: str, digest: str, expires_at: datetime, now: datetime
) -> None:
    """Keep a new nonce, and let go of those that ran out."""
    session.execute(
        delete(NonceRow).where(col(NonceRow.expires_at) <= build_seconds(now)),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        insert(NonceRow).values(agency=agency, digest=digest, expires_at=build_seconds(expires_at))
    )


def has_nonce(session: Session, *, agency: str, digest: str, now: datetime) -> bool:
    """Whether this agency gave out this nonce and it is still live."""
    statement = select(col(NonceRow.digest)).where(
        col(NonceRow.digest) == digest,
        col(NonceRow.agency) == agency,
        col(NonceRow.expires_at) > build_seconds(now),
    )
    return session.scalars(statement).one_or_none() is not None
