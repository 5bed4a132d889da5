"""CBOR-LD 1.0: documents in CBOR, each in one form, and nothing else is read (BAR-01)."""

import pytest

from credentials.cbor_ld import MAX_DEPTH, Writer, decode_cbor_ld, encode_cbor_ld
from credentials.cbor_ld_registry import BUILT_IN, RegistryEntry, parse_registry_entry
from credentials.errors import Malformed
from credentials.pinned_contexts import add_contexts, bundled_contexts
from encoding.cbor import Tagged, build_cbor
from tests.credentials.barcode_workshop import BARCODES, card
from tests.credentials.ldp_workshop import V2

TAG = 51_997
UUID = "188e8450-269e-11eb-b545-d3692cf35398"
CITY = "https://city.example/contexts/card/v1"
WORDS = {
    "@protected": True,
    "id": "@id",
    "type": "@type",
    "Card": {
        "@id": "https://city.example/#Card",
        "@context": {"colour": "https://city.example/#colour"},
    },
    "Badge": {
        "@id": "https://city.example/#Badge",
        "@context": {"number": "https://city.example/#number"},
    },
    "made": {
        "@id": "https://city.example/#made",
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
    },
    "born": {
        "@id": "https://city.example/#born",
        "@type": "http://www.w3.org/2001/XMLSchema#date",
    },
    "seal": {"@id": "https://city.example/#seal", "@type": "https://w3id.org/security#multibase"},
    "zone": {"@id": "https://city.example/#zone", "@type": "https://city.example/#Zone"},
    "place": {"@id": "https://city.example/#place", "@type": "@id"},
    "note": "https://city.example/#note",
    "inner": {
        "@id": "https://city.example/#inner",
        "@context": {"deep": "https://city.example/#deep"},
    },
}
CONTEXTS = add_contexts(bundled_contexts(), {CITY: {"@context": WORDS}})
TABLES = {
    "context": {CITY: 7},
    "url": {"https://city.example/issuer": 5, "https://city.example/far": 70_000},
    "none": {"hello": 9},
    "http://www.w3.org/2001/XMLSchema#dateTime": {"2026-01-01T00:00:00Z": 300},
    "https://city.example/#Zone": {"north": 1, "south": 2},
}
ENTRY = parse_registry_entry(4_100, TABLES)
REGISTRY = {**BUILT_IN, ENTRY.number: ENTRY}


def encode(document, entry=ENTRY):
    return encode_cbor_ld(document, entry=entry, contexts=CONTEXTS)


def decode(data):
    return decode_cbor_ld(data, contexts=CONTEXTS, registry=REGISTRY)


def written(payload, number=ENTRY.number, tag=TAG):
    return build_cbor(Tagged(tag, [number, payload]))


def detail_of(data):
    with pytest.raises(Malformed) as caught:
        decode(data)
    return caught.value.detail


def numbers_of(document):
    writer = Writer(ENTRY, CONTEXTS)
    writer.write(document)
    return writer.terms.numbers


# By name from 100, two apart; the word of the type that is used comes behind.
TERMS = {name: 100 + 2 * place for place, name in enumerate(sorted(WORDS.keys() - {"@protected"}))}


def test_bar_01_terms_are_numbered_by_name_as_contexts_come_into_force():
    assert TERMS["Badge"] == 100
    numbers = numbers_of({"@context": CITY, "type": "Card"})
    assert {name: numbers[name] for name in TERMS} == TERMS
    assert numbers["colour"] == 100 + 2 * len(TERMS)
    assert numbers["@context"] == 0
    assert numbers["@propagate"] == 54
    assert "number" not in numbers
    assert "deep" not in numbers


def test_bar_01_a_document_is_the_map_that_the_text_describes():
    document = {"@context": [CITY], "type": ["Card"], "colour": "red", "place": "Card"}

    assert encode(document) == written(
        {
            1: [7],
            TERMS["type"] + 1: [TERMS["Card"]],
            100 + 2 * len(TERMS): "red",
            TERMS["place"]: TERMS["Card"],
        }
    )


