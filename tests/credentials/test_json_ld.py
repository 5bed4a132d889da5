"""JSON-LD to statements: what is defined is kept to the letter, everything else is refused."""

import json

import pytest

from credentials import json_ld
from credentials.errors import Malformed
from credentials.json_ld import demand_contexts, to_n_quads
from credentials.pinned_contexts import PINNED, add_contexts, bundled_contexts, read_pinned
from credentials.rdf_canonical import canonicalize
from tests.credentials import ldp_workshop
from tests.credentials.ldp_workshop import (
    EXAMPLES,
    UNDEFINED,
    V2,
    changed,
    did_of,
    inline,
    permit,
    subject,
)

DRIVER = did_of(ldp_workshop.DRIVER)


def refusal(document, **options):
    with pytest.raises(Malformed) as refused:
        to_n_quads(document, **options)
    return refused.value.detail


@pytest.mark.parametrize("url", PINNED)
def test_vcdm_12_every_context_is_byte_for_byte_the_published_one(url):
    assert "@context" in json.loads(read_pinned(url))
    assert url in bundled_contexts()


def test_the_base_context_has_the_digest_that_vcdm_2_0_prints():
    assert PINNED[V2][1] == "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"


def test_every_bundled_context_reads_in_both_readings():
    for url in PINNED:
        at = "" if "id" in bundled_contexts().get(url) else "@"
        document = {"@context": [url], f"{at}id": "urn:x:1", f"{at}type": "https://x.example/T"}

        assert len(to_n_quads(document)) == 1


def test_a_published_example_gets_its_published_statements(vectors):
    for folder, name in (
        ("vc-di-eddsa", "eddsa-rdfc-2022/canonDocDataInt.txt"),
        ("vc-di-ecdsa", "ecdsa-rdfc-2019-p256/canonDocECDSAP256.txt"),
    ):
        document = json.loads((vectors / folder / "unsigned.json").read_text())

        found = canonicalize(to_n_quads(document)).document

        assert found == (vectors / folder / name).read_bytes()


def test_vcdm_12_inputs_of_the_w3c_suite_that_are_right_can_be_stated(vectors):
    files = sorted((vectors / "vcdm2" / "test-suite-input").rglob("*-ok.json"))

    assert len(files) >= 20
    for file in files:
        document = json.loads(file.read_text())
        if "direction" in file.name:  # no standard form in RDF; JCS suites and JOSE carry it
            assert refusal(document) == "unsupported_json_ld"
        else:
            assert to_n_quads(document), file.name


def test_every_kind_of_value_is_written_as_rdf_writes_it():
    lines = to_n_quads(
        subject(
            text='two\n"lines" \\ ក',
            whole=5,
            also_whole=5.0,
            part=5.5,
            yes=True,
            typed={"@value": "2026-11-22", "@type": "http://www.w3.org/2001/XMLSchema#date"},
            said={"@value": "taxi", "@language": "en-KH"},
            linked={"id": "did:example:1"},
            many=["a", "b"],
        )
    )
    vocabulary, start = "https://www.w3.org/ns/credentials/examples#", f"<{DRIVER}>"
    xsd = "http://www.w3.org/2001/XMLSchema#"

    assert {
        f'{start} <{vocabulary}text> "two\\n\\"lines\\" \\\\ ក" .\n',
        f'{start} <{vocabulary}whole> "5"^^<{xsd}integer> .\n',
        f'{start} <{vocabulary}also_whole> "5"^^<{xsd}integer> .\n',
        f'{start} <{vocabulary}part> "5.5E0"^^<{xsd}double> .\n',
        f'{start} <{vocabulary}yes> "true"^^<{xsd}boolean> .\n',
        f'{start} <{vocabulary}typed> "2026-11-22"^^<{xsd}date> .\n',
        f'{start} <{vocabulary}said> "taxi"@en-kh .\n',
        f"{start} <{vocabulary}linked> <did:example:1> .\n",
        f'{start} <{vocabulary}many> "a" .\n',
        f'{start} <{vocabulary}many> "b" .\n',
    }.issubset(lines)


