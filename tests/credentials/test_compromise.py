"""A stolen key: what was there before survives, what was not does not (S-188)."""

import dataclasses
from datetime import timedelta

import pytest

from credentials.material import Material
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.trust_document import parse_trust_registry
from credentials.verdict import Outcome, Reason
from credentials.verification import verify
from encoding import base64url
from encoding.strict_json import build_json, parse_object
from ledger.epoch import parse_list_leaf
from ledger.epoch_proof import EpochProof
from ledger.errors import AnchorError, Malformed
from ledger.existence import (
    ExistenceLeaf,
    build_commitment,
    build_existence_leaf,
    build_existence_proof_json,
    parse_existence_leaf,
    parse_existence_proof,
    verify_existence,
)
from ledger.note import MAX_NOTE_BYTES, QuorumPolicy
from tests.credentials.existence_ledger import anchor_existence, digest_of
from tests.vectors import small_city as city
from tests.vectors.small_city import DAY, HOUR, MINUTE, NOW, STRANGER, TRANSPORT
from tests.vectors.small_ledger import LOG, Log

STOLEN = NOW - HOUR
BEFORE = STOLEN - 10 * MINUTE
TYPE = city.vct("taxi-permit")
PERMIT = city.permit()
DIGEST = digest_of(PERMIT)
POLICY = Policy(
    credentials=(CredentialRule("permit", frozenset({TYPE}), (("plate",),)),),
    joins=(),
    status=StatusPolicy(StatusRule.IGNORE, None, require_anchor=False),
    require_holder_binding=True,
    freshness=timedelta(minutes=1),
    skew=timedelta(minutes=1),
)


def keys(**changes):
    listed = TRANSPORT.registry_entry(types=[])["keys"]
    return [listed[0] | changes, *listed[1:]]


def judge(text=PERMIT, existence=None, *, log=LOG.policy, now=NOW, **changes):
    """The check of the issuer's signature, for a key that was stolen an hour ago."""
    words = {"compromised_at": city.seconds(STOLEN), **changes}
    verdict = verify(
        {"permit": text},
        Material(
            trust=parse_trust_registry(city.trust(transport={"keys": keys(**words)})),
            lists={},
            log=log,
            is_replayed=False,
            existence=existence or {},
        ),
        POLICY,
        now=now,
        audience="x509_san_dns:verifier.city.example",
        nonce="n-42",
    )
    signature = next(each for each in verdict.checks if each.name == "signature")
    assert (verdict.outcome is Outcome.PASSED) == (signature.outcome is Outcome.PASSED)
    return signature.outcome, signature.reason, signature.detail


PASSED = (Outcome.PASSED, None, None)
FORGED = (Outcome.FAILED, Reason.KEY_COMPROMISED, "key_compromised")


def proofs(digests=(DIGEST,), **changes):
    words = {"issuer": TRANSPORT.iss, "time": BEFORE, **changes}
    return anchor_existence(list(digests), **words)


def test_s_188_what_was_anchored_before_survives():
    assert judge(existence=proofs()) == PASSED


def test_s_188_without_a_proof_nothing_of_the_key_counts():
    assert judge() == FORGED
    assert judge(existence=proofs([bytes(32)])) == FORGED


def test_s_188_a_backdated_credential_of_the_thief_fails():
    """He writes last year into it; the ledger has never seen its signature."""
    forged = city.permit(iat=city.seconds(NOW - 300 * DAY), plate="2A-9999")

    assert judge(forged, existence=proofs()) == FORGED
    assert judge(forged, existence={base64url.encode(digest_of(forged)): proofs_of_another()}) == (
        FORGED
    )


def test_s_188_a_proof_that_does_not_hold_hides_none_that_does():
    """The first is of another agency, the second too young, the third good."""
    (good,) = proofs().values()
    (foreign,) = proofs(issuer=city.INSURANCE.iss).values()
    (late,) = proofs(time=NOW).values()
    (name,) = proofs()

    assert judge(existence={name: (*foreign, *late)}) == FORGED
    assert judge(existence={name: (*foreign, *late, *good)}) == PASSED


def proofs_of_another():
    return next(iter(proofs().values()))