@pytest.mark.parametrize(
    ("word", "value", "packed"),
    [
        ("place", "https://city.example/x", [2, "city.example/x"]),
        ("place", "http://city.example/x", [1, "city.example/x"]),
        ("place", "https://city.example:8443/x", "https://city.example:8443/x"),
        ("place", "https://city.example/issuer", b"\x05"),
        ("place", "https://city.example/far", b"\x00\x01\x11\x70"),
        ("place", f"urn:uuid:{UUID}", [3, bytes.fromhex(UUID.replace("-", ""))]),
        ("place", f"urn:uuid:{UUID.upper()}", [3, UUID.upper()]),
        ("place", "data:image/png;base64,AAEC", [4, "image/png", b"\x00\x01\x02"]),
        ("place", "data:text/plain,hi", [4, "text/plain,hi"]),
        ("place", "did:key:z2#z3", [1025, b"\x01", b"\x02"]),
        ("place", "did:key:abc", [1025, "abc"]),
        ("place", "did:web:city.example", "did:web:city.example"),
        ("made", "2026-11-22T09:00:00Z", 1_795_338_000),
        ("made", "2026-11-22T09:00:00.250Z", [1_795_338_000, 250]),
        ("made", "1969-12-31T23:59:59Z", -1),
        ("made", "2026-11-22T09:00:00+07:00", "2026-11-22T09:00:00+07:00"),
        ("made", "2026-02-30T09:00:00Z", "2026-02-30T09:00:00Z"),
        ("made", "2026-01-01T00:00:00Z", b"\x01\x2c"),
        ("born", "1988-04-19", 577_411_200),
        ("born", "19 April", "19 April"),
        ("seal", "uggAg", b"u\x82\x00\x20"),
        ("seal", "z2", b"z\x01"),
        ("seal", "MAAEC", b"M\x00\x01\x02"),
        ("seal", "z0", "z0"),
        ("zone", "south", 2),
        ("zone", "west", "west"),
        ("note", "hello", b"\x09"),
        ("note", "Hello", "Hello"),
        ("note", 1.0, 1),
        ("note", None, None),
        ("note", True, True),
        ("unknown word", 5, 5),
    ],
)  # fmt: skip
def test_bar_01_each_type_has_its_short_form(word, value, packed):
    document = {"@context": CITY, word: value}

    assert encode(document) == written({0: 7, TERMS.get(word, word): packed})
    assert decode(encode(document)) == document


@pytest.mark.parametrize("entry", [BUILT_IN[0], BUILT_IN[1], ENTRY])
@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        [{}, {"@id": "https://city.example/a"}],
        card(),
        {"@context": CITY, "inner": {"deep": [1, [2, {"deep": "x"}]]}, "type": "Card"},
        {"@context": CITY, "type": "Card", "colour": []},
        {"@context": [CITY, {"more": "https://city.example/#more"}], "more": {"type": ["Badge"]}},
    ],
)  # fmt: skip
def test_bar_01_what_is_written_reads_as_it_was(document, entry):
    assert decode(encode(document, entry)) == document


