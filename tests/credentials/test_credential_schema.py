"""A credential is held against the schema that it names, or the answer is open (JS-01)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.credential_schema import MAX_SCHEMAS, SchemaOutcome, judge_schemas
from credentials.errors import Malformed
from credentials.integrity import build_integrity
from runtime.json_schema import is_valid_document as validate

NAME = "https://issuer.city.example/schemas/permit"
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": NAME,
    "properties": {"credentialSubject": {"required": ["plate"]}},
}
GOOD = {"credentialSubject": {"plate": "2A-1234"}}
BAD = {"credentialSubject": {}}


def entry(**members):
    return {"id": NAME, "type": "JsonSchema", **members}


def data_of(schema):
    return json.dumps(schema).encode()


def judge(document, *entries, data=None, validator=validate):
    schemas = {NAME: data_of(SCHEMA) if data is None else data}
    document = {**document, "credentialSchema": list(entries) or entry()}
    return [
        (each.outcome.value, each.why)
        for each in judge_schemas(document, schemas=schemas, validate=validator)
    ]


def test_js_01_a_document_is_valid_or_it_is_not():
    assert judge(GOOD) == [("success", "")]
    assert judge(BAD) == [("failure", "schema_mismatch")]


def test_js_01_the_digest_of_the_schema_is_checked():
    good, other = build_integrity(data_of(SCHEMA)), build_integrity(b"{}")

    assert judge(GOOD, entry(digestSRI=good)) == [("success", "")]
    for wrong in (other, "", 7, None, "md5-AA"):
        assert judge(GOOD, entry(digestSRI=wrong)) == [("failure", "integrity_mismatch")]


@pytest.mark.parametrize("name", ["$schema", "$id"])
@pytest.mark.parametrize("value", [None, "", 7])
def test_js_01_a_schema_without_its_dialect_or_name_says_nothing(name, value):
    data = data_of({**SCHEMA, name: value})

    assert judge(GOOD, data=data) == [("indeterminate", "invalid_schema")]


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"[" * 5000, b'{"a":1,"a":2}'])
def test_js_01_a_schema_that_cannot_be_read_is_no_success(data):
    assert judge(GOOD, data=data) == [("indeterminate", "invalid_schema")]


def test_js_01_what_nobody_can_decide_is_indeterminate():
    older = data_of({**SCHEMA, "$schema": "http://json-schema.org/draft-07/schema#"})

    assert judge(GOOD, data=older) == [("indeterminate", "unknown_dialect")]
    assert judge(GOOD, validator=None) == [("indeterminate", "unknown_dialect")]
    assert judge(GOOD, entry(type="Other")) == [("indeterminate", "unknown_schema_type")]
    assert judge(GOOD, entry(id="https://a.example/x")) == [("indeterminate", "schema_not_at_hand")]


def test_each_schema_has_its_answer_and_a_credential_without_one_has_none():
    assert judge(GOOD, entry(), entry(type="Other")) == [
        ("success", ""),
        ("indeterminate", "unknown_schema_type"),
    ]
    assert judge_schemas(GOOD, schemas={}, validate=validate) == ()


@pytest.mark.parametrize("value", ["x", {}, {"id": 7}, [None], [entry()] * (MAX_SCHEMAS + 1)])
def test_an_entry_in_a_wrong_shape_is_refused(value):
    with pytest.raises(Malformed):
        judge_schemas({"credentialSchema": value}, schemas={}, validate=None)


@given(st.binary(max_size=200))
def test_without_a_validator_nothing_is_ever_a_success(data):
    found = judge_schemas({"credentialSchema": entry()}, schemas={NAME: data}, validate=None)

    assert [each.outcome for each in found] == [SchemaOutcome.INDETERMINATE]
