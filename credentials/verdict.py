"""
What a judgement says: outcomes, the closed list of reasons, checks and the verdict.

Screens, metrics, vectors and JavaScript share these words; `docs/reasons.md` maps each finer
detail to its Reason. Architecture section 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache

from encoding.strict_json import JsonValue


class Outcome(StrEnum):
    """Passed, failed, or could not be told."""

    PASSED = "passed"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"


class Reason(StrEnum):
    """Why a check did not pass. The list is closed."""

    MALFORMED = "malformed"
    BAD_SIGNATURE = "bad_signature"
    ISSUER_NOT_TRUSTED = "issuer_not_trusted"
    ISSUER_NOT_AUTHORISED_FOR_TYPE = "issuer_not_authorised_for_type"
    KEY_COMPROMISED = "key_compromised"
    WRONG_AUDIENCE = "wrong_audience"
    WRONG_NONCE = "wrong_nonce"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    HOLDER_NOT_BOUND = "holder_not_bound"
    STALE_CODE = "stale_code"
    REPLAYED = "replayed"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    STATUS_UNKNOWN = "status_unknown"
    STATUS_STALE = "status_stale"
    STATUS_NOT_ANCHORED = "status_not_anchored"
    ROLLBACK = "rollback"
    FORK = "fork"
    OVERDUE = "overdue"
    TYPE_NOT_ACCEPTED = "type_not_accepted"
    CLAIM_MISSING = "claim_missing"
    JOIN_FAILED = "join_failed"


@dataclass(frozen=True, slots=True)
class Check:
    """
    One numbered check. `credential` names the credential it is about (a query id such as
    `taxi_permit`, or the type of a link), so that a screen can say which one failed.
    """

    name: str
    outcome: Outcome
    reason: Reason | None = None
    detail: str | None = None
    credential: str | None = None


@lru_cache(maxsize=1024)
def passed(name: str, *, credential: str | None = None, detail: str | None = None) -> Check:
    """A check that passed. Remembered: most checks do, and a check never changes."""
    return Check(name=name, outcome=Outcome.PASSED, credential=credential, detail=detail)


def failed(
    name: str, reason: Reason, *, detail: str | None = None, credential: str | None = None
) -> Check:
    """A check that did not pass and will not."""
    return Check(name, Outcome.FAILED, reason=reason, detail=detail, credential=credential)


def undecided(
    name: str, reason: Reason, *, detail: str | None = None, credential: str | None = None
) -> Check:
    """A check that could not be told from this material."""
    return Check(name, Outcome.INDETERMINATE, reason=reason, detail=detail, credential=credential)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, check by check. `claims` maps credential id to its disclosed claims."""

    checks: Sequence[Check]
    checked_at: datetime
    purpose: str | None = None
    status_as_of: datetime | None = None
    epoch: int | None = None
    claims: Mapping[str, Mapping[str, JsonValue]] | None = field(default=None)

    def __reduce__(self) -> "tuple[type[Verdict], tuple[object, ...]]":
        """As it is made: thousands of verdicts come from other processes."""
        return Verdict, (
            self.checks,
            self.checked_at,
            self.purpose,
            self.status_as_of,
            self.epoch,
            self.claims,
        )

    @property
    def outcome(self) -> Outcome:
        """The worst of the checks. No checks at all is a failure."""
        seen = {check.outcome for check in self.checks}
        if Outcome.FAILED in seen or not seen:
            return Outcome.FAILED
        if Outcome.INDETERMINATE in seen:
            return Outcome.INDETERMINATE
        return Outcome.PASSED

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every reason once, those of failed checks before those of indeterminate ones."""
        ordered = [
            check.reason
            for outcome in (Outcome.FAILED, Outcome.INDETERMINATE)
            for check in self.checks
            if check.outcome is outcome and check.reason is not None
        ]
        return tuple(dict.fromkeys(ordered))


def build_verdict_json(verdict: Verdict) -> dict[str, JsonValue]:
    """The wire shape of interfaces.md "A Verdict"; absent members of a check are left out."""
    return {
        "outcome": verdict.outcome.value,
        "purpose": verdict.purpose,
        "checked_at": format_instant(verdict.checked_at),
        "status_as_of": format_instant(verdict.status_as_of) if verdict.status_as_of else None,
        "epoch": verdict.epoch,
        "reasons": [reason.value for reason in verdict.reasons],
        "checks": [_build_check_json(check) for check in verdict.checks],
        "claims": {name: dict(claims) for name, claims in verdict.claims.items()}
        if verdict.claims is not None
        else None,
    }


def format_instant(instant: datetime) -> str:
    """RFC 3339 in UTC with whole seconds, as `2026-11-22T09:00:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _build_check_json(check: Check) -> dict[str, JsonValue]:
    particulars = {
        "reason": check.reason.value if check.reason else None,
        "detail": check.detail,
        "credential": check.credential,
    }
    return {
        "name": check.name,
        "outcome": check.outcome.value,
        **{name: value for name, value in particulars.items() if value is not None},
    }