def test_bar_01_a_type_scoped_word_ends_with_its_object():
    document = {"@context": CITY, "type": "Card", "colour": "x", "inner": {"colour": "hello"}}
    numbers = numbers_of(document)

    # Its number stays, so it is used; what it means there is not for this layer to say.
    assert decode(encode(document)) == document
    assert numbers["colour"] < numbers["deep"]


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (written({}, tag=1281), "not_cbor_ld"),
        (build_cbor([1, {}]), "not_cbor_ld"),
        (build_cbor(Tagged(TAG, [1])), "not_cbor_ld"),
        (build_cbor(Tagged(TAG, ["1", {}])), "not_cbor_ld"),
        (build_cbor(Tagged(TAG, [True, {}])), "unknown_registry_entry"),
        (written({}, number=100), "unknown_registry_entry"),
        (written({}) + b"\x00", "trailing_data"),
        (written({})[:-1], "invalid_cbor"),
        (bytes.fromhex("d9cb1d821804a0"), "not_deterministic"),
        (bytes.fromhex("d9cb1d8201bfff"), "indefinite_length"),
        (written("text"), "invalid_cbor_ld"),
        (written([1]), "invalid_cbor_ld"),
        (written({0: 8}), "unknown_context"),
        (written({0: "https://elsewhere.example/v1"}), "unknown_context"),
        (written({0: CITY}), "not_deterministic"),
        (written({0: 7, 1: [7]}), "not_deterministic"),
        (written({1: 7}), "invalid_cbor_ld"),
        (written({0: 7, 998: 1}), "unknown_term"),
        (written({100: 1}), "unknown_term"),
        (written({0: 7, "note": "x"}), "not_deterministic"),
        (written({0: 7, TERMS["note"]: "hello"}), "not_deterministic"),
        (written({0: 7, TERMS["note"]: b"\x00\x09"}), "not_deterministic"),
        (written({0: 7, TERMS["note"]: b"\x0a"}), "unknown_value"),
        (written({0: 7, TERMS["zone"]: 3}), "unknown_value"),
        (written({0: 7, TERMS["zone"]: b"\x03"}), "invalid_cbor_ld"),
        (written({0: 7, TERMS["note"]: [1]}), "not_deterministic"),
        (written({0: 7, TERMS["note"] + 1: 1}), "not_deterministic"),
        (written({0: 7, TERMS["note"]: 1.0}), "not_deterministic"),
        (written({0: 7, TERMS["note"]: 2**53}), "integer_out_of_range"),
        (written({0: 7, TERMS["note"]: Tagged(1, 5)}), "invalid_cbor_ld"),
        (written({0: 7, TERMS["note"]: 1, TERMS["note"] + 1: [1]}), "not_deterministic"),
        (written({0: 7, TERMS["place"]: 998}), "unknown_term"),
        (written({0: 7, TERMS["place"]: [2, ":"]}), "not_deterministic"),
        (written({0: 7, TERMS["place"]: [9, "x"]}), "invalid_cbor_ld"),
        (written({0: 7, TERMS["place"]: [3, bytes(15)]}), "invalid_cbor_ld"),
        (written({0: 7, TERMS["place"]: []}), "invalid_cbor_ld"),
        (written({0: 7, TERMS["place"]: True}), "not_encodable"),
        (written({0: 7, TERMS["place"]: [1025, bytes(513)]}), "too_large"),
        (written({0: 7, TERMS["seal"]: b"x\x01"}), "invalid_cbor_ld"),
        (written({0: 7, TERMS["made"]: [0, 1000]}), "invalid_cbor_ld"),
        (written({0: 7, TERMS["made"]: 2**40}), "invalid_cbor_ld"),
        (written({0: 7, TERMS["born"]: 1}), "not_deterministic"),
    ],
)  # fmt: skip
def test_bar_01_anything_else_is_refused(data, detail):
    assert detail_of(data) == detail


def test_bar_01_work_is_bounded_by_values_and_by_depth():
    deep = {"x": 1}
    for _ in range(MAX_DEPTH):
        deep = {"x": deep}
    assert decode(encode(deep)) == deep
    with pytest.raises(Malformed, match="deep"):
        encode({"x": deep})
    assert detail_of(written({"x": [1] * 3_001}, number=1)) == "too_complex"


@pytest.mark.parametrize(
    "document",
    [
        "text",
        [1],
        {"@context": CITY, "place": 5},
        {"@context": CITY, "made": 5},
        {"@context": CITY, "zone": 5},
        {"@context": CITY, "place": [["https://city.example/x"]]},
    ],
)
def test_bar_01_what_others_would_misread_is_not_written(document):
    with pytest.raises(Malformed) as caught:
        encode(document)
    assert caught.value.detail == "not_encodable"


@pytest.mark.parametrize(
    ("number", "tables"),
    [
        (-1, {}),
        (4, []),
        (4, {"url": []}),
        (4, {"url": {"a": 1, "b": 1}}),
        (4, {"url": {"a": True}}),
        (4, {"url": {"a": 2**32}}),
        (4, {"http://www.w3.org/2001/XMLSchema#integer": {"1": 1}}),
    ],
)
def test_bar_01_a_registry_entry_is_unambiguous(number, tables):
    with pytest.raises(Malformed) as caught:
        parse_registry_entry(number, tables)
    assert caught.value.detail == "invalid_registry_entry"


def test_bar_01_pinned_contexts_alone_are_known_when_none_are_handed_in():
    document = card()
    assert document["@context"] == [V2, BARCODES]
    data = encode_cbor_ld(document, entry=RegistryEntry(1, {}))
    assert decode_cbor_ld(data) == document
    with pytest.raises(Malformed) as caught:
        decode_cbor_ld(written({0: CITY}, number=1))
    assert caught.value.detail == "unknown_context"
