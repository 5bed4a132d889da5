"""The one door: every format read strictly, and nothing else let in."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.dids import build_did_jwk
from credentials.errors import CredentialError, Malformed
from credentials.jose import join_signature
from credentials.keys import parse_jwk, verify_signature
from credentials.model import Format, Link, StatusPurpose, StatusReference
from credentials.reading import read_credential, read_presentation
from credentials.vcdm import (
    build_presentation_input,
    build_vc,
    issue_vc_jwt,
    issue_vc_sd_jwt,
)
from encoding import base64url
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    ISSUER,
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
    salts,
    sign_raw,
)

ISSUER_DID = "did:web:issuer.city.example:agencies:transport"
KEY_ID = f"{ISSUER_DID}#key"
BASE = "https://www.w3.org/ns/credentials/v2"


def permit_document(**changes):
    document = build_vc(
        types=["TaxiPermit"],
        contexts=["https://issuer.city.example/contexts/taxi-permit"],
        issuer=ISSUER_DID,
        subject={"plate": "2A-4417", "zone": "Phnom Penh"},
        subject_id=build_did_jwk(public_key(DRIVER)),
        valid_from=NOW - timedelta(days=1),
        valid_until=NOW + timedelta(days=30),
        statuses=[
            StatusReference(f"{LIST}/revocation", 7, StatusPurpose.REVOCATION),
            StatusReference(f"{LIST}/suspension", 7, StatusPurpose.SUSPENSION),
        ],
    )
    members = {**document, **changes}
    return {name: value for name, value in members.items() if value is not ...}


def vc_jwt(**changes):
    return sign_raw(permit_document(**changes), type="vc+jwt", header={"kid": KEY_ID})


def vc_sd_jwt():
    return issue_vc_sd_jwt(
        permit_document(),
        disclosable=[("plate",), ("zone",)],
        holder_key=public_key(DRIVER),
        signer=AGENCY,
        key_id=KEY_ID,
        issued_at=NOW,
        salt=salts(),
    )


def vp_jwt(*credentials, by=DRIVER):
    signing_input = build_presentation_input(
        credentials, holder_key=public_key(by), audience=VERIFIER, nonce=NONCE, now=NOW
    )
    return join_signature(signing_input, by.sign(signing_input.encode()))


def vp_raw(**changes):
    payload = {
        "@context": [BASE],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [envelope(vc_jwt())],
        "aud": VERIFIER,
        "nonce": NONCE,
        "iat": int(NOW.timestamp()),
        **changes,
    }
    present_members = {name: value for name, value in payload.items() if value is not ...}
    return sign_raw(present_members, type="vp+jwt", by=DRIVER)


def envelope(text, media_type="application/vc+jwt"):
    return {
        "@context": BASE,
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:{media_type},{text}",
    }


class CHEAP:
    """Signs nothing: reading does not look at the signature."""

    algorithm = "ES256"

    @staticmethod
    def sign(data):
        return bytes(64)


PRESENTED = (present(issue_permit()), vp_jwt(vc_jwt(), vc_sd_jwt()), vc_jwt())


def refusal(text, read=read_presentation):
    with pytest.raises(Malformed) as fault:
        read(text)
    return fault.value.detail


# SD-JWT VC.


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


# W3C credentials.


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
        ({"aud": [VERIFIER]}, "missing_aud"),
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


UNHURRIED = settings(deadline=None)

# Whatever stands in a member, reading ends with an answer or with a fault of ours.


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(max_size=9)
    | st.floats(0, 9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def _reads_or_refuses(text):
    try:
        read_presentation(text)
    except CredentialError:
        return


@UNHURRIED
@given(name=st.sampled_from([*permit_claims(), "nbf", "linked", "_sd", "_sd_alg"]), value=ANYTHING)
def test_an_sd_jwt_with_anything_in_a_member_never_breaks_the_reader(name, value):
    payload = {**permit_claims(), name: value}
    _reads_or_refuses(sign_raw(payload, type="dc+sd-jwt", by=CHEAP) + "~")


@UNHURRIED
@given(
    name=st.sampled_from(
        [*permit_document(), "id", "iss", "iat", "exp", "cnf", "status", "name", "relatedResource"]
    ),
    value=ANYTHING,
)
def test_a_w3c_credential_with_anything_in_a_member_never_breaks_the_reader(name, value):
    payload = {**permit_document(), name: value}
    _reads_or_refuses(sign_raw(payload, type="vc+jwt", by=CHEAP))


@UNHURRIED
@given(
    name=st.sampled_from(["alg", "typ", "kid", "cty", "x5c", "jwk", "crit", "b64"]), value=ANYTHING
)
def test_a_header_with_anything_in_a_member_never_breaks_the_reader(name, value):
    header = {"alg": "ES256", "typ": "vc+jwt", name: value}
    parts = [json.dumps(header).encode(), json.dumps(permit_document()).encode(), bytes(64)]
    _reads_or_refuses(".".join(base64url.encode(part) for part in parts))


@UNHURRIED
@given(data=st.data())
def test_a_presentation_with_a_changed_character_never_breaks_the_reader(data):
    text = PRESENTED[data.draw(st.integers(0, len(PRESENTED) - 1))]
    place = data.draw(st.integers(0, len(text) - 1))
    change = data.draw(st.sampled_from(["", "~", ".", "A", "=", "é", "\x00", "AA"]))
    _reads_or_refuses(text[:place] + change + text[place + 1 :])


# Published and authored cases.


def test_the_authored_presentations_come_out_as_they_must(vectors):
    file = json.loads((vectors / "authored" / "sd-jwt-vc-presentations.json").read_text())
    wrong = [
        case["id"]
        for case in file["cases"]
        if _accepts(case, file["verifier"]) != (case["expect"] == "accept")
    ]

    assert len(file["cases"]) >= 29
    assert wrong == []


def _accepts(case, verifier):
    """What a verifier decides about one credential, without status and trust."""
    try:
        (credential,) = read_presentation(case["compact"])
    except CredentialError:
        return False
    key = parse_jwk(verifier["trusted_issuer_jwk"])
    now = datetime.fromtimestamp(verifier["now"], UTC)
    window = timedelta(seconds=verifier["kb_max_age_s"])
    if not verify_signature(key, credential.signing_input, credential.signature):
        return False
    if credential.valid_from and credential.valid_from > now:
        return False
    binding = credential.key_binding
    if binding is None:
        return not case.get("kb_required", verifier["kb_required_default"])
    return (
        binding.covers_presentation
        and binding.audience == verifier["expected_aud"]
        and binding.nonce == verifier["expected_nonce"]
        and abs(now - binding.issued_at) <= window
        and verify_signature(credential.holder_key, binding.signing_input, binding.signature)
        and case.get("processed_contains", {}).items() <= credential.claims.items()
        and credential.claims.keys().isdisjoint(case.get("processed_absent", ()))
    )


W3C_CASES = {
    "credential-issuer-match-signed.txt": "verified",
    "credential-jose-minimal.txt": "verified",
    "credential-jose-bad-signature.txt": "bad signature",
    "credential-jose-bad-media-type.txt": "invalid_typ",
    "credential-jose-vc-vp-claims.txt": "wrapped_document",
    "credential-jose-unknown-extensions.txt": "verified",
    "presentation-jose-bad-media-type.txt": "invalid_typ",
    "presentation-jose-bad-credential.txt": "invalid_envelope",
    "presentation-jose-multiple.txt": "verified",
}


def test_the_inputs_of_the_vc_jose_cose_suite_come_out_as_they_must(vectors):
    folder = vectors / "vc-jose-cose" / "test-suite-input"
    keys = [
        parse_jwk(json.loads((folder / name).read_text())["publicKeyJwk"])
        for name in ("vm-p256.json", "vm-p384.json", "vm-p521.json", "vm-ed25519.json")
    ]
    found = {
        file.name: _judge(file.read_text().strip(), keys) for file in sorted(folder.glob("*.txt"))
    }

    assert found == W3C_CASES


def _judge(text, keys):
    try:
        credentials = read_presentation(text)
    except Malformed as fault:
        return fault.detail
    verified = all(
        any(
            key.algorithm == credential.key_hint.algorithm
            and verify_signature(key, credential.signing_input, credential.signature)
            for key in keys
        )
        for credential in credentials
    )
    return "verified" if verified else "bad signature"


def test_issue_vc_jwt_writes_iat_only_when_asked():
    plain = issue_vc_jwt(permit_document(), signer=AGENCY, key_id=KEY_ID, issued_at=None)
    dated = issue_vc_jwt(permit_document(), signer=AGENCY, key_id=KEY_ID, issued_at=NOW)

    assert read_credential(plain).issued_at is None
    assert read_credential(dated).issued_at == NOW
