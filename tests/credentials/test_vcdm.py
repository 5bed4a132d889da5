"""W3C documents: their shape by VCDM 2.0, and what we sign (VCDM-01 to VCDM-11, S-030, S-033)."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from credentials.dids import build_did_jwk
from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp
from credentials.jose import join_signature, parse_jws, verify_jws
from credentials.model import StatusPurpose, StatusReference
from credentials.sd_jwt import parse_sd_jwt
from credentials.vcdm import (
    build_presentation_input,
    build_status_entry,
    build_vc,
    issue_vc_jwt,
    issue_vc_sd_jwt,
)
from credentials.vcdm_shape import check_credential, check_presentation, read_envelope
from tests.credentials.workshop import AGENCY, DRIVER, NONCE, NOW, VERIFIER, public_key, salts

BASE = "https://www.w3.org/ns/credentials/v2"
OTHER = "https://issuer.city.example/contexts/taxi-permit"


def credential(**changes):
    members = {
        "@context": [BASE],
        "type": ["VerifiableCredential"],
        "issuer": "did:web:city.example",
        "credentialSubject": {"id": "did:example:subject"},
        **changes,
    }
    return {name: value for name, value in members.items() if value is not ...}


def refusal(document, check=check_credential):
    with pytest.raises(Malformed) as fault:
        check(document)
    return fault.value.detail


def test_s_030_every_input_of_the_w3c_suite_comes_out_as_its_name_says(vectors):
    folder = vectors / "vcdm2" / "test-suite-input"
    wrong, seen = [], 0
    for file in sorted(folder.rglob("*.json")):
        seen += 1
        expected = "-ok" in file.name
        if _is_accepted(file) != expected:
            wrong.append(file.name)

    assert seen >= 45
    assert wrong == []


def _is_accepted(file):
    document = json.loads(file.read_text())
    if "presentation" in file.name:
        check = check_presentation
    else:
        check = check_credential
        # The suite's issuers put their own identifier in; these files are what they are given.
        if isinstance(document.get("issuer"), dict) and "-ok" in file.name:
            document["issuer"].setdefault("id", "did:example:issuer")
        document.setdefault("issuer", "did:example:issuer")
    try:
        check(document)
    except Malformed:
        return False
    return True


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"@context": BASE}, "invalid_context"),
        ({"@context": []}, "invalid_context"),
        ({"@context": [OTHER, BASE]}, "invalid_context"),
        ({"@context": [BASE, 7]}, "invalid_context"),
        ({"@context": [BASE, "not a url"]}, "invalid_url"),
        ({"@context": [BASE, {"issuer": "https://evil.example/x"}]}, "term_redefined"),
        ({"@context": [BASE, {"name": "https://evil.example/x"}]}, "term_redefined"),
        ({"type": "TaxiPermit"}, "invalid_type"),
        ({"type": ["VerifiableCredential", 7]}, "invalid_type"),
        ({"type": []}, "invalid_type"),
        ({"type": ...}, "invalid_type"),
        ({"type": ["VerifiableCredential", "TaxiPermit"]}, "type_not_mapped"),
        ({"issuer": {"name": "x"}}, "invalid_url"),
        ({"issuer": ["did:web:a.example"]}, "invalid_url"),
        ({"issuer": " did:web:a.example"}, "invalid_url"),
        ({"credentialSubject": ...}, "invalid_subject"),
        ({"credentialSubject": []}, "invalid_subject"),
        ({"credentialSubject": "did:example:subject"}, "invalid_subject"),
        ({"credentialSubject": {"id": "subject"}}, "invalid_url"),
        ({"id": ["https://a.example"]}, "invalid_url"),
        ({"validFrom": None}, "invalid_time"),
        (
            {"validFrom": "2026-11-22T09:00:01Z", "validUntil": "2026-11-22T09:00:00Z"},
            "invalid_validity",
        ),
        ({"credentialStatus": "https://a.example"}, "invalid_credentialStatus"),
        ({"credentialStatus": {"id": "https://a.example"}}, "invalid_type"),
        ({"credentialSchema": {"type": "JsonSchema"}}, "invalid_url"),
        ({"evidence": [{"type": "Seen"}, "x"]}, "invalid_evidence"),
        ({"termsOfUse": {"type": []}}, "invalid_type"),
        ({"name": 7}, "invalid_name"),
        ({"name": {"@value": 7}}, "invalid_name"),
        ({"name": [{"@value": "a", "@language": None}]}, "invalid_name"),
        ({"description": {"@language": "en"}}, "invalid_name"),
        ({"issuer": {"id": "did:web:a.example", "name": ["x", 7]}}, "invalid_name"),
        ({"relatedResource": {"id": "https://a.example"}}, "invalid_resource"),
        ({"relatedResource": {"digestSRI": "sha256-x"}}, "invalid_url"),
        (
            {"relatedResource": [{"id": "https://a.example", "digestSRI": "sha256-x"}] * 2},
            "invalid_resource",
        ),
    ],
)
def test_a_document_in_a_wrong_shape_is_refused(changes, detail):
    assert refusal(credential(**changes)) == detail


@pytest.mark.parametrize(
    "changes",
    [
        {"@context": [BASE, OTHER], "type": ["VerifiableCredential", "TaxiPermit"]},
        {
            "@context": [BASE, {"@vocab": "https://c.example/#"}],
            "type": ["VerifiableCredential", "X"],
        },
        {"@context": [BASE, {"X": "https://c.example/#X"}], "type": ["VerifiableCredential", "X"]},
        {"type": ["VerifiableCredential", "https://c.example/#X"]},
        {"relatedResource": [{"id": "https://a.example", "digestMultibase": "zx"}]},
        {"name": ["a", {"@value": "b", "@language": "km", "@direction": "ltr"}]},
    ],
)
def test_a_document_in_a_right_shape_passes(changes):
    check_credential(credential(**changes))


def test_s_033_a_protected_term_keeps_its_meaning():
    protected = {"@protected": True, "plate": "https://c.example/#plate"}
    swapped = {"plate": "https://c.example/#vin"}

    check_credential(
        credential(**{"@context": [BASE, protected, {"zone": "https://c.example/#z"}]})
    )
    assert refusal(credential(**{"@context": [BASE, protected, swapped]})) == "term_redefined"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T09:00:00Z", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("2026-11-22T16:00:00+07:00", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("2026-11-22T09:00:00.250Z", datetime(2026, 11, 22, 9, 0, 0, 250_000, tzinfo=UTC)),
        ("4023-02-26T01:02:58.447Z", datetime(4023, 2, 26, 1, 2, 58, 447_000, tzinfo=UTC)),
    ],
)
def test_vcdm_06_a_moment_has_a_zone(text, moment):
    assert parse_date_time_stamp(text, name="validFrom") == moment


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T09:00:00",
        "2026-11-22",
        "2026-11-22 09:00:00Z",
        "2026-11-22T09:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T23:59:60Z",
        "2026-02-29T09:00:00Z",
        "2026-11-22T09:00:00z",
        "2026-11-22T09:00:00+15:00",
        "2026-11-22T09:00:00Z\n",
        "٢٠٢٦-11-22T09:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "Sun, 22 Nov 2026 09:00:00 GMT",
        1790000000,
        None,
    ],
)
def test_s_028_what_is_not_a_moment_is_refused(text):
    with pytest.raises(Malformed) as fault:
        parse_date_time_stamp(text, name="validFrom")
    assert fault.value.detail == "invalid_time"


def test_vcdm_09_an_envelope_is_an_object_with_a_data_url():
    envelope = {
        "@context": [BASE],
        "type": ["EnvelopedVerifiableCredential"],
        "id": "data:application/vc+jwt,e30.e30.AA",
    }

    assert read_envelope(envelope) == ("application/vc+jwt", "e30.e30.AA")
    for changes, detail in (
        ({"@context": OTHER}, "invalid_context"),
        ({"@context": [OTHER]}, "invalid_context"),
        ({"type": ["EnvelopedVerifiableCredential", "X"]}, "invalid_type"),
        ({"id": "https://a.example/vc"}, "invalid_envelope"),
        ({"id": "data:application/vc+jwt"}, "invalid_envelope"),
        ({"id": 7}, "invalid_envelope"),
    ):
        assert refusal({**envelope, **changes}, check=read_envelope) == detail


def presentation(**changes):
    return {"@context": [BASE], "type": ["VerifiablePresentation"], **changes}


@pytest.mark.parametrize(
    "changes",
    [{"proof": {}}, {"verifiableCredential": [credential(issuer="x")]}, {"holder": 7}],
)
def test_a_presentation_is_only_as_good_as_its_parts(changes):
    refusal(presentation(**changes), check=check_presentation)


# What we sign.


def build(**changes):
    arguments = {
        "types": ["TaxiPermit"],
        "contexts": [OTHER],
        "issuer": "did:web:city.example",
        "subject": {"plate": "2A-4417"},
        "subject_id": build_did_jwk(public_key(DRIVER)),
        "valid_from": NOW,
        "valid_until": NOW + timedelta(days=30),
        "statuses": [StatusReference("https://c.example/s/1", 7, StatusPurpose.REVOCATION)],
        **changes,
    }
    return build_vc(**arguments)


def test_a_permit_is_built_as_a_w3c_document():
    assert build() == {
        "@context": [BASE, OTHER],
        "type": ["VerifiableCredential", "TaxiPermit"],
        "issuer": "did:web:city.example",
        "validFrom": "2026-11-22T09:00:00Z",
        "validUntil": "2026-12-22T09:00:00Z",
        "credentialSubject": {"id": build_did_jwk(public_key(DRIVER)), "plate": "2A-4417"},
        "credentialStatus": [
            {
                "id": "https://c.example/s/1#7",
                "type": "BitstringStatusListEntry",
                "statusPurpose": "revocation",
                "statusListIndex": "7",
                "statusListCredential": "https://c.example/s/1",
            }
        ],
    }


def test_a_document_without_status_or_subject_id_has_none():
    document = build(statuses=[], subject_id=None)

    assert "credentialStatus" not in document
    assert "id" not in document["credentialSubject"]


def test_s_105_a_document_that_does_not_hold_is_not_signed():
    with pytest.raises(Malformed):
        build(issuer="transport")
    with pytest.raises(Malformed):
        build(valid_until=NOW - timedelta(days=1))
    with pytest.raises(Malformed):
        issue_vc_jwt({}, signer=AGENCY, key_id="k", issued_at=None)
    with pytest.raises(Malformed, match="purpose"):
        build_status_entry(StatusReference("https://c.example/s/1", 7))


def test_jc_02_headers_say_what_is_inside():
    text = issue_vc_jwt(build(), signer=AGENCY, key_id="did:web:city.example#1", issued_at=NOW)
    jws = parse_jws(text, types=frozenset({"vc+jwt"}))

    assert jws.header["cty"] == "vc"
    assert jws.key_id == "did:web:city.example#1"
    assert verify_jws(jws, public_key(AGENCY))


def issue_hidden(document, disclosable=(("plate",),), holder_key=None):
    return issue_vc_sd_jwt(
        document,
        disclosable=disclosable,
        holder_key=holder_key,
        signer=AGENCY,
        key_id="did:web:city.example#1",
        issued_at=None,
        salt=salts(),
    )


def test_claims_of_a_w3c_credential_can_be_hidden():
    sd_jwt = parse_sd_jwt(issue_hidden(build()), types=frozenset({"vc+sd-jwt"}))

    assert "plate" not in sd_jwt.jws.payload["credentialSubject"]
    assert sd_jwt.jws.payload["@context"][0] == BASE
    assert "cnf" not in sd_jwt.jws.payload


def test_a_w3c_credential_never_has_a_vct():
    with pytest.raises(Malformed) as fault:
        issue_hidden({**build(), "vct": "https://c.example/types/taxi-permit"})
    assert fault.value.detail == "draft_residue"


def test_jc_05_a_presentation_envelopes_its_credentials():
    permit = issue_vc_jwt(build(), signer=AGENCY, key_id="k", issued_at=None)
    hidden = issue_hidden(build())
    signing_input = build_presentation_input(
        [permit, hidden], holder_key=public_key(DRIVER), audience=VERIFIER, nonce=NONCE, now=NOW
    )
    text = join_signature(signing_input, DRIVER.sign(signing_input.encode()))
    jws = parse_jws(text, types=frozenset({"vp+jwt"}))

    assert verify_jws(jws, public_key(DRIVER))
    assert jws.payload["holder"] == build_did_jwk(public_key(DRIVER))
    assert jws.key_id == f"{jws.payload['holder']}#0"
    assert [each["id"].partition(",")[0] for each in jws.payload["verifiableCredential"]] == [
        "data:application/vc+jwt",
        "data:application/vc+sd-jwt",
    ]


def test_an_empty_presentation_is_not_built():
    with pytest.raises(Malformed) as fault:
        build_presentation_input(
            [], holder_key=public_key(DRIVER), audience=VERIFIER, nonce=NONCE, now=NOW
        )
    assert fault.value.detail == "empty_presentation"
