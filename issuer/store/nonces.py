"""
Nonces that wallets put into key proofs, and the proofs that were used.

A nonce is good for a while, and again within it (interop 2.4). A proof belongs to the offer that
it was first used for: replayed for another it is refused, repeated for the same after a crash it
is welcome.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from issuer.store.rows import NonceRow, ProofRow
from issuer.store.statements import build_insert, build_seconds


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


def claim_proofs(
    session: Session, *, offer: str, digests: Sequence[str], expires_at: datetime, now: datetime
) -> bool:
    """Tie these proofs to this offer; False when one is tied to another."""
    session.execute(
        delete(ProofRow).where(col(ProofRow.expires_at) <= build_seconds(now)),
        execution_options={"synchronize_session": False},
    )
    rows = [
        {"digest": digest, "offer": offer, "expires_at": build_seconds(expires_at)}
        for digest in set(digests)
    ]
    statement = build_insert(session, ProofRow).values(rows)
    claimed = session.execute(
        statement.on_conflict_do_update(
            index_elements=[col(ProofRow.digest)],
            set_={"offer": offer},
            where=col(ProofRow.offer) == offer,
        ).returning(col(ProofRow.digest))
    )
    return set(claimed.scalars()) == set(digests)


def knows_proof(session: Session, digests: Sequence[str]) -> bool:
    """Whether one of these proofs was used already."""
    statement = select(col(ProofRow.digest)).where(col(ProofRow.digest).in_(digests)).limit(1)
    return session.scalars(statement).one_or_none() is not None
