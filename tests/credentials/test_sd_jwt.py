"""SD-JWT: RFC 9901 as issuer, holder and verifier (SD-I, SD-H, SD-V, S-036)."""

from datetime import timedelta

import pytest

from credentials.disclosures import digest_text, parse_disclosure
from credentials.errors import Malformed
from credentials.jose import verify_jws
from credentials.sd_jwt import (
    attach_key_binding,
    build_key_binding_input,
    disclosable_paths,
    issue_sd_jwt,
    parse_sd_jwt,
    processed_claims,
    select_disclosures,
)
from encoding import base64url
from encoding.strict_json import build_json
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    NONCE,
    NOW,
    VERIFIER,
    issue_permit,
    permit_claims,
    present,
    public_key,
    salts,
    sign_raw,
)

TYPES = frozenset({"dc+sd-jwt"})


def issue(claims, *disclosable, decoys=0):
    return issue_sd_jwt(
        claims,
        disclosable=disclosable,
        type="dc+sd-jwt",
        signer=AGENCY,
        header={},
        salt=salts(),
        decoys=decoys,
    )


def read(text):
    return processed_claims(parse_sd_jwt(text, types=TYPES))


def disclosure(*parts):
    return base64url.encode(build_json(list(parts)))


def digest(text):
    return digest_text(text, hash_name="sha-256")


def build(payload, *disclosures):
    """An SD-JWT that no honest issuer would make."""
    return "~".join([sign_raw(payload, type="dc+sd-jwt"), *disclosures, ""])


def refusal(text):
    with pytest.raises(Malformed) as fault:
        read(text)
    return fault.value.detail


# Issuer.


def test_what_was_issued_reads_back_whole():
    claims = permit_claims(address={"khan": "Daun Penh", "city": "Phnom Penh"}, cover=["a", "b"])
    text = issue(
        claims, ("plate",), ("address",), ("address", "khan"), ("cover", None), ("not there",)
    )

    assert text.endswith("~")
    assert text.count("~") == 6
    assert read(text) == claims


def test_hidden_claims_leave_no_trace_in_the_payload():
    payload = dict(parse_sd_jwt(issue_permit(), types=TYPES).jws.payload)

    assert "plate" not in payload
    assert "2A-4417" not in str(payload)
    assert payload["_sd_alg"] == "sha-256"


def test_sd_i_02_digests_are_sorted_so_that_their_order_tells_nothing():
    text = issue(permit_claims(), ("zone",), ("driver_number",), ("plate",))
    digests = parse_sd_jwt(text, types=TYPES).jws.payload["_sd"]

    assert digests == sorted(digests)
    assert len(digests) == 3


def test_sd_i_05_without_anything_to_hide_there_is_no_sd_and_no_sd_alg():
    payload = parse_sd_jwt(issue(permit_claims()), types=TYPES).jws.payload

    assert "_sd" not in payload
    assert "_sd_alg" not in payload


def test_sd_i_06_decoys_hide_how_many_claims_there_are():
    sd_jwt = parse_sd_jwt(issue(permit_claims(), ("plate",), decoys=4), types=TYPES)

    assert len(sd_jwt.jws.payload["_sd"]) == 5
    assert processed_claims(sd_jwt) == permit_claims()


@pytest.mark.parametrize(
    "name", ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"]
)
def test_sd_i_04_registered_claims_are_never_disclosable(name):
    for path in ((name,), (name, "jwk")):
        with pytest.raises(Malformed) as fault:
            issue(permit_claims(), path)
        assert fault.value.detail == "not_disclosable"


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_claims_with_reserved_names_are_not_issued(name):
    for claims in ({name: 1}, {"a": {name: 1}}, {"a": [{name: 1}]}):
        with pytest.raises(Malformed) as fault:
            issue(claims)
        assert fault.value.detail == "reserved_claim_name"


@pytest.mark.parametrize("salt", [lambda: bytes(15), lambda: b"the same 16 byte"])
def test_sd_i_01_a_weak_or_repeated_salt_stops_the_issuer(salt):
    with pytest.raises(Malformed) as fault:
        issue_sd_jwt(
            permit_claims(),
            disclosable=[("plate",), ("zone",)],
            type="dc+sd-jwt",
            signer=AGENCY,
            header={},
            salt=salt,
        )
    assert fault.value.detail == "weak_salt"


