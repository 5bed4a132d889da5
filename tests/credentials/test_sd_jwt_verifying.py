"""What a verifier refuses of an SD-JWT: RFC 9901 section 7."""

from datetime import timedelta

import pytest

from credentials.disclosures import parse_disclosure
from credentials.errors import Malformed
from credentials.sd_jwt import (
    parse_sd_jwt,
)
from encoding import base64url
from tests.credentials.sd_jwt_papers import TYPES, build, digest, disclosure, issue, read, refusal
from tests.credentials.workshop import (
    NOW,
    issue_permit,
)


def test_sd_v_02_the_final_tilde_decides_what_the_last_part_is():
    text = issue_permit()

    assert refusal(text.partition("~")[0]) == "missing_tilde"
    assert refusal(text[:-1]) == "not_a_jws"
    assert refusal(text + "~") != ""


@pytest.mark.parametrize(
    "name", ["md5", "none", "SHA-256", "sha-256-128", "sha-1", "", None, 7, []]
)
def test_sd_v_05_an_unknown_hash_algorithm_is_refused(name):
    assert refusal(build({"_sd_alg": name})) == "unsupported_sd_alg"


def test_sd_v_06_the_digest_is_over_the_text_as_sent():
    spaced = base64url.encode(b'["_26bc4LT-ac6q2KI6cBW5es", "family_name", "M\xc3\xb6bius"]')

    assert digest(spaced) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    assert read(build({"_sd": [digest(spaced)]}, spaced)) == {"family_name": "Möbius"}


@pytest.mark.parametrize(
    "parts",
    [
        [],
        ["salt"],
        ["salt", "plate", "2A-4417", "more"],
        [7, "plate", "2A-4417"],
        ["salt", 7, "2A-4417"],
        ["salt", None, "2A-4417"],
        [None, "2A-4417"],
    ],
)
def test_sd_v_07_a_disclosure_has_two_or_three_parts(parts):
    text = disclosure(*parts)

    assert refusal(build({"_sd": [digest(text)]}, text)) == "invalid_disclosure"


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_sd_v_07_a_disclosure_never_has_a_reserved_name(name):
    text = disclosure("salt", name, ["x"])

    assert refusal(build({"_sd": [digest(text)]}, text)) == "reserved_claim_name"


def test_sd_v_07_a_disclosed_claim_never_replaces_another():
    plate, other = disclosure("s1", "plate", "2A-4417"), disclosure("s2", "plate", "2A-9999")

    assert refusal(build({"plate": "x", "_sd": [digest(plate)]}, plate)) == "claim_exists"
    assert refusal(build({"_sd": [digest(plate), digest(other)]}, plate, other)) == "claim_exists"


def test_sd_v_07_kinds_of_disclosure_do_not_mix():
    element, member = disclosure("salt", "KH"), disclosure("salt", "a", "KH")

    assert refusal(build({"_sd": [digest(element)]}, element)) == "invalid_disclosure"
    assert refusal(build({"a": [{"...": digest(member)}]}, member)) == "invalid_disclosure"


@pytest.mark.parametrize("places", ["twice", "two objects", "object and array", "in a disclosure"])
def test_sd_v_08_a_digest_stands_once_anywhere(places):
    plate = disclosure("salt", "plate", "2A-4417")
    nested = disclosure("other", "vehicle", {"_sd": [digest(plate)]})
    payloads = {
        "twice": {"_sd": [digest(plate), digest(plate)]},
        "two objects": {"a": {"_sd": [digest(plate)]}, "b": {"_sd": [digest(plate)]}},
        "object and array": {"_sd": [digest("x")], "b": [{"...": digest("x")}]},
        "in a disclosure": {"_sd": [digest(plate), digest(nested)]},
    }
    sent = {"in a disclosure": (plate, nested), "object and array": ()}.get(places, (plate,))

    assert refusal(build(payloads[places], *sent)) == "duplicate_digest"


def test_sd_v_08_a_repeated_digest_of_nothing_is_refused_too():
    decoy = digest("decoy")

    assert refusal(build({"_sd": [decoy, decoy]})) == "duplicate_digest"


