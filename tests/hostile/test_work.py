"""Work is bounded by counting (S-014, S-021): blank nodes, hashes, steps of a CBOR reader."""

import json

import pytest

from cityhall.commands.judge import answer_line
from credentials import rdf_canonical
from encoding import base64url, cbor
from tests.hostile import mdoc_stage
from tests.hostile.cbor_writing import Raw
from tests.hostile.proof_stage import EXAMPLES, RDF_SUITES, V2, line, permit, secure

SUITE = RDF_SUITES[0]


def judge(made):
    return answer_line(json.dumps(made).encode(), prove=None)


def ring(count):
    """Blank nodes deep inside each other, all of one shape, beside each other."""
    return [{"vehicle": [{"vehicle": {"vehicle": {"colour": "x"}}}] * 4} for _ in range(count)]


BOMBS = {
    "alike": {"vehicle": [{"colour": "x"}] * 200},
    "many": {"vehicle": [{"colour": "x"}] * 900},
    "nested": {"vehicle": ring(12)},
    "wide-and-deep": {"vehicle": ring(60)},
    "lists": {"vehicle": [{"zones": {"@list": ["a"] * 20}} for _ in range(40)]},
    "depth": json.loads('{"vehicle":' * 30 + '{"colour":"x"}' + "}" * 30),
}


@pytest.mark.parametrize("name", BOMBS)
def test_blank_nodes_are_told_apart_in_counted_work(name, monkeypatch):
    spent = []
    spend = rdf_canonical._Naming._spend

    def count(self, units=1):
        spent.append(units)
        spend(self, units)

    monkeypatch.setattr(rdf_canonical._Naming, "_spend", count)
    bomb = permit(SUITE, credentialSubject={"id": SUITE.did(), **BOMBS[name]})
    answer = judge(line(SUITE, {**bomb, "proof": secure(SUITE, permit(SUITE))["proof"]}))

    assert answer["outcome"] == "failed"
    assert sum(spent) <= 4 * rdf_canonical.MAX_HASHES


@pytest.mark.parametrize("size", [300, 3_000])
def test_a_context_of_many_words_is_refused_or_read_in_counted_work(size):
    words = {f"word{count}": f"https://a.example/word{count}" for count in range(size)}
    large = permit(SUITE, **{"@context": [V2, EXAMPLES, words]})
    answer = judge(line(SUITE, {**large, "proof": secure(SUITE, permit(SUITE))["proof"]}))

    # Words that no statement uses change no statement: a few of them do no harm.
    if size == 300:
        assert answer["outcome"] == "passed"
    else:
        assert answer["details"] == ["too_complex"]


@pytest.mark.parametrize(
    "head", [b"\x9a\xff\xff\xff\xff", b"\xba\xff\xff\xff\xff", b"\x9b" + b"\xff" * 8]
)
def test_a_promised_length_costs_nothing_before_its_bytes_are_there(head, monkeypatch):
    steps = []
    read = cbor._read

    def count(*arguments):
        steps.append(1)
        return read(*arguments)

    monkeypatch.setattr(cbor, "_read", count)
    change = mdoc_stage.Change(issued=lambda old: {**old, "more": Raw(head)})
    answer = judge(mdoc_stage.line(mdoc_stage.ISSUED, change))

    assert answer["details"] == ["invalid_cbor"]
    assert len(steps) < 100


def test_a_hundred_thousand_levels_end_at_the_sixteenth(monkeypatch):
    steps = []
    read = cbor._read

    def count(*arguments):
        steps.append(1)
        return read(*arguments)

    monkeypatch.setattr(cbor, "_read", count)
    made = mdoc_stage.line(mdoc_stage.ISSUED)
    answer = judge({**made, "presentation": base64url.encode(b"\x81" * 100_000 + b"\0")})

    assert answer["details"] == ["too_deep"]
    assert len(steps) <= 2 * (cbor.MAX_DEPTH + 2)  # the judge reads once more to say why
