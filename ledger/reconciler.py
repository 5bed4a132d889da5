"""
Bring a chain to the log's newest checkpoint, and notice when it holds something else.

Level-triggered: each step looks at what is stored and what the chain shows and does the one thing
that is missing, so a crash anywhere is healed by the next step (design, ledger section 6).

- One transaction is under way for each chain. It is kept before it is sent.
- Whatever a broadcast answers, its outcome is unknown: only heads and nonces of the chain count.
- A kept transaction counts while its nonce is the chain's next and it starts where the chain is.
- The newest checkpoint replaces an older one under way: same nonce, fee a quarter higher, at most
  `max_fee`; at that limit the same bytes are sent again.
- A head that the log never had is an alarm, and nothing is sent until a person cleared it.
- A final head that is gone is an alarm, and the log is anchored again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from ledger import chain_store, log, store
from ledger.chain import Chain, ChainHead, FinalityKind, LogHead
from ledger.chain_store import Alarm, ChainRow, InFlight
from ledger.errors import ChainUnavailable, ForeignChain
from runtime.clock import Clock
from runtime.database import Database, Session
from runtime.failpoints import failpoint

FOREIGN_HEAD: Final = "foreign_head"
DEEP_REORG: Final = "deep_reorg"


class State(Enum):
    """How far a chain is."""

    EMPTY = "empty"
    """The log has no published epoch yet."""
    CURRENT = "current"
    """The newest head is final there."""
    WAITING = "waiting"
    """The newest head is there and not final yet."""
    SENT = "sent"
    """A transaction is under way."""
    RESTING = "resting"
    """An older head is there, and the next is not worth its fee yet."""
    AWAY = "away"
    """It cannot be asked."""
    FOREIGN = "foreign"
    """What answers is not the chain or contract that it should be."""
    STOPPED = "stopped"
    """A person must look."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one step found. `lag` counts epochs between the log's head and the final one there."""

    caip2: str
    state: State
    at: datetime
    lag: int
    final: ChainHead | None
    detail: str
    alarm: Alarm | None


@dataclass(frozen=True, slots=True)
class _View:
    """What is stored and what the chain shows, read for one step."""

    row: ChainRow
    desired: LogHead
    final: ChainHead | None
    latest: ChainHead | None