# Holder.


def test_a_driver_shows_the_plate_and_keeps_the_number_back():
    claims = read(present(issue_permit()))

    assert claims["plate"] == "2A-4417"
    assert "driver_number" not in claims
    assert "_sd" not in claims
    assert "_sd_alg" not in claims


def test_sd_h_02_a_nested_claim_brings_its_parents_and_no_sisters():
    text = issue(
        {"address": {"khan": "Daun Penh", "street": "Street 310", "city": {"name": "Phnom Penh"}}},
        ("address",),
        ("address", "khan"),
        ("address", "street"),
        ("address", "city", "name"),
    )

    assert read(select_disclosures(text, [("address", "khan")])) == {
        "address": {"khan": "Daun Penh", "city": {}}
    }
    assert read(select_disclosures(text, [("address",)])) == read(text)
    assert read(select_disclosures(text, [])) == {}


def test_array_elements_are_shown_one_by_one():
    text = issue({"cover": ["third party", "passengers", "theft"]}, ("cover", None))

    assert read(select_disclosures(text, [("cover", 1)])) == {"cover": ["passengers"]}
    assert read(select_disclosures(text, [("cover", None)])) == read(text)
    assert read(select_disclosures(text, [("cover", 9), ("cover", "1")])) == {"cover": []}
    shown = select_disclosures(text, [("cover", 1), ("cover", 2)])
    assert read(select_disclosures(shown, [("cover", 1)])) == {"cover": ["theft"]}


def test_the_places_that_may_be_shown_are_known():
    text = issue({"a": {"b": [1, 2]}, "c": 3}, ("a",), ("a", "b", 1), ("c",))

    assert set(disclosable_paths(text)) == {("a",), ("a", "b", 1), ("c",)}
    assert disclosable_paths(issue({"a": 1})) == ()


def test_sd_h_01_a_holder_does_not_keep_what_is_already_bound():
    for use in (
        lambda text: select_disclosures(text, []),
        disclosable_paths,
        lambda text: build_key_binding_input(text, audience="a", nonce="n", now=NOW),
    ):
        with pytest.raises(Malformed) as fault:
            use(present(issue_permit()))
        assert fault.value.detail == "unexpected_key_binding"


def test_a_key_binding_covers_exactly_what_is_shown():
    sd_jwt = parse_sd_jwt(present(issue_permit()), types=TYPES)

    assert sd_jwt.key_binding.payload == {
        "aud": VERIFIER,
        "nonce": NONCE,
        "iat": int(NOW.timestamp()),
        "sd_hash": sd_jwt.sd_hash,
    }
    assert verify_jws(sd_jwt.key_binding, public_key(DRIVER))
    assert sd_jwt.text_before_key_binding.endswith("~")


def test_a_disclosure_added_after_signing_changes_the_hash():
    bound = present(issue_permit())
    held = parse_sd_jwt(issue_permit(), types=TYPES)
    key_binding = bound.rpartition("~")[2]
    wider = f"{issue_permit()}{key_binding}"

    assert parse_sd_jwt(wider, types=TYPES).key_binding.payload["sd_hash"] != held.sd_hash


def test_the_hash_of_a_binding_is_made_with_the_named_algorithm():
    hidden = disclosure("a-salt-of-22-characters", "plate", "2A-4417")
    text = build({"_sd_alg": "sha-512", "_sd": [digest_text(hidden, hash_name="sha-512")]}, hidden)
    signing_input = build_key_binding_input(text, audience="a", nonce="n", now=NOW)
    bound = attach_key_binding(
        text, signing_input=signing_input, signature=DRIVER.sign(signing_input.encode())
    )
    sd_jwt = parse_sd_jwt(bound, types=TYPES)

    assert processed_claims(sd_jwt) == {"plate": "2A-4417"}
    assert sd_jwt.key_binding.payload["sd_hash"] == sd_jwt.sd_hash
    assert len(base64url.decode(sd_jwt.sd_hash)) == 64


# Verifier.


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
