"""
The receipts of status changes: every one that was signed, by the SHA-256 of its text.

A receipt is kept as long as its record: it is the officer's evidence, and the register's until the
promise is kept there.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from issuer.store.rows import ReceiptRow
from issuer.store.statements import build_seconds, parse_seconds


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """The exact text that was signed, and which record it is about."""

    digest: str
    agency: str
    credential: str
    text: str
    issued_at: datetime


def digest_receipt(text: str) -> str:
    """How a receipt is called."""
    return hashlib.sha256(text.encode()).hexdigest()


def record_receipt(
    session: Session, *, agency: str, credential: str, text: str, issued_at: datetime
) -> None:
    """Keep a receipt before anybody sees it."""
    session.execute(
        insert(ReceiptRow).values(
            digest=digest_receipt(text),
            agency=agency,
            credential=credential,
            text=text,
            issued_at=build_seconds(issued_at),
            is_handed=False,
        )
    )


def load_receipts(
    session: Session, *, agency: str, credential: str | None, since: datetime, limit: int
) -> tuple[KeptReceipt, ...]:
    """The agency's receipts issued at or after `since`, oldest first; of one record, or of all."""
    statement = select(ReceiptRow).where(
        col(ReceiptRow.agency) == agency, col(ReceiptRow.issued_at) >= build_seconds(since)
    )
    if credential is not None:
        statement = statement.where(col(ReceiptRow.credential) == credential)
    ordered = statement.order_by(col(ReceiptRow.issued_at), col(ReceiptRow.digest)).limit(limit)
    return tuple(_parse(row) for row in session.scalars(ordered))


def load_newest_receipt(session: Session, *, agency: str, credential: str) -> KeptReceipt | None:
    """The last receipt of a record."""
    statement = (
        select(ReceiptRow)
        .where(col(ReceiptRow.agency) == agency, col(ReceiptRow.credential) == credential)
        .order_by(col(ReceiptRow.issued_at).desc(), col(ReceiptRow.digest))
        .limit(1)
    )
    row = session.scalars(statement).one_or_none()
    return None if row is None else _parse(row)


def load_unhanded(session: Session, *, limit: int) -> tuple[KeptReceipt, ...]:
    """Receipts that the register does not keep yet, oldest first."""
    statement = select(ReceiptRow).where(~col(ReceiptRow.is_handed))
    ordered = statement.order_by(col(ReceiptRow.issued_at)).limit(limit)
    return tuple(_parse(row) for row in session.scalars(ordered))


def record_handed(session: Session, digest: str) -> None:
    """The register keeps this one."""
    session.execute(
        update(ReceiptRow).where(col(ReceiptRow.digest) == digest).values(is_handed=True),
        execution_options={"synchronize_session": False},
    )


def _parse(row: ReceiptRow) -> KeptReceipt:
    return KeptReceipt(
        row.digest, row.agency, row.credential, row.text, parse_seconds(row.issued_at)
    )
