"""
The log of checks: what was found, when and by whom. Nothing in it names a resident.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func, insert, select

from encoding.strict_json import build_json, parse_json
from runtime.database import Session
from verifier.store.rows import CHECKS
from verifier.store.statements import to_instant, to_seconds

_INSERT = insert(CHECKS)
"""Built once: the values go in as parameters, which spares most of a statement's cost."""


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """What is kept of a verdict. `log_id`: the phone's own name for it, when synced later."""

    checked_at: datetime
    purpose: str
    channel: str
    outcome: str
    reasons: tuple[str, ...]
    epoch: int | None
    checker: str
    log_id: str | None = None


def record_check(session: Session, record: CheckRecord, *, now: datetime) -> None:
    """Keep what was found."""
    session.connection().execute(_INSERT, _check_values(record, now=now))


def is_logged(session: Session, log_id: str) -> bool:
    """Whether a phone's entry was synced before."""
    row = session.execute(select(CHECKS.c.id).where(CHECKS.c.log_id == log_id)).first()
    return row is not None


def load_recent_checks(session: Session, *, checker: str, limit: int) -> tuple[CheckRecord, ...]:
    """The newest checks of one checker, newest first."""
    rows = session.execute(
        select(CHECKS).where(CHECKS.c.checker == checker).order_by(CHECKS.c.id.desc()).limit(limit)
    )
    return tuple(_read_check(row._mapping) for row in rows)


def count_checks(session: Session) -> int:
    """How many checks are on record."""
    return int(session.execute(select(func.count()).select_from(CHECKS)).scalar_one())


def _check_values(record: CheckRecord, *, now: datetime) -> dict[str, Any]:
    return {
        "checked_at": to_seconds(record.checked_at),
        "recorded_at": to_seconds(now),
        "purpose": record.purpose,
        "channel": record.channel,
        "outcome": record.outcome,
        "reasons": build_json(list(record.reasons)).decode(),
        "epoch": record.epoch,
        "checker": record.checker,
        "log_id": record.log_id,
    }


def _read_check(row: Mapping[Any, Any]) -> CheckRecord:
    return CheckRecord(
        checked_at=to_instant(row["checked_at"]),
        purpose=row["purpose"],
        channel=row["channel"],
        outcome=row["outcome"],
        reasons=tuple(cast("list[str]", parse_json(row["reasons"]))),
        epoch=row["epoch"],
        checker=row["checker"],
        log_id=row["log_id"],
    )
