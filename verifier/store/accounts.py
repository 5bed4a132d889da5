"""
The inspectors and businesses that may sign in, their one-time links and their passkeys.

Links are stored hashed. Nothing here checks a signature.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from runtime.database import Session
from verifier.store.rows import ACCOUNTS, ENROLMENTS, PASSKEYS
from verifier.store.statements import changed_rows, to_seconds


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sign in at this counter."""

    id: str
    role: str
    name: str


@dataclass(frozen=True, slots=True)
class StoredPasskey:
    """A passkey and whose it is."""

    credential_id: str
    account: Account
    public_key: bytes
    sign_count: int


def add_account(session: Session, account: Account, *, now: datetime) -> None:
    """Keep a new inspector or business."""
    session.execute(
        insert(ACCOUNTS).values(
            id=account.id, role=account.role, name=account.name, created_at=to_seconds(now)
        )
    )


def add_enrolment(
    session: Session, *, token_hash: str, account_id: str, expires_at: datetime
) -> None:
    """Keep a one-time link by its hash."""
    session.execute(
        insert(ENROLMENTS).values(
            token_hash=token_hash, account_id=account_id, expires_at=to_seconds(expires_at)
        )
    )


def find_enrolment(session: Session, *, token_hash: str, now: datetime) -> Account | None:
    """Whose unused link this is."""
    row = session.execute(
        select(ACCOUNTS.c.id, ACCOUNTS.c.role, ACCOUNTS.c.name)
        .join(ENROLMENTS, ENROLMENTS.c.account_id == ACCOUNTS.c.id)
        .where(
            ENROLMENTS.c.token_hash == token_hash,
            ENROLMENTS.c.used_at.is_(None),
            ENROLMENTS.c.expires_at > to_seconds(now),
        )
    ).first()
    return Account(row.id, row.role, row.name) if row is not None else None


def spend_enrolment(session: Session, *, token_hash: str, now: datetime) -> bool:
    """Use the link. False when somebody was faster or it is too old."""
    spent = session.execute(
        update(ENROLMENTS)
        .where(
            ENROLMENTS.c.token_hash == token_hash,
            ENROLMENTS.c.used_at.is_(None),
            ENROLMENTS.c.expires_at > to_seconds(now),
        )
        .values(used_at=to_seconds(now))
    )
    return changed_rows(spent) == 1


def add_passkey(session: Session, passkey: StoredPasskey, *, now: datetime) -> None:
    """Keep a registered passkey."""
    session.execute(
        insert(PASSKEYS).values(
            credential_id=passkey.credential_id,
            account_id=passkey.account.id,
            public_key=passkey.public_key,
            sign_count=passkey.sign_count,
            created_at=to_seconds(now),
        )
    )


def load_passkey(session: Session, credential_id: str) -> StoredPasskey | None:
    """The passkey of this credential id, with its account."""
    row = session.execute(
        select(PASSKEYS, ACCOUNTS.c.role, ACCOUNTS.c.name)
        .join(ACCOUNTS, PASSKEYS.c.account_id == ACCOUNTS.c.id)
        .where(PASSKEYS.c.credential_id == credential_id)
    ).first()
    if row is None:
        return None
    account = Account(row.account_id, row.role, row.name)
    return StoredPasskey(row.credential_id, account, row.public_key, row.sign_count)


def move_sign_count(session: Session, credential_id: str, *, old: int, new: int) -> bool:
    """Compare-and-swap of the signature counter."""
    moved = session.execute(
        update(PASSKEYS)
        .where(PASSKEYS.c.credential_id == credential_id, PASSKEYS.c.sign_count == old)
        .values(sign_count=new)
    )
    return changed_rows(moved) == 1
