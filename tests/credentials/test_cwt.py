"""CWT credentials are read strictly and judged like any other (RFC 8392, RFC 8747, S-021)."""

import pytest

from credentials.cose import build_cose_sign1, build_value, parse_value
from credentials.cwt import (
    CLAIM_NAMES,
    CWT_TYPES,
    KEY_BINDING_TYPES,
    parse_cwt,
    read_cwt,
    to_json,
)
from credentials.cwt_issuance import build_cwt_binding_input, issue_cwt, sign_cwt
from credentials.errors import Malformed
from credentials.model import Format
from credentials.reading import read_credential, read_presentation
from credentials.verdict import Outcome, Reason
from encoding import base64url
from encoding.cbor import Tagged, build_cbor
from tests.credentials import cwt_workshop as workshop
from tests.credentials.workshop import ed25519_signer
from tests.vectors.small_city import DAY, HOLDER, NOW, STRANGER, TRANSPORT, public, seconds, vct

SIGNER = TRANSPORT.credential
PROOF_CLAIMS = {3: "us", 6: seconds(NOW), 39: b"12345678"}


def raw(claims, *, type=61, protected=None, unprotected=None, tagged=True, by=SIGNER):
    """A CWT that no builder of ours would make."""
    return build_cose_sign1(
        build_value(claims),
        signer=by,
        protected={**({16: type} if type is not None else {}), **(protected or {})},
        unprotected=unprotected or {},
        tagged=tagged,
    )


def credential_claims(**changes):
    claims = {1: TRANSPORT.iss, 11: vct("taxi-inspection"), 6: seconds(NOW), "plate": "2A-4417"}
    claims |= {int(name.removeprefix("c")): value for name, value in changes.items()}
    return {name: value for name, value in claims.items() if value is not ...}


def proof(claims=None, *, kcwt=..., type=294):
    """A key binding token that no builder of ours would make."""
    inner = parse_value(raw(credential_claims())) if kcwt is ... else kcwt
    header = {13: inner} if kcwt is not None else {}
    return raw(PROOF_CLAIMS if claims is None else claims, type=type, protected=header, by=HOLDER)


def refusal(data):
    with pytest.raises(Malformed) as caught:
        read_cwt(data)
    return caught.value.detail


def test_a_credential_reads_as_it_was_issued():
    (credential,) = read_cwt(workshop.issue(sub="D-104417"))

    assert credential.format is Format.CWT
    assert (credential.issuer, credential.types) == (TRANSPORT.iss, (vct("taxi-inspection"),))
    assert credential.claims == {"sub": "D-104417", "name": "Sok Dara", "plate": "2A-4417"}
    assert credential.valid_until == NOW + DAY
    assert [(each.uri, each.index) for each in credential.statuses] == [(TRANSPORT.list, 3)]
    assert [link.type for link in credential.links] == [
        "driving-licence",
        "vehicle-registration",
        "insurance-certificate",
    ]
    assert credential.holder_key == public(HOLDER)
    assert credential.key_binding is None


def test_claims_have_the_integer_names_of_the_registry():
    claims = parse_cwt(workshop.issue(), types=CWT_TYPES).claims

    assert {key for key in claims if isinstance(key, int)} == {1, 4, 6, 8, 11, 65535}
    assert claims[8] == {1: {1: 2, -1: 1, -2: claims[8][1][-2], -3: claims[8][1][-3]}}
    assert isinstance(claims[8][1][-3], bool)
    assert claims[65535] == {"status_list": {"idx": 3, "uri": TRANSPORT.list}}


def test_the_proof_covers_the_credential_and_says_whom_it_is_for():
    (credential,) = read_cwt(workshop.view())
    binding = credential.key_binding

    assert (binding.audience, binding.nonce) == (workshop.QR_AUDIENCE, workshop.NONCE)
    assert binding.covers_presentation
    assert credential.signature in binding.signing_input


@pytest.mark.parametrize("holder", [HOLDER, ed25519_signer("an Ed25519 phone")])
def test_the_presentation_is_judged_like_any_view(holder):
    cwt = workshop.issue(cnf={"jwk": dict(holder.public_jwk)})

    verdict = workshop.judge(workshop.bind(cwt, by=holder))

    assert verdict.outcome is Outcome.PASSED, verdict.checks
    assert verdict.claims[workshop.RULE_ID]["plate"] == "2A-4417"


