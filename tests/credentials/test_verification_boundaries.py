"""The verdict as a whole, one fact at a time and at exact times: gaps that mutation showed."""

from dataclasses import replace

import pytest

from credentials import verification
from credentials.errors import CredentialError
from credentials.material import ListCopy, Material
from credentials.model import Link, StatusReference
from credentials.policy import CredentialRule, Join, Policy, StatusPolicy, StatusRule
from credentials.signature_memory import SignatureMemory
from credentials.verification import verify
from ledger.anchor import parse_anchor_proof
from tests.credentials.judged_papers import (
    CONTENT,
    DAY,
    SECOND,
    SKEW,
    agency,
    binding,
    credential,
    listed,
    registry,
    told,
)
from tests.credentials.workshop import NONCE, NOW, PERMIT_VCT, STRANGER, VERIFIER
from tests.vectors import small_city as city
from tests.vectors.small_city import HOUR, TRANSPORT
from tests.vectors.small_ledger import LOG

RULE = CredentialRule("permit", frozenset({PERMIT_VCT}), (("plate",),))
SECOND_RULE = replace(RULE, id="second")
JOIN = Join("same plate", (("permit", ("plate",)), ("second", ("plate",))))
PAPER = credential(key_binding=binding())
FORGED = replace(PAPER, signature=STRANGER.sign(CONTENT))


def demand(*rules, status=StatusRule.IGNORE, joins=(), **changes):
    members = {"require_holder_binding": True, "freshness": HOUR, "skew": SKEW}
    return Policy(
        credentials=rules,
        joins=joins,
        status=StatusPolicy(status, HOUR, require_anchor=changes.pop("anchor", False)),
        **(members | changes),
    )


def material(*issuers, lists=None, **changes):
    members = {"log": LOG.policy, "is_replayed": False}
    trust = registry(*(issuers or (agency(),)))
    return Material(trust=trust, lists=lists or {}, **(members | changes))


def judge(shown, policy=None, given=None, **changes):
    words = {"now": NOW, "audience": VERIFIER, "nonce": NONCE}
    return verify(shown, given or material(), policy or demand(RULE), **(words | changes))


def of(verdict, name):
    """What the checks of this name say, and of which credential."""
    return [(*told(each), each.credential) for each in verdict.checks if each.name == name]


def names(verdict):
    return [check.name for check in verdict.checks]


def test_a_permit_that_holds_passes_every_check_in_their_order():
    verdict = judge({"permit": (PAPER,)})

    assert verdict.outcome == "passed"
    assert names(verdict) == [
        "format",
        "issuer",
        "type",
        "signature",
        "validity",
        "holder",
        "replay",
        "claims",
    ]
    assert {check.credential for check in verdict.checks} == {"permit"}
    assert verdict.claims == {"permit": {"plate": "2A-4417"}}
    assert (verdict.checked_at, verdict.status_as_of, verdict.epoch) == (NOW, None, None)


def test_a_policy_that_asks_for_nothing_or_twice_for_one_name_passes_nothing():
    empty = judge({}, demand())
    assert of(empty, "format") == [("failed", "malformed", "empty_policy", None)]
    twice = judge({"permit": (PAPER,)}, demand(RULE, RULE))
    assert of(twice, "format")[0] == ("failed", "malformed", "ambiguous_policy", None)
    assert empty.claims is None


def test_what_nobody_asked_for_is_refused_by_its_name():
    verdict = judge({"permit": (PAPER,), "second": (PAPER,)})

    assert of(verdict, "format") == [
        ("failed", "malformed", "unexpected_credential", "second"),
        ("passed", None, None, "permit"),
    ]
    assert verdict.outcome == "failed"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({}, ("failed", "claim_missing", "credential_missing", "permit")),
        ({"permit": ()}, ("failed", "malformed", "several_credentials", "permit")),
        ({"permit": (PAPER, PAPER)}, ("failed", "malformed", "several_credentials", "permit")),
        ({"permit": "no token"}, ("failed", "malformed", "invalid_base64url", "permit")),
    ],
)
def test_check_1_says_why_there_is_nothing_to_judge(shown, expected):
    verdict = judge(shown)

    assert [(*told(each), each.credential) for each in verdict.checks] == [expected]
    assert verdict.claims is None


def test_s_027_a_type_that_the_policy_does_not_accept_fails():
    rule = replace(RULE, types=frozenset({"another"}))
    assert of(judge({"permit": (PAPER,)}, demand(rule)), "type") == [
        ("failed", "type_not_accepted", "another_type", "permit")
    ]
    several = replace(RULE, types=frozenset({"another", PERMIT_VCT}))
    assert of(judge({"permit": (PAPER,)}, demand(several)), "type")[0][0] == "passed"