REFUSED = {
    "a word that no context defines": (
        {**subject(zone="4"), "@context": [V2]} | {"type": ["VerifiableCredential"]},
        "undefined_term",
    ),
    "a type that no context defines": ({**permit(), "@context": [V2]}, "type_not_mapped"),
    "a nested type that no context defines": (
        {**permit(credentialSubject={"id": DRIVER, "type": "Person"}), "@context": [V2]}
        | {"type": "VerifiableCredential"},
        "type_not_mapped",
    ),
    "a relative id": (subject(car={"id": "cars/1"}), "relative_iri"),
    "an issuer that is no IRI": (permit(issuer="agency"), "relative_iri"),
    "an IRI with a space": (subject(car={"id": "https://x.example/a b"}), "relative_iri"),
    "a blank node's name": (subject(car={"id": "_:b0"}), "relative_iri"),
    "null": (subject(points=None), "unsigned_member"),
    "an empty array": (subject(points=[]), "unsigned_member"),
    "an array with null": (subject(points=[1, None]), "unsigned_member"),
    "a direction": (
        subject(name={"@value": "x", "@language": "ar", "@direction": "rtl"}),
        "unsupported_json_ld",
    ),
    "an index": (subject(x={"@value": "x", "@index": "1"}), "unsupported_json_ld"),
    "a reverse property": (subject(**{"@reverse": {}}), "unsupported_json_ld"),
    "included nodes": ({**permit(), "@included": []}, "unsupported_json_ld"),
    "a graph at the top": ({**permit(), "@graph": []}, "unsupported_json_ld"),
    "something like a keyword": (subject(**{"@foo": 1}), "undefined_term"),
    "an integer beyond 2^53": (subject(points=2**53 + 1), "integer_out_of_range"),
    "a float beyond 2^53": (subject(points=1e20), "integer_out_of_range"),
    "more digits than a double's text has": (subject(points=0.1 + 0.2), "inexact_number"),
    "a control character": (subject(points="a\x01"), "control_character"),
    "a delete character": (subject(points="a\x7f"), "control_character"),
    "a lone surrogate": (subject(points="a\ud800"), "control_character"),
    "a language that is none": (
        subject(points={"@value": "x", "@language": "no such"}),
        "invalid_language",
    ),
    "a context that is not bundled": (
        {**permit(), "@context": [V2, "https://evil.example/v1"]},
        "unknown_context",
    ),
    "a context on disk": ({**permit(), "@context": [V2, "file:///etc/passwd"]}, "unknown_context"),
    "no context": ({"type": "VerifiableCredential"}, "invalid_context"),
    "a context that is a number": ({**permit(), "@context": 5}, "invalid_context"),
    "a word that is an IRI": (subject(**{"https://schema.org/name": "x"}), "compact_iri"),
    "a word that is a compact IRI": (
        inline({"s": "https://s.example/"}, **{"s:a": 1}),
        "compact_iri",
    ),
    "an id that a prefix abbreviates": (
        inline({"s": "https://s.example/"}, car={"id": "s:a"}),
        "compact_iri",
    ),
    "an inline context that renames": (
        inline({"firstName": "https://schema.org/familyName"}, firstName="Sok"),
        "renamed_term",
    ),
    "an inline vocabulary that ends within a word": (
        inline({"@vocab": "https://schema.org/given"}, Name="Sok"),
        "renamed_term",
    ),
    "an inline context that renames inside a term": (
        inline(
            {"x": {"@id": "https://s.example/x", "@context": {"a": "https://s.example/b"}}},
            x={"a": 1},
        ),
        "renamed_term",
    ),
    "a protected term": (inline({"name": "https://s.example/name"}), "term_redefined"),
    "a base": (inline({"@base": "https://s.example/"}), "unsupported_context"),
    "an import": (inline({"@import": V2}), "unsupported_context"),
    "a direction for all": (inline({"@direction": "rtl"}), "unsupported_context"),
    "a term for a keyword": (inline({"value": "@value"}), "unsupported_context"),
    "a term defined by itself": (inline({"a": "b:c", "b": "a:d"}), "invalid_context"),
    "no protected terms any more": (
        {**permit(), "@context": [V2, None, EXAMPLES]},
        "term_redefined",
    ),
    "a set": (subject(zones={"@set": ["a"]}), "unsupported_json_ld"),
    "an array in an array": (subject(zones=[["a"], "b"]), "unsupported_json_ld"),
    "an object around a plain value": (subject(code={"@value": 4}), "unsupported_json_ld"),
    "an object around a truth": (
        subject(ok={"@value": "true", "@type": "http://www.w3.org/2001/XMLSchema#boolean"}),
        "unsupported_json_ld",
    ),
    "the same value twice": (subject(zones=["a", "b", "b"]), "stated_twice"),
    "the same type twice": (subject(type=["Person", "Person"]), "stated_twice"),
    "an id under its keyword": (subject(car={"@id": "did:example:1"}), "unsupported_json_ld"),
    "a type under its keyword": (subject(car={"@type": "Car"}), "invalid_type"),
    "a node described in two places": (
        subject(car={"id": "did:example:1", "a": 1}, driven={"id": "did:example:1", "b": 2}),
        "described_twice",
    ),
    "nothing": ({"@context": [V2]}, "nothing_stated"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_s_033_di_04_what_would_be_dropped_or_changed_is_refused(name):
    document, detail = REFUSED[name]

    assert refusal(document) == detail


def test_s_033_a_protected_term_is_a_protected_term_inside_the_subject_too():
    document = subject(**{"@context": {"id": "https://s.example/id"}})

    assert refusal(document) == "term_redefined"


def test_s_033_a_type_gives_its_words_their_own_meaning_back():
    context = {"validUntil": "https://s.example/validUntil"}

    assert set(to_n_quads(inline(context))) == set(to_n_quads(inline({})))


def test_an_inline_context_may_define_what_it_calls_by_its_own_name():
    document = inline({"age": {"@id": "https://s.example/terms#age"}}, age=31)

    assert any("<https://s.example/terms#age>" in line for line in to_n_quads(document))


def test_undefined_terms_are_defined_where_their_context_is_named():
    document = {**subject(zone="4"), "@context": [V2, UNDEFINED]}

    assert any("undefined-term#zone" in line for line in to_n_quads(document))


def test_a_type_scope_ends_where_the_next_node_begins():
    entry = permit()["credentialStatus"]
    inner = {**permit(credentialStatus={**entry, "statusMessage": {"id": "did:example:m"}})}
    outer = {**permit(), "statusListIndex": "4", "@context": [V2]}

    assert to_n_quads(inner)
    assert refusal({**outer, "type": "VerifiableCredential"}) == "undefined_term"


def test_embedded_credentials_stand_in_graphs_of_their_own():
    holder = {
        "@context": [V2],
        "type": "VerifiablePresentation",
        "verifiableCredential": [permit(), permit(issuer="did:example:2")],
    }

    lines = to_n_quads(holder)
    graphs = {line.split(" ")[-2] for line in lines if line.split(" ")[-2].startswith("_:")}

    assert len(graphs) == 2
    assert sum(f"<{DRIVER}> " in line for line in lines) >= 2


def test_the_citys_own_contexts_are_added_and_never_replace_a_bundled_one():
    terms = {"@context": {"@protected": True, "plate": "https://city.example/terms#plate"}}
    own = add_contexts(bundled_contexts(), {"https://city.example/contexts/taxi": terms})
    document = {**subject(plate="2A"), "@context": [V2, "https://city.example/contexts/taxi"]}
    document["type"] = ["VerifiableCredential"]

    assert any("terms#plate" in line for line in to_n_quads(document, contexts=own))
    assert refusal(document) == "unknown_context"
    with pytest.raises(Malformed):
        add_contexts(bundled_contexts(), {V2: terms})


def test_s_033_a_type_may_demand_its_exact_list_of_contexts():
    lists = {"TaxiPermit": [(V2, EXAMPLES)]}

    demand_contexts(permit(), lists)
    with pytest.raises(Malformed) as refused:
        demand_contexts({**permit(), "@context": [V2, UNDEFINED]}, lists)
    assert refused.value.detail == "unexpected_context"


def test_a_document_that_two_readers_read_differently_is_refused(monkeypatch):
    monkeypatch.setattr(json_ld.pyoxigraph, "parse", lambda *_, **__: [])

    assert refusal(subject(never_seen_before="x")) == "ambiguous_json_ld"


def test_the_second_reading_is_made_once_for_each_shape(monkeypatch):
    readings = []
    parse = json_ld.pyoxigraph.parse
    monkeypatch.setattr(
        json_ld.pyoxigraph, "parse", lambda *a, **k: readings.append(1) or parse(*a, **k)
    )
    for claims in ({"shape_a": "x"}, {"shape_a": "y"}, {"shape_a": 5}, {"shape_b": "x"}):
        to_n_quads(subject(**claims))

    assert len(readings) == 3


def test_a_changed_copy_is_another_dataset():
    ours = set(to_n_quads(permit()))

    assert ours != set(to_n_quads(changed(permit(), "credentialSubject", "zone", "code", to=5)))
