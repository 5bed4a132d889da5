"""
One run: the city, its phones, every fault, and what came of it as figures.

Every revocation counts. Against each a fixed number of verifiers is drawn: of the pairs of some
thousands of revocations and of inspectors a sample is plenty.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cityhall.simulation.city import HOUR, REVOKED, City, History, Size, count_statuses
from cityhall.simulation.faults import Fault, build_faults
from cityhall.simulation.phones import Phone, make_phones
from cityhall.simulation.public_log import can_fork
from cityhall.simulation.rules import Rules, build_quorum, load_rules
from cityhall.simulation.windows import Mode, accepted_for, bound

VERIFIERS_EACH: Final = 100
BINS: Final = 144
OUTAGE: Final = "ledger outage, 6 h"


class TooSmall(Exception):
    """A city in which too little happens to say anything of it."""

    code = "too_small"


@dataclass(frozen=True, slots=True)
class Windows:
    """Seconds from a revocation to the last moment at which it was not known, in order."""

    fault: str
    mode: Mode
    seconds: tuple[float, ...]

    def quantile(self, share: float) -> float:
        """The window that this share of cases does not exceed."""
        return self.seconds[min(len(self.seconds) - 1, int(share * len(self.seconds)))]

    @property
    def longest(self) -> float:
        """The longest of all."""
        return self.seconds[-1]


@dataclass(frozen=True, slots=True)
class Answers:
    """The share of good cards that can be told good, over the hours from `begin`."""

    mode: Mode
    hours: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that is printed and drawn."""

    size: Size
    seed: int
    rules: Rules
    history: History
    revoked_in_lists: int
    lists: int
    windows: tuple[Windows, ...]
    outage: tuple[Answers, ...]
    alarms: tuple[float, ...]
    one_liar_forks: bool
    two_liars_fork: bool
    seconds: float

    def of(self, fault: str, mode: Mode) -> Windows:
        """The windows of one fault and mode."""
        return next(each for each in self.windows if (each.fault, each.mode) == (fault, mode))


def simulate(size: Size, *, seed: int) -> Results:
    """Run the city and every fault."""
    begun = time.process_time()
    rules = load_rules()
    city = City(size, seed=seed, epoch_seconds=rules.epoch.total_seconds())
    history = city.run()
    phones = make_phones(
        size.phones, days=size.days, interval=rules.phone_refresh.total_seconds(), seed=seed
    )
    faults = build_faults(history, rules, seed=seed)
    policy = build_quorum()
    return Results(
        size=size,
        seed=seed,
        rules=rules,
        history=history,
        revoked_in_lists=count_statuses(city.agencies, REVOKED),
        lists=sum(len(agency.lists) for agency in city.agencies),
        windows=tuple(
            _measure(history, fault, mode, phones, rules, seed=seed)
            for fault in faults
            for mode in Mode
        ),
        outage=_answers(next(each for each in faults if each.name == OUTAGE), phones, rules),
        alarms=tuple(sorted(alarm for fault in faults for alarm in fault.alarms)),
        one_liar_forks=can_fork(policy, dishonest=1),
        two_liars_fork=can_fork(policy, dishonest=2),
        seconds=time.process_time() - begun,
    )


def _measure(
    history: History,
    fault: Fault,
    mode: Mode,
    phones: Sequence[Phone],
    rules: Rules,
    *,
    seed: int,
) -> Windows:
    draw = random.Random(f"verifiers {seed} {fault.name}")  # noqa: S311 - a simulation
    count = min(VERIFIERS_EACH, len(phones))
    seconds = [
        accepted_for(change, mode, source=fault.source, phone=phone, rules=rules)
        for change in history.revocations
        if fault.concerns(change)
        for phone in draw.sample(phones, count)
    ]
    if not seconds:
        raise TooSmall(f"nothing was revoked in the time of {fault.name}")
    return Windows(fault.name, mode, tuple(sorted(seconds)))


def _answers(fault: Fault, phones: Sequence[Phone], rules: Rules) -> tuple[Answers, ...]:
    """From two hours before the fault until some hours after it."""
    log = fault.source.log
    first, last = fault.begin - 2 * HOUR, fault.end + 4 * HOUR
    instants = [first + (last - first) * number / BINS for number in range(BINS + 1)]
    hours = tuple((instant - fault.begin) / HOUR for instant in instants)
    found = []
    for mode in (Mode.ONLINE, Mode.STAPLE, Mode.PREFETCH):
        limit = bound(mode, rules)
        shares = tuple(
            sum(at - log.newest_time(phone.last_sync(at)) <= limit for phone in phones)
            / len(phones)
            if mode is Mode.PREFETCH
            else float(at - log.newest_time(at) <= limit)
            for at in instants
        )
        found.append(Answers(mode, hours, shares))
    return tuple(found)
