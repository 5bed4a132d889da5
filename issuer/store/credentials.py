"""
Records of what was offered and issued, each under its agency.

Every function takes the agency and looks nowhere else: what belongs to another agency does not
exist (S-148).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from credentials.model import Status
from encoding.strict_json import JsonValue, canonical_json
from issuer.store.rows import CredentialRow
from issuer.store.statements import (
    build_seconds,
    count_changed,
    parse_optional_seconds,
    parse_seconds,
)
from issuer.tickets import derive_ticket


class RecordState(StrEnum):
    """Whether a wallet has it."""

    OFFERED = "offered"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """One credential with all its copies; `label` is what officers recognise it by."""

    id: str
    agency: str
    type: str
    format: str
    label: str
    state: RecordState
    status: Status
    reason: str | None
    claims_digest: str
    copies: int
    offered_at: datetime
    issued_at: datetime | None
    valid_until: datetime | None
    notification_event: str | None
    request_body_digest: str | None


def digest_claims(credential: str, claims: Mapping[str, JsonValue]) -> str:
    """What was approved, bound to its record by the record's random id (S-104)."""
    return derive_ticket(canonical_json(dict(claims)).decode(), purpose=credential)


def add_credential(
    session: Session,
    *,
    record: CredentialRecord,
    request_digest: str | None,
) -> None:
    """Keep a new record; `request_digest` names the request that asked for it, once only."""
    session.execute(
        insert(CredentialRow).values(
            id=record.id,
            agency=record.agency,
            type=record.type,
            format=record.format,
            label=record.label,
            state=record.state.value,
            status=record.status.value,
            claims_digest=record.claims_digest,
            copies=0,
            offered_at=build_seconds(record.offered_at),
            request_digest=request_digest,
            request_body_digest=record.request_body_digest,
        )
    )


def load_credential(session: Session, agency: str, credential: str) -> CredentialRecord | None:
    """The record if it is this agency's, else None."""
    statement = select(CredentialRow).where(
        col(CredentialRow.id) == credential, col(CredentialRow.agency) == agency
    )
    row = session.scalars(statement).one_or_none()
    return None if row is None else _parse_record(row)


def load_credential_by_request(
    session: Session, agency: str, request_digest: str
) -> CredentialRecord | None:
    """The record that an earlier request with the same Idempotency-Key made."""
    statement = select(CredentialRow).where(
        col(CredentialRow.request_digest) == request_digest, col(CredentialRow.agency) == agency
    )
    row = session.scalars(statement).one_or_none()
    return None if row is None else _parse_record(row)


def load_credentials(
    session: Session,
    agency: str,
    *,
    type_name: str | None,
    status: Status | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> tuple[CredentialRecord, ...]:
    """A page of records, newest first; `before` is where the last page ended."""
    statement = select(CredentialRow).where(col(CredentialRow.agency) == agency)
    if type_name is not None:
        statement = statement.where(col(CredentialRow.type) == type_name)
    if status is not None:
        statement = statement.where(col(CredentialRow.status) == status.value)
    if before is not None:
        offered_at, last = build_seconds(before[0]), before[1]
        is_earlier = col(CredentialRow.offered_at) < offered_at
        is_same_second = (col(CredentialRow.offered_at) == offered_at) & (
            col(CredentialRow.id) < last
        )
        statement = statement.where(is_earlier | is_same_second)
    newest_first = statement.order_by(
        col(CredentialRow.offered_at).desc(), col(CredentialRow.id).desc()
    )
    return tuple(_parse_record(row) for row in session.scalars(newest_first.limit(limit)))


def record_issued(
    session: Session,
    credential: str,
    *,
    copies: int,
    issued_at: datetime,
    valid_until: datetime,
    notification_digest: str,
) -> None:
    """Offered -> issued."""
    session.execute(
        update(CredentialRow)
        .where(col(CredentialRow.id) == credential)
        .values(
            state=RecordState.ISSUED.value,
            copies=copies,
            issued_at=build_seconds(issued_at),
            valid_until=build_seconds(valid_until),
            notification_digest=notification_digest,
        ),
        execution_options={"synchronize_session": False},
    )


def record_status(session: Session, agency: str, credential: str, *, to: Status, why: str) -> bool:
    """
    Valid <-> suspended, either -> revoked. Revoked is terminal: False when it already is, or when
    the credential is not this agency's. What was only offered is withdrawn when it is revoked.
    """
    statement = (
        update(CredentialRow)
        .where(
            col(CredentialRow.id) == credential,
            col(CredentialRow.agency) == agency,
            col(CredentialRow.status) != Status.REVOKED.value,
        )
        .values(status=to.value, reason=why)
    )
    return count_changed(session, statement) == 1


def record_withdrawn(session: Session, credential: str) -> None:
    """Offered -> withdrawn; an issued one stays issued."""
    session.execute(
        update(CredentialRow)
        .where(
            col(CredentialRow.id) == credential,
            col(CredentialRow.state) == RecordState.OFFERED.value,
        )
        .values(state=RecordState.WITHDRAWN.value),
        execution_options={"synchronize_session": False},
    )


def record_notification(session: Session, credential: str, digest: str, *, event: str) -> bool:
    """Keep the newest event; False when this credential was not handed over with this id."""
    statement = (
        update(CredentialRow)
        .where(
            col(CredentialRow.notification_digest) == digest, col(CredentialRow.id) == credential
        )
        .values(notification_event=event)
    )
    return count_changed(session, statement) == 1


def _parse_record(row: CredentialRow) -> CredentialRecord:
    return CredentialRecord(
        id=row.id,
        agency=row.agency,
        type=row.type,
        format=row.format,
        label=row.label,
        state=RecordState(row.state),
        status=Status(row.status),
        reason=row.reason,
        claims_digest=row.claims_digest,
        copies=row.copies,
        offered_at=parse_seconds(row.offered_at),
        issued_at=parse_optional_seconds(row.issued_at),
        valid_until=parse_optional_seconds(row.valid_until),
        notification_event=row.notification_event,
        request_body_digest=row.request_body_digest,
    )
