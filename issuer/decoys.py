"""
Which unused indices flip with a publication, so that the list does not say how many changes were
real (decision "Decoys", ledger design).

Of each kind of change a version shows a multiple of `BATCH`, and at least one batch: real ones are
topped up with decoys. Whoever compares two versions learns the number of batches and nothing
below. The kinds are kept apart, since a suspension and a revocation look different. Pure: chance
is handed in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from credentials.model import Status
from credentials.status import StatusArray

BATCH: Final = 20
"""As many as a credential has copies at most (`office.BATCH_SIZE`): they change together."""
KINDS: Final = (
    (Status.VALID, Status.REVOKED, 1),
    (Status.SUSPENDED, Status.REVOKED, 1),
    (Status.SUSPENDED, Status.VALID, 1),
    # As many as leave this state, so that there are always enough to leave it.
    (Status.VALID, Status.SUSPENDED, 2),
)
CANDIDATES: Final = 256
"""Drawn for one version; a quarter of a list is free, and no version needs more than 60 of them."""
SHARE: Final = 4
"""At most one index in so many is a decoy: half of a list is never given away."""


@dataclass(slots=True)
class _Pool:
    """The decoys of a list by the status that they show, and the indices that may become some."""

    held: Mapping[int, Status]
    fresh: list[int]
    draw: Callable[[int], int]
    moves: dict[int, Status] = field(default_factory=dict)

    def take(self, status: Status, count: int) -> list[int]:
        """Decoys of this status that did not move yet, fresh ones if there are too few."""
        found = [
            index
            for index, shown in self.held.items()
            if shown is status and index not in self.moves
        ]
        chosen = [found.pop(self.draw(len(found))) for _ in range(min(count, len(found)))]
        if status is Status.VALID:
            chosen += [self.fresh.pop() for _ in range(min(count - len(chosen), len(self.fresh)))]
        return chosen


def plan_moves(
    *,
    before: StatusArray,
    now: StatusArray,
    decoys: Mapping[int, Status],
    fresh: Sequence[int],
    draw: Callable[[int], int],
) -> dict[int, Status]:
    """
    The decoys that change and their new status. `before`: as published last; `now`: with the real
    changes and the decoys as they stood; `fresh`: indices of nobody, in an order of chance;
    `draw(n)` gives a number below n.
    """
    room = max(0, now.size // SHARE - len(decoys))
    pool = _Pool(decoys, list(fresh[:room]), draw)
    for origin, target, weight in KINDS:
        batch = BATCH * weight
        real = count_changes(before, now, origin=origin, target=target)
        total = max(1, -(-real // batch)) * batch
        pool.moves |= dict.fromkeys(pool.take(origin, total - real), target)
    return pool.moves


def count_changes(
    before: StatusArray, after: StatusArray, *, origin: Status, target: Status
) -> int:
    """How many entries went from one status to another between two versions."""
    return (_bits(before, origin) & _bits(after, target)).bit_count()


def _bits(array: StatusArray, status: Status) -> int:
    return int.from_bytes(array.bitstring(status), "big")
