"""RDFC-1.0: the canonical form knows neither names of blank nodes nor the order of lines."""

import json

from hypothesis import assume, example, given
from hypothesis import strategies as st

from credentials.json_ld import to_n_quads
from credentials.rdf_canonical import canonicalize
from tests.credentials.ldp_workshop import permit
from tests.properties.edits import JSON_VALUES, TEXTS, edited_text, refused

NODES = st.sampled_from(["_:a", "_:b", "_:c", "_:d", "<urn:x>", "<urn:y>"])
PREDICATES = st.sampled_from(["<urn:p>", "<urn:q>"])
LITERALS = st.sampled_from(['"v"', '"v"@en', '"1"^^<urn:int>', '"_:a"', '"\\""'])
GRAPHS = st.sampled_from(["", "", " _:g", " <urn:g>", " _:a"])
QUADS = st.builds(
    lambda s, p, o, g: f"{s} {p} {o}{g} .\n", NODES, PREDICATES, NODES | LITERALS, GRAPHS
)
DATASETS = st.lists(QUADS, max_size=8)
BUDGET = 20_000


def renamed(line, names):
    """The same statement with other blank nodes; texts in quotes stay."""
    terms = line.split(" ")
    return " ".join("_:" + names[term[2:]] if term.startswith("_:") else term for term in terms)


@given(DATASETS, st.data(), st.sampled_from(["sha256", "sha384"]))
@example(["_:a <urn:p> _:b .\n", "_:b <urn:p> _:a .\n"], None, "sha256")
def test_names_and_order_do_not_matter(quads, data, hash_name):
    found = canonicalize(quads, hash_name=hash_name, max_hashes=BUDGET)
    labels = ["zz", "e0", "c14n0", "c14n1", "b"]
    names = data.draw(st.permutations(labels)) if data else labels
    mapping = dict(zip("abcdg", names, strict=True))
    lines = [renamed(line, mapping) for line in quads]
    again = canonicalize(
        data.draw(st.permutations(lines)) if data else lines[::-1],
        hash_name=hash_name,
        max_hashes=BUDGET,
    )

    assert again.document == found.document
    assert sorted(again.labels.values()) == sorted(found.labels.values())


@given(DATASETS)
def test_the_canonical_form_is_its_own(quads):
    found = canonicalize(quads, max_hashes=BUDGET)
    again = canonicalize(found.lines, max_hashes=BUDGET)

    assert again.document == found.document
    assert again.labels == {name: name for name in again.labels}
    assert list(found.lines) == sorted(set(found.lines))
    assert sorted(found.labels.values()) == sorted(
        f"c14n{each}" for each in range(len(found.labels))
    )
    assert len(found.lines) == len(set(quads))


@given(DATASETS, QUADS)
def test_another_statement_is_another_form(quads, extra):
    assume(extra not in quads)

    assert canonicalize([*quads, extra], max_hashes=BUDGET).document != (
        canonicalize(quads, max_hashes=BUDGET).document
    )


@given(DATASETS, st.integers(0, 60))
def test_work_is_counted_and_never_changes_the_answer(quads, budget):
    if not refused(canonicalize, quads, max_hashes=budget):
        assert canonicalize(quads, max_hashes=budget) == canonicalize(quads, max_hashes=BUDGET)


@given(st.lists(edited_text(QUADS) | st.text(max_size=20), max_size=4))
@example(["_:a <urn:p> _:b"])
@example(['_:a <urn:p> "\n" .'])
@example(["_: <urn:p> <urn:x> ."])
def test_a_line_that_is_no_statement_is_refused_or_taken_as_it_is(lines):
    refused(canonicalize, lines, max_hashes=BUDGET)


@given(
    st.dictionaries(
        TEXTS | st.sampled_from(["id", "type", "zone", "@id", "@graph"]), JSON_VALUES, max_size=3
    )
)
def test_any_subject_is_read_or_refused(claims):
    document = permit(credentialSubject=claims)
    if not refused(to_n_quads, document):
        form = canonicalize(to_n_quads(document), max_hashes=BUDGET).document
        turned = json.loads(json.dumps(document, sort_keys=True))
        assert canonicalize(to_n_quads(turned), max_hashes=BUDGET).document == form
