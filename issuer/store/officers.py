"""Officers, their one-time enrolment links and their passkeys."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from issuer.store.rows import EnrolmentRow, OfficerRow, PasskeyRow
from issuer.store.statements import build_seconds, count_changed


@dataclass(frozen=True, slots=True)
class Officer:
    """A person who works for exactly one agency."""

    id: str
    agency: str
    name: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Whom an enrolment link was made for."""

    agency: str
    officer_name: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """A registered passkey: what is needed to check its next assertion."""

    id: str
    officer: str
    public_key: str
    sign_count: int


def add_enrolment(
    session: Session, *, digest: str, agency: str, officer_name: str, expires_at: datetime
) -> None:
    """Keep a new enrolment link by its digest."""
    session.execute(
        insert(EnrolmentRow).values(
            digest=digest,
            agency=agency,
            officer_name=officer_name,
            expires_at=build_seconds(expires_at),
        )
    )


def load_enrolment(session: Session, digest: str, *, now: datetime) -> Enrolment | None:
    """The enrolment while it is unused and not over."""
    statement = select(EnrolmentRow).where(
        col(EnrolmentRow.digest) == digest,
        col(EnrolmentRow.used_at).is_(None),
        col(EnrolmentRow.expires_at) > build_seconds(now),
    )
    row = session.scalars(statement).one_or_none()
    return None if row is None else Enrolment(row.agency, row.officer_name)


def record_enrolled(
    session: Session, *, digest: str, officer: Officer, passkey: Passkey, now: datetime
) -> bool:
    """Use the link up and keep the officer with the first passkey; False when it was used."""
    statement = (
        update(EnrolmentRow)
        .where(
            col(EnrolmentRow.digest) == digest,
            col(EnrolmentRow.agency) == officer.agency,
            col(EnrolmentRow.used_at).is_(None),
            col(EnrolmentRow.expires_at) > build_seconds(now),
        )
        .values(used_at=build_seconds(now))
    )
    if count_changed(session, statement) != 1:
        return False
    at = build_seconds(now)
    session.execute(
        insert(OfficerRow).values(
            id=officer.id, agency=officer.agency, name=officer.name, created_at=at
        )
    )
    session.execute(
        insert(PasskeyRow).values(
            id=passkey.id,
            officer=passkey.officer,
            public_key=passkey.public_key,
            sign_count=passkey.sign_count,
            created_at=at,
        )
    )
    return True


def load_officer(session: Session, officer: str) -> Officer | None:
    """The officer, or None."""
    row = session.get(OfficerRow, officer)
    return None if row is None else Officer(row.id, row.agency, row.name)


def load_passkey(session: Session, passkey: str) -> Passkey | None:
    """The passkey, or None."""
    row = session.get(PasskeyRow, passkey)
    return None if row is None else Passkey(row.id, row.officer, row.public_key, row.sign_count)


def record_sign_count(session: Session, passkey: Passkey, *, to: int) -> None:
    """Remember how often the authenticator says it has signed."""
    session.execute(
        update(PasskeyRow)
        .where(col(PasskeyRow.id) == passkey.id, col(PasskeyRow.sign_count) <= to)
        .values(sign_count=to),
        execution_options={"synchronize_session": False},
    )
