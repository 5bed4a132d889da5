"""
What `./city fsck` asks of the register and of the witness, beside the log itself.

The log's own invariants are in `ledger.check`. Reads only; each breach is one sentence.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from encoding.errors import EncodingError
from ledger import store as ledger_store
from ledger.errors import LedgerError
from ledger.note import parse_checkpoint_text, parse_note, parse_verifier_key, verify_note
from register import witness_store
from register.governance import check as check_governance
from register.witness_store import WatchedLog
from runtime.database import Database

__all__ = ["SubmittedList", "check", "check_witness", "submitted_lists"]


@dataclass(frozen=True, slots=True)
class SubmittedList:
    """The newest of one list that the register took in: its version and the SHA-256 of its bytes."""

    version: int
    digest: bytes


def check(database: Database) -> list[str]:
    """The trust registry's invariants."""
    return check_governance(database)


def submitted_lists(database: Database) -> dict[str, SubmittedList]:
    """The newest version of every list."""
    found: dict[str, SubmittedList] = {}
    with database.reading() as session:
        for stored in ledger_store.every_list(session):
            leaf = stored.leaf
            if leaf.uri not in found or found[leaf.uri].version < leaf.version:
                found[leaf.uri] = SubmittedList(leaf.version, leaf.token_digest)
    return found


def check_witness(database: Database) -> list[str]:
    """What the witness remembers of each log is what the log signed (WIT-01)."""
    with database.reading() as session:
        logs = witness_store.load_logs(session)
    return [f"log {log.origin}: {breach}" for log in logs for breach in _breaches(log)]


def _breaches(log: WatchedLog) -> Iterator[str]:
    if log.note is None:
        if log.size:
            yield "a head without its checkpoint"
        return
    try:
        note = parse_note(log.note)
        verify_note(note, keys=[parse_verifier_key(text) for text in log.vkeys])
        checkpoint = parse_checkpoint_text(note.text)
    except (LedgerError, EncodingError):
        yield "the cosigned checkpoint is not signed by the log"
        return
    if (checkpoint.origin, checkpoint.size, checkpoint.root) != (log.origin, log.size, log.root):
        digest = hashlib.sha256(checkpoint.root).hexdigest()[:16]
        yield f"the head is not that of the cosigned checkpoint {digest}"
