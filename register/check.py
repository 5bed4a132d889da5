"""
What `./city fsck` asks of the register's and the witness's own stores (S-208).

The log has its own invariants in `ledger.check`. One sentence for each breach; nothing is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from credentials.errors import CredentialError
from credentials.status_lists import LIST_JWT
from encoding.errors import EncodingError
from ledger import store as ledger_store
from ledger.errors import Malformed, NoteRefused
from ledger.note import QuorumPolicy, parse_verifier_key, verify_checkpoint
from register import store, witness_store
from register.errors import RegisterError
from register.governance import build_content, build_leaves, parse_content
from register.witness_store import WatchedLog
from runtime.database import Database, Session

__all__ = ["SubmittedList", "check", "check_witness", "submitted_lists"]

STATUS_LIST_MEDIA_TYPE = f"application/{LIST_JWT}"
_DAMAGE = (CredentialError, EncodingError, RegisterError)


@dataclass(frozen=True, slots=True)
class SubmittedList:
    """The newest version of a list that the register took: time of issue, SHA-256 of its bytes."""

    version: int
    digest: bytes


def check(database: Database) -> list[str]:
    """What is wrong with the stored trust registry."""
    with database.reading() as session:
        return [*_check_versions(session), *_check_anchored(session)]


def check_witness(database: Database) -> list[str]:
    """What is wrong with what the witness remembers (WIT-01)."""
    with database.reading() as session:
        vkey = witness_store.load_identity(session)
        logs = witness_store.load_logs(session)
    if vkey is None:
        return ["the witness has no key"] if logs else []
    return [breach for log in logs for breach in _check_head(log, vkey)]


def submitted_lists(database: Database) -> dict[str, SubmittedList]:
    """The newest Token Status List at each address, anchored or waiting."""
    with database.reading() as session:
        return {
            stored.leaf.uri: SubmittedList(stored.leaf.version, stored.leaf.token_digest)
            for stored in ledger_store.newest_lists(session)
            if stored.media_type == STATUS_LIST_MEDIA_TYPE
        }


def _check_versions(session: Session) -> Iterator[str]:
    """Versions without a gap, each readable, the newest made of the entries."""
    versions = store.every_trust(session)
    then = datetime.fromtimestamp(0, UTC)
    for number, trust in enumerate(versions, start=1):
        if trust.version != number:
            yield f"version {number} of the trust registry is missing"
            return
        try:
            parse_content(trust, issued_at=then, expires_at=then)
        except _DAMAGE as error:
            yield f"version {number} of the trust registry cannot be read: {error}"
    entries = [
        key for kind in (store.ISSUER, store.VERIFIER) for key in store.load_entries(session, kind)
    ]
    newest = versions[-1].content if versions else None
    try:
        if (versions or entries) and newest != build_content(session):
            yield "the entries do not give the newest version of the trust registry"
    except _DAMAGE as error:
        yield f"an entry of the trust registry cannot be read: {error}"


def _check_anchored(session: Session) -> Iterator[str]:
    """What the newest epoch says of the trust registry is a version that there was."""
    newest = ledger_store.newest_epoch(session)
    if newest is None:
        return
    anchored = ledger_store.trust_of_epoch(session, newest.size)
    try:
        known = [build_leaves(trust) for trust in store.every_trust(session)]
    except _DAMAGE:
        return
    if anchored not in known:
        yield f"epoch {newest.size} anchors a trust registry that there never was"


def _check_head(log: WatchedLog, vkey: str) -> Iterator[str]:
    """The remembered head is the one that log and witness signed."""
    if log.note is None:
        if log.size:
            yield f"the witness has no checkpoint of {log.origin}"
        return
    try:
        keys = [parse_verifier_key(text) for text in log.vkeys]
        policy = QuorumPolicy(
            keys[0], (parse_verifier_key(vkey),), threshold=1, other_logs=tuple(keys[1:])
        )
        head = verify_checkpoint(log.note, policy).checkpoint
    except (Malformed, NoteRefused) as error:
        yield f"the witness's checkpoint of {log.origin} does not hold: {error}"
        return
    if (head.origin, head.size, head.root) != (log.origin, log.size, log.root):
        yield f"the witness remembers another head of {log.origin} than it cosigned"