@pytest.mark.parametrize(
    ("times", "detail"),
    [
        ({}, None),
        ({"valid_until": NOW - SKEW + SECOND}, None),
        ({"valid_until": NOW - SKEW}, "expired"),
        ({"valid_from": NOW + SKEW}, None),
        ({"valid_from": NOW + SKEW + SECOND}, "not_yet_valid"),
        ({"issued_at": NOW + SKEW}, None),
        ({"issued_at": NOW + SKEW + SECOND}, "issued_in_the_future"),
        ({"issued_at": None}, None),
        ({"valid_from": NOW, "valid_until": NOW}, None),
        ({"valid_from": NOW, "valid_until": NOW - SECOND}, "ends_before_it_begins"),
        ({"valid_from": NOW - DAY, "valid_until": NOW - DAY + HOUR}, "expired"),
    ],
)
def test_s_028_a_credential_is_valid_to_the_second_give_or_take_the_skew(times, detail):
    reasons = {"expired": "expired", "ends_before_it_begins": "malformed", None: None}
    (found,) = of(judge({"permit": (replace(PAPER, **times),)}), "validity")

    outcome = "passed" if detail is None else "failed"
    assert found == (outcome, reasons.get(detail, "not_yet_valid"), detail, "permit")


def test_good_news_about_a_forged_credential_is_no_news():
    verdict = judge({"permit": (FORGED,)})
    doubted = ("indeterminate", "bad_signature", "not_verified", "permit")

    assert of(verdict, "signature") == [
        ("failed", "bad_signature", "bad_issuer_signature", "permit")
    ]
    for name in ("type", "validity", "holder", "replay", "claims"):
        assert of(verdict, name) == [doubted]
    assert of(verdict, "issuer")[0][0] == of(verdict, "format")[0][0] == "passed"
    assert verdict.claims is None


def test_bad_news_about_a_forged_credential_stays_bad_news():
    old = replace(FORGED, valid_until=NOW - DAY)

    assert of(judge({"permit": (old,)}), "validity") == [("failed", "expired", "expired", "permit")]


def test_the_reason_of_the_doubt_is_that_of_the_check_that_failed_first():
    unknown = replace(PAPER, issuer="https://nobody.example")

    verdict = judge({"permit": (unknown,)})

    assert of(verdict, "type") == [
        ("indeterminate", "issuer_not_trusted", "not_verified", "permit")
    ]


def test_claims_are_given_only_when_the_holder_proved_to_be_it():
    stolen = replace(PAPER, key_binding=binding(by=STRANGER))

    verdict = judge({"permit": (stolen,)})

    assert of(verdict, "holder") == [
        ("failed", "holder_not_bound", "bad_holder_signature", "permit")
    ]
    assert verdict.claims is None
    expired = judge({"permit": (replace(PAPER, valid_until=NOW - DAY),)})
    assert expired.claims == {"permit": {"plate": "2A-4417"}}


def test_claims_are_given_of_all_credentials_or_of_none():
    policy = demand(RULE, SECOND_RULE)

    both = judge({"permit": (PAPER,), "second": (PAPER,)}, policy)
    assert set(both.claims) == {"permit", "second"}
    for other in (FORGED, None):
        shown = {"permit": (PAPER,)} | ({"second": (other,)} if other else {})
        assert judge(shown, policy).claims is None


def test_s_127_a_replay_is_told():
    verdict = judge({"permit": (PAPER,)}, given=material(is_replayed=True))

    assert of(verdict, "replay") == [("failed", "replayed", "seen_before", "permit")]


def test_the_proof_is_for_this_audience_and_nonce():
    assert of(judge({"permit": (PAPER,)}, audience="other"), "holder")[0][1] == "wrong_audience"
    assert of(judge({"permit": (PAPER,)}, nonce="other"), "holder")[0][1] == "wrong_nonce"


def test_a_proof_of_a_child_process_counts_for_the_signature():
    paper = replace(PAPER, external_proof="p", signature=b"")

    open_ = judge({"permit": (paper,)})
    assert of(open_, "signature")[0][:3] == ("indeterminate", "bad_signature", "proof_not_judged")
    refused = judge({"permit": (paper,)}, given=material(proofs={"p": False}))
    assert of(refused, "signature")[0][:3] == ("failed", "bad_signature", "bad_issuer_signature")


def test_a_proof_of_a_child_process_counts_for_the_holder():
    held = binding(external_proof="p", proof_key=PAPER.holder_key, signature=b"")
    shown = {"permit": (replace(PAPER, key_binding=held),)}

    assert of(judge(shown), "holder")[0][2] == "proof_not_judged"
    assert of(judge(shown, given=material(proofs={"p": True})), "holder")[0][0] == "passed"


def test_signatures_are_remembered_where_there_is_a_memory():
    memory = SignatureMemory()

    assert judge({"permit": (PAPER,)}, given=material(signatures=memory)).outcome == "passed"
    assert len(memory) == 1


def test_check_1_tells_of_a_reader_that_refuses_without_a_code(monkeypatch):
    def refuse(text):
        raise CredentialError("for a reason of its own")

    monkeypatch.setattr(verification, "read_presentation", refuse)

    assert of(judge({"permit": "a text"}), "format") == [
        ("failed", "malformed", "malformed", "permit")
    ]


def test_a_join_with_what_no_rule_asks_for_fails():
    policy = demand(RULE, joins=(JOIN,))

    assert of(judge({"permit": (PAPER,)}, policy), "join")[0][:2] == ("failed", "join_failed")


