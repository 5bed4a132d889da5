"""CBOR has one encoding for each value, and no other is read (S-021)."""

import math
import time
import tracemalloc

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoding.cbor import Tagged, build_cbor, build_embedded, parse_cbor
from encoding.errors import Malformed

KEYS = st.integers(-(2**64), 2**64 - 1) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=8
)
SCALARS = (
    st.none()
    | st.booleans()
    | KEYS
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.binary(max_size=20)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.builds(Tagged, st.integers(0, 2**64 - 1), inner)
    ),
    max_leaves=15,
)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)


def detail_of(data, **limits):
    with pytest.raises(Malformed) as caught:
        parse_cbor(bytes.fromhex(data) if isinstance(data, str) else data, **limits)
    return caught.value.detail


def is_same(one, other):
    """Equal, and of equal kinds: 1, 1.0 and True are three values."""
    return repr(one) == repr(other) or build_cbor(one) == build_cbor(other)


@given(VALUES)
def test_what_was_built_is_read_again(value):
    read = parse_cbor(build_cbor(value), max_depth=32)

    assert read == value
    assert is_same(read, value)


@given(st.binary(max_size=40))
def test_any_other_bytes_are_refused_as_malformed(data):
    try:
        value = parse_cbor(data)
    except Malformed:
        return

    assert build_cbor(value) == data


@given(PLAIN)
def test_a_foreign_reader_reads_the_same(value):
    assert cbor2.loads(build_cbor(value)) == value


@given(PLAIN)
def test_a_foreign_writer_writes_the_same_lengths_and_numbers(value):
    """cbor2 sorts keys by length first (RFC 7049), so only values without maps are compared."""
    if "{" not in repr(value):
        assert cbor2.dumps(value, canonical=True) == build_cbor(value)


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (23, "17"),
        (24, "1818"),
        (2**64 - 1, "1bffffffffffffffff"),
        (-(2**64), "3bffffffffffffffff"),
        (1.5, "f93e00"),
        (100000.0, "fa47c35000"),
        (1.1, "fb3ff199999999999a"),
        (-0.0, "f98000"),
        ((1, [2, 3]), "8201820203"),
        ({"b": 1, "a": 2, 10: 3, -1: 4}, "a40a03200461610261620 1".replace(" ", "")),
        (Tagged(24, b"\x01"), "d8184101"),
        ("\u6c34", "63e6b0b4"),
        (None, "f6"),
    ],
)
def test_the_encodings_of_rfc_8949_come_out(value, encoded):
    assert build_cbor(value).hex() == encoded


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        ("", "invalid_cbor"),
        ("1817", "not_deterministic"),
        ("190018", "not_deterministic"),
        ("1b00000000ffffffff", "not_deterministic"),
        ("5800", "not_deterministic"),
        ("fa3fc00000", "not_deterministic"),
        ("fb3ff8000000000000", "not_deterministic"),
        ("f97e00", "not_a_number"),
        ("f97c00", "not_a_number"),
        ("9f01ff", "indefinite_length"),
        ("5f4101ff", "indefinite_length"),
        ("bf6161 01ff".replace(" ", ""), "indefinite_length"),
        ("1c", "indefinite_length"),
        ("ff", "indefinite_length"),
        ("a2616101616102", "duplicate_member"),
        ("a2616201616102", "not_deterministic"),
        ("a1f401", "invalid_cbor"),
        ("a1410101", "invalid_cbor"),
        ("a1800 1".replace(" ", ""), "too_deep"),
        ("0100", "trailing_data"),
        ("61", "invalid_cbor"),
        ("61ff", "invalid_utf8"),
        ("63eda080", "invalid_utf8"),
        ("f7", "invalid_cbor"),
        ("e0", "invalid_cbor"),
        ("f820", "invalid_cbor"),
        ("f816", "invalid_cbor"),
        ("5bffffffffffffffff00", "invalid_cbor"),
        ("9bffffffffffffffff00", "invalid_cbor"),
        ("bb00000000ffffffff00", "not_deterministic"),
        ("ba0fffffff00", "invalid_cbor"),
    ],
)
def test_a_second_spelling_is_refused(data, detail):
    assert detail_of(data) == detail


