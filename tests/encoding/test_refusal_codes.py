"""Each refusal has its own code, and each limit is exact: found by mutation (docs/mutation.md)."""

from types import MappingProxyType

import pytest

from encoding import base45, base64url, multibase, strict_json
from encoding.cbor import Tagged, build_bytes, build_cbor, build_embedded, parse_cbor
from encoding.compression import deflate_raw, inflate_gzip, inflate_raw, inflate_zlib
from encoding.errors import Malformed
from encoding.multibase import (
    decode_base58btc,
    decode_multibase,
    decode_varint,
    encode_base58btc,
    encode_multibase,
    encode_varint,
)

MANY = 5_000
DEEP = [[]]
for _ in range(MANY):
    DEEP = [DEEP]

CODES = {
    base45.decode: {
        "invalid_base45": [
            "A",
            "ab",
            "é0",
            "GGW",
            "V5",  # 256, one more than a byte holds
        ],
    },
    base64url.decode: {
        "invalid_base64url": ["A", "é", "AB"],
    },
    decode_base58btc: {
        "invalid_multibase": ["é", "0"],
        "too_large": ["1" * 1025],
    },
    decode_multibase: {
        "invalid_multibase": ["f00"],
    },
    decode_varint: {
        "invalid_varint": [b"\x80\x00", b"", b"\xff" * 9 + b"\x01"],
    },
    encode_varint: {
        "invalid_varint": [-1, 2**63],
    },
    build_cbor: {
        "too_deep": [DEEP],
        "integer_out_of_range": [2**64],
        "not_cbor": [{1}, {None: 1}, {True: 1}],
        "lone_surrogate": ["\ud800"],
        "not_a_number": [float("nan"), float("-inf")],
    },
    parse_cbor: {
        "invalid_cbor": [
            b"\x19\x01",
            b"\xfb\x00",
            b"\xe0\x00",
            b"\xf8\x20",
            b"\xa1\x00\x58\x19" + b"a" * 24,
            b"\xa1\xf5\x00",
        ],
        "indefinite_length": [b"\xfc", b"\xff", b"\x1c"],
        "not_deterministic": [
            b"\x18\x17",
            b"\x19\x00\xff",
            b"\xa1\x00\x58\x17" + b"a" * 23,
            b"\xa2\x02\x00\x01\x00",
            b"\xc1\xa2\x02\x00\x01\x00",
            b"\x81\xa2\x02\x00\x01\x00",
            b"\xa1\x00\xa2\x02\x00\x01\x00",
            b"\xfa\x00\x00\x00\x00",
        ],
        "duplicate_member": [b"\xa2\x01\x00\x01\x00"],
        "not_a_number": [b"\xf9\x7e\x00"],
        "invalid_utf8": [b"\x61\xff"],
    },
    strict_json.parse_json: {
        "invalid_utf8": [b"\xff", '"\ud800"'],
        "lone_surrogate": ['"\\ud800"', '{"\\ud800":1}', '[["\\ud800"]]', '{"a":["\\ud800"]}'],
        "trailing_data": ["1 1"],
        "invalid_json": [""],
        "not_a_number": ["NaN"],
        "number_out_of_range": ["1e999"],
        "integer_out_of_range": ["9007199254740992", "-9007199254740992"],
        "duplicate_member": ['{"a":1,"a":1}'],
    },
    strict_json.parse_object: {
        "not_an_object": ["[]"],
    },
    strict_json.build_json: {
        "not_json": [{1}, DEEP, float("nan")],
    },
    strict_json.canonical_json: {
        "not_json": [{1}, 2**53],
    },
}
REFUSED = [
    (read, given, detail)
    for read, codes in CODES.items()
    for detail, every in codes.items()
    for given in every
]


@pytest.mark.parametrize(("read", "given", "detail"), REFUSED)
def test_a_refusal_says_which_it_is(read, given, detail):
    with pytest.raises(Malformed) as caught:
        read(given)

    assert caught.value.detail == detail
    assert caught.value.kind == "malformed"


def test_a_refusal_without_a_code_is_malformed():
    assert Malformed("no").detail == "malformed"


@pytest.mark.parametrize("inflate", [inflate_zlib, inflate_gzip, inflate_raw])
def test_damaged_bytes_are_called_damaged(inflate):
    with pytest.raises(Malformed) as caught:
        inflate(b"\x07damaged", max_bytes=9)

    assert caught.value.detail == "invalid_compression"


def test_an_unknown_base_is_called_so():
    with pytest.raises(Malformed) as caught:
        encode_multibase(b"", base="f")

    assert caught.value.detail == "invalid_multibase"


def test_the_greatest_groups_of_base45_are_read():
    for data in (b"\xff\xff", b"\xff", b"\xff\xff\xff", b""):
        assert base45.decode(base45.encode(data)) == data


def test_base58_is_read_up_to_its_limit():
    assert decode_base58btc("1" * 1024) == bytes(1024)
    assert decode_base58btc(encode_base58btc(b"\0\1")) == b"\0\1"


