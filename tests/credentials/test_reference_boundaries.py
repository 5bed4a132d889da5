"""What lists say of one reference, at exact times and one copy at a time: gaps of mutation."""

import hashlib
from datetime import timedelta

import pytest

from credentials.material import ListCopy, Material, Memory
from credentials.model import Status, StatusPurpose, StatusReference
from credentials.policy import StatusPolicy, StatusRule
from credentials.status_judgement import (
    Evidence,
    StatusQuestion,
    find_list_owner,
    judge_reference,
)
from credentials.trust import KeyUse
from encoding import base64url, compression
from ledger.anchor import parse_anchor_proof
from ledger.epoch import build_epoch_leaf
from tests.credentials.judged_papers import DAY, SECOND, SKEW, agency, listed, registry, told
from tests.vectors import small_city as city
from tests.vectors.small_city import HOUR, MINUTE, NOW, REVOKED, STRANGER, SUSPENDED, TRANSPORT
from tests.vectors.small_ledger import LOG, Log

URI = TRANSPORT.list
REFERENCE = StatusReference(uri=URI, index=7)
MAX_AGE = timedelta(minutes=30)
STATUS_KEY = listed(TRANSPORT.status, use=KeyUse.STATUS)
OWNER = agency(STATUS_KEY, identifiers=(TRANSPORT.iss, TRANSPORT.did))
PASSED = ("passed", None, None)


def token(status=Status.VALID, **changes):
    """The list of the agency; entry 7 has this status."""
    return city.status_token(TRANSPORT, {7: status}, **changes)


def anchored(*tokens, log=LOG, **epoch):
    proofs = log.anchor(list(tokens), **epoch)
    return tuple(ListCopy(each, parse_anchor_proof(proofs[each])) for each in tokens)


def bare(*tokens):
    return tuple(ListCopy(each, None) for each in tokens)


def judge(
    *copies,
    owners=(OWNER,),
    anchor=True,
    reference=REFERENCE,
    max_age=MAX_AGE,
    evidence=None,
    log=LOG.policy,
    memory=None,
):
    question = StatusQuestion(
        material=Material(
            trust=registry(),
            lists={URI: copies},
            log=log,
            is_replayed=False,
            memory=memory or Memory(),
        ),
        policy=StatusPolicy(StatusRule.REQUIRED, max_age, require_anchor=anchor),
        now=NOW,
        skew=SKEW,
    )
    check = judge_reference(
        reference,
        owners=owners,
        question=question,
        evidence=evidence if evidence is not None else Evidence(),
        credential="permit",
    )
    assert (check.name, check.credential) == ("status", "permit")
    return told(check)


def unknown(detail):
    return ("indeterminate", "status_unknown", detail)


def stale(detail):
    return ("indeterminate", "status_stale", detail)


def test_s_052_a_list_says_what_it_says_when_it_is_anchored():
    assert judge(*anchored(token())) == PASSED
    assert judge(*anchored(token(REVOKED))) == ("failed", "revoked", "revoked")
    assert judge(*anchored(token(SUSPENDED))) == ("failed", "suspended", "suspended")


def test_without_a_list_nothing_is_known():
    assert judge() == unknown("status_list_missing")
    assert judge(*bare("no list at all"))[:2] == ("indeterminate", "status_unknown")
    assert judge(*anchored(token()), owners=()) == unknown("status_list_not_authentic")
    other = agency(listed(STRANGER, use=KeyUse.STATUS), identifiers=(TRANSPORT.iss,))
    assert judge(*anchored(token()), owners=(other,)) == unknown("status_list_not_authentic")
    assert judge(*anchored(token()), owners=(other, OWNER)) == PASSED


def test_a_list_is_the_one_that_is_named_and_of_the_purpose_that_is_asked():
    named = token(uri=f"{TRANSPORT.iss}/status/2")
    suspension = StatusReference(uri=URI, index=7, purpose=StatusPurpose.SUSPENSION)

    assert judge(*anchored(named)) == unknown("wrong_list_named")
    assert judge(*anchored(token()), reference=suspension) == unknown("status_verification_error")


def test_s_054_an_entry_that_a_list_does_not_have_is_unknown():
    beyond = StatusReference(uri=URI, index=64)

    assert judge(*anchored(token()), reference=beyond) == unknown("range_error")


def test_the_first_problem_is_told_but_an_end_before_all_others():
    wrong = ListCopy(token(uri=f"{TRANSPORT.iss}/status/2"), None)
    ended = ListCopy(token(expires_at=NOW), None)
    forged = ListCopy(token(by=STRANGER), None)

    assert judge(wrong, forged) == unknown("wrong_list_named")
    assert judge(forged, wrong) == unknown("status_list_not_authentic")
    assert judge(wrong, ended) == stale("status_list_expired")
    assert judge(wrong, *anchored(token())) == PASSED
    assert judge(ListCopy("text", None), *anchored(token())) == PASSED


