"""
What `./city fsck` asks of the receipts that were handed in (S-208).

An open or broken promise is the text that its agency signed; of a kept one the text is gone; each
judgement was made by an epoch that had to show the change.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from credentials.errors import CredentialError
from credentials.receipt import parse_receipt, verify_receipt
from credentials.trust import TrustRegistry
from ledger import store as ledger_store
from register import promise_store, store
from register.errors import RegisterError
from register.governance import parse_content
from register.promise_store import Promise, PromiseState
from runtime.database import Database, Session


def check_promises(database: Database) -> list[str]:
    """Every breach, in words."""
    with database.reading() as session:
        then = datetime.fromtimestamp(0, UTC)
        try:
            newest = store.newest_trust(session)
            registry = parse_content(newest, issued_at=then, expires_at=then)
        except (CredentialError, RegisterError):
            registry = None  # told by the check of the registry itself
        return [
            breach
            for promise in promise_store.every_promise(session)
            for breach in _check(session, promise, registry)
        ]


def _check(session: Session, promise: Promise, registry: TrustRegistry | None) -> Iterator[str]:
    name = f"receipt {promise.digest[:12]}"
    if promise.state not in [state.value for state in PromiseState]:
        yield f"{name} has no state: {promise.state}"
        return
    is_kept = promise.state == PromiseState.KEPT
    if is_kept != (promise.text is None):
        yield f"{name} is {promise.state} and its text is {'kept' if is_kept else 'gone'}"
    if (promise.state == PromiseState.DUE) != (promise.judged_epoch is None):
        yield f"{name} is {promise.state}, but judged by epoch {promise.judged_epoch}"
    if promise.judged_epoch is not None:
        yield from _check_judgement(session, promise, promise.judged_epoch, name=name)
    if promise.text is not None:
        yield from _check_text(promise, promise.text, registry, name=name)


def _check_judgement(
    session: Session, promise: Promise, number: int, *, name: str
) -> Iterator[str]:
    epoch = ledger_store.load_epoch(session, number)
    if epoch is None:
        yield f"{name} was judged by epoch {number}, which there never was"
        return
    by_number = promise.due_epoch is not None and number >= promise.due_epoch
    if not by_number and epoch.leaf.time.timestamp() < promise.due_at:
        yield f"{name} was judged before it was due"


def _check_text(
    promise: Promise, text: str, registry: TrustRegistry | None, *, name: str
) -> Iterator[str]:
    if hashlib.sha256(text.encode()).hexdigest() != promise.digest:
        yield f"{name} is not the text that was handed in"
        return
    try:
        signed = parse_receipt(text)
        if registry is not None:
            verify_receipt(signed, registry=registry)
    except CredentialError as error:
        yield f"{name} does not hold: {error}"
        return
    receipt = signed.receipt
    told = (
        receipt.issuer,
        int(receipt.issued_at.timestamp()),
        int(receipt.due_at.timestamp()),
        receipt.due_epoch,
    )
    if told != (promise.issuer, promise.issued_at, promise.due_at, promise.due_epoch):
        yield f"{name} says other things than are known of it"