BOTH = demand(RULE, SECOND_RULE, joins=(JOIN,))


def test_joined_claims_are_equal_and_count_only_when_all_are_genuine():
    def joined(second):
        shown = {"permit": (PAPER,)} | ({"second": (second,)} if second else {})
        return of(judge(shown, BOTH), "join")

    assert joined(PAPER) == [("passed", None, "same plate", None)]
    assert joined(replace(PAPER, claims={"plate": "other"}))[0][:2] == ("failed", "join_failed")
    assert joined(FORGED) == [("indeterminate", "bad_signature", "not_verified", None)]
    assert joined(None)[0][:2] == ("failed", "join_failed")
    nobody = replace(PAPER, issuer="https://nobody.example")
    assert joined(nobody)[0][:2] == ("indeterminate", "issuer_not_trusted")


REFERENCE = StatusReference(uri=TRANSPORT.list, index=7)
LISTED = replace(PAPER, statuses=(REFERENCE,))
KEYS = (listed(), listed(TRANSPORT.status))


def list_of(status=None, **changes):
    return city.status_token(TRANSPORT, {7: status} if status else {}, **changes)


def with_list(*tokens, issuer=None, **changes):
    owner = issuer or agency(*KEYS)
    copies = tuple(ListCopy(each, None) for each in tokens)
    return material(owner, lists={TRANSPORT.list: copies}, **changes)


def status_of(paper, given, rule=StatusRule.REQUIRED):
    return of(judge({"permit": (paper,)}, demand(RULE, status=rule), given), "status")


def test_a_status_is_asked_for_as_the_policy_says():
    good, bad = with_list(list_of()), with_list(list_of(city.REVOKED))
    missing = ("failed", "status_unknown", "status_missing", "permit")

    assert status_of(LISTED, good) == [("passed", None, None, "permit")]
    assert status_of(LISTED, bad) == [("failed", "revoked", "revoked", "permit")]
    assert status_of(LISTED, bad, StatusRule.IGNORE) == []
    assert status_of(LISTED, bad, StatusRule.IF_PRESENT)[0][1] == "revoked"
    assert status_of(PAPER, good) == [missing]
    assert status_of(PAPER, good, StatusRule.IF_PRESENT) == []
    twice = replace(PAPER, statuses=(REFERENCE, replace(REFERENCE, index=64)))
    assert [each[2] for each in status_of(twice, good)] == [None, "range_error"]


def test_the_list_of_a_credential_is_its_issuers():
    stranger = agency(listed(), listed(STRANGER))

    assert status_of(LISTED, with_list(list_of(), issuer=stranger))[0][2] == (
        "status_list_not_authentic"
    )
    unknown = replace(LISTED, issuer="https://nobody.example")
    assert status_of(unknown, with_list(list_of()))[0][:3] == (
        "indeterminate",
        "status_unknown",
        "status_list_not_authentic",
    )


def test_a_verdict_tells_how_old_what_it_rests_on_is():
    token = list_of()
    proof = parse_anchor_proof(LOG.anchor([token], epoch=40)[token])
    given = material(agency(*KEYS), lists={TRANSPORT.list: (ListCopy(token, proof),)})
    policy = demand(RULE, status=StatusRule.REQUIRED, anchor=True)

    verdict = judge({"permit": (LISTED,)}, policy, given)

    assert verdict.outcome == "passed"
    assert (verdict.epoch, verdict.status_as_of) == (40, proof.epoch_leaf.time)


LINK = Link(type="taxi-permit", reference=REFERENCE)
VIEW = replace(LISTED, links=(LINK,))


def test_a_view_falls_with_what_it_stands_for():
    good, bad = with_list(list_of()), with_list(list_of(city.SUSPENDED))

    assert status_of(VIEW, good) == [
        ("passed", None, None, "permit"),
        ("passed", None, None, "taxi-permit"),
    ]
    assert status_of(VIEW, bad)[1] == ("failed", "suspended", "suspended", "taxi-permit")
    assert (
        status_of(replace(VIEW, links=(LINK, LINK)), good)[1:]
        == [("passed", None, None, "taxi-permit")] * 2
    )


def test_the_list_of_a_link_belongs_to_an_agency_that_issues_such():
    other = replace(VIEW, links=(replace(LINK, type="driving-licence"),))

    assert status_of(other, with_list(list_of()))[1] == (
        "failed",
        "issuer_not_authorised_for_type",
        "list_of_another_agency",
        "driving-licence",
    )
    nobody = replace(
        VIEW, links=(replace(LINK, reference=StatusReference("https://x.example", 1)),)
    )
    assert status_of(nobody, with_list(list_of()))[1] == (
        "indeterminate",
        "status_unknown",
        "status_list_missing",
        "taxi-permit",
    )


def test_a_forged_view_has_no_good_status():
    assert status_of(replace(VIEW, signature=FORGED.signature), with_list(list_of())) == [
        ("indeterminate", "bad_signature", "not_verified", "permit"),
        ("indeterminate", "bad_signature", "not_verified", "taxi-permit"),
    ]