def test_tsl_v_02_a_list_counts_from_its_issuance_until_its_end_to_the_second():
    def of(**changes):
        return judge(*bare(token(**changes)), anchor=False)

    assert of(expires_at=NOW + SECOND) == PASSED
    assert of(expires_at=NOW) == stale("status_list_expired")
    assert of(issued_at=NOW + SKEW) == PASSED
    assert of(issued_at=NOW + SKEW + SECOND) == unknown("status_list_not_yet_valid")


def test_s_188_a_list_of_a_stolen_or_ended_key_is_none():
    def of(**changes):
        owner = agency(
            listed(TRANSPORT.status, use=KeyUse.STATUS, **changes), identifiers=(TRANSPORT.iss,)
        )
        return judge(*anchored(token()), owners=(owner,))

    assert of(compromised_at=NOW) == unknown("key_compromised")
    assert of(valid_until=NOW) == unknown("key_no_longer_valid")
    assert of(valid_from=NOW + SKEW) == PASSED
    assert of(valid_from=NOW + SKEW + SECOND) == unknown("key_not_yet_valid")


def test_an_issuing_key_may_sign_a_list_too():
    owner = agency(listed(TRANSPORT.credential), STATUS_KEY, identifiers=(TRANSPORT.iss,))

    assert judge(*anchored(token(by=TRANSPORT.credential)), owners=(owner,)) == PASSED
    assert judge(*anchored(token()), owners=(owner,)) == PASSED


def test_valid_needs_an_anchor_where_the_policy_asks_for_one():
    def not_anchored(detail):
        return ("indeterminate", "status_not_anchored", detail)

    (copy,) = anchored(token())
    other = Log("another.example")
    assert judge(*bare(token())) == not_anchored("no_proof")
    assert judge(copy, log=None) == not_anchored("no_log")
    assert judge(*bare(token()), log=None) == not_anchored("no_proof")
    assert judge(copy, log=other.policy)[:2] == ("indeterminate", "status_not_anchored")
    assert judge(ListCopy(token(size=128), copy.proof)) == not_anchored("wrong_token")
    assert judge(*anchored(token(), size=128)) == not_anchored("wrong_size")
    assert judge(*bare(token()), anchor=False) == PASSED


def test_bad_news_needs_no_anchor_and_no_age():
    old = {"issued_at": NOW - DAY}

    assert judge(*bare(token(REVOKED, **old))) == ("failed", "revoked", "revoked")
    assert judge(*bare(token(SUSPENDED, **old))) == ("failed", "suspended", "suspended")
    beyond = StatusReference(uri=URI, index=64)
    assert judge(*bare(token(**old)), reference=beyond) == unknown("range_error")


def test_revoked_in_any_copy_counts_and_suspended_until_a_later_list_took_it_back():
    fresh = anchored(token(issued_at=NOW - 10 * MINUTE))

    def with_copy(status, age):
        return judge(*bare(token(status, issued_at=NOW - age)), *fresh)

    assert with_copy(REVOKED, DAY) == ("failed", "revoked", "revoked")
    assert with_copy(SUSPENDED, 10 * MINUTE + SECOND) == PASSED
    assert with_copy(SUSPENDED, 10 * MINUTE) == ("failed", "suspended", "suspended")
    assert with_copy(SUSPENDED, MINUTE) == ("failed", "suspended", "suspended")


def test_a_copy_that_makes_no_statement_leaves_it_open():
    threes = base64url.encode(compression.deflate_zlib(bytes([3]) * 64))
    other = ListCopy(city.raw_list(TRANSPORT, bits=8, lst=threes), None)

    assert judge(*anchored(token()), other) == unknown("unknown_status_value")


@pytest.mark.parametrize(
    ("age", "detail"),
    [
        (MAX_AGE, None),
        (MAX_AGE + SECOND, "too_old"),
        (-SKEW, None),
        (-SKEW - SECOND, "in_the_future"),
    ],
)
def test_valid_is_as_old_as_the_policy_allows_to_the_second(age, detail):
    def expected(thing):
        return PASSED if detail is None else stale(f"{thing}_{detail}")

    assert judge(*anchored(token(), time=NOW - age)) == expected("epoch")
    if detail != "in_the_future":  # such a list does not count at all
        assert judge(*bare(token(issued_at=NOW - age)), anchor=False) == expected("list")


