"""A remembered signature spares the computing and decides nothing else (S-028, S-188)."""

import random
from dataclasses import replace

import pytest

from credentials import issuer_judgement, signature_memory
from credentials.model import IssuerKeyHint, Signed
from credentials.signature_memory import SignatureMemory
from credentials.verdict import build_verdict_json
from tests.credentials import workshop
from tests.credentials.test_verification import CASES, DOCUMENT
from tests.vectors import reading_cases

KEY = workshop.public_key(workshop.AGENCY)
STRANGER = workshop.public_key(workshop.STRANGER)
HINT = IssuerKeyHint(algorithm="ES256", key_id=None, x5c=())


def signed(data=b"header.payload", by=workshop.AGENCY):
    return Signed(data, by.sign(data), HINT)


@pytest.fixture
def computed(monkeypatch):
    """What the memory computes."""
    calls = []
    verify = signature_memory.verify_signature

    def count(key, data, signature):
        calls.append((key, data))
        return verify(key, data, signature)

    monkeypatch.setattr(signature_memory, "verify_signature", count)
    return calls


def test_every_vector_has_the_same_verdict_with_a_memory_that_saw_them_all(monkeypatch, computed):
    memory = SignatureMemory()
    material = reading_cases.read_material
    monkeypatch.setattr(
        reading_cases,
        "read_material",
        lambda *given, **named: replace(material(*given, **named), signatures=memory),
    )
    dice = random.Random(7)
    first, hits = len(CASES), 0
    for case in [*CASES, *dice.sample(CASES, first), *dice.sample(CASES, first)]:
        before = len(computed)
        assert build_verdict_json(reading_cases.judge(case, DOCUMENT)) == case["verdict"]
        hits += before == len(computed)

    assert len(memory) > 5
    assert hits > first, "the memory is not asked"


def test_a_right_signature_is_computed_once(computed):
    memory, permit = SignatureMemory(), signed()

    assert [memory.verify(permit, KEY) for _ in range(3)] == [True, True, True]
    assert len(computed) == 1


def test_a_wrong_signature_is_never_remembered(computed):
    memory, forged = SignatureMemory(), signed(by=workshop.STRANGER)

    assert [memory.verify(forged, KEY) for _ in range(3)] == [False, False, False]
    assert len(computed) == 3
    assert len(memory) == 0


def test_a_signature_is_known_for_its_key_alone():
    memory, permit = SignatureMemory(), signed()

    assert memory.verify(permit, KEY)
    assert not memory.verify(permit, STRANGER)


@pytest.mark.parametrize("place", [0, 5, -1])
def test_one_changed_byte_is_another_signature(place):
    memory, permit = SignatureMemory(), signed()
    assert memory.verify(permit, KEY)
    for member in ("signing_input", "signature"):
        changed = bytearray(getattr(permit, member))
        changed[place] ^= 1

        assert not memory.verify(replace(permit, **{member: bytes(changed)}), KEY)


def test_no_byte_moves_between_what_was_signed_and_its_signature():
    memory, permit = SignatureMemory(), signed()
    assert memory.verify(permit, KEY)
    whole = permit.signing_input + permit.signature
    for length in range(len(whole) + 1):
        if length != len(permit.signing_input):
            assert not memory.verify(Signed(whole[:length], whole[length:], HINT), KEY)


def test_the_memory_is_bounded_and_keeps_what_was_seen_last(computed):
    memory = SignatureMemory(limit=8)
    papers = [signed(b"paper %d" % number) for number in range(40)]
    for paper in papers:
        memory.verify(paper, KEY)
        assert len(memory) <= 8
    before = len(computed)

    assert memory.verify(papers[-1], KEY)
    assert len(computed) == before
    assert memory.verify(papers[0], KEY)
    assert len(computed) == before + 1


def test_what_is_seen_again_and_again_outlives_what_passes_by(computed):
    memory, kept = SignatureMemory(limit=8), signed(b"kept")
    for number in range(40):
        memory.verify(kept, KEY)
        memory.verify(signed(b"paper %d" % number), KEY)

    assert sum(data == b"kept" for _, data in computed) == 1


def test_without_a_memory_every_signature_is_computed(monkeypatch):
    calls = []
    verify = issuer_judgement.verify_signature
    monkeypatch.setattr(
        issuer_judgement, "verify_signature", lambda *given: calls.append(1) or verify(*given)
    )
    case = next(case for case in CASES if case["expect"] == "passed")
    for _ in range(3):
        reading_cases.judge(case, DOCUMENT)

    assert len(calls) >= 3