def test_sd_v_09_a_disclosure_that_belongs_nowhere_is_refused():
    plate = disclosure("salt", "plate", "2A-4417")

    assert refusal(build({}, plate)) == "unreferenced_disclosure"
    assert refusal(build({"_sd": [digest(plate)]}, plate, plate)) == "duplicate_disclosure"


def test_sd_v_09_a_child_without_its_parent_is_refused():
    text = issue({"address": {"khan": "Daun Penh"}}, ("address",), ("address", "khan"))
    token, child, _parent, end = text.split("~")

    assert refusal("~".join([token, child, end])) == "unreferenced_disclosure"


def test_sd_v_10_what_stays_hidden_is_removed_and_empty_objects_stay():
    payload = {"a": {"_sd": [digest("x")]}, "b": ["KH", {"...": digest("y")}], "_sd": []}

    assert read(build(payload)) == {"a": {}, "b": ["KH"]}


@pytest.mark.parametrize(
    "payload",
    [
        {"_sd": "x"},
        {"_sd": [7]},
        {"_sd": None},
        {"a": [{"...": 7}]},
        {"a": [{"...": digest("x"), "b": 1}]},
    ],
)
def test_digests_in_a_wrong_shape_are_refused(payload):
    assert refusal(build(payload)) == "invalid_sd"


@pytest.mark.parametrize("payload", [{"...": "x"}, {"a": {"...": "x"}}, {"a": {"_sd_alg": "x"}}])
def test_reserved_names_stand_only_where_the_standard_puts_them(payload):
    assert refusal(build(payload)) == "reserved_claim_name"


@pytest.mark.parametrize("name", ["iss", "exp", "cnf", "status", "vct", "nbf"])
def test_s_036_a_disclosure_never_brings_a_claim_that_decides(name):
    text = disclosure("salt", name, "x")

    assert refusal(build({"_sd": [digest(text)]}, text)) == "not_disclosable"


@pytest.mark.parametrize(
    "payload",
    [
        {"cnf": {"_sd": [digest("x")]}},
        {"status": {"status_list": {"_sd": []}}},
        {"aka_vcts": [{"...": digest("x")}]},
    ],
)
def test_s_036_nor_a_part_of_one(payload):
    assert refusal(build(payload)) == "not_disclosable"


def test_disclosures_cannot_be_nested_without_end():
    inner, chain = "end", []
    for number in range(40):
        text = disclosure(f"salt {number}", "a", inner)
        chain.append(text)
        inner = {"_sd": [digest(text)]}

    assert refusal(build(inner, *chain)) == "too_deep"
    nested, elements = "end", []
    for number in range(40):
        text = disclosure(f"salt {number}", [nested])
        elements.append(text)
        nested = {"...": digest(text)}
    assert refusal(build({"a": [nested]}, *elements)) == "too_deep"


def test_s_240_the_limits_hold_at_the_limit_and_not_above():
    plates = [disclosure(f"salt {n}", f"claim{n}", n) for n in range(257)]
    digests = [digest(plate) for plate in plates]

    assert len(read(build({"_sd": digests}, *plates[:256]))) == 256
    assert refusal(build({"_sd": digests}, *plates)) == "too_many_disclosures"
    assert refusal("~" * 262_145) == "too_large"


@pytest.mark.parametrize("text", ["é~", "~", "~~~", "a~b~"])
def test_text_that_is_no_sd_jwt_is_malformed(text):
    with pytest.raises(Malformed):
        parse_sd_jwt(text, types=TYPES)


def test_a_disclosure_with_a_member_twice_is_refused():
    text = base64url.encode(b'["salt","a",{"b":1,"b":2}]')

    assert refusal(build({"_sd": [digest(text)]}, text)) == "duplicate_member"


def test_a_disclosure_repeats_nothing_of_itself_in_a_log():
    found = parse_disclosure(disclosure("salt", "plate", "2A-4417"), hash_name="sha-256")

    assert "2A-4417" not in repr(found)


def test_time_does_not_matter_for_reading():
    text = issue_permit(exp=int((NOW - timedelta(days=400)).timestamp()))

    assert read(text)["plate"] == "2A-4417"