@pytest.mark.parametrize("opening", [b"\x81", b"\xa1\x01", b"\xc1", b"\xd9\x01\x00"])
@pytest.mark.parametrize("depth", [65, 20_000])
def test_deep_nesting_is_refused(opening, depth):
    assert detail_of(opening * depth + b"\0") == "too_deep"


def test_depth_is_counted_at_the_limit_and_one_beyond():
    assert parse_cbor(b"\x81" * 16 + b"\0") is not None
    assert detail_of(b"\x81" * 17 + b"\0") == "too_deep"


def test_bytes_are_counted_at_the_limit_and_one_beyond():
    assert parse_cbor(b"\x43abc", max_bytes=4) == b"abc"
    assert detail_of(b"\x43abc", max_bytes=3) == "too_large"


def test_a_reference_cycle_of_tags_is_only_a_tag():
    """Tags 28 and 29 share values in some readers; here they mean nothing."""
    assert parse_cbor(bytes.fromhex("d81c81d81d00")) == Tagged(28, [Tagged(29, 0)])


def test_a_bignum_is_not_an_integer():
    assert parse_cbor(bytes.fromhex("c2420100")) == Tagged(2, b"\x01\x00")


def test_a_million_elements_cost_little():
    start = time.perf_counter()
    with pytest.raises(Malformed):
        parse_cbor(b"\x9a\x00\x0f\x42\x40" + bytes(60_000))

    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize("data", ["a2616201616102", "a2616101 0102".replace(" ", "")])
def test_keys_may_stand_in_any_order_where_the_caller_says_so(data):
    assert detail_of(data) == "not_deterministic"
    assert len(parse_cbor(bytes.fromhex(data), order_free=True)) == 2


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        ("a3616201616102616203", "duplicate_member"),
        ("1817", "not_deterministic"),
        ("bf6161 01ff".replace(" ", ""), "indefinite_length"),
        ("0100", "trailing_data"),
        ("fb3ff8000000000000", "not_deterministic"),
        ("a1f401", "invalid_cbor"),
    ],
)
def test_s_021_a_free_order_frees_nothing_else(data, detail):
    assert detail_of(data, order_free=True) == detail


@given(VALUES)
def test_what_is_in_order_is_read_the_same_in_free_order(value):
    data = build_cbor(value)

    assert parse_cbor(data, max_depth=32, order_free=True) == parse_cbor(data, max_depth=32)


@given(VALUES, st.data())
def test_s_021_a_changed_byte_never_gives_a_value_with_another_encoding(value, data):
    encoded = bytearray(build_cbor(value))
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place] ^= data.draw(st.integers(1, 255))
    try:
        read = parse_cbor(bytes(encoded), max_depth=32)
    except Malformed:
        return

    assert build_cbor(read) == bytes(encoded)


@given(VALUES, st.integers(1, 20))
def test_s_021_a_cut_value_is_refused(value, cut):
    encoded = build_cbor(value)

    with pytest.raises(Malformed):
        parse_cbor(encoded[:-cut], max_depth=32)


@pytest.mark.parametrize("head", ["5a", "7a", "9a", "ba", "5b00000001", "9b00000001"])
def test_s_021_a_length_of_2_32_costs_no_memory(head):
    data = bytes.fromhex(head + "ffffffff") + bytes(100)
    tracemalloc.start()
    with pytest.raises(Malformed):
        parse_cbor(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 100_000


def test_s_021_a_bignum_of_a_megabyte_is_too_large():
    assert detail_of(b"\xc2\x5a\x00\x10\x00\x00" + bytes(2**20)) == "too_large"


def test_dates_stay_tagged_text():
    assert parse_cbor(bytes.fromhex("c074323032362d31312d32325430393a30303a30305a")) == Tagged(
        0, "2026-11-22T09:00:00Z"
    )


def test_embedded_cbor_is_a_tagged_byte_string():
    for size in (0, 23, 24, 255, 256, 40_000):
        assert build_embedded(bytes(size)) == build_cbor(Tagged(24, bytes(size)))


def endless():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [
        2**64,
        -(2**64) - 1,
        math.nan,
        math.inf,
        "\ud800",
        {1, 2},
        {b"key": 1},
        {True: 1},
        Tagged(2**64, 0),
        Tagged(-1, 0),
        object(),
        endless(),
    ],
)
def test_what_has_no_encoding_is_not_written(value):
    with pytest.raises(Malformed):
        build_cbor([value])
