"""What a line may leave open, and how the judge takes it. See docs/interfaces.md "The judge"."""

import pytest

from tests.credentials.workshop import AGENCY, DRIVER, ISSUER, issue_permit, present
from tests.judge.cases import case, issuers, judge

GOOD = dict(AGENCY.public_jwk)
OTHER = dict(DRIVER.public_jwk)


def verdict(line):
    answer = judge(line)
    return answer["outcome"], answer["reasons"], answer.get("details")


OPTIONAL = ("skew", "status", "accepted_types", "handover", "type_metadata", "schemas")


@pytest.mark.parametrize("name", OPTIONAL)
def test_null_stands_for_a_member_that_is_left_out(name):
    assert verdict({**case(), name: None}) == ("passed", [], [])


@pytest.mark.parametrize("name", ["audience", "status_lists"])
def test_null_is_as_strict_as_the_member_left_out(name):
    without = {key: value for key, value in case().items() if key != name}

    assert verdict({**case(), name: None}) == verdict(without)
    assert verdict(without)[0] != "passed"


def test_an_issuer_states_only_the_claims_that_its_entry_names():
    [vct] = issuers()[ISSUER]["types"]
    _, reasons, details = verdict(case(issuers=issuers(claims={vct: []})))

    assert (reasons[0], details[0]) == ("issuer_not_authorised_for_type", "claim_not_accredited")
    assert verdict(case(issuers=issuers(claims={})))[0] == "passed"
    assert verdict(case(issuers=issuers(claims={"urn:x": ["name"]})))[1] == ["malformed"]
    assert verdict(case(issuers=issuers(claims=[])))[1] == ["malformed"]


@pytest.mark.parametrize("name", ["x5c_anchors", "status_keys", "bbs_keys", "claims"])
def test_null_in_an_issuers_entry_stands_for_a_member_that_is_left_out(name):
    assert verdict(case(issuers=issuers(**{name: None}))) == ("passed", [], [])


@pytest.mark.parametrize("name", ["keys", "types"])
def test_s_025_null_for_keys_or_types_trusts_nobody(name):
    assert verdict(case(issuers=issuers(**{name: None})))[0] == "failed"


@pytest.mark.parametrize("name", ["now", "presentation", "issuers", "require_holder_binding"])
def test_null_for_what_must_be_there_makes_no_case(name):
    assert verdict({**case(), name: None})[:2] == ("failed", ["malformed"])


OF_ANOTHER_USE = {
    "key_ops of encryption": {"key_ops": ["encrypt", "wrapKey"]},
    "key_ops of nothing": {"key_ops": []},
    "key_ops of signing": {"key_ops": ["sign"]},
    "a use of its own": {"use": "attest"},
    "use enc": {"use": "enc"},
}


@pytest.mark.parametrize("name", OF_ANOTHER_USE)
def test_a_key_that_verifies_nothing_is_passed_over_and_never_counts(name):
    """RFC 7517 sections 4.2 and 4.3."""
    other = {**OTHER, **OF_ANOTHER_USE[name]}
    assert verdict(case(issuers=issuers(keys=[other, GOOD]))) == ("passed", [], [])

    alone = {**GOOD, **OF_ANOTHER_USE[name]}
    outcome, reasons, details = verdict(case(issuers=issuers(keys=[alone])))
    assert (outcome, reasons[0]) == ("failed", "issuer_not_trusted")
    assert "no_key_listed" in details


@pytest.mark.parametrize("change", [{"key_ops": "verify"}, {"key_ops": {}}, {"use": 5}])
def test_a_key_whose_use_is_no_use_makes_no_case(change):
    line = case(issuers={ISSUER: {"keys": [{**GOOD, **change}], "types": []}})

    assert verdict(line)[:2] == ("failed", ["malformed"])


@pytest.mark.parametrize("around", [("", "\n"), ("", "\r\n"), (" \t", " \n ")])
def test_white_space_that_a_scanner_adds_is_no_part_of_a_presentation(around):
    text = present(issue_permit())

    assert verdict(case(around[0] + text + around[1])) == ("passed", [], [])


@pytest.mark.parametrize("space", ["\u00a0", "\u2028", "\ufeff", "\x0b", "\x00"])
def test_other_white_space_is_refused(space):
    assert verdict(case(present(issue_permit()) + space))[:2] == ("failed", ["malformed"])


def test_white_space_within_a_presentation_is_refused():
    head, dot, tail = present(issue_permit()).partition(".")

    assert verdict(case(f"{head}{dot}\n{tail}"))[:2] == ("failed", ["malformed"])
