"""
Inspectors' phones: when each has signal, and which bundle it holds at a time.

A phone with signal asks for the bundle at the app's own interval, and once when signal returns.
Some inspectors work where there is none for days.
"""

import random
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from math import ceil, floor, inf
from typing import Final

from cityhall.simulation.city import DAY

GAPS_A_DAY: Final = 5.0
GAP_SECONDS: Final = (1200.0, 1.3)
"""Median and spread (of the logarithm) of a gap: twenty minutes, one in twenty over three hours."""
REMOTE_SHARE: Final = 0.03
REMOTE_GAP: Final = (1.5 * DAY, 0.5)
REMOTE_GAPS_A_DAY: Final = 0.4


@dataclass(frozen=True, slots=True)
class Phone:
    """`starts`, `ends`: its gaps, in order and apart. `phase`: of its interval."""

    starts: "array[float]"
    ends: "array[float]"
    phase: float
    interval: float

    def last_sync(self, time: float) -> float:
        """When it last got a bundle, at this time; -inf before its first."""
        place = bisect_right(self.starts, time) - 1
        if place >= 0 and time < self.ends[place]:
            time = self.starts[place]
            place -= 1
            if place >= 0 and time <= self.ends[place]:
                return self.ends[place]
        beat = self.phase + floor((time - self.phase) / self.interval) * self.interval
        back = self.ends[place] if place >= 0 else -inf
        return max(beat, back)

    def next_sync(self, time: float) -> float:
        """When it gets a bundle next, at this time or later."""
        place = bisect_right(self.starts, time) - 1
        if place >= 0 and time < self.ends[place]:
            return self.ends[place]
        beat = self.phase + ceil((time - self.phase) / self.interval) * self.interval
        following = place + 1
        if following < len(self.starts) and beat >= self.starts[following]:
            return self.ends[following]
        return beat


def make_phones(count: int, *, days: int, interval: float, seed: int) -> list[Phone]:
    """Phones with gaps drawn for the whole time, and a day before it."""
    draw = random.Random(f"phones {seed}")  # noqa: S311 - a simulation
    return [_make_phone(draw, days=days, interval=interval) for _ in range(count)]


def _make_phone(draw: random.Random, *, days: int, interval: float) -> Phone:
    is_remote = draw.random() < REMOTE_SHARE
    rate = (REMOTE_GAPS_A_DAY if is_remote else GAPS_A_DAY) / DAY
    median, spread = REMOTE_GAP if is_remote else GAP_SECONDS
    starts: array[float] = array("d")
    ends: array[float] = array("d")
    time = -DAY + draw.expovariate(rate)
    while time < days * DAY:
        length = median * draw.lognormvariate(0, spread)
        starts.append(time)
        ends.append(time + length)
        time += length + 1 + draw.expovariate(rate)
    return Phone(starts, ends, draw.uniform(0, interval), interval)
