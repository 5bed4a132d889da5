"""Reading W3C credentials and presentations: VC-JOSE-COSE and VCDM 2.0."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from credentials.errors import Malformed
from credentials.keys import verify_signature
from credentials.model import Format, StatusPurpose, StatusReference
from credentials.reading import read_credential, read_presentation
from encoding import base64url
from tests.credentials.read_papers import (
    ISSUER_DID,
    KEY_ID,
    envelope,
    permit_document,
    refusal,
    vc_jwt,
    vc_sd_jwt,
    vp_jwt,
    vp_raw,
)
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    LIST,
    NONCE,
    NOW,
    PERMIT_VCT,
    STRANGER,
    VERIFIER,
    issue_permit,
    permit_claims,
    present,
    public_key,
    sign_raw,
)


def test_a_w3c_permit_reads_with_everything_that_judging_needs():
    permit = read_credential(vc_jwt())

    assert permit.format is Format.VC_JWT
    assert permit.issuer == ISSUER_DID
    assert permit.types == ("TaxiPermit",)
    assert permit.claims["plate"] == "2A-4417"
    assert permit.valid_from == NOW - timedelta(days=1)
    assert permit.valid_until == NOW + timedelta(days=30)
    assert permit.holder_key == public_key(DRIVER)
    assert permit.key_hint.key_id == KEY_ID
    assert permit.statuses == (
        StatusReference(f"{LIST}/revocation", 7, StatusPurpose.REVOCATION),
        StatusReference(f"{LIST}/suspension", 7, StatusPurpose.SUSPENSION),
    )
    assert verify_signature(public_key(AGENCY), permit.signing_input, permit.signature)


def test_a_w3c_permit_with_hidden_claims_is_shown_with_a_key_binding():
    (permit,) = read_presentation(present(vc_sd_jwt(), [("credentialSubject", "plate")]))

    assert permit.format is Format.VC_SD_JWT
    assert permit.claims["plate"] == "2A-4417"
    assert "zone" not in permit.claims
    assert permit.key_binding.covers_presentation
    assert permit.holder_key == public_key(DRIVER)


def test_an_sd_jwt_that_mixes_both_worlds_is_residue_of_a_draft():
    residue = sign_raw(permit_claims(), type="vc+sd-jwt") + "~"
    mixed = sign_raw({**permit_document(), "vct": PERMIT_VCT}, type="vc+sd-jwt") + "~"

    assert refusal(residue) == "draft_residue"
    assert refusal(mixed) == "draft_residue"
    assert refusal(vc_jwt(vct=PERMIT_VCT)) == "draft_residue"


@pytest.mark.parametrize("name", ["vc", "vp"])
def test_jc_01_a_wrapped_document_is_refused(name):
    assert refusal(vc_jwt(**{name: permit_document()})) == "wrapped_document"


@pytest.mark.parametrize("content_type", ["vp", "JWT", 7, ["vc"]])
def test_jc_02_another_content_type_is_refused(content_type):
    text = sign_raw(permit_document(), type="vc+jwt", header={"cty": content_type})

    assert refusal(text) == "invalid_cty"


def test_jc_04_iss_and_issuer_are_one():
    assert refusal(vc_jwt(iss="did:web:other.example")) == "issuer_mismatch"
    assert read_credential(vc_jwt(iss=ISSUER_DID)).issuer == ISSUER_DID


def test_an_issuer_may_be_an_object_with_a_name():
    document = vc_jwt(issuer={"id": ISSUER_DID, "name": "Transport"})

    assert read_credential(document).issuer == ISSUER_DID


def test_jc_06_the_earlier_end_and_the_later_start_count():
    soon, late = NOW + timedelta(days=2), NOW - timedelta(hours=1)
    permit = read_credential(vc_jwt(exp=int(soon.timestamp()), nbf=int(late.timestamp())))

    assert (permit.valid_from, permit.valid_until) == (late, soon)


def test_a_credential_without_dates_has_none():
    permit = read_credential(vc_jwt(validFrom=..., validUntil=...))

    assert (permit.valid_from, permit.valid_until) == (None, None)


def test_a_confirmation_and_a_subject_that_differ_are_refused():
    other = {"jwk": dict(STRANGER.public_jwk)}

    assert refusal(vc_jwt(cnf=other)) == "holder_mismatch"
    assert read_credential(vc_jwt(cnf={"jwk": dict(DRIVER.public_jwk)})).holder_key


def test_a_subject_without_a_key_did_is_bound_by_its_confirmation_or_not_at_all():
    subject = {"id": "urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008", "plate": "2A-4417"}
    confirmation = {"jwk": dict(DRIVER.public_jwk)}

    assert read_credential(vc_jwt(credentialSubject=subject)).holder_key is None
    assert read_credential(
        vc_jwt(credentialSubject=subject, cnf=confirmation)
    ).holder_key == public_key(DRIVER)


def test_several_subjects_are_kept_apart():
    subjects = [{"plate": "2A-4417"}, {"plate": "2A-4418"}]

    assert read_credential(vc_jwt(credentialSubject=subjects)).claims == {
        "credentialSubject": subjects
    }
    assert read_credential(vc_jwt(credentialSubject=subjects[:1])).claims == subjects[0]


def test_a_token_status_list_serves_w3c_credentials_too():
    permit = read_credential(
        vc_jwt(credentialStatus=..., status={"status_list": {"uri": LIST, "idx": 3}})
    )

    assert permit.statuses == (StatusReference(LIST, 3),)


ENTRY = {
    "id": f"{LIST}#7",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "7",
    "statusListCredential": LIST,
}


@pytest.mark.parametrize(
    "changes",
    [
        {"statusListIndex": 7},
        {"statusListIndex": "-1"},
        {"statusListIndex": "07"},
        {"statusListIndex": "7.0"},
        {"statusListIndex": "٧"},
        {"statusListIndex": ""},
        {"statusPurpose": ["revocation"]},
        {"statusPurpose": None},
        {"statusListCredential": None},
        {"id": LIST},
    ],
)
def test_bsl_01_a_status_entry_in_a_wrong_shape_is_refused(changes):
    with pytest.raises(Malformed):
        read_credential(vc_jwt(credentialStatus={**ENTRY, **changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "StatusList2021Entry"},
        {"statusPurpose": "mood"},
        {"statusSize": 2, "statusMessage": []},
    ],
)
def test_jc_08_an_unknown_status_is_never_read_as_no_status(changes):
    permit = read_credential(vc_jwt(credentialStatus={**ENTRY, **changes}))

    assert len(permit.statuses) == 1
    assert permit.statuses[0].uri.startswith("unsupported:")


def test_purposes_that_say_nothing_about_validity_are_passed_over():
    entries = [{**ENTRY, "statusPurpose": purpose} for purpose in ("refresh", "message")]

    assert read_credential(vc_jwt(credentialStatus=entries)).statuses == ()


def test_too_many_status_entries_are_refused():
    assert refusal(vc_jwt(credentialStatus=[ENTRY] * 9)) == "invalid_status_reference"


def test_the_test_suite_of_the_w3c_writes_iat_as_text():
    permit = read_credential(vc_jwt(iat="2010-01-01T19:23:24Z"))

    assert permit.issued_at == datetime(2010, 1, 1, 19, 23, 24, tzinfo=UTC)


# Presentations.


def test_a_presentation_gives_each_credential_with_the_binding_of_the_whole():
    text = vp_jwt(vc_jwt(), vc_sd_jwt())
    first, second = read_presentation(text)

    assert (first.format, second.format) == (Format.VC_JWT, Format.VC_SD_JWT)
    assert first.key_binding == second.key_binding
    assert (first.key_binding.audience, first.key_binding.nonce) == (VERIFIER, NONCE)
    assert first.key_binding.covers_presentation
    signed = text.rpartition(".")[0]
    assert first.key_binding.digest == base64url.encode(hashlib.sha256(signed.encode()).digest())
    assert verify_signature(
        first.holder_key, first.key_binding.signing_input, first.key_binding.signature
    )


def test_s_042_a_stranger_signs_with_another_key_than_the_subjects():
    (permit,) = read_presentation(vp_jwt(vc_jwt(), by=STRANGER))
    binding = permit.key_binding

    assert not verify_signature(permit.holder_key, binding.signing_input, binding.signature)


def test_a_presentation_past_its_own_time_takes_its_credentials_along():
    end, start = NOW + timedelta(minutes=5), NOW - timedelta(minutes=5)
    text = vp_raw(exp=int(end.timestamp()), nbf=int(start.timestamp()))
    (permit,) = read_presentation(text)

    assert (permit.valid_from, permit.valid_until) == (start, end)


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"verifiableCredential": []}, "empty_presentation"),
        ({"verifiableCredential": ...}, "empty_presentation"),
        ({"verifiableCredential": "x"}, "invalid_verifiableCredential"),
        ({"verifiableCredential": [permit_document()]}, "invalid_type"),
        ({"verifiableCredential": [envelope("")]}, "invalid_envelope"),
        ({"verifiableCredential": [envelope("x", "text/plain")]}, "unsupported_media_type"),
        (
            {"verifiableCredential": [envelope(present(vc_sd_jwt(), []), "application/vc+sd-jwt")]},
            "unexpected_key_binding",
        ),
        ({"verifiableCredential": [envelope(vc_jwt(vc={}))]}, "wrapped_document"),
        (
            {"verifiableCredential": [envelope(issue_permit(), "application/vc+sd-jwt")]},
            "invalid_typ",
        ),
        *[({"aud": aud}, "missing_aud") for aud in ([], "", 7, {}, [7], [VERIFIER, 7], [""])],
        ({"aud": ...}, "missing_aud"),
        ({"nonce": ...}, "missing_nonce"),
        ({"iat": ...}, "missing_iat"),
        ({"vp": {}}, "wrapped_document"),
        ({"holder": "did:example:a", "iss": "did:example:b"}, "holder_mismatch"),
        ({"@context": []}, "invalid_context"),
        ({"type": "VerifiableCredential"}, "invalid_type"),
    ],
)
def test_a_presentation_in_a_wrong_shape_is_refused(changes, detail):
    assert refusal(vp_raw(**changes)) == detail


def test_s_240_a_presentation_holds_sixteen_credentials_and_not_more():
    sixteen = [envelope(vc_jwt())] * 16

    assert len(read_presentation(vp_raw(verifiableCredential=sixteen))) == 16
    assert refusal(vp_raw(verifiableCredential=[*sixteen, sixteen[0]])) == "empty_presentation"


@pytest.mark.parametrize("type", ["kb+jwt", "statuslist+jwt", "JWT", "dc+sd-jwt", "at+jwt"])
def test_s_010_no_other_token_comes_through_the_door(type):
    expected = "another_token" if type == "JWT" else "invalid_typ"

    assert refusal(sign_raw(permit_document(), type=type)) == expected


@pytest.mark.parametrize("type", ["kb+jwt", "vc+jwt", "vp+jwt", "JWT", "example+sd-jwt"])
def test_s_010_no_other_sd_jwt_comes_through_the_door(type):
    assert refusal(sign_raw(permit_claims(), type=type) + "~") == "invalid_typ"
