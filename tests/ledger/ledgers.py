"""A log for tests that speaks of lists and epochs, with witnesses in memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import log, store
from ledger.check import check
from ledger.closer import Closer, Quorum, WitnessAnswer
from ledger.epoch import ListLeaf, TrustLeaf, chunk_root, token_digest
from ledger.errors import WitnessUnavailable
from ledger.merkle import verify_consistency
from ledger.note import (
    COSIGNATURE,
    ED25519,
    QuorumPolicy,
    VerifierKey,
    build_cosignature,
    parse_checkpoint_text,
    parse_note,
    verify_note,
)
from ledger.witnessing import parse_add_checkpoint
from runtime.database import Database

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ORIGIN = "register.example/log"
MEDIA_TYPE = "application/statuslist+jwt"


def signing_key(seed):
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


def verifier_key(name, seed, signature_type):
    return VerifierKey(name, signature_type, signing_key(seed).public_key().public_bytes_raw())


LOG_KEY = verifier_key(ORIGIN, 1, ED25519)


@dataclass
class MemoryWitness:
    """Keeps the rules of tlog-witness for one log; can be made to be away."""

    seed: int = 2
    size: int = 0
    root: bytes = b""
    note: str | None = None
    is_away: bool = False
    clock: datetime = NOON
    asked: list = field(default_factory=list)

    @property
    def key(self):
        return verifier_key(f"witness.example/{self.seed}", self.seed, COSIGNATURE)

    def add_checkpoint(self, body):
        if self.is_away:
            raise WitnessUnavailable("nobody answers")
        request = parse_add_checkpoint(body)
        note = parse_note(request.checkpoint)
        verify_note(note, keys=[LOG_KEY])
        head = parse_checkpoint_text(note.text)
        self.asked.append((request.old_size, head.size))
        if request.old_size != self.size:
            return WitnessAnswer(409, b"%d\n" % self.size)
        if self.size and not verify_consistency(
            old_size=self.size,
            old_root=self.root,
            size=head.size,
            root=head.root,
            proof=request.proof,
        ):
            return WitnessAnswer(422, b"")
        self.size, self.root, self.note = head.size, head.root, request.checkpoint
        line = build_cosignature(
            note.text, key=self.key, signer=signing_key(self.seed), now=self.clock
        )
        return WitnessAnswer(200, line.encode())

    def head(self):
        if self.is_away:
            raise WitnessUnavailable("nobody answers")
        return self.note


class City:
    """A log in a folder, its clock and its witnesses."""

    def __init__(self, folder, witnesses=None, threshold=1, url=None):
        self.database = Database(url or f"sqlite:///{folder}/register.sqlite3")
        with self.database.writing() as session:
            store.metadata.create_all(session.connection())
        self.witnesses = witnesses if witnesses is not None else [MemoryWitness()]
        self.threshold = threshold
        self.now = NOON
        self.trust = [TrustLeaf(b"issuer/transport", bytes(32))]
        self.closer = self.new_closer()

    @property
    def policy(self):
        return QuorumPolicy(
            log=LOG_KEY,
            witnesses=tuple(witness.key for witness in self.witnesses),
            threshold=self.threshold,
        )

    def new_closer(self):
        """As after a restart of the process."""
        return Closer(
            self.database,
            key=LOG_KEY,
            signer=signing_key(1),
            quorum=lambda: Quorum(self.policy, tuple(self.witnesses)),
            trust=lambda _session: self.trust,
            clock=lambda: self.now,
            epoch_length=timedelta(seconds=60),
        )

    def submit(self, uri, version, entries=bytes(256), token=None):
        token = token if token is not None else f"{uri} {version}".encode()
        leaf = ListLeaf(
            uri=uri,
            version=version,
            bits=2,
            size=len(entries) * 4,
            token_digest=token_digest(token),
            chunk_root=chunk_root(entries),
        )
        with self.database.writing() as session:
            return log.submit_list(session, leaf=leaf, token=token, media_type=MEDIA_TYPE)

    def close(self):
        """One epoch later, published."""
        self.now += timedelta(seconds=60)
        for witness in self.witnesses:
            witness.clock = self.now
        self.closer.close()
        return self.closer.settle()

    def anchored(self, uri):
        with self.database.reading() as session:
            return log.anchored_list(session, uri)

    def check(self):
        return check(self.database)
