"""
Until when a verifier takes a revoked card for good, in each way of asking.

The rules are those of `credentials.status_judgement`: bad news from any authentic copy counts at
once; *valid* counts only from an epoch that is not older than the policy allows. From them the last
moment at which a verifier accepts follows without trying every second:

- online    the issuer's own list, asked again after `newest_copy`; the register's beside it
- prefetch  the bundle of the last time with signal, until `offline_age`
- staple    what the holder shows: an honest one fetches the newest, a dishonest one keeps the last
            that is good, until `staple_age`

Clocks are taken to be right: one that is slow adds its error to every limit of age.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from math import inf

from cityhall.simulation.city import Revocation
from cityhall.simulation.phones import Phone
from cityhall.simulation.public_log import PublicLog
from cityhall.simulation.rules import Rules


class Mode(Enum):
    """How a verifier learns a status."""

    ONLINE = "online"
    STAPLE = "staple, newest"
    KEPT_STAPLE = "staple, kept"
    PREFETCH = "prefetch"


@dataclass(frozen=True, slots=True)
class Source:
    """
    What one verifier can see. `issuer_hidden_until`: until when the agency's own list shows the
    old status or cannot be reached; 0 where it can.
    """

    log: PublicLog
    issuer_hidden_until: Callable[[Revocation], float] = lambda _change: 0.0


def bound(mode: Mode, rules: Rules) -> float:
    """For how many seconds a verifier may accept after the change, if nobody lies to it."""
    limits = {
        Mode.ONLINE: rules.online_age,
        Mode.STAPLE: rules.staple_age,
        Mode.KEPT_STAPLE: rules.staple_age,
        Mode.PREFETCH: rules.offline_age,
    }
    return limits[mode].total_seconds()


def accepted_for(
    change: Revocation, mode: Mode, *, source: Source, phone: Phone, rules: Rules
) -> float:
    """For how many seconds after the officer was told this verifier still accepts the card."""
    end = {
        Mode.ONLINE: _online_until,
        Mode.STAPLE: _staple_until,
        Mode.KEPT_STAPLE: _kept_staple_until,
        Mode.PREFETCH: _prefetch_until,
    }[mode](change, source, phone, rules)
    return max(0.0, end - change.told)


def _online_until(change: Revocation, source: Source, phone: Phone, rules: Rules) -> float:
    """The issuer's list, at most `newest_copy` old; else the snapshot that a counter refreshes."""
    share = phone.phase / phone.interval
    asked_again = share * rules.newest_copy.total_seconds()
    seen = max(change.told, source.issuer_hidden_until(change)) + asked_again
    every = rules.counter_refresh.total_seconds()
    return min(seen, _snapshot_until(change, source.log, share * every, every, rules))


def _snapshot_until(
    change: Revocation, log: PublicLog, phase: float, every: float, rules: Rules
) -> float:
    shown = log.shown_from(change)
    steps = -((phase - shown) // every)
    seen = phase + steps * every
    # A counter whose snapshot grew too old asks at once; what is not there stays too old.
    held = log.newest_time(seen - every)
    return min(seen, held + rules.online_age.total_seconds())


def _staple_until(change: Revocation, source: Source, _phone: Phone, rules: Rules) -> float:
    """The newest staple says *valid* until an epoch with the change is served."""
    return min(source.log.shown_from(change), _kept_staple_until(change, source, _phone, rules))


def _kept_staple_until(change: Revocation, source: Source, _phone: Phone, rules: Rules) -> float:
    """The last good staple is of the epoch before the first with the change."""
    last_good = _last_time_before(source.log, source.log.shown_from(change))
    return last_good + rules.staple_age.total_seconds()


def _prefetch_until(change: Revocation, source: Source, phone: Phone, rules: Rules) -> float:
    """The first bundle with the change ends it; before, the bundle that is held grows too old."""
    shown = source.log.shown_from(change)
    seen = phone.next_sync(shown)
    held = phone.last_sync(shown - 1e-6)
    if held == -inf:
        return change.told  # no bundle yet: this phone accepts nothing
    until = source.log.newest_time(held) + rules.offline_age.total_seconds()
    until = min(until, held + rules.bundle_life.total_seconds())
    return min(seen, until)


def _last_time_before(log: PublicLog, shown: float) -> float:
    """The time of the newest epoch that is served before another one."""
    return log.newest_time(shown - 1e-6)