def test_a_policy_without_a_greatest_age_asks_for_none():
    assert judge(*anchored(token(), time=NOW - DAY), max_age=None) == PASSED
    assert judge(*anchored(token(), time=NOW + HOUR), max_age=None) == (
        stale("epoch_in_the_future")
    )


def test_the_newest_epoch_says_valid_and_without_anchors_the_newest_list():
    (old,) = anchored(token(), epoch=40, time=NOW - DAY)
    (new,) = anchored(token(issued_at=NOW - 9 * MINUTE), epoch=41, time=NOW - MINUTE)
    assert judge(old, new) == judge(new, old) == PASSED
    assert judge(old) == stale("epoch_too_old")

    copies = bare(token(issued_at=NOW - DAY), token())
    assert judge(*copies, anchor=False) == judge(*reversed(copies), anchor=False) == PASSED


def test_a_second_version_of_an_epoch_is_a_fork():
    fork = ("indeterminate", "fork", "two_epochs")
    (one,) = anchored(token(), epoch=40)
    (other,) = anchored(token(), epoch=40, time=NOW - 6 * MINUTE)
    (later,) = anchored(token(), epoch=41)
    leaf = build_epoch_leaf(one.proof.epoch_leaf)

    assert judge(one, other) == fork
    assert judge(one, later) == PASSED
    same = Memory(epochs={40: hashlib.sha256(leaf).digest()})
    assert judge(one, memory=same) == PASSED
    assert judge(one, memory=Memory(epochs={40: bytes(32)})) == fork
    assert judge(one, memory=Memory(epochs={41: bytes(32)})) == PASSED
    evidence = Evidence()
    assert judge(one, evidence=evidence) == PASSED
    assert evidence.leaves == {40: one.proof.epoch_leaf}
    assert judge(other, evidence=evidence) == fork


def test_a_list_never_goes_back_to_an_earlier_version():
    back = ("indeterminate", "rollback", "list_went_back")
    (copy,) = anchored(token(), epoch=40, versions={URI: 5})
    (newer,) = anchored(token(), epoch=41, versions={URI: 4})

    assert judge(copy, memory=Memory(versions={URI: 5})) == PASSED
    assert judge(copy, memory=Memory(versions={URI: 6})) == back
    assert judge(copy, memory=Memory(versions={"https://other.example": 6})) == PASSED
    assert judge(copy, newer) == back
    (first,) = anchored(token(), epoch=40, versions={URI: 0})
    assert judge(first) == PASSED
    assert judge(*bare(token()), anchor=False, memory=Memory(versions={URI: 6})) == PASSED


def test_a_verdict_rests_on_the_oldest_time_and_epoch():
    evidence = Evidence()
    young = {"epoch": 41, "time": NOW - MINUTE}
    assert judge(*anchored(token(), **young), evidence=evidence) == PASSED
    assert (evidence.as_of, evidence.epoch) == (NOW - MINUTE, 41)
    assert judge(*anchored(token(), epoch=40), evidence=evidence) == PASSED
    assert (evidence.as_of, evidence.epoch) == (NOW - 5 * MINUTE, 40)
    assert judge(*anchored(token(), **young), evidence=evidence) == PASSED
    assert (evidence.as_of, evidence.epoch) == (NOW - 5 * MINUTE, 40)
    assert judge(*bare(token()), anchor=False, evidence=evidence) == PASSED
    assert (evidence.as_of, evidence.epoch) == (NOW - 10 * MINUTE, 40)


def test_the_owner_of_a_list_is_who_signed_a_copy_of_it():
    stranger = agency(listed(STRANGER), identifiers=("https://issuer.city.example",))
    issuers = (stranger, OWNER)

    def owner(*copies, among=issuers):
        return find_list_owner(URI, copies, among, now=NOW)

    assert owner(*bare(token())) == OWNER
    assert owner(*bare("no list", token())) == OWNER
    assert owner(*bare(token(by=STRANGER))) == stranger
    assert owner(*bare(token(by=STRANGER), token())) == stranger
    assert owner(*bare(token()), among=(stranger,)) is None
    assert owner() is None
    elsewhere = agency(STATUS_KEY, identifiers=("https://elsewhere.example",))
    assert owner(*bare(token()), among=(elsewhere,)) == elsewhere
    assert owner(*bare(token()), among=(elsewhere, OWNER)) == OWNER


def test_a_list_that_names_its_issuer_is_that_issuers():
    uri = f"{URI}/revocation"
    copies = bare(city.bitstring(TRANSPORT, "revocation"))
    other = agency(STATUS_KEY, identifiers=(TRANSPORT.iss,))

    assert find_list_owner(uri, copies, (OWNER,), now=NOW) == OWNER
    assert find_list_owner(uri, copies, (other,), now=NOW) is None
