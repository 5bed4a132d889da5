"""
S-014: the work that a hostile text can cause is bounded, counted in bytes, depth, hashes and
signatures rather than in time.
"""

import json
import re

import pytest

from cityhall.commands.judge import answer_line
from credentials import disclosures, keys
from encoding import compression, strict_json
from tests.hostile import (
    bitstring_cases,
    jose_header_cases,
    json_strictness_cases,
    key_binding_cases,
    qr_text_cases,
    sd_jwt_disclosure_cases,
    token_status_cases,
)
from tests.hostile.removal import _places
from tests.hostile.switches import forget, replaced

LARGEST_TOKEN = 262_144
LARGEST_LIST = 16 << 20
DEEPEST = 32
MOST_SIGNATURES = 4
"""Of an issuer, a holder and a list, and one more where an issuer has several keys."""

STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)', re.DOTALL)


def cases_of(*modules):
    return [case for module in modules for case in module.cases()]


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    forget()


def judge(case):
    return answer_line(json.dumps(case.line).encode(), prove=lambda _: {})


def depth(text):
    """How deep a text is nested, strings apart."""
    level = deepest = 0
    for character in STRING.sub("", text):
        level += (character in "[{") - (character in "]}")
        deepest = max(deepest, level)
    return deepest


def test_no_large_or_deep_text_reaches_a_recursive_parser(monkeypatch):
    read = []
    whole, quick = strict_json._decode_value, strict_json.orjson

    class Counting:
        def __getattr__(self, name):
            return getattr(quick, name)

        @staticmethod
        def loads(raw):
            read.append(raw.decode(errors="replace"))
            return quick.loads(raw)

    monkeypatch.setattr(strict_json, "orjson", Counting())
    monkeypatch.setattr(
        strict_json, "_decode_value", lambda text: (read.append(text), whole(text))[1]
    )
    heavy = [each for each in cases_of(json_strictness_cases) if each.sid == "S-014"]
    seen = 0
    for case in heavy:
        read.clear()
        judge(case)
        # The line itself is the operator's, and has a bound of its own.
        parts = [text for text in read if not text.startswith('{"id": ')]
        seen += len(parts)
        assert all(len(text) <= LARGEST_TOKEN and depth(text) <= DEEPEST for text in parts), case.id
    assert seen > len(heavy)


def test_nothing_inflates_beyond_its_bound(monkeypatch):
    given = []
    inflate = compression._inflate

    class Counting:
        def __init__(self, stream, bound):
            self.stream, self.bound = stream, bound

        def decompress(self, data, most):
            inflated = self.stream.decompress(data, most)
            given.append((len(inflated), self.bound))
            return inflated

        def __getattr__(self, name):
            return getattr(self.stream, name)

    def counted(data, most, stream):
        return inflate(data, most, Counting(stream, most))

    monkeypatch.setattr(compression, "_inflate", counted)
    bombs = [
        case
        for case in cases_of(token_status_cases, bitstring_cases, qr_text_cases)
        if case.id.endswith(("bomb", "inflates"))
    ]
    for case in bombs:
        judge(case)

    assert len(bombs) == 4
    assert sum(size > bound for size, bound in given) == 4
    assert all(size <= bound + 1 and bound <= LARGEST_LIST for size, bound in given)


def counting(function):
    """Whatever calls this function is counted: the targets, and the calls."""
    calls = []

    def counted(*arguments, **named):
        calls.append(1)
        return function(*arguments, **named)

    return dict.fromkeys(_places(function), counted), calls


@pytest.mark.parametrize(
    "module",
    [jose_header_cases, json_strictness_cases, key_binding_cases, sd_jwt_disclosure_cases],
)
def test_what_cannot_be_read_costs_no_signature_and_the_rest_a_few(module):
    targets, calls = counting(keys.verify_signature)
    total = 0
    with replaced(targets):
        for case in cases_of(module):
            calls.clear()
            judge(case)
            total += len(calls)
            bound = 0 if case.reason == "malformed" else MOST_SIGNATURES
            assert len(calls) <= bound, case.id
    assert total


def test_more_disclosures_than_allowed_are_not_hashed():
    targets, calls = counting(disclosures.digest_text)
    counted = {}
    with replaced(targets):
        for case in cases_of(sd_jwt_disclosure_cases):
            calls.clear()
            judge(case)
            counted[case.id] = len(calls)

    assert {count for name, count in counted.items() if name.endswith("/257")} == {0}
    # One for each disclosure, and one for the sd_hash.
    assert max(counted.values()) == 257
