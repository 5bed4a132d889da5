"""Whose proof counts, at exact times and one reason at a time: gaps that mutation showed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from credentials.holder_judgement import HolderQuestion, judge_holder, judge_replay
from credentials.mdoc import read_device_response
from credentials.model import UnlinkableProof
from credentials.policy import Policy, StatusPolicy, StatusRule
from credentials.presentation_header import build_presentation_header
from credentials.verdict import Reason, failed, passed
from tests.credentials import mdoc_workshop
from tests.credentials.judged_papers import PROOF, SECOND, SKEW, binding, credential, told
from tests.credentials.workshop import (
    DRIVER,
    NONCE,
    NOW,
    STRANGER,
    VERIFIER,
    ed25519_signer,
    public_key,
)

FRESHNESS = timedelta(minutes=5)
PASSED = ("passed", None, None)
HELD = passed("holder")


def question(*, bound=True, **changes):
    policy = Policy(
        credentials=(),
        joins=(),
        status=StatusPolicy(StatusRule.IGNORE, None, require_anchor=False),
        require_holder_binding=bound,
        freshness=FRESHNESS,
        skew=SKEW,
    )
    members = {"audience": VERIFIER, "nonce": NONCE, "handover": None, "proofs": {}}
    return HolderQuestion(policy=policy, now=NOW, **(members | changes))


def holder(proof=None, asked=None, **changes):
    paper = credential(key_binding=proof or binding(), **changes)
    check = judge_holder(paper, asked or question())
    assert check.name == "holder"
    return told(check)


def unbound(detail):
    return ("failed", "holder_not_bound", detail)


def test_sd_v_12_the_phone_of_the_holder_proves_it_and_no_other():
    assert holder() == PASSED
    assert holder(binding(by=STRANGER)) == unbound("bad_holder_signature")
    assert holder(binding(signing_input=PROOF + b"!")) == unbound("bad_holder_signature")
    assert holder(binding(algorithm="EdDSA")) == unbound("bad_holder_signature")
    assert holder(binding(covers_presentation=False)) == unbound("sd_hash_mismatch")
    assert holder(holder_key=None) == unbound("no_holder_key")
    assert told(judge_holder(credential(), question())) == unbound("holder_binding_missing")


def test_a_proof_that_names_a_key_names_that_of_the_credential():
    assert holder(binding(proof_key=public_key(DRIVER))) == PASSED
    assert holder(binding(proof_key=public_key(STRANGER))) == unbound("holder_mismatch")


def test_s_040_a_proof_is_for_this_audience_and_this_nonce():
    wrong_audience = ("failed", "wrong_audience", "wrong_audience")
    wrong_nonce = ("failed", "wrong_nonce", "wrong_nonce")

    assert holder(binding(audience="x509_san_dns:other.example")) == wrong_audience
    assert holder(binding(nonce="another")) == wrong_nonce
    assert holder(binding(nonce="its own"), question(nonce=None)) == PASSED
    assert holder(binding(audience=""), question(audience="")) == wrong_audience
    assert holder(binding(audience="", nonce=""), question(audience="", nonce="")) == (
        wrong_audience
    )


def test_a_proof_that_a_child_process_judged_counts_for_the_key_of_the_holder():
    def of(key=DRIVER, **proofs):
        proof = binding(external_proof="p", proof_key=public_key(key), signature=b"")
        return holder(proof, question(proofs=proofs))

    assert of(p=True) == PASSED
    assert of(p=False) == unbound("bad_holder_signature")
    assert of(STRANGER, p=True) == unbound("bad_holder_signature")
    assert of(q=True) == ("indeterminate", "holder_not_bound", "proof_not_judged")


def test_sd_v_01_where_nothing_is_asked_of_the_holder_nothing_is_looked_at():
    not_required = ("passed", None, "not_required")

    for proof in (binding(), binding(by=STRANGER)):
        assert holder(proof, question(bound=False)) == not_required
    paper = credential()
    unasked = judge_holder(paper, question(bound=False))
    assert (*told(unasked), unasked.name) == (*not_required, "holder")
    assert replay(None, asked=question(bound=False)) == not_required


def test_a_proof_that_nobody_can_link_answers_this_session():
    header = build_presentation_header(audience=VERIFIER, nonce=NONCE)
    paper = credential(unlinkable_proof=UnlinkableProof(b"proof", b"", header, {}))
    not_required = ("passed", None, "not_required")

    def of(**changes):
        check = judge_holder(paper, question(bound=False, **changes))
        assert check.name == "holder"
        return told(check)

    assert of() == not_required
    assert of(nonce=None) == not_required
    mismatch = ("failed", "wrong_nonce", "presentation_header_mismatch")
    assert of(nonce="another") == mismatch
    assert of(audience="x509_san_dns:other.example") == mismatch


def replay(proof=None, *, by_holder=HELD, asked=None, is_replayed=False, **changes):
    paper = credential(key_binding=proof, **changes)
    check = judge_replay(paper, by_holder, asked or question(), is_replayed=is_replayed)
    assert check.name == "replay"
    return told(check)


def test_s_127_what_was_seen_before_is_replayed_whatever_else_it_is():
    seen = ("failed", "replayed", "seen_before")
    old = binding(issued_at=NOW - 10 * FRESHNESS)

    assert replay(old, is_replayed=True) == seen
    assert replay(None, is_replayed=True) == seen
    assert replay(binding(), asked=question(bound=False), is_replayed=True) == seen


def test_nothing_is_known_of_the_time_of_a_proof_that_the_holder_did_not_make():
    unproven = ("indeterminate", "holder_not_bound", "holder_not_proven")
    forged = failed("holder", Reason.HOLDER_NOT_BOUND, detail="bad_holder_signature")

    assert replay(binding(), by_holder=forged) == unproven
    assert replay(None) == unproven
    addressed = failed("holder", Reason.WRONG_AUDIENCE, detail="wrong_audience")
    assert replay(binding(), by_holder=addressed) == PASSED


@pytest.mark.parametrize(
    ("age", "detail"),
    [
        (FRESHNESS, None),
        (FRESHNESS + SECOND, "code_too_old"),
        (-SKEW, None),
        (-SKEW - SECOND, "code_in_the_future"),
    ],
)
def test_a_code_is_fresh_to_the_second(age, detail):
    expected = PASSED if detail is None else ("failed", "stale_code", detail)

    assert replay(binding(issued_at=NOW - age)) == expected
    assert replay(binding(issued_at=NOW - age), asked=question(nonce=None)) == expected


def test_a_code_without_a_time_is_fresh_only_with_our_own_nonce():
    timeless = binding(issued_at=None)

    assert replay(timeless) == PASSED
    assert replay(timeless, asked=question(nonce=None)) == (
        "failed",
        "stale_code",
        "code_without_time",
    )


def licence():
    """A licence as its driver's phone shows it in a session."""
    (shown,) = read_device_response(mdoc_workshop.present(mdoc_workshop.issue()))
    return shown


