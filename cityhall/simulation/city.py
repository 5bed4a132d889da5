"""
A city in discrete events: agencies that issue, suspend, restore and revoke, lists of statuses, and
a register that closes an epoch a minute, brought to the public by witnesses.

Every change of every card is an event of its own, and every card has its two bits in a list; no
resident is left out. What is drawn at random is drawn from one seed, in one order.
"""

import heapq
import math
import random
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from typing import Final

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
YEAR: Final = 365 * DAY
LIST_SIZE: Final = 1 << 20
PER_BYTE: Final = 4
VALID, REVOKED, SUSPENDED = 0, 1, 2
RENEWED_AFTER: Final = YEAR
REVOKED_A_YEAR: Final = 0.01
SUSPENDED_A_YEAR: Final = 0.005
SUSPENDED_FOR: Final = 5 * DAY
PUSH_SECONDS: Final = (0.05, 0.5)
"""From an officer's word until the register holds the lists: measured in tests/stories."""
COSIGN_SECONDS: Final = (0.1, 1.5)


@dataclass(frozen=True, slots=True)
class Size:
    """How large a city, how many inspectors, how long."""

    agencies: int
    residents: int
    cards_each: int
    phones: int
    days: int


LARGE: Final = Size(agencies=20, residents=5_000_000, cards_each=3, phones=2000, days=14)


@dataclass(frozen=True, slots=True)
class Revocation:
    """
    A card that fell. `told`: when the officer's change was acknowledged; the issuer's list showed
    it by then, and the register held it.
    """

    told: float
    agency: int


@dataclass(slots=True)
class Agency:
    """Its lists, two bits a card, and how many cards it has issued."""

    cards: int
    lists: list[bytearray]

    @classmethod
    def with_cards(cls, cards: int) -> "Agency":
        """As many lists as the cards and a year's renewals need."""
        needed = -(-2 * cards // LIST_SIZE)
        return cls(cards, [bytearray(LIST_SIZE // PER_BYTE) for _ in range(needed)])

    def set_status(self, card: int, status: int) -> int:
        """Put the bits; which list it was."""
        number, index = divmod(card, LIST_SIZE)
        shift = index % PER_BYTE * 2
        entries = self.lists[number]
        kept = entries[index // PER_BYTE] & ~(3 << shift) & 0xFF
        entries[index // PER_BYTE] = kept | status << shift
        return number

    def status(self, card: int) -> int:
        """The bits of a card."""
        number, index = divmod(card, LIST_SIZE)
        return self.lists[number][index // PER_BYTE] >> index % PER_BYTE * 2 & 3


class Act(Enum):
    """What an event does."""

    ISSUE = "issue"
    SUSPEND = "suspend"
    RESTORE = "restore"
    REVOKE = "revoke"


@dataclass(slots=True)
class History:
    """What happened: revocations in order, epochs with the changes in each, counts of acts."""

    revocations: list[Revocation] = field(default_factory=list)
    epochs: "array[float]" = field(default_factory=lambda: array("d"))
    cosigned_after: "array[float]" = field(default_factory=lambda: array("d"))
    changes: "array[int]" = field(default_factory=lambda: array("l"))
    changed_lists: "array[int]" = field(default_factory=lambda: array("l"))
    acts: dict[Act, int] = field(default_factory=lambda: dict.fromkeys(Act, 0))


def at_office(time: float) -> float:
    """The share of a busiest hour's work at this time of day: offices work by day."""
    hour = time % DAY / 3600
    return 0.04 + 0.96 * max(0.0, math.sin(math.pi * (hour - 7) / 11)) if 7 <= hour <= 18 else 0.04


class City:
    """Runs the events of one city and keeps its lists."""

    def __init__(self, size: Size, *, seed: int, epoch_seconds: float) -> None:
        self._random = random.Random(f"city {seed}")  # noqa: S311 - a simulation
        self._epoch_seconds = epoch_seconds
        self._end = size.days * DAY
        self._order = count()
        self._heap: list[tuple[float, int, Callable[[float], None]]] = []
        self.history = History()
        shares = [1 / (rank + 2) for rank in range(size.agencies)]
        cards = size.residents * size.cards_each
        self.agencies = [
            Agency.with_cards(max(1, round(cards * share / sum(shares)))) for share in shares
        ]
        self._pending: set[tuple[int, int]] = set()
        self._pending_changes = 0

    def run(self) -> History:
        """Every event until the end."""
        busy = sum(at_office(hour * 3600) for hour in range(24)) / 24
        for number, agency in enumerate(self.agencies):
            for act, share in (
                (Act.ISSUE, 1.0),
                (Act.REVOKE, REVOKED_A_YEAR),
                (Act.SUSPEND, SUSPENDED_A_YEAR),
            ):
                peak = agency.cards * share / RENEWED_AFTER / busy
                self._schedule_next(number, act, peak, after=0.0)
        self._at(self._epoch_seconds, self._close_epoch)
        while self._heap and self._heap[0][0] < self._end:
            time, _, happen = heapq.heappop(self._heap)
            happen(time)
        return self.history

    def _at(self, time: float, happen: Callable[[float], None]) -> None:
        heapq.heappush(self._heap, (time, next(self._order), happen))

    def _schedule_next(self, number: int, act: Act, peak: float, *, after: float) -> None:
        """The next event of a Poisson process whose rate follows the office hours (thinning)."""
        time = after + self._random.expovariate(peak)
        while self._random.random() > at_office(time) and time < self._end:
            time += self._random.expovariate(peak)

        def happen(now: float) -> None:
            self._do(number, act, now)
            self._schedule_next(number, act, peak, after=now)

        self._at(time, happen)

    def _do(self, number: int, act: Act, now: float) -> None:
        agency = self.agencies[number]
        if act is Act.ISSUE:
            agency.cards += 1
            self.history.acts[act] += 1
            return  # a new card is valid already: its bits do not change
        card = self._random.randrange(agency.cards)
        before = agency.status(card)
        if before == REVOKED or (act is Act.SUSPEND and before == SUSPENDED):
            return
        self._change(number, card, REVOKED if act is Act.REVOKE else SUSPENDED)
        self.history.acts[act] += 1
        if act is Act.REVOKE:
            told = now + self._random.uniform(*PUSH_SECONDS)
            self.history.revocations.append(Revocation(told, number))
        else:
            self._at(
                now + self._random.expovariate(1 / SUSPENDED_FOR),
                lambda _time: self._restore(number, card),
            )

    def _restore(self, number: int, card: int) -> None:
        if self.agencies[number].status(card) == SUSPENDED:
            self._change(number, card, VALID)
            self.history.acts[Act.RESTORE] += 1

    def _change(self, number: int, card: int, status: int) -> None:
        self._pending.add((number, self.agencies[number].set_status(card, status)))
        self._pending_changes += 1

    def _close_epoch(self, now: float) -> None:
        history = self.history
        history.epochs.append(now)
        history.cosigned_after.append(self._random.uniform(*COSIGN_SECONDS))
        history.changes.append(self._pending_changes)
        history.changed_lists.append(len(self._pending))
        self._pending.clear()
        self._pending_changes = 0
        self._at(now + self._epoch_seconds, self._close_epoch)


def count_statuses(agencies: Sequence[Agency], status: int) -> int:
    """How many entries of all lists say this."""
    return sum(
        sum(byte >> shift & 3 == status for shift in (0, 2, 4, 6)) * entries.count(byte)
        for agency in agencies
        for entries in agency.lists
        for byte in range(1, 256)
        if entries.count(byte)
    )