def test_the_one_door_reads_a_cwt_as_base64url():
    held, shown = workshop.issue(), workshop.view()

    assert read_credential(base64url.encode(held)) == read_cwt(held)[0]
    assert read_presentation(base64url.encode(shown)) == read_cwt(shown)
    with pytest.raises(Malformed) as caught:
        read_credential(base64url.encode(shown))
    assert caught.value.detail == "unexpected_key_binding"


JUDGED = {
    "another key signed": (lambda: workshop.view(by=STRANGER), {}, Reason.BAD_SIGNATURE),
    "a stranger holds it": (
        lambda: workshop.bind(workshop.issue(), by=STRANGER),
        {},
        Reason.HOLDER_NOT_BOUND,
    ),
    "nobody holds it": (lambda: workshop.view(cnf=...), {}, Reason.HOLDER_NOT_BOUND),
    "no proof": (workshop.issue, {}, Reason.HOLDER_NOT_BOUND),
    "for another": (workshop.view, {"audience": "urn:another"}, Reason.WRONG_AUDIENCE),
    "another nonce": (workshop.view, {"nonce": "bm8tbm8tbm8"}, Reason.WRONG_NONCE),
    "a screenshot": (workshop.view, {"now": NOW + 3 * workshop.MINUTE}, Reason.STALE_CODE),
    "seen before": (workshop.view, {"is_replayed": True}, Reason.REPLAYED),
    "expired": (lambda: workshop.view(exp=seconds(NOW - DAY)), {}, Reason.EXPIRED),
    "not yet valid": (lambda: workshop.view(nbf=seconds(NOW + DAY)), {}, Reason.NOT_YET_VALID),
    "from the future": (lambda: workshop.view(iat=seconds(NOW + DAY)), {}, Reason.NOT_YET_VALID),
    "another issuer": (lambda: workshop.view(iss="https://x"), {}, Reason.ISSUER_NOT_TRUSTED),
    "issuer with a slash (S-026)": (
        lambda: workshop.view(iss=TRANSPORT.iss + "/"),
        {},
        Reason.ISSUER_NOT_TRUSTED,
    ),
    "a type it may not issue (S-025)": (
        lambda: workshop.view(vct=vct("property-title")),
        {},
        Reason.ISSUER_NOT_AUTHORISED_FOR_TYPE,
    ),
    "another type (S-027)": (
        lambda: workshop.view(vct=vct("taxi-permit")),
        {},
        Reason.TYPE_NOT_ACCEPTED,
    ),
    "no status": (lambda: workshop.view(status=...), {}, Reason.STATUS_UNKNOWN),
    "no plate": (lambda: workshop.view(plate=...), {}, Reason.CLAIM_MISSING),
}


@pytest.mark.parametrize("name", JUDGED)
def test_what_does_not_hold_is_told(name):
    make, changes, reason = JUDGED[name]

    verdict = workshop.judge(make(), **changes)

    assert verdict.outcome is Outcome.FAILED
    assert reason in verdict.reasons


def test_a_changed_claim_breaks_the_signature():
    def change(parts):
        parts[2] = parts[2].replace(b"2A-4417", b"2A-4418")

    verdict = workshop.judge(workshop.bind(workshop.edit(workshop.issue(), change)))

    assert Reason.BAD_SIGNATURE in verdict.reasons
    assert verdict.claims is None


def test_a_credential_of_another_person_cannot_be_put_into_a_proof():
    """S-042"""
    other = workshop.issue(cnf={"jwk": dict(STRANGER.public_jwk)})

    verdict = workshop.judge(workshop.bind(other))

    assert Reason.HOLDER_NOT_BOUND in verdict.reasons


@pytest.mark.parametrize("type", [None, 61, "application/cwt", "Application/CWT"])
def test_a_plain_cwt_is_a_credential_whatever_notation_its_type_has(type):
    assert read_cwt(raw(credential_claims(), type=type))[0].types == (vct("taxi-inspection"),)