class Reconciler:
    """One chain of one log. `step` is safe to call at any time and from several processes."""

    def __init__(
        self,
        database: Database,
        chain: Chain,
        *,
        max_fee: int,
        patience: timedelta,
        clock: Clock,
    ) -> None:
        self._database = database
        self._chain = chain
        self._max_fee = max_fee
        self._patience = patience
        self._clock = clock

    def step(self) -> Report:
        """Do what is missing, and say how the chain stands."""
        with self._database.reading() as session:
            row = chain_store.load_chain(session, self._chain.caip2)
            desired = _desired(session)
        if desired is None:
            return self._report(row, None, State.EMPTY, "")
        if row.alarm is not None and row.alarm.code == FOREIGN_HEAD:
            return self._report(row, desired, State.STOPPED, row.alarm.code)
        try:
            final = self._chain.head(at="final")
            is_instant = self._chain.finality.kind is FinalityKind.INSTANT
            latest = final if is_instant else self._chain.head(at="latest")
            return self._decide(_View(row, desired, final, latest))
        except ChainUnavailable as error:
            return self._report(row, desired, State.AWAY, str(error))
        except ForeignChain as error:
            return self._report(row, desired, State.FOREIGN, error.detail)

    def clear_alarm(self) -> None:
        """A person looked: go on from what the chain shows now."""
        with self._database.writing() as session:
            row = chain_store.load_chain(session, self._chain.caip2)
            if row.alarm is not None:
                chain_store.save_chain(session, replace(row, alarm=None))

    def _decide(self, view: _View) -> Report:
        for head in (view.final, view.latest):
            if head is not None and not self._is_ours(head.head):
                return self._stop(view, head)
        row, final, latest = view.row, view.final, view.latest
        if row.final is not None and (final is None or final.head.size < row.final.head.size):
            if final is not None and final.height < row.final.height:
                return self._report(row, view.desired, State.AWAY, "the nodes are behind")
            return self._sound_deep_reorg(view)
        if final is not None and final.head.size >= view.desired.size:
            return self._settle(view, State.CURRENT, in_flight=row.in_flight)
        if latest is not None and latest.head.size >= view.desired.size:
            return self._settle(view, State.WAITING, in_flight=row.in_flight)
        return self._advance(view)

    def _advance(self, view: _View) -> Report:
        """Send the newest head, or send again what is under way."""
        flight, now = view.row.in_flight, self._clock()
        size = view.latest.head.size if view.latest else 0
        if flight is not None and size >= flight.target and now < flight.at + self._chain.cadence:
            return self._settle(view, State.RESTING, in_flight=flight)
        nonce = self._chain.next_nonce()
        is_valid = flight is not None and flight.prepared.nonce == nonce and flight.since == size
        fee = self._chain.suggested_fee()
        if flight is not None and flight.prepared.nonce == nonce:
            fee = max(fee, flight.prepared.fee * 5 // 4 + 1)
            is_early = is_valid and now < flight.at + self._patience
            if is_early or fee > self._max_fee:
                return self._send(view.row, view.desired, flight)
        return self._replace(view, nonce=nonce, fee=min(fee, self._max_fee), now=now)

    def _replace(self, view: _View, *, nonce: int, fee: int, now: datetime) -> Report:
        since = view.latest.head if view.latest else None
        size = since.size if since else 0
        with self._database.reading() as session:
            proof = log.consistency(session, old_size=size, size=view.desired.size)
        prepared = self._chain.prepare(view.desired, since=since, proof=proof, nonce=nonce, fee=fee)
        flight = InFlight(prepared, since=size, target=view.desired.size, at=now)
        row = replace(view.row, final=view.final, in_flight=flight)
        with failpoint("chain.keep"):
            kept = self._save(row)
        if kept is None:
            return self._report(view.row, view.desired, State.SENT, "another process was first")
        return self._send(kept, view.desired, flight)

    def _send(self, row: ChainRow, desired: LogHead, flight: InFlight) -> Report:
        detail = ""
        with failpoint("chain.broadcast"):
            try:
                self._chain.broadcast(flight.prepared)
            except (ChainUnavailable, ForeignChain):
                detail = "the outcome is unknown"
        return self._report(row, desired, State.SENT, detail)

    def _settle(self, view: _View, state: State, *, in_flight: InFlight | None) -> Report:
        """Keep what became final. Nothing is written when nothing changed."""
        row = replace(view.row, final=view.final, in_flight=in_flight)
        if not _is_same(row, view.row):
            with failpoint("chain.settle"):
                row = self._save(row) or view.row
        return self._report(row, view.desired, state, "")

    def _sound_deep_reorg(self, view: _View) -> Report:
        alarm = Alarm(DEEP_REORG, "a head that was final is gone: raise the depth of finality")
        row = replace(view.row, final=view.final, in_flight=None, alarm=alarm)
        with failpoint("chain.alarm"):
            row = self._save(row) or view.row
        return self._report(row, view.desired, State.SENT, DEEP_REORG)

    def _stop(self, view: _View, head: ChainHead) -> Report:
        text = f"a head of {head.head.size} leaves that the log never had, in block {head.height}"
        row = replace(view.row, in_flight=None, alarm=Alarm(FOREIGN_HEAD, text))
        with failpoint("chain.alarm"):
            row = self._save(row) or view.row
        return self._report(row, view.desired, State.STOPPED, FOREIGN_HEAD)

    def _is_ours(self, head: LogHead) -> bool:
        with self._database.reading() as session:
            newest = store.newest_epoch(session)
            if newest is None or head.size > newest.size or head.size != head.epoch:
                return False
            return log.root_of(session, head.size) == head.root

    def _save(self, row: ChainRow) -> ChainRow | None:
        with self._database.writing() as session:
            if not chain_store.save_chain(session, row):
                return None
        return replace(row, revision=row.revision + 1)

    def _report(self, row: ChainRow, desired: LogHead | None, state: State, detail: str) -> Report:
        size = row.final.head.size if row.final else 0
        return Report(
            caip2=row.caip2,
            state=state,
            at=self._clock(),
            lag=max(0, desired.size - size) if desired else 0,
            final=row.final,
            detail=detail,
            alarm=row.alarm,
        )


def _desired(session: Session) -> LogHead | None:
    """The head that is served: the newest checkpoint with a quorum."""
    epoch = store.published_epoch(session)
    if epoch is None:
        return None
    return LogHead(epoch=epoch.leaf.epoch, size=epoch.size, root=epoch.root)


def _is_same(row: ChainRow, before: ChainRow) -> bool:
    """Blocks that pass over an unchanged head are no change."""
    if row.in_flight != before.in_flight or (row.final is None) != (before.final is None):
        return False
    return row.final is None or before.final is None or row.final.head == before.final.head
