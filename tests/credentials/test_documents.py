"""What a type and its schemas demand is part of `verify`, where the material has the documents."""

import json
from datetime import timedelta

import pytest

from credentials.integrity import build_integrity
from credentials.ldp import read_ldp
from credentials.material import Documents, Material
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.reading import read_presentation
from credentials.trust import Accreditation, KeyUse, TrustedIssuer, TrustedKey, TrustRegistry
from credentials.verification import verify
from runtime.json_schema import is_valid_document
from tests.credentials import selective
from tests.credentials.ldp_workshop import AGENCY as LDP_AGENCY
from tests.credentials.ldp_workshop import did_of, permit, signed_permit
from tests.credentials.read_papers import ISSUER_DID, permit_document, vc_jwt, vc_sd_jwt
from tests.credentials.workshop import (
    AGENCY,
    ISSUER,
    NONCE,
    NOW,
    PERMIT_VCT,
    VERIFIER,
    issue_permit,
    present,
    public_key,
)

DAY = timedelta(days=1)
PARENT = "https://city.example/types/permit"
SCHEMA_ID = "https://issuer.city.example/schemas/permit"
ENTRY = {"id": SCHEMA_ID, "type": "JsonSchema"}
HEAD = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
PLATE = {"properties": {"credentialSubject": {"required": ["plate"]}}}
BADGE = {"properties": {"credentialSubject": {"required": ["badge"]}}}


def judge(shown, *, types=None, schemas=None, validate=is_valid_document, signer=AGENCY):
    """The check of the documents among all, as (outcome, reason, detail); and the verdict."""
    documents = Documents(
        {name: as_bytes(each) for name, each in (types or {}).items()},
        {name: as_bytes(each) for name, each in (schemas or {}).items()},
        validate=validate,
    )
    verdict = verify(
        {"permit": shown},
        Material(registry(signer), {}, None, is_replayed=False, documents=documents),
        POLICY,
        now=NOW,
        audience=VERIFIER,
        nonce=NONCE,
    )
    found = [each for each in verdict.checks if each.name in {"type_metadata", "schema"}]
    words = [(each.outcome.value, each.reason, each.detail) for each in found]
    return words, verdict


def as_bytes(document):
    return document if isinstance(document, bytes) else json.dumps(document).encode()


def registry(signer):
    key = TrustedKey(public_key(signer), KeyUse.CREDENTIAL, NOW - 400 * DAY, None, None)
    types = frozenset({PERMIT_VCT, "TaxiPermit", "PermitCredential"})
    agency = TrustedIssuer(
        identifiers=(ISSUER, ISSUER_DID, did_of(LDP_AGENCY), selective.ISSUER),
        name={"en": "Transport"},
        keys=(key,),
        x5c_anchors=(),
        accreditations=(Accreditation(types, NOW - 400 * DAY, None),),
    )
    return TrustRegistry(1, NOW - DAY, NOW + DAY, (agency,), ())


POLICY = Policy(
    credentials=(
        CredentialRule("permit", frozenset({PERMIT_VCT, "TaxiPermit", "PermitCredential"}), ()),
    ),
    joins=(),
    status=StatusPolicy(StatusRule.IGNORE, None, require_anchor=False),
    require_holder_binding=False,
    freshness=timedelta(minutes=5),
    skew=timedelta(seconds=60),
)
GOOD_TYPE = {"vct": PERMIT_VCT, "claims": [{"path": ["plate"], "mandatory": True}]}


def test_sdvc_m_04_a_credential_is_as_its_type_says():
    words, verdict = judge(present(issue_permit()), types={PERMIT_VCT: GOOD_TYPE})

    assert words == [("passed", None, None)]
    assert verdict.outcome == "passed"


def test_sdvc_m_04_a_type_that_is_not_at_hand_is_not_judged():
    shown = present(issue_permit(**{"vct#integrity": build_integrity(b"of a document elsewhere")}))

    for types in ({}, {PARENT: {"vct": PARENT}}):
        words, verdict = judge(shown, types=types)
        assert (words, verdict.outcome) == ([], "passed")


def test_sdvc_m_04_a_credential_that_is_not_as_its_type_says_is_refused():
    claims = [{"path": ["badge"], "mandatory": True}, {"path": ["zone"], "sd": "always"}]
    for claim, detail in zip(
        claims, ["mandatory_claim_missing", "wrong_disclosability"], strict=True
    ):
        # Everything is shown, so that nothing hidden can be what is missing.
        shown = present(issue_permit(disclosable=()), [])
        words, verdict = judge(shown, types={PERMIT_VCT: {"vct": PERMIT_VCT, "claims": [claim]}})
        assert words == [("failed", "malformed", detail)]
        assert verdict.outcome == "failed"


def test_sdvc_m_04_a_claim_that_was_not_disclosed_is_not_missing():
    claims = [{"path": ["driver_number"], "mandatory": True}]
    words, _ = judge(
        present(issue_permit(), [("plate",)]),
        types={PERMIT_VCT: {"vct": PERMIT_VCT, "claims": claims}},
    )

    assert words == [("passed", None, None)]


def test_sdvc_m_03_metadata_that_was_exchanged_refuses_the_credential():
    data = as_bytes(GOOD_TYPE)
    shown = present(issue_permit(**{"vct#integrity": build_integrity(data)}))

    assert judge(shown, types={PERMIT_VCT: data})[0] == [("passed", None, None)]
    words, verdict = judge(shown, types={PERMIT_VCT: data + b" "})
    assert words == [("failed", "malformed", "integrity_mismatch")]
    assert verdict.outcome == "failed"