def test_vp_v_18_a_device_signature_answers_the_session_that_we_know():
    shown, asked = licence(), question(handover=mdoc_workshop.SESSION)

    by_holder = judge_holder(shown, asked)
    assert (*told(by_holder), by_holder.name) == (*PASSED, "holder")
    for changes in ({"handover": None}, {"nonce": None}):
        assert told(judge_holder(shown, replace(asked, **changes))) == unbound("no_session")
    assert told(judge_holder(shown, replace(asked, nonce="another"))) == (
        unbound("bad_holder_signature")
    )
    assert told(judge_holder(replace(shown, holder_key=None), asked)) == unbound("no_holder_key")
    other = replace(shown, holder_key=public_key(ed25519_signer("another phone")))
    assert told(judge_holder(other, asked)) == unbound("bad_holder_signature")
    renamed = replace(shown.key_binding, algorithm="EdDSA")
    assert told(judge_holder(replace(shown, key_binding=renamed), asked)) == (
        unbound("bad_holder_signature")
    )


def test_vp_v_18_the_time_of_a_device_signature_is_that_of_its_session():
    asked = question(handover=mdoc_workshop.SESSION)

    in_session = judge_replay(licence(), HELD, asked, is_replayed=False)

    assert (*told(in_session), in_session.name) == ("passed", None, "session", "replay")
