"""`jwt_vc_json`: VCDM 1.1 in a JWT, section 6.3.1; what stands twice must agree (S-010, S-030)."""

from datetime import timedelta

import pytest

from credentials.dids import build_did_jwk, build_did_key
from credentials.errors import Malformed, TokenRefused
from credentials.jose import decode_token, join_signature, parse_jws
from credentials.jwt_vc import build_presentation_input, issue_jwt_vc
from credentials.keys import verify_signature
from credentials.model import Format, StatusPurpose, StatusReference
from credentials.reading import read_credential, read_presentation
from credentials.vcdm1 import build_document
from encoding import base64url
from encoding.strict_json import build_json
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    LIST,
    NONCE,
    NOW,
    STRANGER,
    VERIFIER,
    ed25519_signer,
    permit_claims,
    public_key,
    sign_raw,
)

BASE = "https://www.w3.org/2018/credentials/v1"
ISSUER = build_did_key(public_key(AGENCY))
KEY_ID = f"{ISSUER}#{ISSUER.removeprefix('did:key:')}"
HOLDER = build_did_jwk(public_key(DRIVER))
BEGIN, END = NOW - timedelta(days=1), NOW + timedelta(days=30)


def document(**changes):
    built = build_document(
        types=["TaxiPermit"],
        contexts=["https://issuer.city.example/contexts/taxi-permit"],
        issuer=ISSUER,
        subject={"plate": "2A-4417", "zone": "Phnom Penh"},
        subject_id=HOLDER,
        issued=BEGIN,
        expires=END,
        statuses=[StatusReference(f"{LIST}/revocation", 7, StatusPurpose.REVOCATION)],
    )
    return {name: value for name, value in {**built, **changes}.items() if value is not ...}


def issued(**changes):
    return issue_jwt_vc(document(**changes), signer=AGENCY, key_id=KEY_ID, issued_at=NOW)


def token(payload, *, by=AGENCY, header=None, leave_out=()):
    """A token that no builder of ours would make; `typ` is JWT unless the header says otherwise."""
    protected = {"alg": by.algorithm, "typ": "JWT", "kid": KEY_ID, **(header or {})}
    protected = {name: value for name, value in protected.items() if name not in leave_out}
    members = {name: value for name, value in payload.items() if value is not ...}
    signing_input = ".".join(base64url.encode(build_json(each)) for each in (protected, members))
    return join_signature(signing_input, by.sign(signing_input.encode()))


def payload(vc=None, **changes):
    return {
        "iss": ISSUER,
        "nbf": int(BEGIN.timestamp()),
        "exp": int(END.timestamp()),
        "sub": HOLDER,
        "vc": vc if vc is not None else document(),
        **changes,
    }


def present(*texts, by=DRIVER, audience=VERIFIER, nonce=NONCE):
    signing_input = build_presentation_input(
        texts, holder_key=public_key(by), audience=audience, nonce=nonce, now=NOW
    )
    return join_signature(signing_input, by.sign(signing_input.encode()))


def vp_payload(*, vp=None, **changes):
    members = {
        "@context": [BASE],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [token(payload())],
        **(vp or {}),
    }
    at = int(NOW.timestamp())
    return {"iss": HOLDER, "aud": VERIFIER, "nonce": NONCE, "iat": at, "vp": members, **changes}


def refusal(text, read=read_presentation):
    with pytest.raises(Malformed) as fault:
        read(text)
    return fault.value.detail


def test_a_credential_reads_with_everything_that_judging_needs():
    text = issued(id="urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008")
    permit = read_credential(text)

    assert permit.format is Format.JWT_VC_JSON
    assert (permit.issuer, permit.types) == (ISSUER, ("TaxiPermit",))
    assert permit.claims == {"id": HOLDER, "plate": "2A-4417", "zone": "Phnom Penh"}
    assert (permit.issued_at, permit.valid_from, permit.valid_until) == (NOW, BEGIN, END)
    assert permit.statuses == (StatusReference(f"{LIST}/revocation", 7, StatusPurpose.REVOCATION),)
    assert permit.holder_key == public_key(DRIVER)
    assert permit.key_hint.key_id == KEY_ID
    assert permit.key_binding is None
    assert verify_signature(public_key(AGENCY), permit.signing_input, permit.signature)
    assert read_presentation(text) == (permit,)


