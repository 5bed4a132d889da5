"""CBOR-LD: every document has one form, and no other bytes are read (BAR-01)."""

from hypothesis import given
from hypothesis import strategies as st

from credentials.cbor_ld import decode_cbor_ld, encode_cbor_ld
from credentials.cbor_ld_registry import BUILT_IN
from credentials.vc_barcode import build_barcode, parse_barcode
from tests.credentials.test_cbor_ld import CITY, CONTEXTS, ENTRY, WORDS
from tests.properties.edits import (
    FLOATS,
    MAX_INTEGER,
    TEXTS,
    edited_bytes,
    edited_text,
    only_writes,
    refused,
)

TERMS = [*sorted(WORDS.keys() - {"@protected", "type"}), "colour", "number", "deep", "other word"]
LIKELY = st.sampled_from(
    [
        "hello",
        "Card",
        "@type",
        "north",
        "https://city.example/issuer",
        "https://city.example/x",
        "did:key:z2#z3",
        "did:key:z2#z3#z4",
        "urn:uuid:188e8450-269e-11eb-b545-d3692cf35398",
        "data:;base64,AA==",
        "data:;base64,AB==",
        "2026-11-22T09:00:00Z",
        "2026-11-22T09:00:00.007Z",
        "0001-01-01",
        "9999-12-31T23:59:59Z",
        "z2",
        "uAA",
        "MAA==",
    ]
)
MOMENTS = st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='milliseconds')}Z")
STRINGS = LIKELY | TEXTS | MOMENTS | MOMENTS.map(lambda text: text[:19] + "Z")
NUMBERS = st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | FLOATS
# What stands for something else elsewhere is not written there: a number is for these words only.
PLAIN = st.sampled_from(["note", "colour", "deep", "other word"])


def nodes(inner):
    values = STRINGS | st.none() | inner
    return st.builds(
        lambda types, members, plain: {
            **({"type": types} if types else {}),
            **members,
            **plain,
        },
        st.just([]) | st.sampled_from(["Card", ["Badge"], ["Badge", "Card"]]),
        st.dictionaries(st.sampled_from(TERMS), values | st.lists(values, max_size=3), max_size=4),
        st.dictionaries(PLAIN, NUMBERS | st.lists(NUMBERS, max_size=3), max_size=2),
    )


NODES = st.recursive(nodes(st.nothing()), nodes, max_leaves=6)
CONTEXT = st.sampled_from([CITY, [CITY], [CITY, {"more": "https://city.example/#more"}]])
DOCUMENTS = st.builds(lambda context, node: {"@context": context, **node}, CONTEXT, NODES)
HEAD = encode_cbor_ld({}, entry=ENTRY)[:-1]
ENTRIES = st.sampled_from([BUILT_IN[0], BUILT_IN[1], ENTRY])


def encode(document, entry=ENTRY):
    return encode_cbor_ld(document, entry=entry, contexts=CONTEXTS)


def decode(data, entry=ENTRY):
    return decode_cbor_ld(data, contexts=CONTEXTS, registry={entry.number: entry})


def code(document):
    return build_barcode(document, entry=ENTRY, contexts=CONTEXTS)


def read_code(text):
    return parse_barcode(text, contexts=CONTEXTS, registry={ENTRY.number: ENTRY})


@given(DOCUMENTS, ENTRIES)
def test_bar_01_what_is_written_reads_as_it_was(document, entry):
    assert decode(encode(document, entry), entry) == document


@given(edited_bytes(DOCUMENTS.map(encode)))
def test_bar_01_no_other_bytes_are_read(data):
    assert only_writes(decode, encode, data)


@given(st.binary(max_size=200))
def test_bar_01_any_bytes_are_read_or_refused(data):
    assert refused(decode, data)
    assert only_writes(decode, encode, HEAD + data)


@given(edited_text(DOCUMENTS.map(code)))
def test_bar_01_a_code_has_one_text(text):
    assert only_writes(read_code, code, text)
