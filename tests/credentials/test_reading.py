"""The one door: every format read strictly, and nothing else let in."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from credentials.keys import verify_signature
from credentials.model import Format, Link, StatusReference
from credentials.reading import read_credential, read_presentation
from encoding import base64url
from tests.credentials.read_papers import (
    refusal,
)
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    ISSUER,
    LIST,
    NONCE,
    NOW,
    PERMIT_VCT,
    VERIFIER,
    issue_permit,
    present,
    public_key,
    sign_raw,
)


def test_a_permit_reads_with_everything_that_judging_needs():
    (permit,) = read_presentation(present(issue_permit()))

    assert permit.format is Format.DC_SD_JWT
    assert permit.issuer == ISSUER
    assert permit.types == (PERMIT_VCT,)
    assert permit.claims == {"plate": "2A-4417", "zone": "Phnom Penh"}
    assert permit.issued_at == NOW - timedelta(days=1)
    assert permit.valid_from is None
    assert permit.valid_until == NOW + timedelta(days=30)
    assert permit.statuses == (StatusReference(LIST, 7),)
    assert permit.links == ()
    assert permit.holder_key == public_key(DRIVER)
    assert permit.key_hint.key_id == public_key(AGENCY).thumbprint
    assert verify_signature(public_key(AGENCY), permit.signing_input, permit.signature)


def test_a_key_binding_reads_with_its_digest():
    text = present(issue_permit())
    (permit,) = read_presentation(text)
    binding = permit.key_binding
    key_binding_text = text.rpartition("~")[2]

    assert (binding.audience, binding.nonce, binding.issued_at) == (VERIFIER, NONCE, NOW)
    assert binding.covers_presentation
    assert verify_signature(public_key(DRIVER), binding.signing_input, binding.signature)
    signed = key_binding_text.rpartition(".")[0]
    assert binding.digest == base64url.encode(hashlib.sha256(signed.encode()).digest())


def test_a_binding_of_another_presentation_is_seen():
    key_binding = present(issue_permit()).rpartition("~")[2]
    (permit,) = read_presentation(issue_permit() + key_binding)

    assert not permit.key_binding.covers_presentation


def test_s_039_a_stripped_binding_reads_as_none_and_policy_decides():
    (permit,) = read_presentation(issue_permit())

    assert permit.key_binding is None


def test_a_view_carries_links_and_they_are_no_claims():
    linked = [{"type": "driving-licence", "list": LIST, "index": 9}]
    (view,) = read_presentation(issue_permit(disclosable=(), linked=linked))

    assert view.links == (Link("driving-licence", StatusReference(LIST, 9)),)
    assert "linked" not in view.claims


def test_links_cannot_be_hidden_by_the_holder():
    linked = [{"type": "driving-licence", "list": LIST, "index": 9}]

    assert refusal(issue_permit(disclosable=[("linked",)], linked=linked)) == "not_disclosable"


@pytest.mark.parametrize(
    "linked",
    [
        {},
        "x",
        [7],
        [{}],
        [{"type": "a", "list": LIST}],
        [{"type": "a", "list": LIST, "index": 1, "more": 1}],
        [{"type": "", "list": LIST, "index": 1}],
        [{"type": 7, "list": LIST, "index": 1}],
        [{"type": "a", "list": LIST, "index": 1}] * 9,
    ],
)
def test_links_in_a_wrong_shape_are_refused(linked):
    assert refusal(issue_permit(linked=linked)) == "invalid_link"


@pytest.mark.parametrize("name", ["iss", "vct"])
@pytest.mark.parametrize("value", [None, "", 7, ["https://a.example"]])
def test_s_027_issuer_and_type_are_one_string_each(name, value):
    assert refusal(issue_permit(**{name: value})) == f"missing_{name}"


@pytest.mark.parametrize("name", ["iat", "nbf", "exp"])
@pytest.mark.parametrize("value", ["1790000000", True, -1, 10**15, [1], {}])
def test_s_028_times_are_numbers_within_reason(name, value):
    assert refusal(issue_permit(**{name: value})) == "invalid_time"


def test_times_with_a_fraction_are_read():
    (permit,) = read_presentation(issue_permit(nbf=1790000000.5))

    assert permit.valid_from == datetime.fromtimestamp(1790000000.5, UTC)


@pytest.mark.parametrize(
    "status",
    [
        {"status_list": {"uri": LIST, "idx": -1}},
        {"status_list": {"uri": LIST, "idx": "7"}},
        {"status_list": {"uri": LIST, "idx": 7.0}},
        {"status_list": {"uri": LIST, "idx": True}},
        {"status_list": {"uri": LIST}},
        {"status_list": {"idx": 7}},
        {"status_list": {"uri": 7, "idx": 7}},
        {"status_list": {"uri": "list", "idx": 7}},
        {"status_list": "x"},
        {},
        "x",
        [],
    ],
)
def test_s_054_a_status_reference_in_a_wrong_shape_is_refused(status):
    assert refusal(issue_permit(status=status)) == "invalid_status_reference"


def test_a_status_that_nobody_here_can_check_is_kept_as_one_that_no_list_answers():
    (permit,) = read_presentation(issue_permit(status={"identifier_list": {"id": "1"}}))

    assert permit.statuses == (StatusReference("unsupported:identifier_list", 0),)


@pytest.mark.parametrize("confirmation", ["x", [], 7])
def test_a_confirmation_is_an_object(confirmation):
    assert refusal(issue_permit(cnf=confirmation)) == "invalid_cnf"


def test_a_confirmation_without_a_jwk_binds_nobody():
    (permit,) = read_presentation(issue_permit(cnf={"kid": "did:jwk:x#0"}))

    assert permit.holder_key is None


def test_s_019_a_private_key_in_a_confirmation_is_refused():
    private = {**DRIVER.public_jwk, "d": "c2VjcmV0"}

    assert refusal(issue_permit(cnf={"jwk": private})) == "private_key_in_jwk"


def test_s_007_certificates_in_the_header_are_hints():
    header = {"x5c": ["AQID", "BAUG"], "kid": "k"}
    (permit,) = read_presentation(issue_permit(header=header))

    assert permit.key_hint.x5c == (b"\x01\x02\x03", b"\x04\x05\x06")


@pytest.mark.parametrize("x5c", ["AQID", ["AQ_D"], [7], ["!"], ["AQID"] * 5, {}])
def test_certificates_in_a_wrong_shape_are_refused(x5c):
    assert refusal(issue_permit(header={"x5c": x5c})) == "invalid_x5c"


@pytest.mark.parametrize("name", ["aud", "nonce", "sd_hash", "iat"])
@pytest.mark.parametrize("value", [None, 7, ["x"]])
def test_sd_v_12_a_key_binding_has_its_four_members(name, value):
    issued = issue_permit()
    members = {"aud": VERIFIER, "nonce": NONCE, "sd_hash": "x", "iat": int(NOW.timestamp())}
    members[name] = value
    payload = {key: each for key, each in members.items() if each is not None}
    if name == "iat" and value == 7:
        payload["iat"] = "7"
    text = issued + sign_raw(payload, type="kb+jwt", by=DRIVER)

    assert refusal(text) in {f"missing_{name}", "invalid_time"}


def test_sd_v_12_a_key_binding_has_its_own_type():
    assert refusal(issue_permit() + sign_raw({}, type="JWT", by=DRIVER)) == "invalid_typ"


def test_a_wallet_receives_only_what_is_not_yet_bound():
    assert read_credential(issue_permit()).key_binding is None
    assert refusal(present(issue_permit()), read_credential) == "unexpected_key_binding"
