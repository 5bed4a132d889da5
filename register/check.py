"""
What `./city fsck` asks of the register's and the witness's own stores (S-208).

The log has its own invariants in `ledger.check`. One sentence for each breach; nothing is written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from credentials.errors import CredentialError
from credentials.governance_chain import Governance, accept, found
from credentials.governance_chain import build_content as build_chain_content
from credentials.status_lists import LIST_JWT
from encoding.errors import EncodingError
from encoding.strict_json import canonical_json
from ledger import store as ledger_store
from ledger.errors import Malformed, NoteRefused
from ledger.note import (
    QuorumPolicy,
    parse_checkpoint_text,
    parse_note,
    parse_verifier_key,
    verify_checkpoint,
    verify_note,
)
from register import act_store, store, witness_store
from register.act_store import StoredAct
from register.acts import read_accepted
from register.errors import RegisterError
from register.governance import build_content, build_leaves, load_content, parse_content
from register.witness_evidence import Evidence, load_evidence
from register.witness_store import WatchedLog
from runtime.database import Database, Session

__all__ = ["SubmittedList", "check", "check_witness", "submitted_lists"]

STATUS_LIST_MEDIA_TYPE = f"application/{LIST_JWT}"
MAX_ACTS = 1 << 20
_DAMAGE = (CredentialError, EncodingError, RegisterError)


@dataclass(frozen=True, slots=True)
class SubmittedList:
    """The newest version of a list that the register took: time of issue, SHA-256 of its bytes."""

    version: int
    digest: bytes


def check(database: Database) -> list[str]:
    """What is wrong with the stored trust registry."""
    with database.reading() as session:
        return [
            *_check_versions(session),
            *_check_acts(session),
            *_check_anchored(session),
        ]


def check_witness(database: Database) -> list[str]:
    """What is wrong with what the witness remembers (WIT-01)."""
    with database.reading() as session:
        vkey = witness_store.load_identity(session)
        logs = witness_store.load_logs(session)
        evidence = load_evidence(session)
    if vkey is None:
        return ["the witness has no key"] if logs else []
    breaches = [breach for log in logs for breach in _check_head(log, vkey)]
    keys = {log.origin: log.vkeys for log in logs}
    return breaches + [
        f"evidence against {each.origin} at size {each.size} was not signed by it"
        for each in evidence
        if not _is_signed(each, keys.get(each.origin, ()))
    ]


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
    try:
        entered = build_content(session)
        stored = load_content(versions[-1].content) if versions else {}
        is_same = all(stored.get(name) == entered[name] for name in entered)
        if (versions or entries) and not is_same:
            yield "the entries do not give the newest version of the trust registry"
    except _DAMAGE as error:
        yield f"an entry of the trust registry cannot be read: {error}"


def _check_acts(session: Session) -> Iterator[str]:
    """The chain of acts, played from its first one, gives each version that there is."""
    versions = {trust.version: trust.content for trust in store.every_trust(session)}
    stored = act_store.load_acts(session, after=0, limit=MAX_ACTS)
    if not stored:
        if versions:
            yield "the trust registry has no chain of acts"
        return
    state: Governance | None = None
    try:
        city = read_accepted(stored[0]).signed.act.city
        for row in stored:
            act = read_accepted(row)
            if state is None:
                state = found(act.signed, city=city, at=act.accepted_at)
            else:
                state = accept(state, act.signed, at=act.accepted_at)
            yield from _check_act(row, state, versions.get(state.version))
    except _DAMAGE as error:
        yield f"the chain of acts breaks after act {state.sequence if state else 0}: {error}"
        return
    if state is not None and state.version != max(versions, default=0):
        yield "the trust registry has a version that no act made"


def _check_act(row: StoredAct, state: Governance, content: str | None) -> Iterator[str]:
    """One row of the chain, and the version that it made."""
    if (row.sequence, row.digest, row.version) != (state.sequence, state.head, state.version):
        yield f"act {row.sequence} is stored under another name than its own"
    if content != canonical_json(build_chain_content(state)).decode():
        yield f"act {row.sequence} does not give version {state.version} of the trust registry"


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


def _is_signed(evidence: Evidence, vkeys: Sequence[str]) -> bool:
    try:
        note = parse_note(evidence.note)
        verify_note(note, keys=[parse_verifier_key(vkey) for vkey in vkeys])
        head = parse_checkpoint_text(note.text)
    except (Malformed, NoteRefused):
        return False
    return (head.origin, head.size, head.root) == (evidence.origin, evidence.size, evidence.root)


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