def test_varints_turn_over_where_seven_bits_end():
    assert [encode_varint(number) for number in (0, 127, 128, 129)] == [
        b"\x00",
        b"\x7f",
        b"\x80\x01",
        b"\x81\x01",
    ]
    assert encode_varint(2**63 - 1) == b"\xff" * 8 + b"\x7f"
    assert multibase.decode_varint(b"\xff" * 8 + b"\x7f") == (2**63 - 1, b"")


@pytest.mark.parametrize("size", [0, 1, 23, 24, 25, 255, 256, 257, 65_535])
def test_every_size_of_head_is_written_and_read(size):
    data, text = b"x" * size, "y" * size
    value = {"a": data, "b": text, text[:300]: size, "c": [size, -size - 1, [None] * size]}

    assert build_bytes(data) == build_cbor(data)
    assert build_embedded(data) == build_cbor(Tagged(24, data))
    assert parse_cbor(build_cbor(value), max_bytes=400_000) == value
    assert parse_cbor(build_cbor({size: size, -size - 1: data}), max_bytes=99_999) == {
        size: size,
        -size - 1: data,
    }


def test_a_dictionary_makes_a_text_shorter():
    text = bytes(range(250))

    assert len(deflate_raw(text, dictionary=text)) < 20 < 200 < len(deflate_raw(text))


PLAIN = [None, True, 1, "a", [], {}, [1, ["b"], {"c": None}], {"a": {"b": [1]}}]


@pytest.mark.parametrize("value", PLAIN)
def test_plain_values_go_the_quick_way(value):
    assert strict_json._write_plain(value, 0) == strict_json.build_json(value)


@pytest.mark.parametrize("value", [1.0, [1.0], {"a": 1.0}, {"a": [{}, 0.5]}, (1,), b"", {1: 2}])
def test_what_writers_write_in_several_ways_goes_the_strict_way(value):
    assert strict_json._write_plain(value, 0) is None


@pytest.mark.parametrize(
    ("text", "limits", "is_small"),
    [
        (b"[1]", (3, 1, 3), True),
        (b"[1]", (2, 1, 3), False),
        (b"[{}]", (9, 2, 9), True),
        (b"[{}]", (9, 1, 9), False),
        (b"{}[]", (9, 1, 9), False),
        (b"[1]", (9, 1, 2), True),
        (b"[1]", (9, 1, 0), False),
        (b"[1,2]", (9, 1, 2), True),
        (b"[1,2]", (9, 1, 1), False),
        (b"12345", (9, 9, 5), True),
        (b"12345", (9, 9, 4), False),
    ],
)
def test_limits_at_a_glance_are_exact(text, limits, is_small):
    assert strict_json._is_small(text, *limits) is is_small


def test_limits_hold_for_objects_as_well():
    for limits in ({"max_bytes": 6}, {"max_depth": 0}, {"max_members": 0}):
        with pytest.raises(Malformed):
            strict_json.parse_object(b'{"a":1}', **limits)


def test_limits_are_inclusive():
    assert strict_json.parse_json(b'{"a":1}', max_bytes=7, max_depth=1, max_members=1) == {"a": 1}
    assert strict_json.parse_json(' {"a":1}', max_bytes=8, max_depth=1, max_members=1) == {"a": 1}
    assert strict_json.parse_json(str(2**53 - 1)) == 2**53 - 1
    assert strict_json.parse_json(str(1 - 2**53)) == 1 - 2**53


def test_brackets_within_strings_are_not_counted():
    assert strict_json.parse_json('["[[[,,,",  "\\"[{"]', max_depth=1, max_members=2)
    for text in ('["[", [1]]', '{"{": {}}'):
        with pytest.raises(Malformed) as caught:
            strict_json.parse_json(text, max_depth=1)
        assert caught.value.detail == "too_deep"
    with pytest.raises(Malformed) as caught:
        strict_json.parse_json("[1, 2, 3]", max_members=2)
    assert caught.value.detail == "too_many_members"


def test_depth_is_counted_again_behind_what_was_closed():
    """Each closing bracket takes back one level and no more."""
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        deep = opening * 4 + "1" + closing * 4
        with pytest.raises(Malformed) as caught:
            strict_json.parse_json(f"[[],{{}},[[]],{deep}]", max_depth=4)
        assert caught.value.detail == "too_deep"
        assert strict_json.parse_json(f"[[],{{}},[[]],{deep}]", max_depth=5)


def test_mappings_are_written_as_objects():
    assert strict_json.build_json(MappingProxyType({"a": 1})) == b'{"a":1}'
    assert strict_json.build_json([MappingProxyType({"a": 1.5})]) == b'[{"a":1.5}]'


def test_multibyte_text_is_measured_in_bytes():
    with pytest.raises(Malformed) as caught:
        strict_json.parse_json('"ក"', max_bytes=4)

    assert caught.value.detail == "too_large"
    assert strict_json.parse_json('"ក"', max_bytes=5) == "ក"
