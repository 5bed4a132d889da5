"""
How the log stands now, read for people and for gauges: epochs, quorum, chains, promises.

It is what this register says of itself. A monitor reads the public log and believes none of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from ledger import chain_store, store
from ledger.chain_store import ChainRow
from ledger.errors import LedgerError
from ledger.note import QuorumPolicy, verify_checkpoint
from ledger.reconciler import Report, State
from ledger.store import Epoch
from register.errors import RegisterError
from register.hall import Hall
from register.promise_store import PromiseState
from runtime.database import Session

LATE_EPOCHS = 3
"""So many epoch lengths without a new epoch are late: one that runs, one that closes, one spare."""
SHOWN_EPOCHS = 8


class Mood(StrEnum):
    """The whole in one word."""

    WELL = "well"
    STARTING = "starting"
    LATE = "late"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class WitnessStanding:
    """A witness of the policy. `seen_at`: when it cosigned the published epoch, if it did."""

    name: str
    seen_at: datetime | None
    is_same_operator: bool


@dataclass(frozen=True, slots=True)
class ChainStanding:
    """A chain. `lag` counts epochs between the public head and the final one there."""

    caip2: str
    state: str
    lag: int
    height: int | None
    alarm: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page and the gauges show."""

    now: datetime
    newest: tuple[Epoch, ...]
    waiting: int
    witnesses: tuple[WitnessStanding, ...]
    threshold: int
    chains: tuple[ChainStanding, ...]
    promises: dict[PromiseState, int]
    epoch_length: timedelta

    @property
    def published(self) -> Epoch | None:
        """The epoch that is served."""
        return self.newest[0] if self.newest else None

    @property
    def age(self) -> timedelta | None:
        """How old it is; a clock that was set back makes nothing younger than now."""
        if self.published is None:
            return None
        return max(timedelta(0), self.now - self.published.leaf.time)

    @property
    def cosigned(self) -> int:
        """How many witnesses cosigned it."""
        return sum(witness.seen_at is not None for witness in self.witnesses)

    @property
    def is_one_operator(self) -> bool:
        """Whether every cosignature is by the register's own operator: that detects, no more."""
        seen = [witness for witness in self.witnesses if witness.seen_at is not None]
        return bool(seen) and all(witness.is_same_operator for witness in seen)

    @property
    def mood(self) -> Mood:
        """The worst of it."""
        if any(chain.alarm for chain in self.chains) or self.promises[PromiseState.LATE]:
            return Mood.ALARM
        if self.age is None:
            return Mood.STARTING
        return Mood.LATE if self.age > LATE_EPOCHS * self.epoch_length else Mood.WELL


def read_standing(hall: Hall) -> Standing:
    """Look at everything once."""
    with hall.database.reading() as session:
        newest = store.newest_epoch(session)
        published = store.published_epoch(session)
        rows = chain_store.load_chains(session) if hall.ledgers.count else []
        shown = _load_shown(session, published)
    policy = _read_policy(hall)
    size = published.size if published else 0
    return Standing(
        now=hall.clock(),
        newest=shown,
        waiting=(newest.size if newest else 0) - size,
        witnesses=_read_witnesses(hall, policy, published),
        threshold=policy.threshold if policy else 0,
        chains=_read_chains(rows, hall.ledgers.reports(), size=size),
        promises=hall.promises.counts(),
        epoch_length=hall.epoch_length,
    )


def _load_shown(session: Session, published: Epoch | None) -> tuple[Epoch, ...]:
    if published is None:
        return ()
    first = max(1, published.size - SHOWN_EPOCHS + 1)
    found = [store.load_epoch(session, number) for number in range(first, published.size + 1)]
    return tuple(epoch for epoch in reversed(found) if epoch is not None)


def _read_policy(hall: Hall) -> QuorumPolicy | None:
    """None while no witness is known: then nothing is published either."""
    try:
        return hall.witnesses.policy()
    except (RegisterError, LedgerError):
        return None


def _read_witnesses(
    hall: Hall, policy: QuorumPolicy | None, published: Epoch | None
) -> tuple[WitnessStanding, ...]:
    if policy is None:
        return ()
    seen: dict[str, datetime] = {}
    if published is not None and published.witnessed is not None:
        try:
            witnessed = verify_checkpoint(published.witnessed, policy)
            seen = {each.key.name: each.time for each in witnessed.cosignatures}
        except LedgerError:
            seen = {}
    own = urlsplit(f"//{hall.log_key.name}").hostname
    return tuple(
        WitnessStanding(
            name=key.name,
            seen_at=seen.get(key.name),
            # By the host that a witness is named after; another host proves no other operator.
            is_same_operator=urlsplit(f"//{key.name}").hostname == own,
        )
        for key in policy.witnesses
    )


def _read_chains(
    rows: Sequence[ChainRow], last: Mapping[str, Report], *, size: int
) -> tuple[ChainStanding, ...]:
    stored = {row.caip2: row for row in rows}
    found = []
    for caip2 in sorted({*stored, *last}):
        report, row = last.get(caip2), stored.get(caip2)
        final = row.final if row else None
        alarm = report.alarm if report else row.alarm if row else None
        found.append(
            ChainStanding(
                caip2=caip2,
                state=report.state.value if report else State.AWAY.value,
                lag=report.lag if report else max(0, size - (final.head.size if final else 0)),
                height=final.height if final else None,
                alarm=alarm.code if alarm else None,
            )
        )
    return tuple(found)