def test_sdvc_m_02_a_chain_that_is_not_complete_leaves_the_answer_open():
    child = {"vct": PERMIT_VCT, "extends": PARENT}
    shown = present(issue_permit())

    words, verdict = judge(shown, types={PERMIT_VCT: child})
    assert words == [("indeterminate", "malformed", "type_metadata_missing")]
    assert verdict.outcome == "indeterminate"
    whole = {PERMIT_VCT: child, PARENT: {"vct": PARENT}}
    assert judge(shown, types=whole)[0] == [("passed", None, None)]
    circle = {PERMIT_VCT: child, PARENT: {"vct": PARENT, "extends": PERMIT_VCT}}
    assert judge(shown, types=circle)[0] == [("failed", "malformed", "circular_extends")]


@pytest.mark.parametrize("shown", [vc_jwt(credentialSchema=ENTRY)])
def test_js_01_a_schema_decides_about_a_whole_credential(shown):
    assert judge(shown, schemas={SCHEMA_ID: {**HEAD, **PLATE}})[0] == [("passed", None, None)]
    words, verdict = judge(shown, schemas={SCHEMA_ID: {**HEAD, **BADGE}})
    assert words == [("failed", "malformed", "schema_mismatch")]
    assert verdict.outcome == "failed"


def test_js_01_the_proof_of_a_document_is_no_part_of_what_its_schema_describes():
    text = json.dumps(signed_permit(document=permit(credentialSchema=ENTRY)))
    names = dict.fromkeys(permit(credentialSchema=ENTRY), True)
    closed = {**HEAD, "properties": names, "additionalProperties": False}

    assert judge(text, schemas={SCHEMA_ID: closed}, signer=LDP_AGENCY)[0][0][0] == "passed"
    del names["validUntil"]
    words, _ = judge(text, schemas={SCHEMA_ID: closed}, signer=LDP_AGENCY)
    assert words == [("failed", "malformed", "schema_mismatch")]


def test_js_01_a_schema_that_is_not_at_hand_is_not_judged():
    shown = vc_jwt(credentialSchema=[ENTRY, {"id": "https://a.example/x", "type": "Other"}])

    assert judge(shown)[0] == []
    assert judge(shown, schemas={"https://a.example/y": {}})[0] == []
    assert judge(vc_jwt(), schemas={SCHEMA_ID: {**HEAD, **BADGE}})[0] == []


@pytest.mark.parametrize(
    ("schema", "detail"),
    [
        ({**HEAD, "$ref": "https://elsewhere.example/s"}, "unresolvable_reference"),
        ({**HEAD, "pattern": "(?=a)"}, "unsupported_pattern"),
        ({**HEAD, "$schema": "http://json-schema.org/draft-07/schema#"}, "unknown_dialect"),
        (b"{", "invalid_schema"),
    ],
)
def test_js_01_a_schema_that_cannot_be_decided_leaves_the_answer_open(schema, detail):
    words, verdict = judge(vc_jwt(credentialSchema=ENTRY), schemas={SCHEMA_ID: schema})

    assert words == [("indeterminate", "malformed", detail)]
    assert verdict.outcome == "indeterminate"


def test_js_01_a_schema_with_another_digest_refuses_the_credential():
    data = as_bytes({**HEAD, **PLATE})
    shown = vc_jwt(credentialSchema={**ENTRY, "digestSRI": build_integrity(data)})

    assert judge(shown, schemas={SCHEMA_ID: data})[0] == [("passed", None, None)]
    words, _ = judge(shown, schemas={SCHEMA_ID: data + b" "})
    assert words == [("failed", "malformed", "integrity_mismatch")]


def test_js_01_without_a_validator_nothing_is_decided():
    words, _ = judge(
        vc_jwt(credentialSchema=ENTRY), schemas={SCHEMA_ID: {**HEAD, **PLATE}}, validate=None
    )

    assert words == [("indeterminate", "malformed", "unknown_dialect")]


def test_js_01_what_a_schema_misses_may_be_what_the_holder_hid():
    whole = vc_sd_jwt(credentialSchema=ENTRY)
    hidden = whole.partition("~")[0] + "~"
    by_plate = {SCHEMA_ID: {**HEAD, **PLATE}}
    by_badge = {SCHEMA_ID: {**HEAD, **BADGE}}

    assert judge(whole, schemas=by_plate)[0] == [("passed", None, None)]
    assert judge(whole, schemas=by_badge)[0] == [("failed", "malformed", "schema_mismatch")]
    open_answer = [("indeterminate", "malformed", "schema_mismatch")]
    assert judge(hidden, schemas=by_plate)[0] == open_answer


def test_js_01_so_in_a_document_that_was_derived():
    document = selective.permit(credentialSchema=ENTRY)
    shown = selective.show(
        selective.issue_ecdsa(document, mandatory=("/credentialSchema", "/issuer"))
    )
    read = read_ldp(shown, contexts=selective.CONTEXTS)
    words, _ = judge(read, schemas={SCHEMA_ID: {**HEAD, **BADGE}})

    assert words == [("indeterminate", "malformed", "schema_mismatch")]


def test_what_a_stranger_signed_is_as_no_type_says():
    words, verdict = judge(
        present(issue_permit()), types={PERMIT_VCT: GOOD_TYPE}, signer=selective.PROOF_KEY
    )

    assert words[0][0] == "indeterminate"
    assert verdict.outcome == "failed"


def test_a_credential_is_read_with_what_its_documents_speak_of():
    (shown,) = read_presentation(vc_jwt(credentialSchema=ENTRY))

    assert shown.document == permit_document(credentialSchema=ENTRY)
    assert shown.sd_jwt is None
    assert "sd_jwt" not in repr(read_presentation(present(issue_permit()))[0])
