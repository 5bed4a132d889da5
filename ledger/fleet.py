"""
Many chains at once: the chains of `ledgers.json`, each brought on by itself with bounded threads.

A round asks every chain that is not still busy from the round before, and waits no longer than
its limit: a chain that is slow, dead or false is reported and holds up none of the others. The
kinds of chains are handed in by namespace (CAIP-2), so this module knows none of them.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final

from ledger import store
from ledger.chain import Chain
from ledger.errors import LedgerError
from ledger.ledgers_file import LedgerEntry, load_ledgers
from ledger.reconciler import Reconciler, Report, State
from runtime.clock import Clock
from runtime.database import Database
from runtime.errors import DatabaseUnavailable

MAX_THREADS: Final = 16

Builder = Callable[[LedgerEntry], Chain]


@dataclass(slots=True)
class _Member:
    caip2: str
    reconciler: Reconciler
    running: Future[Report] | None = None
    last: Report | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """All chains after a round."""

    reports: tuple[Report, ...]

    @property
    def reachable(self) -> int:
        """Chains that answered as themselves."""
        troubled = (State.AWAY, State.FOREIGN, State.STOPPED)
        return sum(report.state not in troubled for report in self.reports)

    def holding(self, *, within: int) -> int:
        """Chains whose final head is at most so many epochs old."""
        troubled = (State.FOREIGN, State.STOPPED)
        return sum(
            report.final is not None and report.lag <= within and report.state not in troubled
            for report in self.reports
        )

    @property
    def alarms(self) -> tuple[Report, ...]:
        """What a person must look at."""
        return tuple(
            report
            for report in self.reports
            if report.alarm is not None or report.state in (State.FOREIGN, State.STOPPED)
        )


class Fleet:
    """The chains of one log. Close it, or use it as a context."""

    def __init__(
        self,
        database: Database,
        chains: Sequence[tuple[LedgerEntry, Chain]],
        *,
        patience: timedelta,
        clock: Clock,
        threads: int = MAX_THREADS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="chain")
        self._members = [
            _Member(
                chain.caip2,
                Reconciler(database, chain, max_fee=entry.max_fee, patience=patience, clock=clock),
            )
            for entry, chain in chains
        ]

    def round(self, *, seconds: float) -> Health:
        """One step of every chain; returns after `seconds` at the latest."""
        for member in self._members:
            if member.running is None:
                member.running = self._executor.submit(member.reconciler.step)
        wait([member.running for member in self._members if member.running], timeout=seconds)
        with self._database.reading() as session:
            epoch = store.published_epoch(session)
        size = epoch.size if epoch else 0
        return Health(tuple(self._collect(member, size) for member in self._members))

    def clear_alarm(self, caip2: str) -> bool:
        """A person looked at this chain; False when there is none of this name."""
        found = [member for member in self._members if member.caip2 == caip2]
        for member in found:
            member.reconciler.clear_alarm()
        return bool(found)

    def close(self) -> None:
        """Start nothing more; what runs ends by its own limits."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> "Fleet":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _collect(self, member: _Member, size: int) -> Report:
        if member.running is None or not member.running.done():
            return self._troubled(member, size, "slow")
        done, member.running = member.running, None
        try:
            member.last = done.result()
            return member.last
        except (LedgerError, DatabaseUnavailable) as error:
            return self._troubled(member, size, str(error))

    def _troubled(self, member: _Member, size: int, detail: str) -> Report:
        """What was last known, under the name of the trouble; the log has `size` leaves now."""
        last = member.last
        return Report(
            caip2=member.caip2,
            state=State.AWAY,
            at=self._clock(),
            lag=size - (last.final.head.size if last and last.final else 0),
            final=last.final if last else None,
            detail=detail,
            alarm=last.alarm if last else None,
        )


def open_fleet(
    path: Path,
    database: Database,
    *,
    builders: Mapping[str, Builder],
    patience: timedelta,
    clock: Clock,
) -> Fleet:
    """The fleet of a `ledgers.json`; `Malformed` when a word of it is wrong."""
    entries = load_ledgers(path, namespaces=builders.keys())
    return Fleet(database, build_chains(entries, builders), patience=patience, clock=clock)


def build_chains(
    entries: Sequence[LedgerEntry], builders: Mapping[str, Builder]
) -> list[tuple[LedgerEntry, Chain]]:
    """A driver for each entry, by the namespace of its name."""
    return [(entry, builders[entry.namespace](entry)) for entry in entries]