def test_s_188_the_same_words_signed_again_by_the_thief_fail():
    """Who knew the words beforehand could commit to them, but not to a signature."""
    again = resigned(PERMIT)

    assert digest_of(again) != DIGEST
    assert judge(again, existence=proofs(), compromised_at=None) == PASSED
    assert judge(again, existence=proofs()) == FORGED


def resigned(text):
    """The same payload with the other ECDSA signature that any onlooker can compute."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    token, rest = text.split("~", 1)
    head, _, signature = token.rpartition(".")
    raw = base64url.decode(signature)
    other = raw[:32] + (order - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    assert rest.startswith("ey")
    shown = f"{head}.{base64url.encode(other)}~"
    return city.bind(shown, nonce="n-42", audience="x509_san_dns:verifier.city.example")


@pytest.mark.parametrize(
    ("time", "seen", "expected"),
    [
        (BEFORE, STOLEN - MINUTE, PASSED),
        (BEFORE, STOLEN - MINUTE + timedelta(seconds=1), FORGED),
        (BEFORE, STOLEN, FORGED),
        (BEFORE, NOW, FORGED),
        (STOLEN - MINUTE, STOLEN - MINUTE, PASSED),
        (STOLEN, STOLEN, FORGED),
        (STOLEN + MINUTE, STOLEN + MINUTE, FORGED),
    ],
)
def test_s_188_witnesses_must_have_seen_it_a_minute_before(time, seen, expected):
    """The log's word for its own time is not enough: its operator may be the thief."""
    assert judge(existence=proofs(time=time, seen=seen)) == expected


def test_s_188_too_few_witnesses_prove_nothing():
    assert judge(existence=proofs(witnesses=1)) == FORGED
    assert judge(existence=proofs(witnesses=0)) == FORGED


def test_s_188_a_policy_without_witnesses_proves_nothing():
    alone = QuorumPolicy(log=LOG.key, witnesses=(), threshold=0)

    assert judge(existence=proofs(), log=alone) == FORGED
    assert judge(existence=proofs(), log=None) == FORGED


def test_s_188_another_log_proves_nothing():
    assert judge(existence=proofs(log=Log("log.elsewhere.example"))) == FORGED


def test_s_188_another_agencys_commitment_proves_nothing():
    assert judge(existence=proofs(issuer=city.INSURANCE.iss)) == FORGED


def test_s_188_any_identifier_of_the_agency_counts():
    assert judge(existence=proofs(issuer=TRANSPORT.did)) == PASSED


def test_s_188_one_of_several_proofs_is_enough():
    key = base64url.encode(DIGEST)
    bad, good = proofs(time=STOLEN + MINUTE)[key], proofs()[key]

    assert judge(existence={key: (*bad, *good)}) == PASSED


def test_s_188_each_of_many_survives_by_its_own_proof():
    papers = [city.permit(plate=f"2A-{number}") for number in range(7)]
    anchored = proofs([digest_of(each) for each in papers])

    assert [judge(each, existence=anchored) for each in papers] == [PASSED] * 7


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"valid_until": city.seconds(NOW)}, "key_no_longer_valid"),
        ({"valid_from": city.seconds(NOW + HOUR)}, "key_not_yet_valid"),
        ({"sign_until": city.seconds(NOW - 40 * DAY)}, "key_no_longer_valid"),
        ({"use": "status"}, "key_of_another_use"),
    ],
)
def test_s_188_surviving_does_not_make_a_key_better_than_it_was(changes, detail):
    expected = (Outcome.FAILED, Reason.ISSUER_NOT_TRUSTED, detail)

    assert judge(existence=proofs(), **changes) == expected


def test_s_188_a_bad_signature_does_not_survive():
    forged = city.permit(by=STRANGER)
    existence = proofs([digest_of(forged)])

    assert judge(forged, existence=existence)[1] is Reason.BAD_SIGNATURE


def test_a_compromise_that_lies_ahead_is_none_yet():
    assert judge(compromised_at=city.seconds(NOW + HOUR)) == PASSED


# The proof itself, in ledger/existence.py.


PROOF = proofs_of_another()[0]