def test_the_registered_claims_say_what_the_document_says():
    jws = parse_jws(issued(id="urn:x:1"), types=frozenset({"JWT"}))

    assert jws.header["typ"] == "JWT"
    assert {name: jws.payload[name] for name in ("iss", "nbf", "exp", "sub", "jti")} == {
        "iss": ISSUER,
        "nbf": int(BEGIN.timestamp()),
        "exp": int(END.timestamp()),
        "sub": HOLDER,
        "jti": "urn:x:1",
    }
    assert "aud" not in jws.payload


def test_section_6_3_1_registered_claims_may_stand_instead_of_their_counterparts():
    """As in the OpenID4VP example: no issuer, no dates and no subject id inside `vc`."""
    vc = document(
        issuer=..., issuanceDate=..., expirationDate=..., credentialSubject={"plate": "2"}
    )
    permit = read_credential(token(payload(vc)))

    assert permit.issuer == ISSUER
    assert (permit.valid_from, permit.valid_until) == (BEGIN, END)
    assert permit.claims == {"id": HOLDER, "plate": "2"}
    assert permit.holder_key == public_key(DRIVER)


def test_no_typ_is_as_good_as_jwt():
    assert read_presentation(token(payload(), leave_out=("typ",)))[0].issuer == ISSUER


def test_an_issuer_may_be_an_object_and_the_subject_a_list_of_one():
    vc = document(issuer={"id": ISSUER, "name": "T"}, credentialSubject=[{"id": HOLDER, "a": 1}])
    permit = read_credential(token(payload(vc)))

    assert (permit.issuer, permit.claims) == (ISSUER, {"id": HOLDER, "a": 1})


def test_a_fraction_of_a_second_is_no_disagreement():
    moment = BEGIN.strftime("%Y-%m-%dT%H:%M:%S.750Z")

    assert read_credential(token(payload(document(issuanceDate=moment)))).valid_from == BEGIN


def test_the_holders_key_may_stand_in_cnf():
    subject = {"id": "urn:citizen:7", "plate": "2"}
    bound = payload(
        document(credentialSubject=subject),
        sub="urn:citizen:7",
        cnf={"jwk": dict(STRANGER.public_jwk)},
    )

    assert read_credential(token(bound)).holder_key == public_key(STRANGER)


@pytest.mark.parametrize("kind", ["StatusList2021Entry", "BitstringStatusListEntry"])
def test_both_kinds_of_status_entry_are_found(kind):
    entry = {
        "id": "https://city.example/status/1#7",
        "type": kind,
        "statusPurpose": "suspension",
        "statusListIndex": "7",
        "statusListCredential": "https://city.example/status/1",
    }
    permit = read_credential(token(payload(document(credentialStatus=[entry, {"type": "Odd"}]))))

    assert permit.statuses == (
        StatusReference("https://city.example/status/1", 7, StatusPurpose.SUSPENSION),
        StatusReference("unsupported:credentialStatus", 0),
    )


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"iss": "did:example:other"}, "issuer_mismatch"),
        ({"iss": ...}, "missing_iss"),
        ({"iss": {"id": ISSUER}}, "missing_iss"),
        ({"nbf": ...}, "missing_nbf"),
        ({"nbf": int(BEGIN.timestamp()) - 1}, "claims_disagree"),
        ({"nbf": BEGIN.isoformat()}, "invalid_time"),
        ({"exp": ...}, "claims_disagree"),
        ({"exp": int(END.timestamp()) + 1}, "claims_disagree"),
        ({"sub": ...}, "claims_disagree"),
        ({"sub": build_did_jwk(public_key(STRANGER))}, "claims_disagree"),
        ({"jti": "urn:x:1", "vc": document(id="urn:x:2")}, "claims_disagree"),
        ({"vc": document(id="urn:x:2")}, "claims_disagree"),
        ({"jti": 7}, "claims_disagree"),
        ({"cnf": {"jwk": dict(STRANGER.public_jwk)}}, "holder_mismatch"),
        ({"cnf": 7}, "invalid_cnf"),
        ({"vc": []}, "not_an_object"),
        ({"vc": "eyJ"}, "not_an_object"),
        ({"vc": document(issuer="nobody"), "iss": "nobody"}, "invalid_url"),
        ({"vc": document(proof={"type": "Ed25519Signature2020"})}, "invalid_proof"),
        ({"vc": document(validUntil="2020-01-01T00:00:00Z")}, "draft_residue"),
        ({"vc": document(issuanceDate="2026-11-21")}, "invalid_time"),
        ({"vc": document(expirationDate="2020-01-01T00:00:00Z")}, "invalid_validity"),
        ({"vc": document(**{"@context": ["https://www.w3.org/ns/credentials/v2"]})},
         "invalid_context"),
        ({"vc": document(**{"@context": BASE})}, "invalid_context"),
        ({"vc": document(**{"@context": [BASE, 7]})}, "invalid_context"),
        ({"vc": document(type=["TaxiPermit"])}, "invalid_type"),
        ({"vc": document(type=["VerifiableCredential", 7])}, "invalid_type"),
        ({"vc": document(credentialSubject={})}, "invalid_subject"),
        ({"vc": document(credentialSubject=[{"a": 1}, {"b": 2}])}, "invalid_subject"),
        ({"vc": document(credentialStatus="x")}, "invalid_status_reference"),
    ],
)  # fmt: skip
def test_s_030_what_contradicts_itself_or_is_no_document_is_refused(changes, detail):
    assert refusal(token(payload(**changes))) == detail


