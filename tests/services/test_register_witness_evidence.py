"""CP-02, WIT-01: forks, rollbacks and partitions are refused, and what a log signed is kept."""

import os
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "ledger"))

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from ledgers import NOON, signing_key, verifier_key

from ledger.errors import NoteRefused
from ledger.merkle import consistency_proof, leaf_hash, tree_root
from ledger.note import (
    COSIGNATURE,
    ED25519,
    ML_DSA_44,
    Checkpoint,
    VerifierKey,
    build_checkpoint_text,
    build_cosignature,
    sign_note,
    verify_checkpoint,
)
from ledger.witnessing import build_add_checkpoint
from register import witness_evidence, witness_store
from register.check import check_witness
from register.watching import Witness
from register.witnesses import build_quorum_policy
from runtime.database import Database

ORIGIN = "log.example"
KEY = verifier_key(ORIGIN, 7, ED25519)
HONEST = [leaf_hash(b"%d" % number) for number in range(20)]
FORKED = [*HONEST[:3], *(leaf_hash(b"x%d" % number) for number in range(17))]


def checkpoint(leaves, size, *, seed=7):
    text = build_checkpoint_text(Checkpoint(ORIGIN, size, tree_root(leaves[:size])))
    return sign_note(text, key=KEY, signer=signing_key(seed))


def request(leaves, old, size, **how):
    proof = consistency_proof(leaves[:size], old) if old else ()
    return build_add_checkpoint(
        old_size=old, proof=proof, checkpoint=checkpoint(leaves, size, **how)
    )


def open_witness(folder, seed):
    database = Database(f"sqlite:///{folder}/witness-{seed}.sqlite3")
    with database.writing() as session:
        witness_store.metadata.create_all(session.connection())
    key = verifier_key(f"witness.example/{seed}", seed, COSIGNATURE)
    witness = Witness(
        database,
        key=key,
        signer=signing_key(seed),
        clock=lambda: NOON,
        find_log=lambda origin: KEY.vkey if origin == ORIGIN else None,
    )
    with database.writing() as session:
        if not witness_store.has_identity(session):
            witness_store.insert_identity(session)
            witness_store.bind_identity(session, key.vkey)
    return witness


@pytest.fixture
def witness(tmp_path):
    return open_witness(tmp_path, 2)


def send(witness, leaves, old, size, **how):
    return witness.add_checkpoint(request(leaves, old, size, **how))


def test_cp_02_a_larger_fork_is_refused_and_its_signed_checkpoint_kept(witness):
    send(witness, HONEST, 0, 5)
    before = held(witness)
    answer = send(witness, FORKED, 5, 12)
    [kept] = witness.evidence()

    assert answer.status == 422
    assert kept.note == checkpoint(FORKED, 12)
    assert kept.held is not None
    assert kept.held.startswith(checkpoint(HONEST, 5))
    assert held(witness) == before
    assert check_witness(witness.database) == []


@pytest.mark.parametrize(("old", "status"), [(5, 422), (3, 409)])
def test_cp_02_two_roots_of_one_size_are_kept_whatever_the_request_says(witness, old, status):
    send(witness, HONEST, 0, 5)

    assert send(witness, FORKED, old, 5).status == status
    assert [(one.size, one.root) for one in witness.evidence()] == [(5, tree_root(FORKED[:5]))]


@pytest.mark.parametrize(("old", "size", "status"), [(5, 3, 400), (3, 3, 409), (0, 3, 409)])
def test_cp_02_a_rollback_is_refused_and_is_no_evidence(witness, old, size, status):
    send(witness, HONEST, 0, 5)
    before = held(witness)
    body = build_add_checkpoint(old_size=old, proof=(), checkpoint=checkpoint(HONEST, size))

    assert witness.add_checkpoint(body).status == status
    assert (held(witness), witness.evidence()) == (before, [])


def test_what_the_log_did_not_sign_is_no_evidence(witness):
    send(witness, HONEST, 0, 5)

    assert send(witness, FORKED, 5, 12, seed=8).status == 403
    assert witness.evidence() == []


def test_an_honest_checkpoint_with_a_wrong_proof_is_cleared_when_the_log_proves_it(witness):
    send(witness, HONEST, 0, 5)
    body = build_add_checkpoint(old_size=5, proof=(), checkpoint=checkpoint(HONEST, 9))

    assert witness.add_checkpoint(body).status == 422
    assert len(witness.evidence()) == 1
    assert send(witness, HONEST, 5, 9).status == 200
    assert witness.evidence() == []


def test_evidence_is_bounded_and_the_first_stays(witness, monkeypatch):
    monkeypatch.setattr(witness_evidence, "MAX_EVIDENCE", 3)
    send(witness, HONEST, 0, 5)
    for size in (*range(10, 18), 10):
        send(witness, FORKED, 5, size)

    assert [one.size for one in witness.evidence()] == [10, 11, 12]


def test_evidence_that_was_made_up_is_found(witness):
    send(witness, HONEST, 0, 5)
    with witness.database.writing() as session:
        witness_evidence.keep_evidence(
            session,
            witness_evidence.Evidence(
                ORIGIN, 9, tree_root(FORKED[:9]), checkpoint(FORKED, 9, seed=8), None
            ),
        )

    assert check_witness(witness.database) == [
        f"evidence against {ORIGIN} at size 9 was not signed by it"
    ]


