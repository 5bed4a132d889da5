"""
What a witness does: C2SP tlog-witness `add-checkpoint`, one row for each log.

Checks and the new head are one writing transaction, committed before the cosignature leaves. So
of two requests that extend the same head one wins, and a log that shows two histories gets a
cosignature on one of them only. A witness that lost its database must not start again with its
old key: `claim_key` refuses. A signed checkpoint that does not extend the one before
is never cosigned; it is kept as evidence, with the one before.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from ledger.errors import Malformed, NoteRefused
from ledger.merkle import EMPTY_ROOT, verify_consistency
from ledger.note import (
    Checkpoint,
    NoteSigner,
    SignedNote,
    VerifierKey,
    build_cosignature,
    build_note,
    build_signature_line,
    parse_checkpoint_text,
    parse_note,
    parse_verifier_key,
    verify_note,
)
from ledger.vkey import LOG_TYPES
from ledger.witnessing import AddCheckpoint, parse_add_checkpoint
from register import witness_store as store
from register.errors import BadRequest
from register.witness_evidence import Evidence, drop_explained, keep_evidence, load_evidence
from register.witness_store import WatchedLog
from runtime.clock import Clock
from runtime.database import Database, Session
from runtime.failpoints import failpoint

_logger = logging.getLogger("city.witness")
OK, BAD, FORBIDDEN, UNKNOWN, CONFLICT, WRONG = 200, 400, 403, 404, 409, 422


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body as tlog-witness wants them."""

    status: int
    body: str


class Refused(Exception):
    """Ends the work on a request with its answer; nothing but the evidence is stored."""

    def __init__(self, status: int, body: str, *, evidence: Evidence | None = None) -> None:
        super().__init__(body)
        self.answer = Answer(status, body)
        self.evidence = evidence


class Witness:
    """Cosigns what extends what it saw before, and nothing else."""

    def __init__(
        self,
        database: Database,
        *,
        key: VerifierKey,
        signer: NoteSigner,
        clock: Clock,
        find_log: Callable[[str], str | None],
    ) -> None:
        self.database = database
        self.key = key
        self._signer = signer
        self._clock = clock
        self._find_log = find_log

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def add_checkpoint(self, body: bytes) -> Answer:
        """Check, persist, cosign."""
        try:
            request = parse_add_checkpoint(body)
            note = parse_note(request.checkpoint)
            head = parse_checkpoint_text(note.text)
            signed = self._verify(note, head)
            with failpoint("witness.cosign"), self.database.writing() as session:
                return self._extend(session, request, head, signed)
        except Malformed as error:
            return Answer(BAD, f"{error}\n")
        except Refused as refused:
            if refused.evidence is not None:
                self._keep(refused.evidence)
            return refused.answer

    def watch(self, vkey: str) -> None:
        """From now on this key speaks for the log of its name, beside those before it."""
        key = parse_verifier_key(vkey)
        if key.signature_type not in LOG_TYPES:
            raise BadRequest("a log has an Ed25519 note key or one of ML-DSA-44")
        with self.database.writing() as session:
            known = store.load_log(session, key.name)
            if known is None:
                store.insert_log(session, origin=key.name, vkeys=(vkey,), root=EMPTY_ROOT)
            elif vkey not in known.vkeys:
                store.set_vkeys(session, key.name, (*known.vkeys, vkey))

    def head(self, origin_digest: str) -> str | None:
        """The last checkpoint cosigned of the log whose origin has this SHA-256, in hex."""
        with self.database.reading() as session:
            return store.load_notes(session).get(origin_digest)

    def evidence(self) -> list[Evidence]:
        """The signed checkpoints that did not extend the ones before them."""
        with self.database.reading() as session:
            return load_evidence(session)

    def _keep(self, evidence: Evidence) -> None:
        with failpoint("witness.evidence"), self.database.writing() as session:
            is_new = keep_evidence(session, evidence)
        if is_new:
            _logger.error(
                "a log signed what does not extend it",
                extra={"origin": evidence.origin, "size": evidence.size},
            )

    def _verify(self, note: SignedNote, head: Checkpoint) -> str:
        """The checkpoint with the log's signatures alone."""
        known = self._load(head.origin)
        if known is None:
            raise Refused(UNKNOWN, "this log is not watched here\n")
        try:
            verified = verify_note(note, keys=[parse_verifier_key(vkey) for vkey in known.vkeys])
        except NoteRefused as error:
            raise Refused(FORBIDDEN, f"{error}\n") from error
        lines = [build_signature_line(key, line.signature) for key, line in verified]
        return build_note(note.text, lines)

    def _load(self, origin: str) -> WatchedLog | None:
        with self.database.reading() as session:
            known = store.load_log(session, origin)
        if known is None and (vkey := self._find_log(origin)) is not None:
            self.watch(vkey)
            with self.database.reading() as session:
                known = store.load_log(session, origin)
        return known

    def _extend(
        self, session: Session, request: AddCheckpoint, head: Checkpoint, signed: str
    ) -> Answer:
        if request.old_size > head.size:
            raise Refused(BAD, "the old size is larger than the checkpoint\n")
        before = store.load_log(session, head.origin)
        if before is None:
            raise Refused(UNKNOWN, "this log is not watched here\n")
        evidence = Evidence(head.origin, head.size, head.root, signed, before.note)
        if request.old_size != before.size:
            is_fork = head.size == before.size and head.root != before.root
            raise Refused(CONFLICT, f"{before.size}\n", evidence=evidence if is_fork else None)
        if head.size == 0 and head.root != EMPTY_ROOT:
            raise Refused(WRONG, "the root of the empty tree is wrong\n", evidence=evidence)
        if not verify_consistency(
            old_size=before.size,
            old_root=before.root,
            size=head.size,
            root=head.root,
            proof=request.proof,
        ):
            raise Refused(
                WRONG, "the checkpoint does not extend the one before\n", evidence=evidence
            )
        text = parse_note(signed).text
        line = build_cosignature(text, key=self.key, signer=self._signer, now=self._clock())
        verify_note(parse_note(build_note(text, [line])), keys=[self.key])
        if not store.advance(
            session, before=before, size=head.size, root=head.root, note=signed + line
        ):
            raise Refused(CONFLICT, f"{before.size}\n")
        drop_explained(session, origin=head.origin, size=head.size, root=head.root)
        return Answer(OK, line)
