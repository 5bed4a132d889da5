"""
The log of a shift: checks that a phone made without signal, recorded when it is back.

An entry says when, for which purpose and what came out; nothing in it names a resident. The phone
names each entry, so sending a log twice records it once.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from credentials.verdict import Outcome, Reason
from encoding.strict_json import JsonValue
from runtime.failpoints import failpoint
from verifier.desk import Desk
from verifier.errors import VerifierError
from verifier.store.checks import CheckRecord, is_logged, record_check

MAX_LOG_BYTES = 64 << 10
MAX_ENTRIES = 100
MAX_AGE = timedelta(days=31)
_LOG_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")


class BadLog(VerifierError):
    """An entry of the log cannot be read; none was recorded."""

    code = "invalid_log"


def parse_log(body: dict[str, JsonValue], *, now: datetime) -> tuple[CheckRecord, ...]:
    """The entries of `{"checks": [...]}`."""
    items = body.get("checks")
    if not isinstance(items, list) or len(items) > MAX_ENTRIES:
        raise BadLog(f"checks is a list of up to {MAX_ENTRIES} entries")
    return tuple(_parse_entry(item, now=now) for item in items)


def record_log(desk: Desk, entries: Sequence[CheckRecord], *, checker: str) -> int:
    """Record what is new; how many entries that were."""
    recorded = 0
    with failpoint("verifier.record_log"), desk.database.writing() as session:
        for entry in entries:
            if entry.purpose not in desk.purposes.by_id:
                raise BadLog("an entry has an unknown purpose")
            log_id = f"{checker} {entry.log_id}"
            if is_logged(session, log_id):
                continue
            record_check(session, _owned(entry, checker, log_id), now=desk.clock())
            recorded += 1
    return recorded


def _owned(entry: CheckRecord, checker: str, log_id: str) -> CheckRecord:
    return CheckRecord(
        checked_at=entry.checked_at,
        purpose=entry.purpose,
        channel=entry.channel,
        outcome=entry.outcome,
        reasons=entry.reasons,
        epoch=entry.epoch,
        checker=checker,
        log_id=log_id,
    )


def _parse_entry(item: JsonValue, *, now: datetime) -> CheckRecord:
    if not isinstance(item, dict):
        raise BadLog("an entry is an object")
    log_id, purpose, reasons = item.get("id"), item.get("purpose"), item.get("reasons")
    if not isinstance(log_id, str) or not _LOG_ID.fullmatch(log_id):
        raise BadLog("an entry has an id of 16 to 64 characters")
    if not isinstance(purpose, str) or not isinstance(reasons, list):
        raise BadLog("an entry has a purpose and reasons")
    epoch = item.get("epoch")
    if epoch is not None and (isinstance(epoch, bool) or not isinstance(epoch, int)):
        raise BadLog("the epoch of an entry is a number")
    try:
        outcome = Outcome(str(item.get("outcome")))
        found = tuple(Reason(str(reason)).value for reason in reasons)
    except ValueError as error:
        raise BadLog("an entry has an unknown outcome or reason") from error
    if (outcome is Outcome.PASSED) != (not found):
        raise BadLog("the outcome and the reasons of an entry differ")
    return CheckRecord(
        checked_at=_parse_time(item.get("checked_at"), now=now),
        purpose=purpose,
        channel="offline",
        outcome=outcome.value,
        reasons=found,
        epoch=epoch,
        checker="",
        log_id=log_id,
    )


def _parse_time(value: JsonValue, *, now: datetime) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadLog("the time of an entry is in unix seconds")
    if not now - MAX_AGE <= _instant(value) <= now + timedelta(minutes=5):
        raise BadLog("the time of an entry is too far away")
    return _instant(value)


def _instant(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise BadLog("the time of an entry is too far away") from error