FOREIGN = ["scope", "client_id", "at_hash", "sd_hash", "_sd", "htu", "vct", "status_list", "events"]


@pytest.mark.parametrize("claim", [*FOREIGN, "aud", "nonce", "vp"])
def test_s_010_a_credential_that_is_another_token_as_well_is_refused(claim):
    assert refusal(token(payload(**{claim: "x"}))) in {"another_token", "not_an_object"}
    assert refusal(token(payload(**{claim: "x"})), read_credential) == "another_token"


@pytest.mark.parametrize("claim", [*FOREIGN, "vc"])
def test_s_010_a_presentation_that_is_another_token_as_well_is_refused(claim):
    assert refusal(token(vp_payload(**{claim: {}}), by=DRIVER)) == "another_token"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": ISSUER, "sub": HOLDER, "aud": VERIFIER, "nonce": NONCE, "exp": 1, "iat": 1},
        {"iss": ISSUER, "sub": HOLDER, "client_id": "x", "exp": 1},
        {"aud": VERIFIER, "nonce": NONCE, "iat": 1, "sd_hash": "x"},
        permit_claims(),
        document(),
        {},
    ],
    ids=["id token", "access token", "key binding", "SD-JWT VC", "VCDM 2.0 style", "empty"],
)
@pytest.mark.parametrize("leave_out", [(), ("typ",)])
def test_s_010_no_other_token_without_a_typ_of_its_own_is_a_credential(claims, leave_out):
    assert refusal(token(claims, leave_out=leave_out)) == "another_token"


@pytest.mark.parametrize("typ", ["jwt", "at+jwt", "kb+jwt", "application/jwt", "openid4vci-proof"])
def test_s_010_vc_in_a_token_of_another_typ_is_refused(typ):
    assert refusal(token(payload(), header={"typ": typ})) == "invalid_typ"


@pytest.mark.parametrize("typ", ["", None, 7, ["JWT"], {}])
def test_s_010_a_typ_that_is_no_text_is_not_an_absent_one(typ):
    assert refusal(token(payload(), header={"typ": typ})) == "invalid_typ"


def test_s_010_a_wrapped_document_stays_refused_in_vc_jwt_and_vp_jwt():
    for kind in ("vc+jwt", "vp+jwt"):
        assert refusal(sign_raw(payload(), type=kind)) == "wrapped_document"


