"""
Claim what was shown and record what was found, in one transaction.

A code is used up exactly when its check is on record. Who comes second with the same code, in
whatever process, is judged again as replayed. Nothing that is kept names a resident.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from credentials.verdict import Reason, Verdict
from runtime.database import Session
from runtime.failpoints import failpoint
from verifier.desk import Desk
from verifier.store.checks import CheckRecord, record_check

REPLAY_MEMORY = timedelta(hours=24)
"""How long a shown code stays known as used; beyond the freshness window it is stale anyway."""
REPLAY_SCOPE = "verifier.replay"
NOT_THE_HOLDERS = frozenset({Reason.MALFORMED, Reason.BAD_SIGNATURE, Reason.HOLDER_NOT_BOUND})


@dataclass(frozen=True, slots=True)
class Occasion:
    """For which purpose, by which way and by whom something is checked."""

    purpose: str
    channel: str
    checker: str


def build_record(verdict: Verdict, occasion: Occasion) -> CheckRecord:
    """What is kept of a verdict: no claims, no keys, no texts."""
    return CheckRecord(
        checked_at=verdict.checked_at,
        purpose=occasion.purpose,
        channel=occasion.channel,
        outcome=verdict.outcome.value,
        reasons=tuple(reason.value for reason in verdict.reasons),
        epoch=verdict.epoch,
        checker=occasion.checker,
    )


def claim_and_record(
    desk: Desk,
    verdict: Verdict,
    occasion: Occasion,
    *,
    replay_key: str | None,
    judge_replayed: Callable[[], Verdict],
) -> Verdict:
    """The verdict that counts: the given one for the first, `judge_replayed()` for the others."""
    used = replay_key if is_shown_by_holder(verdict) else None
    record = build_record(verdict, occasion)

    def claim_for_the_first(session: Session) -> bool:
        now = desk.clock()
        is_first = used is None or desk.once.claim(
            REPLAY_SCOPE, used, until=now + REPLAY_MEMORY, session=session
        )
        if is_first:
            record_check(session, record, now=now)
        return is_first

    with failpoint("verifier.record"):
        is_first = desk.database.write_together(claim_for_the_first)
    if is_first:
        return verdict
    replayed = judge_replayed()
    again = build_record(replayed, occasion)
    desk.database.write_together(lambda session: record_check(session, again, now=desk.clock()))
    return replayed


def is_shown_by_holder(verdict: Verdict) -> bool:
    """Only a proof that its holder made is claimed: a forgery must not use up a real code."""
    return not any(check.reason in NOT_THE_HOLDERS for check in verdict.checks)
