"""JSON Schema 2020-12 (JS-01): the library's answers, in counted work, without a network."""

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoding.errors import Malformed
from runtime.json_schema import is_valid_document

HEAD = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://a.example/s"}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.5, 1.0, "", "a", "ab"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=6,
)
KINDS = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])


def doubling(levels):
    """Each level asks the next one twice."""
    parts = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(levels)}
    return {"$ref": "#/$defs/d0", "$defs": {**parts, f"d{levels}": {}}}


def nest(levels):
    schema = {}
    for _ in range(levels):
        schema = {"properties": {"x": schema}}
    return schema


def judge(schema, document):
    return is_valid_document({**HEAD, **schema}, document)


def refusal(schema, document):
    with pytest.raises(Malformed) as fault:
        judge(schema, document)
    return fault.value.detail


def build_schemas(inner):
    return st.fixed_dictionaries(
        {},
        optional={
            "type": KINDS,
            "enum": st.lists(VALUES, min_size=1, max_size=3),
            "const": VALUES,
            "minimum": st.integers(-1, 1),
            "maxLength": st.integers(0, 1),
            "multipleOf": st.sampled_from([1, 0.5]),
            "uniqueItems": st.booleans(),
            "required": st.lists(st.sampled_from("abc"), unique=True, max_size=2),
            "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b|c"]), inner, max_size=2),
            "additionalProperties": inner,
            "propertyNames": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "items": inner,
            "contains": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "dependentSchemas": st.dictionaries(st.sampled_from("ab"), inner, max_size=1),
            "pattern": st.sampled_from(["^a", "b"]),
        },
    )


SCHEMAS = st.recursive(st.booleans(), build_schemas, max_leaves=6).filter(
    lambda schema: isinstance(schema, dict)
)


@given(SCHEMAS, st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3))
def test_js_01_counting_changes_no_answer(schema, document):
    assert judge(schema, document) == jsonschema.Draft202012Validator(schema).is_valid(document)


@given(st.dictionaries(st.sampled_from(["type", "$ref", "items", "pattern", "enum", "a"]), VALUES))
def test_js_01_any_schema_has_an_answer_or_is_refused(schema):
    details = []
    try:
        judge({"properties": {"a": schema}}, {"a": [1]})
    except Malformed as error:
        details.append(error.detail)
    assert {"invalid_schema", "unresolvable_reference", "too_deep"}.issuperset(details)


@pytest.mark.parametrize(
    "reference",
    [
        *("https://b.example/other", "other", "#/$defs/none", "#nowhere", "file:///etc/passwd"),
        *("https://json-schema.org/draft/2020-12/schema", "#/x-parts/a", "http://127.0.0.1:1/s"),
        # Through a list, a number, a text and a truth value; the library says so in its own way.
        *("#/allOf/x", "#/minLength/x", "#/$comment/x", "#/allOf/0/x", "http://[b"),
    ],
)
def test_js_01_a_reference_that_leads_out_of_the_schema_is_refused_and_never_fetched(
    reference, monkeypatch
):
    asked = []
    monkeypatch.setattr("socket.socket.connect", lambda *words: asked.append(words))
    parts = {"x-parts": {"a": {"type": 7}}, "allOf": [True], "minLength": 1, "$comment": "a"}
    schema = {**parts, "properties": {"a": {"$ref": reference}}}

    assert refusal(schema, {}) == "unresolvable_reference"
    assert asked == []


def test_js_01_references_within_the_schema_hold():
    schema = {
        "properties": {"a": {"$ref": "#/$defs/text"}, "b": {"$ref": "#whole"}, "c": {"$ref": "#"}},
        "$defs": {
            "text": {"type": "string"},
            "other": {"$anchor": "whole", "type": "integer"},
            "bundled": {"$id": "https://a.example/bundled", "type": "null"},
        },
        "additionalProperties": {"$ref": "https://a.example/bundled"},
    }

    assert judge(schema, {"a": "x", "b": 1, "c": {"c": {"a": ""}}, "d": None})
    for wrong in ({"a": 1}, {"b": "x"}, {"c": {"c": {"a": 1}}}, {"d": 0}):
        assert not judge(schema, wrong)


def test_js_01_a_name_that_is_no_uri_is_refused():
    assert refusal({"$id": "http://["}, {}) == "invalid_schema"


def test_js_01_a_part_of_another_dialect_is_refused():
    older = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "string"}

    assert refusal({"properties": {"a": older}}, {}) == "unsupported_schema"
    # A reference to the root meets the root's own `$schema`, and still counts.
    assert judge({"properties": {"a": {"$ref": "#"}}}, {"a": {"a": {}}})


@pytest.mark.parametrize(
    "schema",
    [
        *({"unevaluatedProperties": False}, {"unevaluatedItems": False}),
        *({"$dynamicRef": "#a"}, {"$dynamicAnchor": "a"}),
    ],
)
def test_js_01_what_cannot_be_bounded_is_refused(schema):
    assert refusal({"properties": {"a": schema}}, {}) == "unsupported_schema"


@pytest.mark.parametrize(
    ("schema", "document", "detail"),
    [
        ({"$ref": "#"}, {}, "too_deep"),
        (doubling(30), {}, "too_much_work"),
        ({"properties": {"a": {"pattern": "^(a+)+$"}}}, {"a": "a" * 90_000}, "too_much_work"),
        ({"anyOf": [{"type": "string"}] * 400}, {"a": "x" * 200_000}, "too_much_work"),
        ({"$ref": "#/$defs/a", "$defs": {"a": nest(20)}}, {}, "too_deep"),
        ({"properties": {"a": {"pattern": "(?=a)"}}}, {}, "unsupported_pattern"),
        ({"patternProperties": {"(a)\\1": {}}}, {}, "unsupported_pattern"),
        (
            {"patternProperties": {f"a{{1000}}{n}": {} for n in range(60)}},
            {},
            "unsupported_pattern",
        ),
        ({"enum": [0] * 5000}, {}, "too_large"),
        ({"title": "x" * 70_000}, {}, "too_large"),
        ({}, {"a": "x" * 300_000}, "too_large"),
        ({"type": 7}, {}, "invalid_schema"),
        ({"properties": []}, {}, "invalid_schema"),
        ({"$defs": {"a": {"$anchor": "n"}, "b": {"$anchor": "n"}}}, {}, "invalid_schema"),
    ],
)
def test_js_01_work_is_bounded(schema, document, detail):
    assert refusal(schema, document) == detail


def test_js_01_formats_assert_nothing():
    assert judge({"properties": {"a": {"format": "email"}}}, {"a": "no address"})


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), ("1", 1), ([1], [True])])
def test_true_is_not_one(one, other):
    for keyword, value in (("const", one), ("enum", [one])):
        assert judge({"properties": {"a": {keyword: value}}}, {"a": one})
        assert not judge({"properties": {"a": {keyword: value}}}, {"a": other})
    assert judge({"properties": {"a": {"uniqueItems": True}}}, {"a": [one, other]})
    assert not judge({"properties": {"a": {"uniqueItems": True}}}, {"a": [1, 1.0]})