@pytest.mark.parametrize("kind", ["at+jwt", "JWT", ""])
def test_s_010_no_credential_opens_a_door_as_an_access_token(kind):
    """Access tokens have a `typ` of their own; even asked for JWT there is no audience in it."""
    with pytest.raises((Malformed, TokenRefused)):
        decode_token(
            issued(), type=kind, keys=[public_key(AGENCY)], audience=VERIFIER, issuer=None, now=NOW
        )


def test_an_algorithm_of_none_and_a_symmetric_one_are_refused():
    for algorithm in ("none", "HS256"):
        assert refusal(token(payload(), header={"alg": algorithm})) == "invalid_signature_alg"


def test_a_presentation_reads_with_its_holders_proof():
    first, second = read_presentation(present(issued(), issued(id="urn:x:1")))
    binding = first.key_binding

    assert first.format is Format.JWT_VC_JSON
    assert (binding.audience, binding.nonce, binding.issued_at) == (VERIFIER, NONCE, NOW)
    assert second.key_binding == binding
    assert verify_signature(public_key(DRIVER), binding.signing_input, binding.signature)


def test_a_presentation_that_is_over_takes_its_credentials_along():
    soon = int(NOW.timestamp()) + 60
    (permit,) = read_presentation(token(vp_payload(exp=soon), by=DRIVER))

    assert permit.valid_until == NOW + timedelta(seconds=60)


def test_a_presentation_without_iat_names_no_time():
    (permit,) = read_presentation(token(vp_payload(iat=...), by=DRIVER))

    assert permit.key_binding.issued_at is None


def test_a_presentation_that_addresses_nobody_binds_nobody():
    (permit,) = read_presentation(token(vp_payload(aud=..., nonce=...), by=DRIVER))

    assert permit.key_binding is None


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"iss": ...}, "missing_iss"),
        ({"aud": ...}, "missing_aud"),
        *[({"aud": aud}, "missing_aud") for aud in ([], "", [7], [VERIFIER, 7])],
        ({"nonce": ...}, "missing_nonce"),
        ({"nonce": 7}, "missing_nonce"),
        ({"sub": "did:example:x"}, "holder_mismatch"),
        ({"vp": {"holder": "did:example:x"}}, "holder_mismatch"),
        ({"vp": {"id": "urn:x:1"}}, "claims_disagree"),
        ({"vp": {"proof": {}}}, "invalid_proof"),
        ({"vp": {"type": "VerifiableCredential"}}, "invalid_type"),
        ({"vp": {"@context": ["https://www.w3.org/ns/credentials/v2"]}}, "invalid_context"),
        ({"vp": {"verifiableCredential": []}}, "empty_presentation"),
        ({"vp": {"verifiableCredential": ["x"] * 17}}, "empty_presentation"),
        ({"vp": {"verifiableCredential": [document()]}}, "not_a_jws"),
        ({"vp": {"verifiableCredential": ["x"]}}, "not_a_jws"),
        ({"vp": {"verifiableCredential": [token(vp_payload(), by=DRIVER)]}}, "another_token"),
        ({"vp": {"verifiableCredential": [sign_raw(document(), type="vc+jwt")]}}, "invalid_typ"),
    ],
)
def test_a_presentation_that_is_none_is_refused(changes, detail):
    assert refusal(token(vp_payload(**changes), by=DRIVER)) == detail


def test_a_presentation_is_no_credential_of_an_issuer():
    assert refusal(present(issued()), read_credential) == "another_token"


def test_eddsa_signs_as_well():
    agency = ed25519_signer("business agency")
    did = build_did_key(public_key(agency))
    text = issue_jwt_vc(
        document(issuer=did),
        signer=agency,
        key_id=f"{did}#{did.removeprefix('did:key:')}",
        issued_at=None,
    )

    permit = read_credential(text)
    assert permit.issued_at is None
    assert verify_signature(public_key(agency), permit.signing_input, permit.signature)


@pytest.mark.parametrize("changes", [{"issuanceDate": ...}, {"issuer": "x"}, {"type": "X"}])
def test_nothing_is_signed_that_would_not_be_read(changes):
    with pytest.raises(Malformed):
        issued(**changes)


def test_nothing_is_presented_without_a_credential():
    with pytest.raises(Malformed, match="holds credentials"):
        present()
