"""CBOR: one encoding for each value, and no other bytes are read (RFC 8949 section 4.2.1)."""

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from encoding.cbor import (
    Tagged,
    build_bytes,
    build_cbor,
    build_embedded,
    parse_cbor,
)
from tests.properties.edits import (
    FLOATS,
    REFUSALS,
    TEXTS,
    detail_of,
    edited_bytes,
    only_writes,
    refused,
)

TAGS = st.integers(50_000, 2**64 - 1)
"""None that means a thing of its own to a foreign reader."""
INTEGERS = st.integers(-(2**64), 2**64 - 1)
KEYS = INTEGERS | TEXTS
SCALARS = st.none() | st.booleans() | INTEGERS | FLOATS | TEXTS | st.binary(max_size=40)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(KEYS, inner, max_size=5)
        | st.builds(Tagged, TAGS | st.sampled_from([0, 18, 24, 61, 1004]), inner)
    ),
    max_leaves=15,
)
PLAIN = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5)
)
ENCODED = VALUES.map(build_cbor)


def shuffled(value, chance):
    """The encoding with the members of every map in any order."""
    match value:
        case list():
            return build_cbor([None] * len(value))[: -len(value) or None] + b"".join(
                shuffled(each, chance) for each in value
            )
        case dict():
            members = [build_cbor(key) + shuffled(item, chance) for key, item in value.items()]
            chance.shuffle(members)
            head = build_cbor(len(members))
            return bytes([head[0] | 0xA0]) + head[1:] + b"".join(members)
        case Tagged():
            head = build_cbor(value.tag)
            return bytes([head[0] | 0xC0]) + head[1:] + shuffled(value.value, chance)
        case _:
            return build_cbor(value)


@given(VALUES)
@example([0.0, -0.0, 65504.0, 65505.0, 3.4028234663852886e38, 5e-324])
@example({-1: 1, 23: 2, 24: 3, -25: 4, "": 5, "a": 6})
def test_cbor_that_is_built_is_read_as_it_was(value):
    assert (
        repr(parse_cbor(build_cbor(value))) == repr(value) or parse_cbor(build_cbor(value)) == value
    )


@given(ENCODED | edited_bytes(ENCODED) | st.binary(max_size=30))
@example(b"\x18\x17")
@example(b"\xfa\x47\x80\x00\x00")
@example(b"\xa2\x02\x00\x01\x00")
@example(b"\xa2\x01\x00\x01\x00")
@example(b"\x9f\xff")
@example(b"\xf8\x20")
@example(b"\xf9\x7e\x00")
@example(b"\xa1\xf5\x00")
@example(b"\x78\x01a")
@example(b"\xa1\x60\x58\x17" + b"a" * 23)
def test_only_what_would_be_written_is_read(data):
    assert only_writes(parse_cbor, build_cbor, data)


@given(VALUES, st.randoms(use_true_random=False))
def test_order_free_reads_any_order_of_members_and_the_same_value(value, chance):
    data = shuffled(value, chance)

    assert build_cbor(parse_cbor(data, order_free=True)) == build_cbor(value)
    assert refused(parse_cbor, data) == (data != build_cbor(value))


@given(edited_bytes(ENCODED) | st.binary(max_size=30))
@example(b"\xa2\x02\x00\x01\x00")
@example(b"\xa2\x01\x00\x01\x00")
def test_order_free_accepts_nothing_but_other_orders(data):
    try:
        value = parse_cbor(data, order_free=True)
    except REFUSALS:
        assert refused(parse_cbor, data)
        return
    written = build_cbor(value)

    # Heads, texts and numbers are those that we write; only their places differ.
    assert sorted(written) == sorted(data)


@given(PLAIN)
@example([0.1, 1e300, -(2**64), 2**64 - 1, {"b": 1, "a": b"", -1: None, 10: True}])
def test_a_foreign_library_writes_and_reads_the_same(value):
    data = build_cbor(value)

    assert cbor2.loads(data) == value
    assert cbor2.dumps(value, canonical=True) == data


@given(ENCODED, st.binary(min_size=1, max_size=3))
def test_nothing_may_follow_and_nothing_may_be_missing(data, tail):
    assert detail_of(parse_cbor, data + tail) == "trailing_data"
    assert refused(parse_cbor, data[:-1])


@given(st.binary(max_size=300))
def test_byte_strings_by_hand_are_those_of_the_writer(data):
    assert build_bytes(data) == build_cbor(data)
    assert build_embedded(data) == build_cbor(Tagged(24, data))


@given(st.integers(0, 20), st.sampled_from([b"\x81", b"\xa1\x00", b"\xc1"]))
def test_depth_is_counted_exactly(depth, opening):
    assert refused(parse_cbor, opening * depth + b"\x00") == (depth > 16)


@given(st.integers(0, 300), st.integers(0, 300))
def test_bytes_are_counted_exactly(size, limit):
    data = build_cbor(bytes(size))

    assert refused(parse_cbor, data, max_bytes=limit) == (len(data) > limit)


@pytest.mark.parametrize(
    "value", [2**64, -(2**64) - 1, float("nan"), float("inf"), {1.5: 1}, {True: 1}, "\ud800", {1}]
)
def test_what_has_no_encoding_is_refused(value):
    assert refused(build_cbor, value)


@pytest.mark.parametrize("major", [0x80, 0xA0, 0x40, 0x60, 0xC0])
@given(size=st.sampled_from([1, 2, 4, 8]), data=st.data())
def test_a_length_beyond_the_input_costs_nothing(major, size, data):
    length = data.draw(st.integers(0, 2 ** (8 * size) - 1))
    head = bytes([major | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + length.to_bytes(size, "big")

    assert refused(parse_cbor, head)
