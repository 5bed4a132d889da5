"""
Every invariant of what the log keeps of its chains, for `fsck` (S-208).

A head that was final on a chain is a head that the log had; a transaction under way starts where
the log was and leads to a head that it has; a ledger witness cosigned a tree of this log with its
own key. One sentence for each breach. Rows are read as they lie, for a damaged one must not stop
the others.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, inspect, select

from ledger import log, store
from ledger.chain import check_caip2
from ledger.chain_store import CHAIN, COSIGNED
from ledger.errors import LedgerError
from ledger.merkle import EMPTY_ROOT
from ledger.note import (
    Checkpoint,
    build_checkpoint_text,
    build_note,
    parse_checkpoint_text,
    parse_note,
    parse_verifier_key,
    verify_note,
)
from runtime.database import Database, Session

_FINAL = ("final_epoch", "final_size", "final_root", "final_height", "final_block")
_FLIGHT = ("nonce", "fee", "raw", "digest", "since", "target", "sent_at")


def check_chains(database: Database) -> list[str]:
    """What is wrong with the rows of chains and ledger witnesses."""
    with database.reading() as session:
        known = set(inspect(session.connection()).get_table_names())
        if not {CHAIN.name, COSIGNED.name} <= known:
            return []
        return [*_check_chains(session), *_check_cosigned(session)]


def _check_chains(session: Session) -> Iterator[str]:
    newest = store.newest_epoch(session)
    size = newest.size if newest else 0
    for row in session.execute(select(CHAIN).order_by(CHAIN.c.caip2)):
        name = f"ledger {row.caip2}"
        try:
            check_caip2(row.caip2)
        except LedgerError as error:
            yield f"{name} has no name: {error}"
        if row.revision < 1:
            yield f"{name} has revision {row.revision}"
        if (row.alarm is None) != (row.alarm_text is None):
            yield f"{name} has half an alarm"
        yield from _check_final(session, row, name=name, size=size)
        yield from _check_flight(row, name=name, size=size)


def _check_final(session: Session, row: Row[Any], *, name: str, size: int) -> Iterator[str]:
    values = [row._mapping[column] for column in _FINAL]
    if all(value is None for value in values):
        return
    if any(value is None for value in values):
        yield f"{name} has half a final head"
    elif row.final_epoch != row.final_size or not 0 < row.final_size <= size:
        yield f"{name} holds {row.final_size} epochs, the log has {size}"
    elif _root(session, row.final_size) != bytes(row.final_root):
        yield f"{name} holds another root of {row.final_size} epochs than the log"


def _check_flight(row: Row[Any], *, name: str, size: int) -> Iterator[str]:
    values = [row._mapping[column] for column in _FLIGHT]
    if all(value is None for value in values):
        return
    if any(value is None for value in values):
        yield f"{name} has half a transaction under way"
    elif not row.raw or not row.digest:
        yield f"{name} has an empty transaction under way"
    elif min(row.nonce, row.fee, row.since) < 0 or not row.since <= row.target <= size:
        yield f"{name} has a transaction under way from {row.since} to {row.target} of {size}"
    elif row.since == row.target:
        yield f"{name} has a transaction under way that leads nowhere"


def _check_cosigned(session: Session) -> Iterator[str]:
    newest = store.published_epoch(session)
    size = newest.size if newest else 0
    origin = parse_checkpoint_text(parse_note(newest.witnessed or "").text).origin if newest else ""
    for row in session.execute(select(COSIGNED).order_by(COSIGNED.c.vkey)):
        if not 0 < row.size <= size or _root(session, row.size) != bytes(row.root):
            yield f"a ledger witness cosigned a tree of {row.size} epochs that the log never had"
            continue
        text = build_checkpoint_text(Checkpoint(origin, row.size, bytes(row.root)))
        try:
            note = parse_note(build_note(text, [row.line]))
            verify_note(note, keys=[parse_verifier_key(row.vkey)])
        except LedgerError as error:
            yield f"the line of a ledger witness does not hold: {error}"


def _root(session: Session, size: int) -> bytes:
    """The log's root; one that cannot be read is a breach of the log itself, and told there."""
    try:
        return log.root_of(session, size)
    except LedgerError:
        return EMPTY_ROOT
