"""
Measuring: operations per CPU-second of this thread, medians of interleaved runs.

Machines are noisy, so every figure is taken in turns with the limit and the peer that it is
compared with, and what counts is the ratio.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

RUNS = 7
SECONDS = 0.25

Operation = Callable[[], object]
Contender = Callable[[], float]


def rate(operation: Operation, *, seconds: float = SECONDS) -> float:
    """Operations per CPU-second."""
    operation()
    count, batch = 0, 8
    started = time.thread_time()
    while (spent := time.thread_time() - started) < seconds:
        for _ in range(batch):
            operation()
        count += batch
    return count / spent


def local(operation: Operation) -> Contender:
    """A contender that runs in this process."""
    return lambda: rate(operation)


def compete(contenders: Mapping[str, Contender], *, runs: int = RUNS) -> dict[str, float]:
    """The median rate of each, taken in turns."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(runs):
        for name, contender in contenders.items():
            found[name].append(contender())
    return {name: statistics.median(rates) for name, rates in found.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `peer` is None where none can run here."""

    name: str
    ours: float
    limit: float
    limit_name: str
    peer: float | None
    peer_name: str
    note: str = ""
    aim_of_limit: float | None = None
    aim_of_peer: float | None = None

    @property
    def of_limit(self) -> float:
        """The share of what is physically possible."""
        return self.ours / self.limit

    @property
    def of_peer(self) -> float | None:
        """How many times the peer."""
        return None if not self.peer else self.ours / self.peer

    @property
    def aim(self) -> str:
        """The aims of this line, and whether this run met them."""
        asked = [
            (self.aim_of_limit, self.of_limit, "of the limit"),
            (self.aim_of_peer, self.of_peer, "times the peer"),
        ]
        return ", ".join(
            f"{aim:.2f} {of}, {'met' if found is not None and found >= aim else 'missed'}"
            for aim, found, of in asked
            if aim is not None
        )


def show_table(rows: Sequence[Row]) -> str:
    """The rows for people."""
    lines = [
        f"{'operation':<40}{'ours /s':>10}{'limit /s':>10}{'share':>7}{'peer /s':>10}{'times':>7}"
    ]
    for row in rows:
        peer = f"{row.peer:10,.0f}" if row.peer else f"{'-':>10}"
        times = f"{row.of_peer:7.2f}" if row.of_peer else f"{'-':>7}"
        lines.append(
            f"{row.name:<40}{row.ours:10,.0f}{row.limit:10,.0f}{row.of_limit:7.2f}{peer}{times}"
        )
        lines.append(f"    limit: {row.limit_name}; peer: {row.peer_name}")
        if row.aim:
            lines.append(f"    aim: {row.aim}")
        if row.note:
            lines.append(f"    {row.note}")
    return "\n".join(lines)
