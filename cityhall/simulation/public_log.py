"""
What the log shows and when: which epochs a verifier can have at a time, and which of them hold a
change. A fault is a log that shows less than it should.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import inf

from cityhall.simulation.city import History, Revocation
from ledger.note import QuorumPolicy, VerifierKey


@dataclass(frozen=True, slots=True)
class PublicLog:
    """
    `times` and `publics`: of each epoch that reaches a quorum, when it was closed and when it was
    served. `withheld_until`: for a change, the time before which no epoch of this log holds it.
    """

    times: "array[float]"
    publics: "array[float]"
    withheld_until: Callable[[Revocation], float]

    def newest_time(self, at: float) -> float:
        """The time of the newest epoch that is served; -inf before the first."""
        place = bisect_right(self.publics, at) - 1
        return self.times[place] if place >= 0 else -inf

    def shown_from(self, change: Revocation) -> float:
        """When the first epoch with the change is served."""
        begin = max(change.told, self.withheld_until(change))
        place = bisect_left(self.times, begin)
        if place == len(self.publics):
            raise ValueError("the history ends before the change is shown")
        return self.publics[place]


def show_all(
    history: History,
    *,
    is_closed: Callable[[float], bool] = lambda _time: True,
    withheld_until: Callable[[Revocation], float] = lambda _change: 0.0,
) -> PublicLog:
    """The log of this history without the epochs that were not closed or had no quorum."""
    times: array[float] = array("d")
    publics: array[float] = array("d")
    for time, wait in zip(history.epochs, history.cosigned_after, strict=True):
        if is_closed(time):
            times.append(time)
            publics.append(time + wait)
    return PublicLog(times, publics, withheld_until)


@dataclass(frozen=True, slots=True)
class Split:
    """Two histories and who cosigned which."""

    left: frozenset[VerifierKey]
    right: frozenset[VerifierKey]


def every_split(policy: QuorumPolicy, *, dishonest: int) -> list[Split]:
    """
    All ways to show two histories: an honest witness cosigns one of them or neither, a dishonest
    one both.
    """
    liars = frozenset(policy.witnesses[:dishonest])
    splits = []
    for sides in product((0, 1, 2), repeat=len(policy.witnesses) - dishonest):
        honest = tuple(zip(policy.witnesses[dishonest:], sides, strict=True))
        left, right = (
            liars | frozenset(key for key, side in honest if side == wanted) for wanted in (1, 2)
        )
        splits.append(Split(left, right))
    return splits


def can_fork(policy: QuorumPolicy, *, dishonest: int) -> bool:
    """Whether any split gives both histories a quorum."""
    return any(
        policy.is_met(split.left) and policy.is_met(split.right)
        for split in every_split(policy, dishonest=dishonest)
    )