def test_a_log_that_splits_four_witnesses_gets_no_quorum_on_either_side(tmp_path):
    """n = 4, f = 1: 3 of 4 must cosign; two see one history, two the other."""
    witnesses = [open_witness(tmp_path, seed) for seed in (2, 3, 4, 5)]
    policy = build_quorum_policy(KEY, [witness.key for witness in witnesses])
    for witness in witnesses:
        assert send(witness, HONEST, 0, 3).status == 200
    sides = {"honest": (HONEST, witnesses[:2]), "forked": (FORKED, witnesses[2:])}
    notes = {}
    for name, (leaves, own) in sides.items():
        notes[name] = checkpoint(leaves, 10) + "".join(
            send(witness, leaves, 3, 10).body for witness in own
        )
    for leaves, others in ((HONEST, witnesses[2:]), (FORKED, witnesses[:2])):
        assert {send(witness, leaves, 10, 10).status for witness in others} == {422}
        assert {send(witness, leaves, 10, 12).status for witness in others} == {422}

    assert policy.threshold == 3
    for note in notes.values():
        assert note.count("witness.example") == 2
        with pytest.raises(NoteRefused) as refused:
            verify_checkpoint(note, policy)
        assert refused.value.detail == "no_quorum"
    assert all(witness.evidence() for witness in witnesses)


def test_of_two_processes_that_extend_one_head_one_is_cosigned(tmp_path):
    open_witness(tmp_path, 2).add_checkpoint(request(HONEST, 0, 3))
    children = [race(tmp_path, HONEST if number % 2 else FORKED, number) for number in range(6)]
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    witness = open_witness(tmp_path, 2)

    assert sorted(statuses) == [0] + [9] * 5
    assert check_witness(witness.database) == []


def race(folder, leaves, number):
    """A process that extends the head of size 3; exit code 0 for a cosignature, 9 for a 409."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            answer = send(open_witness(folder, 2), leaves, 3, 10 + number)
            code = {200: 0, 409: 9}.get(answer.status, 1)
        finally:
            os._exit(code)
    return child


def test_a_log_changes_to_ml_dsa_while_both_keys_sign(witness):
    private = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
    new = VerifierKey(ORIGIN, ML_DSA_44, private.public_key().public_bytes_raw())
    line = build_cosignature(
        checkpoint(HONEST, 5).partition("\n\n")[0] + "\n", key=new, signer=private, now=NOON
    )
    send(witness, HONEST, 0, 3)
    proof = consistency_proof(HONEST[:5], 3)
    both = checkpoint(HONEST, 5) + line
    before = witness.add_checkpoint(build_add_checkpoint(old_size=3, proof=proof, checkpoint=both))
    witness.watch(new.vkey)
    text = build_checkpoint_text(Checkpoint(ORIGIN, 8, tree_root(HONEST[:8])))
    alone = f"{text}\n" + build_cosignature(text, key=new, signer=private, now=NOON)
    proof = consistency_proof(HONEST[:8], 5)
    after = witness.add_checkpoint(build_add_checkpoint(old_size=5, proof=proof, checkpoint=alone))

    assert (before.status, after.status) == (200, 200)


BAD = {
    "malformed note": (400, lambda: b"old 5\n\nno note\n"),
    "malformed proof": (400, lambda: b"old 5\nAAAA\n\n" + checkpoint(HONEST, 9).encode()),
    "size 0 with a root": (
        400,
        lambda: build_add_checkpoint(old_size=5, proof=(), checkpoint=empty_tree()),
    ),
    "inconsistent proof": (422, lambda: request(FORKED, 5, 9)),
    "foreign signature": (403, lambda: request(HONEST, 5, 9, seed=8)),
    "foreign log": (404, lambda: request(HONEST, 5, 9).replace(b"log.example", b"own.example")),
    "other old size": (409, lambda: request(HONEST, 3, 9)),
}


def empty_tree():
    text = build_checkpoint_text(Checkpoint(ORIGIN, 0, bytes(32)))
    return sign_note(text, key=KEY, signer=signing_key(7))


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_by_name_and_the_stored_head_stays(witness, case):
    status, make = BAD[case]
    send(witness, HONEST, 0, 5)
    before = held(witness)
    answer = witness.add_checkpoint(make())

    assert answer.status == status
    assert answer.body
    assert held(witness) == before
    assert send(witness, HONEST, 5, 9).status == 200


@pytest.mark.parametrize("mode", ["kill-before", "kill-after"])
def test_a_witness_killed_while_it_keeps_evidence_is_whole(tmp_path, mode):
    send(open_witness(tmp_path, 2), HONEST, 0, 5)
    child = os.fork()
    if child == 0:
        try:
            os.environ["CITY_FAILPOINT"] = f"witness.evidence:{mode}"
            send(open_witness(tmp_path, 2), FORKED, 5, 12)
        finally:
            os._exit(1)
    end = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    witness = open_witness(tmp_path, 2)

    assert end == -signal.SIGKILL
    assert check_witness(witness.database) == []
    assert send(witness, FORKED, 5, 12).status == 422
    assert len(witness.evidence()) == 1


def held(witness):
    with witness.database.reading() as session:
        return witness_store.load_logs(session)
