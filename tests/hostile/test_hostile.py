"""
At least 2,000 credentials, presentations, tokens and QR texts that somebody might send.

Each must-reject case breaks one named check and is refused for that reason, each twin passes, and
no case makes the judge reach out, crash or work without bound.
"""

import json
import socket
from collections import Counter

import pytest

from cityhall.commands.judge import answer_line, prove_with
from runtime.children import ChildPool
from tests.hostile.case import problem
from tests.hostile.collection import all_cases
from tests.hostile.switches import SWITCHES, forget

LEAST = 2000
LEAST_EACH = 10

# Acceptance tests of docs/security.md, parts A to C and G, that a presented text can break.
IN_SCOPE = [
    "S-001",
    "S-002",
    "S-004",
    "S-007",
    "S-009",
    "S-010",
    "S-012",
    "S-014",
    "S-019",
    "S-021",
    "S-025",
    "S-026",
    "S-027",
    "S-028",
    "S-030",
    "S-031",
    "S-033",
    "S-036",
    "S-039",
    "S-040",
    "S-042",
    "S-044",
    "S-046",
    "S-049",
    "S-052",
    "S-054",
    "S-055",
    "S-057",
    "S-125",
    "S-127",
    "S-141",
]


CHILDREN = ChildPool("credentials.legacy_worker", size=1, timeout=20)


def prove(text):
    return prove_with(CHILDREN, text)


def answer(case):
    return answer_line(json.dumps(case.line).encode(), prove=prove)


@pytest.fixture(autouse=True)
def _no_way_out(monkeypatch):
    """An outbound request is an error in any case."""

    def refuse(*_):
        raise AssertionError("the judge reached out")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def by_format():
    formats = sorted({case.format for case in all_cases()})
    return [[case for case in all_cases() if case.format == name] for name in formats]


@pytest.mark.parametrize("cases", by_format(), ids=lambda cases: cases[0].format)
def test_every_case_comes_out_as_it_must(cases):
    forget()
    problems = [found for case in cases if (found := problem(case, answer(case))) is not None]

    assert problems == []


def test_there_are_enough_cases_and_ten_for_each_acceptance_test():
    rejects = [case for case in all_cases() if not case.must_pass]
    counted = Counter(case.sid for case in rejects)

    assert len(all_cases()) >= LEAST
    assert {sid: counted[sid] for sid in IN_SCOPE if counted[sid] < LEAST_EACH} == {}


def test_every_acceptance_test_has_twins_that_pass():
    twins = Counter(case.sid for case in all_cases() if case.must_pass)

    assert [sid for sid in IN_SCOPE if not twins[sid]] == []


def switchable():
    names = sorted({case.check for case in all_cases() if not case.must_pass})
    return [pytest.param(name, id=name) for name in names]


def is_noticed(case):
    """Whether the answer is another. That a judge without the check falls over counts as well."""
    try:
        return problem(case, answer(case)) is not None
    # What a judge raises whose own checks are gone, nobody has promised: any error is noticed.
    except Exception:  # noqa: BLE001
        return True


@pytest.mark.parametrize("name", switchable())
def test_switching_a_check_off_turns_its_cases_red(name):
    cases = [case for case in all_cases() if case.check == name and not case.must_pass]
    with SWITCHES[name]():
        unnoticed = [case.id for case in cases if not is_noticed(case)]

    assert unnoticed == []


@pytest.mark.parametrize("name", switchable())
def test_a_switch_takes_one_check_away_and_not_the_judge(name):
    formats = {case.format for case in all_cases() if case.check == name and not case.must_pass}
    twins = [case for case in all_cases() if case.format in formats and case.must_pass]
    with SWITCHES[name]():
        is_alive = any(not is_noticed(case) for case in twins)

    assert is_alive
