"""
The quick way through `strict_json` changes nothing: the same values, refusals and bytes.

Thousands of honest, random and hostile texts go both ways. The strict way is the one without
orjson, which alone decides when the two could differ.
"""

import json
import random
from collections import Counter
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from encoding import strict_json
from encoding.errors import Malformed

LIMITS = {"max_bytes": 4_096, "max_depth": 6, "max_members": 40}

NUMBERS = [
    *("0", "-0", "00", "1", "-1", "01", "1.0", "1.50", "0.1", "-0.0", ".5", "1.", "1e", "0x10"),
    *("1e5", "1E5", "1e+5", "1e-7", "1e16", "1e16000", "-1e999", "5e-324", "4.35", "+1", "1_000"),
    *("0.30000000000000004", "2.2250738585072011e-308", "1.7976931348623157e308"),
    *("9007199254740991", "9007199254740992", "9007199254740993", "100000000000000000000.0"),
    *("-9007199254740991", "-9007199254740992", "-9007199254740993", "NaN", "Infinity"),
    *("18446744073709551615", "18446744073709551616", "123456789012345678901234567890"),
]
TEXTS = [
    *('""', '"a"', r'"\u0061"', r'"\n"', r'"\/"', r'"\u000a"', r'"\u001f"', r'"\u001F"'),
    *(r'"\ud800"', r'"\udc00"', r'"\ud83d\ude00"', r'"\ud83d"', r'"\ude00\ud83d"', r'"\u0000"'),
    *(r'"\x41"', r'"\\"', r'"\""', '"[[[["', '"{,,,}"', '"សុខ"', '"😀"', '"é"', '"a b"'),
    *('"\x00"', '"\x1f"', '"\x7f"', '"\u2028"', '"open', "'a'"),
]
WORDS = ["true", "false", "null", "True", "nul", "nulll", "undefined", ""]
STRUCTURE = ["[", "]", "{", "}", ",", ":", " ", "\n", "\t", "\x00", "\ufeff", "//", "/**/"]


def strictly(data: bytes | str, **limits: int) -> Any:
    return strict_json._read_strictly(
        data,
        limits.get("max_bytes", strict_json.MAX_BYTES),
        limits.get("max_depth", strict_json.MAX_DEPTH),
        limits.get("max_members", strict_json.MAX_MEMBERS),
    )


def outcome(read: Any, data: bytes | str, **limits: int) -> tuple[str, str]:
    """What came of it; `repr` tells 1 from 1.0 from True, -0.0 from 0.0 and keeps the order."""
    try:
        return "value", repr(read(data, **limits))
    except Malformed as error:
        return "refused", error.detail


def refuse_difference(data: bytes | str, **limits: int) -> str:
    quick = outcome(strict_json.parse_json, data, **limits)
    assert quick == outcome(strictly, data, **limits), data[:200]
    return quick[0]


def random_text(dice: random.Random, depth: int = 0) -> str:
    """Almost JSON: each piece is right most of the time."""
    choice = dice.random()
    space = dice.choice(["", "", "", "", "", "", "", " "])
    if depth < 8 and choice < 0.22:
        items = [random_text(dice, depth + 1) for _ in range(dice.randrange(4))]
        return "[" + ("," + space).join(items) + "]"
    if depth < 8 and choice < 0.5:
        names = [dice.choice(['"a"', '"b"', '"\\u0061"', '"ស"', '"😀"', '""']) for _ in range(4)]
        members = [
            f"{name}:{space}{random_text(dice, depth + 1)}" for name in names[: dice.randrange(5)]
        ]
        return "{" + ("," + space).join(members) + "}"
    pieces = [NUMBERS, TEXTS, ["true", "false", "null", '"x"', "7"]]
    return dice.choice(dice.choice(pieces))


def test_thousands_of_almost_json_texts_end_the_same_both_ways() -> None:
    dice = random.Random(11)
    found: Counter[str] = Counter()
    for _ in range(12_000):
        text = random_text(dice)
        found[refuse_difference(text.encode(), **LIMITS)] += 1
        refuse_difference(text, **LIMITS)
    assert min(found["value"], found["refused"]) > 2_000, found


def test_every_small_damage_to_an_honest_text_ends_the_same_both_ways() -> None:
    honest = strict_json.build_json(
        {"iss": "https://a.example", "n": [1, 2.5, None, {"a": True}], "t": 'é"\\\n😀'}
    )
    dice = random.Random(12)
    found: Counter[str] = Counter()
    for place in range(len(honest)):
        for byte in (*b'"\\{}[],:0-.eE \x00\xff\xed\xa0', dice.randrange(256)):
            for damaged in (
                honest[:place] + bytes([byte]) + honest[place + 1 :],
                honest[:place] + bytes([byte]) + honest[place:],
                honest[:place] + honest[place + 1 :],
            ):
                found[refuse_difference(damaged)] += 1
    assert min(found.values()) > 100, found


