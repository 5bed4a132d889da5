"""
The promises of agencies, held against what the log published.

A receipt is taken when a status key of its agency signed it, as a list is. The first published
epoch that reaches its due epoch or time decides: every entry shows what was promised, or what a
newer receipt for the entry says, or *revoked*, which is final; otherwise the promise was broken,
and stays so. Nothing here is believed by a monitor, which reads the same from the public log.
"""

import hashlib
from collections.abc import Mapping, Sequence

from credentials.errors import CredentialError
from credentials.model import Status, StatusPurpose, StatusReference
from credentials.receipt import SKEW, Receipt, parse_receipt, verify_receipt
from credentials.status_lists import StatusList, read_status_list, status_at
from credentials.trust import TrustRegistry
from ledger import store as ledger_store
from ledger.store import Epoch
from register import promise_store
from register.errors import BadRequest
from register.promise_store import Promise, PromiseState
from runtime.clock import Clock
from runtime.database import Database, Session
from runtime.failpoints import failpoint

AT_ONCE = 1000


class Promises:
    """Takes receipts and judges them when they are due."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def take(self, text: str, *, registry: TrustRegistry) -> tuple[Promise, bool]:
        """Keep a receipt that its agency signed; whether it is new."""
        receipt = verify_receipt(parse_receipt(text), registry=registry)
        if receipt.issued_at > self._clock() + SKEW:
            raise BadRequest("the receipt is of the future")
        promise = Promise(
            digest=hashlib.sha256(text.encode()).hexdigest(),
            text=text,
            issuer=receipt.issuer,
            issued_at=int(receipt.issued_at.timestamp()),
            due_at=int(receipt.due_at.timestamp()),
            due_epoch=receipt.due_epoch,
            state=PromiseState.DUE.value,
            judged_epoch=None,
        )
        with failpoint("register.take_receipt"), self._database.writing() as session:
            return promise, promise_store.insert_promise(session, promise)

    def settle(self) -> None:
        """Judge what is due by the newest published epoch."""
        with self._database.reading() as session:
            epoch = ledger_store.published_epoch(session)
            waiting = promise_store.load_open(session, limit=AT_ONCE)
            if epoch is None or not waiting:
                return
            receipts = {each.digest: _read(each) for each in waiting}
            due = [
                digest
                for digest, receipt in receipts.items()
                if receipt.is_due(epoch=epoch.size, at=epoch.leaf.time)
            ]
            lists = _load_lists(session, epoch, [receipts[digest] for digest in due])
        judged = {digest: judge(receipts[digest], [*receipts.values()], lists) for digest in due}
        if not judged:
            return
        with failpoint("register.judge_receipts"), self._database.writing() as session:
            for digest, is_kept in judged.items():
                state = PromiseState.KEPT if is_kept else PromiseState.LATE
                promise_store.record_judged(session, digest, state=state, epoch=epoch.size)

    def counts(self) -> dict[PromiseState, int]:
        """How many promises are open, kept and broken."""
        with self._database.reading() as session:
            return promise_store.count_promises(session)


def judge(
    receipt: Receipt, known: Sequence[Receipt], lists: Mapping[str, StatusList | None]
) -> bool:
    """Whether these lists, by their addresses, keep the promise; a missing list keeps none."""
    return all(
        shows(lists.get(entry.uri), entry, promised=statuses_of(receipt, known, entry))
        for entry in receipt.entries
    )


def statuses_of(
    receipt: Receipt, known: Sequence[Receipt], entry: StatusReference
) -> frozenset[Status]:
    """What the entry may show: what was promised, what was promised later, and the final state."""
    later = {
        each.status
        for each in known
        if each.issued_at >= receipt.issued_at and entry in each.entries
    }
    return frozenset({receipt.status, Status.REVOKED, *later})


def shows(
    listed: StatusList | None, entry: StatusReference, *, promised: frozenset[Status]
) -> bool:
    """Whether the list shows one of these; a list that makes no statement shows none."""
    if listed is None:
        return False
    try:
        return status_at(listed, entry.index, StatusPurpose.BOTH) in promised
    except CredentialError:
        return False


def _read(promise: Promise) -> Receipt:
    return parse_receipt(promise.text or "").receipt


def _load_lists(
    session: Session, epoch: Epoch, receipts: Sequence[Receipt]
) -> dict[str, StatusList | None]:
    found: dict[str, StatusList | None] = {}
    for uri in {entry.uri for receipt in receipts for entry in receipt.entries}:
        stored = ledger_store.list_of_epoch(session, epoch.size, uri)
        token = stored.token if stored else None
        found[uri] = read_status_list(token.decode()) if token is not None else None
    return found
