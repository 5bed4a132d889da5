"""SD-JWT: RFC 9901 as issuer, holder and verifier (SD-I, SD-H, SD-V, S-036)."""

import pytest

from credentials.disclosures import digest_text
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
from tests.credentials.sd_jwt_papers import TYPES, build, disclosure, issue, read
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
)


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
