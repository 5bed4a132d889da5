"""
Close epochs: commit, sign, persist, cosign, persist, serve - in this order, for ever.

1. one transaction appends the epoch's leaf; nothing is signed yet
2. the log signs the committed tree, and the signature is kept before anyone sees it
3. witnesses cosign; with a quorum the checkpoint is kept, and from then on it is served

`settle` looks at what is stored and does what is missing, so a crash between any two steps is
healed by running it again. Two trees of one size are never signed: only committed trees are
signed, an epoch is never changed, and the first signature after a start waits until the witnesses
agree that this database was not rolled back.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from ledger import log, store
from ledger.epoch import TrustLeaf
from ledger.errors import LogDamaged, Malformed, NoteRefused, WitnessIsAhead, WitnessUnavailable
from ledger.note import (
    Checkpoint,
    NoteSigner,
    QuorumPolicy,
    VerifierKey,
    build_checkpoint_text,
    build_note,
    build_signature_line,
    parse_checkpoint_text,
    parse_note,
    parse_signature_line,
    parse_size,
    sign_note,
    verify_checkpoint,
    verify_note,
)
from ledger.store import Epoch
from ledger.witnessing import build_add_checkpoint
from runtime.clock import Clock
from runtime.database import Database, Session
from runtime.failpoints import failpoint

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """What a witness's HTTP server said."""

    status: int
    body: bytes


class Witness(Protocol):
    """A witness as the log sees it; both calls raise WitnessUnavailable when nobody answers."""

    @property
    def key(self) -> VerifierKey:
        """The key of its cosignatures."""

    def add_checkpoint(self, body: bytes) -> WitnessAnswer:
        """Send a checkpoint to be cosigned."""

    def head(self) -> str | None:
        """The last checkpoint of our log that it cosigned, or None."""


@dataclass(frozen=True, slots=True)
class Quorum:
    """The witnesses to ask and the policy that they must satisfy."""

    policy: QuorumPolicy
    witnesses: tuple[Witness, ...]


