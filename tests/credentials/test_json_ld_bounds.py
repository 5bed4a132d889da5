"""JSON-LD in bounded work, and the same in both readings whatever the values are."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials import json_ld
from credentials.errors import Malformed
from credentials.json_ld import to_n_quads
from credentials.pinned_contexts import bundled_contexts
from credentials.rdf_canonical import canonicalize
from tests.credentials.ldp_workshop import EXAMPLES, V2, inline, least_cpu_seconds, permit, subject


def outcome(document):
    try:
        to_n_quads(document)
    except Malformed as refused:
        return refused.detail
    return "stated"


def nested(depth):
    claims = {"a": "end"}
    for _ in range(depth):
        claims = {"a": claims}
    return subject(**claims)


BOMBS = {
    "depth": nested(3_00),
    "nodes": subject(a=[{"a": n} for n in range(11_000)]),
    "blank nodes": subject(a=[{} for _ in range(3_000)]),
    "blank nodes that look alike": subject(a=[{} for _ in range(1_400)]),
    "lists": subject(a={"@list": [1] * 5_000}),
    "contexts within": subject(a=[{"@context": [V2, EXAMPLES], "name": "x"} for _ in range(600)]),
    "contexts within, each another": subject(
        a=[
            {"@context": [V2, {f"t{n}": f"https://x.example/t{n}"}], "name": "x"}
            for n in range(600)
        ]
    ),
    "a list of contexts": {**permit(), "@context": [V2] * 2_000 + [EXAMPLES]},
    "a large inline context": inline({f"t{n}": f"https://x.example/t{n}" for n in range(9_000)}),
    "terms that build on terms": inline(
        {f"t{n}": f"t{n + 1}:/" for n in range(500)} | {"t500": "https://x.example/"}
    ),
    "scopes in scopes": inline(
        {"a": {"@id": "https://x.example/a", "@context": [V2] * 50}}, a={"a": {"a": {"a": {}}}}
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_work_is_counted_whatever_the_document_holds(name):
    assert outcome(BOMBS[name]) in {"too_complex", "too_deep", "too_many_members"}
    assert least_cpu_seconds(lambda: outcome(BOMBS[name])) < 0.08


KEYS = [
    *("id", "type", "@id", "@type", "@value", "@language", "@list", "@set", "@context", "@graph"),
    *("name", "proof", "proofPurpose", "jsonSchema", "cnf", "a", "a:b", "", "@"),
]
ALLOWED = {
    "500 blank nodes": subject(a=[{} for _ in range(500)]),
    "a tree of blank nodes": subject(
        a=[{"a": [{"a": [{"n": m}, {"n": n}]} for n in range(3)]} for m in range(5)]
    ),
    "1400 texts": subject(a=[str(n) for n in range(1_400)]),
    "a long list": subject(a={"@list": [*range(400)]}),
    "a long text": subject(a="x" * 60_000),
    "many control escapes": subject(a="\n" * 60_000),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_stays_within_the_count_stays_within_the_time(name):
    def read():
        json_ld._reader_of(bundled_contexts())._proven.clear()
        canonicalize(to_n_quads(ALLOWED[name]))

    assert least_cpu_seconds(read) < 0.08


VALUES = st.recursive(
    st.one_of(
        st.text(max_size=6),
        st.integers(-(2**60), 2**60),
        st.floats(allow_nan=True),
        st.booleans(),
        st.none(),
        st.sampled_from(["did:example:1", "_:b", "https://x.example/", "@type", "@id"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(VALUES)
def test_any_value_is_stated_or_refused(value):
    document = subject(a=value)
    before = copy.deepcopy(document)
    try:
        lines = to_n_quads(document)
    except Malformed:
        pass
    else:
        assert all(line.endswith(" .\n") for line in lines)
    assert repr(document) == repr(before)


@settings(max_examples=200, deadline=None)
@given(st.floats(min_value=-1e15, max_value=1e15), st.text(alphabet=st.characters(), max_size=8))
def test_numbers_and_texts_read_the_same_in_both_readings(number, text):
    # A shape is proven with its first values only: so any values must agree.
    json_ld._reader_of(bundled_contexts())._proven.clear()

    assert outcome(subject(number=number, text=text)) in {
        "stated",
        "inexact_number",
        "control_character",
    }


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"[a-z]{1,4}:[/:?#a-z0-9@%\[\]é\ue000.-]{0,10}", fullmatch=True))
def test_identifiers_read_the_same_in_both_readings(text):
    json_ld._reader_of(bundled_contexts())._proven.clear()

    assert outcome(subject(car={"id": text})) in {"stated", "relative_iri"}
