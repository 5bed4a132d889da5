"""A ledger witness cosigns what is final on its chain, and nothing that contradicts its memory."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect

sys.path.insert(0, str(Path(__file__).parent))

from fake_chain import FakeChain, FakeNetwork
from ledgers import LOG_KEY, City, signing_key, verifier_key

import register
from ledger import chain_store, log, store
from ledger.chain import LogHead
from ledger.errors import ChainUnavailable, Malformed, NoteRefused
from ledger.ledger_witness import LedgerWitness, next_to_cosign
from ledger.note import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    QuorumPolicy,
    build_checkpoint_text,
    sign_note,
    verify_checkpoint,
)
from ledger.reconciler import Reconciler
from runtime.database import Database, migrate

KEY = verifier_key("ledger.example/besu", 9, COSIGNATURE)


class Stage:
    def __init__(self, folder):
        self.city = City(folder)
        self.network = FakeNetwork()
        self.chain = FakeChain(self.network)
        self.witness = self.new_witness()

    def new_witness(self, **words):
        words = {"key": KEY, "signer": signing_key(9), "log_keys": [LOG_KEY]} | words
        clock = lambda: self.city.now  # noqa: E731
        return LedgerWitness(self.city.database, self.chain, clock=clock, **words)

    def anchor(self, *, blocks=5):
        """One epoch later, on the chain under so many blocks; its note."""
        self.city.close()
        reconciler = Reconciler(
            self.city.database,
            self.chain,
            max_fee=10**9,
            patience=timedelta(0),
            clock=lambda: self.city.now,
        )
        reconciler.step()
        for _ in range(blocks):
            self.network.mine()
        return self.note()

    def note(self):
        with self.city.database.reading() as session:
            return log.published(session).witnessed

    def proof(self, old_size, size):
        with self.city.database.reading() as session:
            return log.consistency(session, old_size=old_size, size=size)

    def refused(self, note, proof=()):
        with pytest.raises(NoteRefused) as refused:
            self.witness.cosign(note, proof=proof)
        return refused.value.detail


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.city.database.close()


def test_a_final_root_is_cosigned_and_counts_in_a_policy(stage):
    note = stage.anchor()
    line = stage.witness.cosign(note, proof=())

    policy = QuorumPolicy(log=LOG_KEY, witnesses=(KEY,), threshold=1)
    found = verify_checkpoint(note + line, policy)
    assert found.cosignatures[0].time == stage.city.now
    with pytest.raises(NoteRefused):
        verify_checkpoint(note, policy)


def test_a_root_that_is_not_final_yet_is_refused(stage):
    assert stage.refused(stage.anchor(blocks=4)) == "not_final"
    stage.network.mine()
    stage.witness.cosign(stage.note(), proof=())
    stage.city.close()
    assert stage.refused(stage.note()) == "not_final"


def test_a_chain_that_cannot_be_asked_says_nothing(stage):
    note = stage.anchor()
    stage.chain.loses = lambda _what: True
    with pytest.raises(ChainUnavailable):
        stage.witness.cosign(note, proof=())


def test_only_the_logs_own_key_is_heard(stage):
    stage.anchor()
    head = Checkpoint("register.example/log", 1, bytes(32))
    foreign = verifier_key("register.example/log", 5, ED25519)
    note = sign_note(build_checkpoint_text(head), key=foreign, signer=signing_key(5))
    assert stage.refused(note) == "no_known_signature"
    other = sign_note(
        build_checkpoint_text(Checkpoint("other.example", 1, bytes(32))),
        key=LOG_KEY,
        signer=signing_key(1),
    )
    assert stage.refused(other) == "no_log_signature"
    with pytest.raises(Malformed):
        stage.witness.cosign("no note", proof=())
    with pytest.raises(Malformed):
        stage.new_witness(key=verifier_key("x", 9, ED25519))


def test_a_chain_that_takes_anything_cannot_make_it_cosign_a_fork_or_a_rollback(stage):
    first = stage.anchor()
    stage.witness.cosign(first, proof=())
    second = stage.anchor()
    assert stage.refused(second, proof=[bytes(32)]) == "fork"
    stage.witness.cosign(second, proof=stage.proof(1, 2))
    with stage.city.database.reading() as session:
        root = log.root_of(session, 1)
    forged = Checkpoint("register.example/log", 3, bytes(32))
    for head, detail in ((LogHead(1, 1, root), "rollback"), (LogHead(3, 3, bytes(32)), "fork")):
        for _ in range(5):
            stage.network._append(head, 9)
        text = build_checkpoint_text(forged)
        note = first if detail == "rollback" else sign_note(
            text, key=LOG_KEY, signer=signing_key(1)
        )  # fmt: skip
        assert stage.refused(note, proof=stage.proof(1, 2)) == detail


def test_a_witness_that_starts_again_remembers(stage):
    stage.witness.cosign(stage.anchor(), proof=())
    stage.anchor()
    final = stage.chain.head(at="final").head
    with stage.city.database.reading() as session:
        note, proof = next_to_cosign(session, witness=KEY, final=final)
    stage.witness = stage.new_witness()
    stage.witness.cosign(note, proof=proof)

    with stage.city.database.reading() as session:
        assert chain_store.load_cosigned(session, KEY.vkey).size == 2
        assert next_to_cosign(session, witness=KEY, final=final) is None
        assert next_to_cosign(session, witness=KEY, final=None) is None


def test_the_registers_migrations_make_the_tables_that_are_used(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/migrated.sqlite3")
    migrate(database, Path(register.__file__).parent / "migrations")
    made = inspect(database.engine)
    for table in (chain_store.CHAIN, chain_store.COSIGNED):
        columns = {column["name"] for column in made.get_columns(table.name)}
        assert columns == {column.name for column in table.columns}
    with database.reading() as session:
        assert chain_store.load_chains(session) == []
        assert store.newest_epoch(session) is None
    database.close()
