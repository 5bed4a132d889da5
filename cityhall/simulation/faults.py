"""
What goes wrong, and what the victims see: each fault is a log and a source that show too little.

1. none               the city as it should be
2. issuer away        an agency's own list cannot be reached; the register can
3. ledger outage      no epoch is closed
4. witness refuses    one dishonest witness signs nothing, and honest ones are restarted in turn
5. equivocation       the log shows victims another history; one witness of four cosigns both
6. two liars          the same with two dishonest witnesses: more than four can bear
7. withheld update    an agency keeps its revocations to itself; receipts say by when they must show
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cityhall.simulation.city import DAY, HOUR, History, Revocation
from cityhall.simulation.public_log import Split, every_split, show_all
from cityhall.simulation.rules import Rules, build_quorum
from cityhall.simulation.windows import Source
from credentials.model import Status
from credentials.receipt import Receipt
from ledger.note import QuorumPolicy

RESTARTS_A_DAY: Final = 2
RESTART_SECONDS: Final = (120.0, 1800.0)
REACTION: Final = 0.5 * HOUR
"""Assumed: from the monitor's alarm until the operator has the agency's list corrected."""
LIAR_OF_WITHHELD: Final = 0
"""The agency that keeps its revocations to itself: the largest."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault between two times; `source` is what its victims see. `alarm`: until it is known."""

    name: str
    begin: float
    end: float
    source: Source
    concerns: Callable[[Revocation], bool]
    alarms: tuple[float, ...] = ()


def build_faults(history: History, rules: Rules, *, seed: int) -> list[Fault]:
    """Every fault, on a Wednesday of its own history."""
    day = 2 * DAY
    morning = day + 9 * HOUR
    return [
        _none(history),
        _issuer_away(history, morning, morning + 6 * HOUR),
        _outage(history, morning, morning + 6 * HOUR),
        _witness_refuses(history, day, day + 7 * DAY, seed=seed),
        _equivocation(history, morning, morning + 36 * HOUR, dishonest=1),
        _equivocation(history, morning, morning + 36 * HOUR, dishonest=2),
        _withheld(history, rules, day, day + 2 * DAY),
    ]


def _within(begin: float, end: float) -> Callable[[Revocation], bool]:
    return lambda change: begin <= change.told < end


def _none(history: History) -> Fault:
    begin, end = DAY, history.epochs[-1] - 2 * DAY
    return Fault("no fault", begin, end, Source(show_all(history)), _within(begin, end))


def _issuer_away(history: History, begin: float, end: float) -> Fault:
    source = Source(show_all(history), issuer_hidden_until=lambda _change: end)
    return Fault("agency's list unreachable", begin, end, source, _within(begin, end))


def _outage(history: History, begin: float, end: float) -> Fault:
    log = show_all(history, is_closed=lambda time: not begin <= time < end)
    return Fault("ledger outage, 6 h", begin, end, Source(log), _within(begin, end))


def _witness_refuses(history: History, begin: float, end: float, *, seed: int) -> Fault:
    """Three of four must sign and one is silent: a restart of an honest one stops the epochs."""
    policy, draw = build_quorum(), random.Random(f"witnesses {seed}")  # noqa: S311 - a simulation
    down = [
        (key, start, start + draw.uniform(*RESTART_SECONDS))
        for key in policy.witnesses[1:]
        for day in range(int((end - begin) / DAY) * RESTARTS_A_DAY)
        for start in [begin + (day + draw.random()) * DAY / RESTARTS_A_DAY]
    ]

    def has_quorum(time: float) -> bool:
        silent = {key for key, start, stop in down if start <= time < stop}
        if begin <= time < end:
            silent.add(policy.witnesses[0])
        return policy.is_met(frozenset(policy.witnesses) - silent)

    log = show_all(history, is_closed=has_quorum)
    return Fault("one witness refuses", begin, end, Source(log), _within(begin, end))


def best_split(policy: QuorumPolicy, *, dishonest: int) -> Split:
    """What serves an attacker best: the public side goes on, and the victims' if it can."""
    return max(
        every_split(policy, dishonest=dishonest),
        key=lambda split: (policy.is_met(split.left), policy.is_met(split.right)),
    )


def _equivocation(history: History, begin: float, end: float, *, dishonest: int) -> Fault:
    """Victims are cut off from the public side until `end`; then they see it, and the fork."""
    policy = build_quorum()
    split = best_split(policy, dishonest=dishonest)
    if policy.is_met(split.right):
        log = show_all(
            history, withheld_until=lambda change: end if begin <= change.told < end else 0.0
        )
    else:
        log = show_all(history, is_closed=lambda time: not begin <= time < end)
    name = "forked log, 1 liar of 4" if dishonest == 1 else "forked log, 2 liars of 4"
    return Fault(name, begin, end, Source(log), _within(begin, end))


def _withheld(history: History, rules: Rules, begin: float, end: float) -> Fault:
    """The receipt is due; the monitor sees at the next epoch that it is not kept."""
    log = show_all(history)
    alarms: dict[Revocation, float] = {}

    def concerns(change: Revocation) -> bool:
        return change.agency == LIAR_OF_WITHHELD and begin <= change.told < end

    def shown_from(change: Revocation) -> float:
        if not concerns(change):
            return 0.0
        return alarms[change] + REACTION

    for change in filter(concerns, history.revocations):
        receipt = build_receipt(change, rules)
        alarms[change] = next(
            public
            for number, (time, public) in enumerate(zip(log.times, log.publics, strict=True), 1)
            if time >= change.told and receipt.is_due(epoch=number, at=_instant(time))
        )
    source = Source(show_all(history, withheld_until=shown_from), shown_from)
    waits = tuple(alarm - change.told for change, alarm in alarms.items())
    return Fault("agency withholds, receipt held", begin, end, source, concerns, waits)


def build_receipt(change: Revocation, rules: Rules) -> Receipt:
    """What the officer was handed; the register never got the lists, so there is no epoch in it."""
    told = _instant(change.told)
    return Receipt(
        issuer=f"agency {change.agency}",
        issued_at=told,
        status=Status.REVOKED,
        entries=(),
        due_at=told + rules.due_epochs * rules.epoch,
        due_epoch=None,
    )


def _instant(seconds: float) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