@pytest.mark.parametrize("wrapping", ["%s", "[%s]", '{"a":%s}', "[%s,%s]", '{"a":%s,"a":%s}'])
def test_every_odd_piece_ends_the_same_both_ways(wrapping: str) -> None:
    for piece in NUMBERS + TEXTS + WORDS + STRUCTURE:
        text = wrapping.replace("%s", piece)
        refuse_difference(text)
        refuse_difference(text.encode("utf-8", "surrogatepass"))
        refuse_difference("\ufeff" + text)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff", b"\xc0\x80", b'"\xed\xa0\x80"', b"\xef\xbb\xbf{}", b"\x00{}", b"{}\x00",
        b"[" * 100_000, b"[" * 33 + b"]" * 33, b"[" * 32 + b"]" * 32,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b'"' + b"[" * 40 + b'"', b"[" + b"1," * 9_999 + b"1]", b"[" + b"1," * 10_000 + b"1]",
        b'"' + b"a" * 65_534 + b'"', b'"' + b"a" * 65_535 + b'"', b"9" * 5_000, b"1e" + b"9" * 400,
        "\ud800", '"\ud800"', '{"\udfff":1}', '"' + "é" * 32_767 + '"', '"' + "é" * 32_768 + '"',
        b"{}{}", b"[] []", b"1 2", b"  {}  ", b"\x0c1", b"{,}", b"[1,]", b'{"a":1,}', b'{"a" :1}',
    ],
)  # fmt: skip
def test_every_hostile_text_ends_the_same_both_ways(data: bytes | str) -> None:
    refuse_difference(data)


@pytest.fixture
def only_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read strictly."""

    def refuse(*_: object) -> None:
        raise Malformed("not decided", detail="undecided")

    monkeypatch.setattr(strict_json, "_read_strictly", refuse)


@pytest.mark.usefixtures("only_quickly")
@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}', '{"a":1,"\\u0061":2}', "9007199254740993", "123456789012345678901",
        "-0", "1E5", " 1", "[" * 33 + "]" * 33, "[" + "1," * 10_000 + "1]",
    ],
)  # fmt: skip
def test_the_quick_way_alone_never_decides_what_it_lost(text: str) -> None:
    with pytest.raises(Malformed, match="not decided"):
        strict_json.parse_json(text)


@pytest.mark.usefixtures("only_quickly")
def test_what_programs_write_takes_the_quick_way() -> None:
    value = {"_sd": ["x" * 43] * 10, "exp": 1_800_000_000, "name": "សុខ", "half": 0.5, "none": None}
    raw = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    assert strict_json.parse_json(raw) == value


class Word(StrEnum):
    """Text of another class."""

    ONE = "one"


class Text(str):
    """Text of another class."""

    __slots__ = ()


leaves = (
    st.none() | st.booleans() | st.floats() | st.text() | st.text(st.characters(categories=["Cs"]))
    | st.integers() | st.integers(min_value=2**53 - 2, max_value=2**53 + 2) | st.just(Word.ONE)
    | st.just(Text("t")) | st.just(UUID(int=1)) | st.just(b"bytes") | st.just((1, 2.0))
)  # fmt: skip
names = st.text() | st.sampled_from(["\ue000", "\U0001f600", "a", "\uffff"])
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(names | st.integers() | st.just(Text("k")) | st.none(), inner, max_size=4)
    ),
    max_leaves=12,
)


def written(write: Any, value: object) -> bytes | str:
    try:
        return bytes(write(value))
    except Malformed as error:
        return error.detail


def write_strictly(value: object) -> bytes:
    try:
        return strict_json._ENCODER.encode(value).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise Malformed("not JSON", detail="not_json") from error


def canonicalize_strictly(value: object) -> bytes:
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, TypeError, ValueError, RecursionError) as error:
        raise Malformed("not JSON", detail="not_json") from error


@settings(max_examples=1_500, deadline=None)
@given(values)
def test_every_value_is_written_as_the_strict_writer_writes_it(value: object) -> None:
    assert written(strict_json.build_json, value) == written(write_strictly, value)
    assert written(strict_json.canonical_json, value) == written(canonicalize_strictly, value)


def test_the_canonical_order_is_that_of_utf16_beyond_the_bmp() -> None:
    value = {"\U0001f600": 1, "\ue000": 2, "a": 3}
    assert strict_json.canonical_json(value) == '{"a":3,"😀":1,"\ue000":2}'.encode()


def test_a_value_that_holds_itself_is_refused() -> None:
    endless: list[object] = []
    endless += [endless, endless]
    for write in (strict_json.build_json, strict_json.canonical_json):
        with pytest.raises(Malformed, match="JSON"):
            write(endless)
