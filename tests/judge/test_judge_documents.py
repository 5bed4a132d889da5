"""`type_metadata` and `schemas` of a judge's line: handed in, checked, never fetched."""

import json

import pytest

from cityhall.judge_documents import MAX_DOCUMENTS
from credentials.integrity import build_integrity
from tests.credentials.read_papers import ISSUER_DID, vc_jwt
from tests.credentials.workshop import AGENCY, PERMIT_VCT, issue_permit, present
from tests.judge.cases import case, judge

SCHEMA_ID = "https://issuer.city.example/schemas/permit"
HEAD = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
TYPE = json.dumps({"vct": PERMIT_VCT, "claims": [{"path": ["badge"], "mandatory": True}]})
PERMIT = vc_jwt(
    credentialSchema={"id": SCHEMA_ID, "type": "JsonSchema"}, credentialStatus=..., cnf=...
)


def vc_case(**members):
    keys = {"keys": [dict(AGENCY.public_jwk)], "types": ["TaxiPermit"]}
    return judge(case(PERMIT, issuers={ISSUER_DID: keys}, require_holder_binding=False, **members))


def handed_in(required):
    members = {"properties": {"credentialSubject": {"required": [required]}}}
    text = json.dumps({**HEAD, **members})
    return {SCHEMA_ID: {"schema": text, "digest": build_integrity(text.encode())}}


def answer_of(answer):
    return answer["outcome"], answer["reasons"], answer.get("details")


def test_js_01_a_schema_of_a_line_decides():
    assert answer_of(vc_case()) == ("passed", [], [])
    assert answer_of(vc_case(schemas=handed_in("plate"))) == ("passed", [], [])
    refused = ("failed", ["malformed"], ["schema_mismatch"])
    assert answer_of(vc_case(schemas=handed_in("badge"))) == refused


def test_sdvc_m_04_type_metadata_of_a_line_decides_as_text_or_object():
    shown = present(issue_permit(disclosable=()), [])
    refused = ("failed", ["malformed"], ["mandatory_claim_missing"])

    for document in (TYPE, json.loads(TYPE)):
        assert answer_of(judge(case(shown, type_metadata={PERMIT_VCT: document}))) == refused
    assert judge(case(shown, type_metadata={"urn:other": TYPE}))["outcome"] == "passed"


def test_sdvc_m_03_the_text_of_type_metadata_is_what_its_integrity_is_of():
    text = json.dumps({"vct": PERMIT_VCT}, indent=1)
    shown = present(issue_permit(**{"vct#integrity": build_integrity(text.encode())}))

    assert judge(case(shown, type_metadata={PERMIT_VCT: text}))["outcome"] == "passed"
    altered = judge(case(shown, type_metadata={PERMIT_VCT: text + "\n"}))
    assert answer_of(altered) == ("failed", ["malformed"], ["integrity_mismatch"])


@pytest.mark.parametrize(
    "members",
    [
        {"schemas": []},
        {"schemas": {SCHEMA_ID: "text"}},
        {"schemas": {SCHEMA_ID: {"schema": "{}"}}},
        {"schemas": {SCHEMA_ID: {"schema": {}, "digest": build_integrity(b"{}")}}},
        {"schemas": {SCHEMA_ID: {"schema": "{ }", "digest": build_integrity(b"{}")}}},
        {"type_metadata": []},
        {"type_metadata": {PERMIT_VCT: 7}},
        {"type_metadata": {f"urn:{number}": TYPE for number in range(MAX_DOCUMENTS + 1)}},
    ],
)
def test_documents_that_are_none_make_no_case(members):
    answer = judge(case(**members))

    assert answer == {"id": "case", "outcome": "failed", "reasons": ["malformed"]}
