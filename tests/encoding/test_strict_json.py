"""JSON is read one way only, and never at the reader's expense (S-012, S-014)."""

import json
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoding.errors import Malformed
from encoding.strict_json import (
    MAX_INTEGER,
    build_json,
    canonical_json,
    parse_json,
    parse_object,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=25,
)


def detail_of(data, **limits):
    with pytest.raises(Malformed) as caught:
        parse_json(data, **limits)
    return caught.value.detail


@given(VALUES)
def test_what_was_built_is_read_again(value):
    assert parse_json(build_json(value)) == value


# RFC 8785 writes large whole floats with all their digits, which we do not read as integers.
EXACT = st.recursive(
    st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXTS | st.floats(-1e15, 1e15),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=25,
)


@given(EXACT)
def test_the_canonical_form_is_one_form(value):
    canonical = canonical_json(value)

    assert canonical_json(parse_json(canonical)) == canonical


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_as_malformed(data):
    try:
        value = parse_json(data)
    except Malformed:
        return

    assert value == json.loads(data)


@given(st.text(alphabet='{}[]",:\\ 01eE.-+truefalsn\u00e9\ud800', max_size=40))
def test_any_text_is_read_or_refused_as_malformed(text):
    try:
        value = parse_json(text, max_depth=4)
    except Malformed:
        return

    assert build_json(value)


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        ('{"a":1,"a":2}', "duplicate_member"),
        ('{"a":{"b":1,"c":2,"b":3}}', "duplicate_member"),
        ('{"a":1,"\\u0061":2}', "duplicate_member"),
        ("NaN", "not_a_number"),
        ("[-Infinity]", "not_a_number"),
        ("1e999", "number_out_of_range"),
        ("9007199254740992", "integer_out_of_range"),
        ("-9007199254740992", "integer_out_of_range"),
        ("1" * 5000, "integer_out_of_range"),
        (b'"\xff"', "invalid_utf8"),
        (b'"\xed\xa0\x80"', "invalid_utf8"),
        ('"\ud800"', "invalid_utf8"),
        ('"\\ud800"', "lone_surrogate"),
        ('{"\\uDC00":1}', "lone_surrogate"),
        ('[["\\udfff\\ud800"]]', "lone_surrogate"),
        ("1 1", "trailing_data"),
        ("{}x", "trailing_data"),
        ("", "invalid_json"),
        ("{", "invalid_json"),
        ("[1,]", "invalid_json"),
        ("{'a':1}", "invalid_json"),
        ("01", "trailing_data"),
        ("+1", "invalid_json"),
        ('"a\tb"', "invalid_json"),
        ("\ufeff{}", "invalid_json"),
        ("// a\n1", "invalid_json"),
    ],
)
def test_a_text_with_two_readings_is_refused(data, detail):
    assert detail_of(data) == detail


def test_s_014_the_largest_integers_that_are_read_are_those_of_the_canonical_form():
    text = "[9007199254740991,-9007199254740991]"
    assert parse_json(text) == [MAX_INTEGER, -MAX_INTEGER]
    assert canonical_json(parse_json(text)) == text.encode()
    for beyond in (MAX_INTEGER + 1, -MAX_INTEGER - 1):
        with pytest.raises(Malformed):
            canonical_json(beyond)
        assert detail_of(str(beyond)) == "integer_out_of_range"


def test_a_surrogate_pair_is_one_character():
    assert parse_json('"\\ud83d\\ude95"') == "\U0001f695"


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [33, 5_000, 100_000])
def test_deep_nesting_is_refused_before_it_is_followed(opening, depth):
    assert detail_of(opening * depth, max_bytes=1_000_000, max_members=10**6) == "too_deep"


def test_nesting_up_to_the_limit_is_read():
    assert parse_json("[" * 32 + "]" * 32) is not None


def test_brackets_and_commas_inside_strings_do_not_count():
    text = json.dumps(["[{" * 500 + '\\"' * 50 + "," * 500])

    assert parse_json(text, max_depth=1, max_members=1) == json.loads(text)


def test_members_are_counted_at_the_limit_and_one_beyond():
    members = {str(number): 0 for number in range(10_000)}

    assert parse_json(build_json(members), max_bytes=200_000) == members
    members["one more"] = 0
    assert detail_of(build_json(members), max_bytes=200_000) == "too_many_members"


def test_bytes_are_counted_at_the_limit_and_one_beyond():
    assert parse_json(b'"123456"', max_bytes=8) == "123456"
    assert detail_of(b'"1234567"', max_bytes=8) == "too_large"
    assert detail_of('"\u00e9\u00e9\u00e9\u00e9"', max_bytes=8) == "too_large"


@pytest.mark.parametrize(
    "data",
    [
        "[" + "0," * 1_000_000 + "0]",
        '"' + "a" * 8_000_000 + '"',
        "[" * 8_000_000,
        '"' + '\\"' * 30_000,
        '["' + '\\"],[' * 10_000,
        "[" + "9" * 65_000 + "]",
        "[0." + "9" * 65_000 + "e9999999]",
    ],
)
def test_hostile_texts_cost_little(data):
    """S-014: refused in less than 50 ms; ten times that leaves room for a busy machine."""
    start = time.perf_counter()
    with pytest.raises(Malformed):
        parse_json(data)

    assert time.perf_counter() - start < 0.5


def test_an_object_is_asked_for_and_a_list_is_refused():
    with pytest.raises(Malformed) as caught:
        parse_object("[]")

    assert caught.value.detail == "not_an_object"
    assert parse_object('{"a":[]}') == {"a": []}


def endless():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, {1, 2}, b"bytes", "\ud800", object(), endless()]
)
@pytest.mark.parametrize("build", [build_json, canonical_json])
def test_what_json_cannot_say_is_not_written(build, value):
    with pytest.raises(Malformed) as caught:
        build([value])

    assert caught.value.detail == "not_json"


def test_a_message_never_repeats_what_was_sent():
    with pytest.raises(Malformed) as caught:
        parse_json('{"name":"Sokha"')

    assert "Sokha" not in str(caught.value)


@pytest.mark.parametrize("name", ["arrays", "french", "values"])
def test_the_published_examples_of_rfc_8785_come_out(vectors, name):
    given_ = (vectors / "jcs" / "input" / f"{name}.json").read_bytes()
    expected = bytes.fromhex((vectors / "jcs" / "outhex" / f"{name}.txt").read_text())

    assert canonical_json(parse_json(given_)) == expected