class Closer:
    """Closes epochs and brings each of them to the public."""

    def __init__(
        self,
        database: Database,
        *,
        key: VerifierKey,
        signer: NoteSigner,
        quorum: Callable[[], Quorum],
        trust: Callable[[Session], Sequence[TrustLeaf]],
        clock: Clock,
        epoch_length: timedelta,
    ) -> None:
        self._database = database
        self._key = key
        self._signer = signer
        self._quorum = quorum
        self._trust = trust
        self._clock = clock
        self._epoch_length = epoch_length
        self._settling = threading.Lock()
        self._is_reconciled = False

    def tick(self) -> None:
        """Close an epoch if one is due, and publish what is not published yet."""
        with self._database.reading() as session:
            is_due = self._is_due(session)
        if is_due:
            with failpoint("register.append"), self._database.writing() as session:
                # Another process may have closed it meanwhile; one writer looks at a time.
                if self._is_due(session):
                    self._append(session)
        self.settle()

    def close(self) -> int:
        """Close an epoch now, whether due or not; its number."""
        with failpoint("register.append"), self._database.writing() as session:
            return self._append(session).size

    def settle(self) -> Epoch | None:
        """Sign, cosign and publish the newest epoch, as far as that is not done; the epoch."""
        with self._settling:
            with self._database.reading() as session:
                epoch = store.newest_epoch(session)
            if epoch is None or epoch.witnessed is not None:
                return epoch
            quorum = self._quorum()
            checkpoint = epoch.checkpoint or self._sign(epoch, quorum)
            self._publish(epoch.size, checkpoint, quorum)
            with self._database.reading() as session:
                return store.load_epoch(session, epoch.size)

    def _append(self, session: Session) -> Epoch:
        return log.append_epoch(session, now=self._clock(), trust=self._trust(session))

    def _is_due(self, session: Session) -> bool:
        newest = store.newest_epoch(session)
        length = self._epoch_length.total_seconds()
        now = self._clock().timestamp()
        return newest is None or newest.leaf.time.timestamp() // length < now // length

    def _sign(self, epoch: Epoch, quorum: Quorum) -> str:
        self._reconcile(quorum)
        text = build_checkpoint_text(
            Checkpoint(origin=self._key.name, size=epoch.size, root=epoch.root)
        )
        with failpoint("register.sign"):
            note = sign_note(text, key=self._key, signer=self._signer)
            verify_note(parse_note(note), keys=[self._key])
        with failpoint("register.keep_signature"), self._database.writing() as session:
            if log.root_of(session, epoch.size) != epoch.root:
                raise LogDamaged(f"the tiles do not give the root of epoch {epoch.size}")
            store.set_checkpoint(session, epoch.size, note)
        return note

    def _publish(self, size: int, checkpoint: str, quorum: Quorum) -> None:
        lines, reasons = [], ["no witness is known"]
        for witness in quorum.witnesses:
            try:
                lines.append(self._cosign(witness, size, checkpoint))
            except WitnessUnavailable as error:
                reasons.append(str(error))
        note = checkpoint + "".join(lines)
        try:
            verify_checkpoint(note, quorum.policy)
        except NoteRefused as error:
            raise WitnessUnavailable(f"epoch {size} has no quorum: {reasons[-1]}") from error
        with failpoint("register.publish"), self._database.writing() as session:
            store.set_witnessed(session, size, note)

    def _cosign(self, witness: Witness, size: int, checkpoint: str) -> str:
        """The witness's signature line on our checkpoint."""
        with self._database.reading() as session:
            old_size = store.witness_size(session, witness.key.vkey)
        for _ in range(_ATTEMPTS):
            if old_size > size:
                self._explain_ahead(old_size)
            with self._database.reading() as session:
                proof = log.consistency(session, old_size=old_size, size=size)
            body = build_add_checkpoint(old_size=old_size, proof=proof, checkpoint=checkpoint)
            with failpoint("register.cosign"):
                answer = witness.add_checkpoint(body)
            if answer.status == 200:
                line = _read_cosignature(answer.body, witness.key, checkpoint)
                with self._database.writing() as session:
                    store.set_witness_size(session, witness.key.vkey, size)
                return line
            if answer.status != 409:
                raise WitnessUnavailable(f"{witness.key.name} answered {answer.status}")
            old_size = _read_size(answer.body)
        raise WitnessUnavailable(f"{witness.key.name} keeps changing its mind")

    def _reconcile(self, quorum: Quorum) -> None:
        """Once in a process, before the first signature: no witness saw more than we signed."""
        if self._is_reconciled or not quorum.witnesses:
            return
        heads, reasons = 0, [""]
        for witness in quorum.witnesses:
            try:
                self._compare_head(witness.head())
                heads += 1
            except WitnessUnavailable as error:
                reasons.append(str(error))
        if heads < max(1, quorum.policy.threshold):
            raise WitnessUnavailable(f"too few witnesses can be asked: {reasons[-1]}")
        self._is_reconciled = True

    def _compare_head(self, note: str | None) -> None:
        if note is None:
            return
        try:
            parsed = parse_note(note)
            verify_note(parsed, keys=[self._key])
            head = parse_checkpoint_text(parsed.text)
        except (Malformed, NoteRefused) as error:
            raise WitnessUnavailable("a witness shows a head that is not ours") from error
        with self._database.reading() as session:
            signed = store.signed_size(session)
            if head.size <= signed and log.root_of(session, head.size) == head.root:
                return
        raise WitnessIsAhead(
            f"a witness holds a tree of {head.size} epochs; this database signed {signed}"
        )

    def _explain_ahead(self, size: int) -> None:
        with self._database.reading() as session:
            if store.signed_size(session) >= size:
                raise WitnessUnavailable("another process is already publishing a newer epoch")
        raise WitnessIsAhead(f"a witness cosigned a tree of {size} epochs that we never signed")


def _read_cosignature(body: bytes, key: VerifierKey, checkpoint: str) -> str:
    """The line of this witness among those in its answer, verified."""
    text = parse_note(checkpoint).text
    try:
        for row in body.decode().removesuffix("\n").split("\n"):
            line = parse_signature_line(row)
            if (line.name, line.key_id) == (key.name, key.key_id):
                own = build_signature_line(key, line.signature)
                verify_note(parse_note(build_note(text, [own])), keys=[key])
                return own
    except (UnicodeDecodeError, Malformed, NoteRefused) as error:
        raise WitnessUnavailable(f"{key.name} gave a wrong cosignature") from error
    raise WitnessUnavailable(f"{key.name} did not sign with its key")


def _read_size(body: bytes) -> int:
    try:
        return parse_size(body.decode().removesuffix("\n"))
    except (UnicodeDecodeError, Malformed) as error:
        raise WitnessUnavailable("a witness gave no tree size") from error