def check(proof, **changes):
    words = {"issuer": TRANSPORT.iss, "digest": DIGEST, "before": STOLEN, **changes}
    verify_existence(proof, policy=LOG.policy, **words)


def changed(proof, **members):
    return dataclasses.replace(proof, **members)


def in_epoch(**members):
    return changed(PROOF, epoch=dataclasses.replace(PROOF.epoch, **members))


@pytest.mark.parametrize(
    ("proof", "words", "detail"),
    [
        (PROOF, {"issuer": "https://other.example"}, "wrong_issuer"),
        (PROOF, {"digest": bytes(32)}, "not_committed"),
        (changed(PROOF, salt=bytes(16)), {}, "not_committed"),
        (changed(PROOF, entry_index=1), {}, "not_committed"),
        (changed(PROOF, entry_path=(bytes(32),)), {}, "not_committed"),
        (changed(PROOF, leaf=dataclasses.replace(PROOF.leaf, root=bytes(32))), {}, "not_committed"),
        (changed(PROOF, leaf_index=0), {}, "not_in_snapshot"),
        (changed(PROOF, leaf_path=PROOF.leaf_path[:-1]), {}, "not_in_snapshot"),
        (changed(PROOF, leaf_path=(bytes(32), *PROOF.leaf_path[1:])), {}, "not_in_snapshot"),
        (in_epoch(index=38), {}, "not_in_log"),
        (in_epoch(path=PROOF.epoch.path[:-1]), {}, "not_in_log"),
        (in_epoch(checkpoint="x"), {}, "malformed_note"),
        (PROOF, {"before": BEFORE}, "seen_too_late"),
    ],
)
def test_a_proof_that_does_not_hold_says_why(proof, words, detail):
    with pytest.raises(AnchorError) as refused:
        check(proof, **words)

    assert refused.value.detail == detail


def test_a_proof_is_read_back_as_it_was_written():
    text = build_json(build_existence_proof_json(PROOF))
    read = parse_existence_proof(parse_object(text))

    assert read == PROOF
    assert isinstance(read.epoch, EpochProof)
    check(read)


@pytest.mark.parametrize(
    "change",
    [
        {"salt": "AAAA"},
        {"salt": 7},
        {"salt": None},
        {"checkpoint": 7},
        {"checkpoint": "x" * (MAX_NOTE_BYTES + 1)},
        {"entry_index": -1},
        {"entry_index": True},
        {"entry_path": "x"},
        {"entry_path": ["AAAA"]},
        {"entry_path": [base64url.encode(bytes(32))] * 64},
        {"leaf": base64url.encode(b"\x80")},
        {"leaf": "="},
        {"epoch_leaf": base64url.encode(b"\xff")},
        {"extra": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_no_proof_is_malformed(change):
    with pytest.raises(Malformed):
        parse_existence_proof({**build_existence_proof_json(PROOF), **change})


@pytest.mark.parametrize("value", [None, [], "x", {}, 7])
def test_another_value_is_no_proof(value):
    with pytest.raises(Malformed):
        parse_existence_proof(value)


LEAF = build_existence_leaf(PROOF.leaf)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        LEAF[:-1],
        LEAF + b"\x00",
        build_existence_leaf(ExistenceLeaf("a", 0, bytes(32))),
        build_existence_leaf(ExistenceLeaf("a", 1, bytes(31))),
        LEAF.replace(b"existence", b"existencf"),
        b"\x85\xf5" + LEAF[2:],
        b"\x85\x02" + LEAF[2:],
        bytes(5000),
    ],
)
def test_what_is_no_existence_leaf_is_malformed(data):
    with pytest.raises(Malformed) as fault:
        parse_existence_leaf(data)

    assert fault.value.detail == "malformed_leaf"


def test_no_existence_leaf_reads_like_a_list():
    with pytest.raises(Malformed):
        parse_list_leaf(LEAF)

    assert parse_existence_leaf(LEAF) == PROOF.leaf


def test_s_196_a_commitment_is_recognised_only_with_its_salt():
    assert build_commitment(DIGEST, salt=bytes(16)) != build_commitment(DIGEST, salt=b"\x01" * 16)
    assert DIGEST not in LEAF
    with pytest.raises(Malformed):
        build_commitment(DIGEST, salt=b"short")
