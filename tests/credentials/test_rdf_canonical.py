"""RDFC-1.0: the published vectors, its invariants, and datasets made to take for ever."""

import itertools
import json
import random

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import Malformed
from credentials.rdf_canonical import canonicalize
from tests.credentials.ldp_workshop import least_cpu_seconds

KNOWS = "<https://schema.org/knows>"


def lines_of(path):
    """The statements of a file, each in the canonical form of a single quad."""
    quads = pyoxigraph.parse(path.read_bytes(), pyoxigraph.RdfFormat.N_QUADS)
    return [f"{quad} .\n" for quad in quads]


def entries_of(vectors, kind):
    folder = vectors / "rdf-canon"
    listed = json.loads((folder / "manifest.jsonld").read_text())["entries"]
    at_hand = [
        each
        for each in listed
        if each["type"] == f"rdfc:{kind}" and (folder / each["action"]).is_file()
    ]
    return [
        (
            lines_of(folder / each["action"]),
            "sha384" if each.get("hashAlgorithm") == "SHA384" else "sha256",
            folder / each["result"] if each.get("result") else None,
        )
        for each in at_hand
    ]


def test_every_published_dataset_gets_its_published_form(vectors):
    entries = entries_of(vectors, "RDFC10EvalTest")

    assert len(entries) >= 30
    for lines, hash_name, result in entries:
        found = canonicalize(lines, hash_name=hash_name)
        assert found.document.decode() == result.read_text(encoding="utf-8"), result.name


def test_every_published_map_of_labels_is_ours(vectors):
    entries = entries_of(vectors, "RDFC10MapTest")

    assert len(entries) >= 8
    for lines, hash_name, result in entries:
        found = canonicalize(lines, hash_name=hash_name)
        assert dict(found.labels) == json.loads(result.read_text()), result.name


def test_the_published_poison_is_refused(vectors):
    for lines, _, _ in entries_of(vectors, "RDFC10NegativeEvalTest"):
        with pytest.raises(Malformed) as refused:
            canonicalize(lines)

        assert refused.value.detail == "too_complex"


def clique(size):
    """Nodes that all know each other: nothing tells them apart."""
    return [f"_:n{a} {KNOWS} _:n{b} .\n" for a, b in itertools.permutations(range(size), 2)]


BOMBS = {
    "clique of 10": clique(10),
    "clique of 60": clique(60),
    "one that knows 9000": [f"_:hub {KNOWS} _:n{n} .\n" for n in range(9000)],
    "two hubs and 700 others": [
        f"_:hub{hub} {KNOWS} _:n{n} .\n" for hub in (1, 2) for n in range(700)
    ],
    "ring of 500": [f"_:n{n} {KNOWS} _:n{(n + 1) % 500} .\n" for n in range(500)],
    "400 rings of 6": [
        f"_:r{ring}n{n} {KNOWS} _:r{ring}n{(n + 1) % 6} .\n"
        for ring in range(400)
        for n in range(6)
    ],
    "twins with 1500 names each, and 9 alike below": [
        *[f'_:t{t} <https://schema.org/name> "{n}" .\n' for t in (1, 2) for n in range(1500)],
        *[f"_:t{t} {KNOWS} _:t{t}n{n} .\n" for t in (1, 2) for n in range(9)],
    ],
    "every node in every other's graph": [
        f"_:n{a} {KNOWS} _:n{b} _:n{c} .\n" for a, b, c in itertools.permutations(range(12), 3)
    ],
}


@pytest.mark.parametrize("name", BOMBS)
def test_blank_nodes_that_look_alike_stop_within_80_ms_of_cpu(name):
    def refuse():
        with pytest.raises(Malformed) as refused:
            canonicalize(BOMBS[name])
        assert refused.value.detail == "too_complex"

    assert least_cpu_seconds(refuse) < 0.08


def test_the_budget_counts_work_and_nothing_else():
    small = clique(4)

    assert len(canonicalize(small, max_hashes=12_000).lines) == 12
    with pytest.raises(Malformed):
        canonicalize(small, max_hashes=40)


def test_a_dataset_without_blank_nodes_is_only_sorted_and_has_no_duplicates():
    lines = ['<b:x> <p:y> "_:z" .\n', "<a:x> <p:y> <o:z> .\n", "<a:x> <p:y> <o:z> .\n"]

    found = canonicalize(lines)

    assert found.lines == ("<a:x> <p:y> <o:z> .\n", '<b:x> <p:y> "_:z" .\n')
    assert found.labels == {}


@pytest.mark.parametrize(
    "line",
    [
        "_:a",
        "_:a <p:q> _:b",
        "_:a  <p:q> _:b .",
        '_:a <p:q> "open .',
        "_:a _:p _:b .",
        "_:a <p:q> _:b . _:c <p:q> _:d .",
        '_:a <p:q> "x\ny" .',
        "_:a <p:q> _:b <g:h> <i:j> .",
        '"text" <p:q> _:b .',
    ],
)
def test_a_line_that_is_no_canonical_quad_is_refused(line):
    with pytest.raises(Malformed) as refused:
        canonicalize([line])

    assert refused.value.detail == "invalid_n_quad"


EDGES = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from("pq"), st.integers(0, 5)), min_size=1, max_size=9
)


@settings(max_examples=150, deadline=None)
@given(EDGES, st.randoms(use_true_random=False))
def test_names_and_order_of_the_input_do_not_show(edges, dice: random.Random):
    names = list(range(6))
    dice.shuffle(names)
    lines = [f"_:n{a} <x:{p}> _:n{b} .\n" for a, p, b in edges]
    renamed = [f"_:m{names[a]} <x:{p}> _:m{names[b]} .\n" for a, p, b in edges]
    dice.shuffle(renamed)

    ours = canonicalize(lines, max_hashes=100_000)

    assert ours.lines == canonicalize(renamed, max_hashes=100_000).lines
    assert ours.lines == canonicalize(ours.lines, max_hashes=100_000).lines


@pytest.mark.parametrize(
    ("hash_name", "algorithm"),
    [
        ("sha256", pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0),
        ("sha384", pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_384),
    ],
)
@settings(max_examples=150, deadline=None)
@given(edges=EDGES)
def test_an_independent_implementation_agrees(hash_name, algorithm, edges):
    lines = [f"_:n{a} <x:{p}> _:n{b} .\n" for a, p, b in edges]
    dataset = pyoxigraph.Dataset(pyoxigraph.parse("".join(lines), pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(algorithm)

    found = canonicalize(lines, hash_name=hash_name, max_hashes=100_000)

    assert found.lines == tuple(sorted(f"{quad} .\n" for quad in dataset))
