"""Strict JSON: what is written is read, what is accepted is what every strict reader reads."""

import json
import math
import random

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from encoding import strict_json
from encoding.strict_json import build_json, canonical_json, parse_json, parse_object
from tests.properties.edits import (
    JSON_OBJECTS,
    JSON_VALUES,
    REFUSALS,
    detail_of,
    edited_bytes,
    edited_text,
    refused,
)

VALID = JSON_VALUES.map(build_json)
SPACED = JSON_VALUES.map(lambda value: json.dumps(value, indent=1).encode())
ESCAPED = st.sampled_from([r"\ud800", r"\udc00", r"\ud83d\ude00", r"\u0041", r"\"", "\\", "\x1f"])
JSON_PIECES = st.sampled_from([*'{}[],:"\\0123456789.eE+- \n', "true", "null", "NaN", "1e999"])
LIMITS = {"max_bytes": 65_536, "max_depth": 32, "max_members": 10_000}


def same(left, right):
    """Equal, and of the same kind: 1 is not 1.0 and not true; -0.0 is not 0.0."""
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(map(same, left.values(), right.values()))
    if isinstance(left, float) and isinstance(right, float):
        return left == right and math.copysign(1, left) == math.copysign(1, right)
    return type(left) is type(right) and left == right


def outcome(read, *arguments, **options):
    """The value, or the detail code of the refusal."""
    try:
        return "read", read(*arguments, **options)
    except REFUSALS as error:
        return "refused", error.detail


@given(JSON_VALUES)
@example(-0.0)
@example(1e16)
@example(2**53 - 1)
@example([[], {}, "", None])
def test_json_that_is_built_is_read_as_it_was(value):
    assert same(parse_json(build_json(value)), value)


@given(JSON_OBJECTS)
def test_an_object_is_read_as_an_object_and_other_values_are_not(members):
    assert parse_object(build_json(members)) == members
    assert detail_of(parse_object, build_json([members])) == "not_an_object"


@given(VALID | SPACED | edited_bytes(VALID) | edited_bytes(SPACED))
@example(b'{"a":1,"a":1}')
@example(b'{"a":1,"\\u0061":1}')
@example(b"9007199254740993")
@example(b"1e400")
@example(b'"\\ud800"')
@example(b"\xef\xbb\xbf1")
@example(b"-0")
@example(b"1.0")
def test_the_quick_way_and_the_strict_way_say_the_same(data):
    quick = outcome(parse_json, data)
    strict = outcome(strict_json._read_strictly, data, **LIMITS)

    assert quick[0] == strict[0]
    assert same(quick[1], strict[1])


@given(edited_text(VALID.map(bytes.decode), alphabet=st.characters(exclude_categories=["Cs"])))
def test_text_and_its_bytes_are_read_alike(text):
    assert repr(outcome(parse_json, text)) == repr(outcome(parse_json, text.encode()))


@given(st.lists(JSON_PIECES, max_size=12).map("".join) | edited_text(VALID.map(bytes.decode)))
def test_what_python_refuses_is_refused_and_the_rest_is_equal(text):
    try:
        expected = json.loads(text)
    except (ValueError, RecursionError):
        assert refused(parse_json, text)
        return
    found = outcome(parse_json, text)

    assert found[0] == "refused" or found[1] == expected
    assert found[0] == "refused" or same(parse_json(build_json(found[1])), found[1])


@given(ESCAPED, ESCAPED)
def test_a_string_with_half_a_character_is_refused(first, second):
    text = f'"{first}{second}"'
    found = outcome(parse_json, text)

    assert found[0] == "refused" or found[1].encode("utf-8")


@given(st.text(st.characters(categories=["Cs"]), min_size=1, max_size=2))
def test_text_with_half_a_character_is_never_written(text):
    assert refused(build_json, text)
    assert refused(canonical_json, text)
    assert refused(parse_json, f'"{text}"')


@given(JSON_VALUES)
@example({"\U00010000": 1, "\uffff": 2})
@example([1e21, 1e-7, -0.0, 333333333.33333329])
def test_canonical_json_is_that_of_rfc_8785_and_final(value):
    canonical = canonical_json(value)

    assert canonical == rfc8785.dumps(value)
    # A float such as 1e16 is written as an integer that is too large to be read again.
    again = outcome(lambda: canonical_json(parse_json(canonical)))
    assert again in (("read", canonical), ("refused", "integer_out_of_range"))


@given(st.sampled_from([2**53, -(2**53), 2**53 + 1]) | st.integers(2**53))
def test_an_integer_that_is_not_exact_has_no_canonical_form(number):
    assert detail_of(canonical_json, [number]) == "not_json"


@given(JSON_OBJECTS, st.randoms(use_true_random=False))
def test_canonical_json_knows_no_order_of_members(members, chance):
    shuffled = list(members.items())
    random.Random(chance.random()).shuffle(shuffled)

    assert canonical_json(dict(shuffled)) == canonical_json(members)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@given(depth=st.integers(1, 40))
def test_depth_is_counted_exactly(opening, depth):
    text = opening * depth + "1" + {"[": "]", '{"a":': "}"}[opening] * depth

    assert refused(parse_json, text) == (depth > 32)


@given(st.integers(0, 30), st.integers(1, 30))
def test_members_and_bytes_are_counted_exactly(count, limit):
    text = build_json([0] * count)

    # Commas and brackets are what is counted: a list of n has n of them, an empty one has one.
    assert refused(parse_json, text, max_members=limit) == (max(count, 1) > limit)
    assert refused(parse_json, text, max_bytes=limit) == (len(text) > limit)