@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: Tagged(61, value)])
def test_the_tag_of_a_cwt_may_stand_before_that_of_cose(wrap):
    data = build_cbor(wrap(parse_value(raw(credential_claims()))))

    assert len(read_cwt(data)) == 1


def test_only_cose_may_be_tagged_as_a_cwt():
    """RFC 8392 section 6"""
    message = parse_value(raw(credential_claims(), tagged=False))

    assert refusal(build_cbor(Tagged(61, message))) == "invalid_cose"
    assert refusal(build_cbor(Tagged(61, Tagged(61, Tagged(18, message))))) == "invalid_cose"
    assert refusal(build_cbor(Tagged(17, message))) == "invalid_cose"


@pytest.mark.parametrize(
    "type", [True, -1, 0, 293, "application/vc+cose", "application/statuslist+cwt", b"", [61]]
)
def test_another_type_of_token_is_refused(type):
    """S-010"""
    assert refusal(raw(credential_claims(), type=type)) == "invalid_typ"


def test_a_type_that_nobody_signed_does_not_count():
    """S-010"""
    data = raw(credential_claims(), type=None, unprotected={16: 294})

    assert read_cwt(data)[0].key_binding is None


SHAPES = {
    "iss is a number": ({"c1": 5}, "invalid_claims"),
    "iss is empty": ({"c1": ""}, "invalid_claims"),
    "iss is a list (S-026)": ({"c1": [TRANSPORT.iss]}, "invalid_claims"),
    "no iss and no certificate": ({"c1": ...}, "missing_iss"),
    "sub is bytes": ({"c2": b"x"}, "invalid_claims"),
    "aud is a list": ({"c3": ["us"]}, "invalid_claims"),
    "cti is text": ({"c7": "x"}, "invalid_claims"),
    "no vct (S-027)": ({"c11": ...}, "missing_vct"),
    "vct is a number": ({"c11": 5}, "missing_vct"),
    "exp is text (S-028)": ({"c4": "2027"}, "invalid_time"),
    "exp is true": ({"c4": True}, "invalid_time"),
    "nbf is negative": ({"c5": -1}, "invalid_time"),
    "iat is null": ({"c6": None}, "invalid_time"),
    "iat is beyond every date": ({"c6": 2**60}, "unsupported_claim"),
    "cnf is an array": ({"c8": [1]}, "invalid_cnf"),
    "cnf holds no key": ({"c8": {1: b"x"}}, "invalid_key"),
    "cnf holds a private key (S-019)": (
        {"c8": {1: {1: 1, -1: 6, -2: b"x" * 32, -4: b"x"}}},
        "private_key_in_jwk",
    ),
    "a point off the curve": (
        {"c8": {1: {1: 2, -1: 1, -2: b"\xff" * 32, -3: True}}},
        "invalid_key",
    ),
    "status is text": ({"c65535": "x"}, "invalid_status_reference"),
    "idx is text (S-054)": (
        {"c65535": {"status_list": {"idx": "1", "uri": "a:b"}}},
        "invalid_status_reference",
    ),
    "idx is negative (S-054)": (
        {"c65535": {"status_list": {"idx": -1, "uri": "a:b"}}},
        "invalid_status_reference",
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_registered_claim_of_another_shape_is_refused(name):
    changes, detail = SHAPES[name]

    assert refusal(raw(credential_claims(**changes))) == detail


@pytest.mark.parametrize("name", sorted(CLAIM_NAMES.values()))
def test_a_registered_claim_under_its_name_in_a_jwt_is_refused(name):
    assert refusal(raw(credential_claims() | {name: 1})) == "invalid_claim_name"


def test_unknown_numbers_are_passed_over():
    """RFC 8392 section 3: what is not understood is ignored."""
    (credential,) = read_cwt(raw(credential_claims() | {-65537: b"x", 169: {1: "Ada"}}))

    assert credential.claims == {"plate": "2A-4417"}


def test_a_status_mechanism_that_nobody_knows_is_not_dropped():
    (credential,) = read_cwt(raw(credential_claims(c65535={"identifier_list": {}})))

    assert credential.statuses[0].uri == "unsupported:identifier_list"


def test_claims_come_out_as_json_has_them():
    assert to_json([b"\x01", Tagged(1004, "1990-01-01"), {"a": 1.5}, None]) == [
        "AQ",
        "1990-01-01",
        {"a": 1.5},
        None,
    ]
    for value in ({1: 2}, 2**53, Tagged(0, "2026"), Tagged(1004, 5), [Tagged(2, b"\x01")]):
        with pytest.raises(Malformed) as caught:
            to_json(value)
        assert caught.value.detail == "unsupported_claim"


PROOFS = {
    "without a credential": (proof(kcwt=None), "missing_kcwt"),
    "around a text": (proof(kcwt="x"), "invalid_cose"),
    "around a proof": (proof(kcwt=parse_value(proof())), "invalid_typ"),
    "without iat": (proof({3: "us", 39: b"12345678"}), "missing_iat"),
    "without aud": (proof({6: 1, 39: b"12345678"}), "missing_aud"),
    "without nonce": (proof({6: 1, 3: "us"}), "missing_nonce"),
    "with an empty nonce": (proof({6: 1, 3: "us", 39: b""}), "missing_nonce"),
    "with a nonce of text": (proof({6: 1, 3: "us", 39: "12345678"}), "invalid_claims"),
    "with an issuer": (proof(PROOF_CLAIMS | {1: "us"}), "invalid_claims"),
    "with a subject": (proof(PROOF_CLAIMS | {2: "us"}), "invalid_claims"),
}


@pytest.mark.parametrize("name", PROOFS)
def test_a_proof_that_is_not_whole_is_refused(name):
    """SD-V-12 in CBOR"""
    data, detail = PROOFS[name]

    assert refusal(data) == detail


def test_a_proof_that_is_past_its_time_takes_the_credential_along():
    (credential,) = read_cwt(proof(PROOF_CLAIMS | {4: seconds(NOW) + 1, 5: seconds(NOW) - 1}))

    assert seconds(credential.valid_until) == seconds(NOW) + 1
    assert seconds(credential.valid_from) == seconds(NOW) - 1


def test_a_proof_is_no_credential_and_a_credential_no_proof():
    for data, types in ((workshop.view(), CWT_TYPES), (workshop.issue(), KEY_BINDING_TYPES)):
        with pytest.raises(Malformed) as caught:
            parse_cwt(data, types=types)
        assert caught.value.detail == "invalid_typ"


def test_a_held_credential_is_bound_once_and_with_a_nonce_of_eight_bytes():
    words = {"audience": "us", "now": NOW, "algorithm": "ES256"}
    for cwt, nonce, detail in (
        (workshop.view(), workshop.NONCE, "unexpected_key_binding"),
        (workshop.issue(), "MTIzNDU2Nw", "missing_nonce"),
        (workshop.issue(), "no nonce", "invalid_base64url"),
    ):
        with pytest.raises(Malformed) as caught:
            build_cwt_binding_input(cwt, nonce=nonce, **words)
        assert caught.value.detail == detail


def test_what_could_not_be_read_is_not_issued():
    with pytest.raises(Malformed) as caught:
        issue_cwt({"iss": TRANSPORT.iss, "plate": "2A"}, signer=SIGNER)

    assert caught.value.detail == "missing_vct"


def test_a_key_is_named_by_text_or_by_its_raw_thumbprint():
    thumbprint = public(SIGNER).thumbprint
    for key_id in (thumbprint.encode(), base64url.decode(thumbprint)):
        (credential,) = read_cwt(workshop.issue(key_id=key_id))
        assert credential.key_hint.key_id == thumbprint
    assert read_cwt(workshop.issue())[0].key_hint.key_id is None


def test_certificates_stand_in_x5chain():
    one = read_cwt(workshop.issue(x5c=(b"leaf",)))[0]
    two = read_cwt(workshop.issue(x5c=(b"leaf", b"city")))[0]

    assert (one.key_hint.x5c, two.key_hint.x5c) == ((b"leaf",), (b"leaf", b"city"))


def test_an_issuer_may_be_named_by_its_certificate_alone():
    data = sign_cwt({11: "a:b"}, type=61, signer=SIGNER, x5c=(b"leaf",))

    assert read_cwt(data)[0].issuer == ""
