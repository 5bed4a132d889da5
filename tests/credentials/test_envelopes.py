"""Envelopes as the top document: VCDM 2.0 section 4.13 (VCDM-09), VC-JOSE-COSE (JC-05)."""

import base64

import pytest

from credentials.reading import list_proof_requests, read_credential, read_presentation
from encoding import base64url, strict_json
from tests.credentials import test_vc_cose as cose
from tests.credentials.read_papers import ISSUER_DID, envelope, refusal, vc_jwt, vc_sd_jwt, vp_jwt
from tests.credentials.workshop import AGENCY, issue_permit, present
from tests.judge.cases import case, judge

TOKEN, HELD = vc_jwt(), vc_sd_jwt()
PRESENTATION = "EnvelopedVerifiablePresentation"


def shown(text, media_type="application/vc+jwt", **changes):
    return strict_json.build_json({**envelope(text, media_type), **changes}).decode()


def shown_presentation(text, media_type="application/vp+jwt", **changes):
    return shown(text, media_type, **{"type": PRESENTATION, **changes})


def in_base64(data):
    return base64.b64encode(data).decode()


INSIDE = {
    "a vc+jwt": (shown(TOKEN), TOKEN),
    "a vc+sd-jwt": (shown(HELD, "application/vc+sd-jwt"), HELD),
}


@pytest.mark.parametrize("name", INSIDE)
def test_vcdm_09_what_is_inside_an_envelope_reads_as_if_it_stood_alone(name):
    wrapped, bare = INSIDE[name]

    assert read_presentation(wrapped) == read_presentation(bare)
    assert read_credential(wrapped) == read_credential(bare)
    assert list_proof_requests(wrapped) == {}
    assert read_presentation(f"\n {wrapped}\n") == read_presentation(bare)


def test_vcdm_09_a_credential_in_cose_is_base64_inside_its_envelope():
    wrapped = shown(in_base64(cose.issue()), "application/vc+cose;base64")

    assert read_presentation(wrapped) == read_presentation(base64url.encode(cose.issue()))


def test_vcdm_09_an_enveloped_presentation_is_the_presentation():
    inside = vp_jwt(TOKEN, HELD)
    assert read_presentation(shown_presentation(inside)) == read_presentation(inside)
    assert len(read_presentation(shown_presentation(inside))) == 2

    data = cose.present()
    wrapped = shown_presentation(in_base64(data), "application/vp+cose;base64")
    assert read_presentation(wrapped) == read_presentation(base64url.encode(data))


def test_sd_v_12_the_holders_proof_of_an_enveloped_sd_jwt_counts():
    text = present(HELD, ())
    (credential,) = read_presentation(shown(text, "application/vc+sd-jwt"))

    assert credential == read_presentation(text)[0]
    assert credential.key_binding is not None
    assert refusal(shown(text, "application/vc+sd-jwt"), read_credential) == (
        "unexpected_key_binding"
    )


def test_a_presentation_that_is_enveloped_is_no_credential_as_issued():
    text = shown_presentation(vp_jwt(TOKEN))

    assert refusal(text, read_credential) == "unexpected_key_binding"


INNER = strict_json.build_json(envelope(TOKEN)).decode()
REFUSED = {
    "an envelope in an envelope": (shown(INNER), "not_a_jws"),
    "an envelope as a presentation's": (shown_presentation(INNER), "not_a_jws"),
    "an envelope of an unknown kind": (shown(INNER, "application/json"), "unsupported_media_type"),
    "a credential as a presentation": (
        shown_presentation(TOKEN, "application/vc+jwt"),
        "unsupported_media_type",
    ),
    "a credential that says it is a presentation": (shown_presentation(TOKEN), "invalid_typ"),
    "a presentation as a credential": (
        shown(vp_jwt(TOKEN), "application/vp+jwt"),
        "unsupported_media_type",
    ),
    "a presentation that says it is a credential": (shown(vp_jwt(TOKEN)), "invalid_typ"),
    "dc+sd-jwt": (shown(issue_permit(), "application/vc+sd-jwt"), "invalid_typ"),
    "no data URL": (shown("", id="https://issuer.example/1"), "invalid_envelope"),
    "nothing inside": (shown(""), "invalid_envelope"),
    "no id": (shown("", id=None), "invalid_envelope"),
    "no context": (shown(TOKEN, **{"@context": None}), "invalid_context"),
    "the context of VCDM 1.1": (
        shown(TOKEN, **{"@context": ["https://www.w3.org/2018/credentials/v1"]}),
        "invalid_type",
    ),
    "two types": (
        shown(TOKEN, type=["EnvelopedVerifiableCredential", "VerifiableCredential"]),
        "invalid_type",
    ),
    "both types": (
        shown(TOKEN, type=["EnvelopedVerifiableCredential", PRESENTATION]),
        "invalid_type",
    ),
    "no base64": (shown_presentation("!!", "application/vp+cose;base64"), "invalid_envelope"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_vcdm_09_an_envelope_of_anything_else_is_refused(name):
    text, detail = REFUSED[name]

    assert refusal(text) == detail


def test_s_025_nothing_beside_the_envelope_is_believed():
    claims = {"issuer": "did:web:other.example", "credentialSubject": {"id": "did:web:x"}}

    assert read_presentation(shown(TOKEN, **claims)) == read_presentation(TOKEN)


def test_jc_05_the_judge_unwraps_before_it_judges():
    trusted = {ISSUER_DID: {"keys": [dict(AGENCY.public_jwk)], "types": ["TaxiPermit"]}}
    words = {"issuers": trusted, "status": "ignore"}
    for text in (shown_presentation(vp_jwt(TOKEN)), shown(present(HELD), "application/vc+sd-jwt")):
        assert judge(case(text, **words))["outcome"] == "passed"
        assert judge(case(text, **words, nonce="another"))["reasons"] == ["wrong_nonce"]
        assert judge(case(text, status="ignore"))["reasons"][0] == "issuer_not_trusted"
    unbound = judge(case(shown(TOKEN), **words))
    assert unbound["reasons"][0] == "holder_not_bound"
