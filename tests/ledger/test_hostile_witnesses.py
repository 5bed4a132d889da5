"""A witness that lies, breaks or runs ahead costs cosignatures, never the log."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledgers import LOG_KEY, ORIGIN, City, MemoryWitness, signing_key, verifier_key

from ledger import store
from ledger.closer import WitnessAnswer
from ledger.errors import LogDamaged, Malformed, NoSuchEntry, WitnessIsAhead, WitnessUnavailable
from ledger.log import published
from ledger.merkle import build_consistency_proof, build_inclusion_proof, read_levels
from ledger.note import (
    COSIGNATURE,
    Checkpoint,
    build_checkpoint_text,
    build_cosignature,
    parse_note,
    parse_verifier_key,
    sign_note,
)
from ledger.quorum import parse_policy
from ledger.vkey import decode_base64


class Answering(MemoryWitness):
    """Answers every checkpoint with the same thing."""

    answer = WitnessAnswer(200, b"")

    def add_checkpoint(self, body):
        return self.answer(body) if callable(self.answer) else self.answer


def cosigned_by(seed, text=None):
    def answer(body):
        own = parse_note(body.decode().partition("\n\n")[2]).text
        line = build_cosignature(
            text or own,
            key=verifier_key(f"witness.example/{seed}", seed, COSIGNATURE),
            signer=signing_key(seed),
            now=MemoryWitness.clock,
        )
        return WitnessAnswer(200, line.encode())

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        WitnessAnswer(200, b""),
        WitnessAnswer(200, b"\xff"),
        WitnessAnswer(200, b"<html>"),
        WitnessAnswer(200, "\N{EM DASH} witness.example/2 AAAAAAAA\n".encode()),
        WitnessAnswer(403, b""),
        WitnessAnswer(422, b""),
        WitnessAnswer(500, b""),
        WitnessAnswer(409, b"x\n"),
        WitnessAnswer(409, b"\xff\n"),
        WitnessAnswer(409, b"0\n"),
        cosigned_by(9),
        cosigned_by(2, text="another text\n"),
    ],
)
def test_no_wrong_answer_becomes_a_cosignature(tmp_path, answer):
    witness = Answering()
    witness.answer = answer
    city = City(tmp_path, [witness])

    with pytest.raises(WitnessUnavailable):
        city.close()

    assert city.check() == []
    with city.database.reading() as session, pytest.raises(NoSuchEntry):
        published(session)


def test_signatures_of_others_beside_the_witness_are_passed_over(tmp_path):
    witness = Answering()
    witness.answer = lambda body: WitnessAnswer(
        200, cosigned_by(9)(body).body + cosigned_by(2)(body).body
    )
    city = City(tmp_path, [witness])
    epoch = city.close()

    assert [line.name for line in parse_note(epoch.witnessed).signatures] == [
        ORIGIN,
        "witness.example/2",
    ]


def test_a_witness_that_holds_a_larger_tree_stops_the_log(tmp_path):
    witness = Answering()
    witness.answer = WitnessAnswer(409, b"7\n")
    city = City(tmp_path, [witness])

    with pytest.raises(WitnessIsAhead):
        city.close()


def test_another_process_that_is_ahead_is_no_alarm(tmp_path):
    city = City(tmp_path)
    city.close()
    witness = Answering()
    witness.answer = WitnessAnswer(409, b"2\n")
    city.closer.close()
    with city.database.reading() as session:
        epoch = store.newest_epoch(session)
    note = sign_note(
        build_checkpoint_text(Checkpoint(ORIGIN, epoch.size, epoch.root)),
        key=LOG_KEY,
        signer=signing_key(1),
    )
    with city.database.writing() as session:
        store.set_checkpoint(session, epoch.size, note)

    with pytest.raises(WitnessUnavailable, match="already"):
        city.closer._explain_ahead(2)


@pytest.mark.parametrize(
    "head",
    [
        "nonsense",
        sign_note("text\n", key=LOG_KEY, signer=signing_key(1)),
        sign_note(
            build_checkpoint_text(Checkpoint(ORIGIN, 1, bytes(32))),
            key=verifier_key(ORIGIN, 9, 1),
            signer=signing_key(9),
        ),
    ],
)
def test_a_head_that_is_not_ours_is_no_head(tmp_path, head):
    witness = MemoryWitness()
    witness.note = head
    city = City(tmp_path, [witness])

    with pytest.raises(WitnessUnavailable):
        city.close()


def test_i7_a_head_of_our_size_with_another_root_stops_the_log(tmp_path):
    city = City(tmp_path)
    city.close()
    city.witnesses[0].note = sign_note(
        build_checkpoint_text(Checkpoint(ORIGIN, 1, bytes(32))),
        key=LOG_KEY,
        signer=signing_key(1),
    )
    city.closer = city.new_closer()

    with pytest.raises(WitnessIsAhead):
        city.close()


def test_a_log_without_witnesses_serves_its_own_signature(tmp_path):
    city = City(tmp_path, [], threshold=0)
    epoch = city.close()

    assert epoch.witnessed == epoch.checkpoint
    assert city.closer.settle() == epoch
    assert city.check() == []


def test_a_tree_that_changed_between_commit_and_signature_is_not_signed(tmp_path):
    city = City(tmp_path)
    city.now += timedelta(seconds=60)
    city.closer.close()
    with city.database.writing() as session:
        store.save_tile(session, 0, 0, bytes(32))

    with pytest.raises(LogDamaged):
        city.closer.settle()

    with city.database.reading() as session:
        assert store.signed_size(session) == 0


def test_an_empty_log_has_nothing_to_settle(tmp_path):
    assert City(tmp_path).closer.settle() is None


def test_proofs_of_what_is_not_there_are_a_mistake_of_the_caller():
    read = read_levels([[bytes(32)]])

    with pytest.raises(ValueError, match="not in a tree"):
        build_inclusion_proof(read, index=1, size=1)
    with pytest.raises(ValueError, match="never had"):
        build_consistency_proof(read, old_size=2, size=1)


@pytest.mark.parametrize("text", ["ä", "AAAB=", "AAA", "AB==", "A A="])
def test_base64_has_one_form(text):
    with pytest.raises(Malformed):
        decode_base64(text)


def test_a_vkey_and_a_policy_have_their_limits():
    with pytest.raises(Malformed):
        parse_verifier_key("+" + LOG_KEY.vkey.partition("+")[2])
    with pytest.raises(Malformed):
        parse_policy("# " + "x" * 70_000)
