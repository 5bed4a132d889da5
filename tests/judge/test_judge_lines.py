"""Lines that come together are answered as if each came alone."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cityhall import judge_lines
from cityhall.judge_lines import MANY, answer_all, answer_line, read_lines_in_hand
from tests.credentials.workshop import STRANGER, issue_permit, present
from tests.judge.cases import case, issuers, no_proofs

ROOT = Path(__file__).parents[2]


def lines_of_every_kind(count):
    """Good, revoked by nobody, of a stranger, for somebody else, damaged, and none at all."""
    kinds = [
        case(),
        case(present(issue_permit(plate="1A-0001"))),
        case(issuers=issuers(keys=[dict(STRANGER.public_jwk)])),
        case(audience="somebody else"),
        case(case()["presentation"][:-4] + "AAAA"),
        case(status_lists={}),
        case(now=1),
    ]
    built = [
        json.dumps({**kinds[number % len(kinds)], "id": number}).encode() for number in range(count)
    ]
    return [*built, b"no json", b'{"id": "x"}', b"\xff\xfe", b"[" * 500]


def without_time(answer):
    return {name: value for name, value in answer.items() if name != "milliseconds"}


def answers_alone(lines):
    return [without_time(answer_line(line, prove=no_proofs)) for line in lines]


def pipe_with(*pieces):
    """The reading end of a pipe into which somebody writes these pieces and ends."""
    reading, writing = os.pipe()

    def write():
        with os.fdopen(writing, "wb", buffering=0) as stream:
            for piece in pieces:
                stream.write(piece)

    threading.Thread(target=write, daemon=True).start()
    return reading


def test_many_lines_get_the_answers_of_each_alone_in_order(tmp_path):
    lines = lines_of_every_kind(3 * MANY)
    given = tmp_path / "cases.jsonl"
    given.write_bytes(b"\n".join(lines))
    with given.open("rb") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "cityhall", "judge"],
            stdin=stream, capture_output=True, cwd=ROOT, check=True, timeout=120,
        )  # fmt: skip

    answers = [without_time(json.loads(line)) for line in done.stdout.splitlines()]
    assert answers == json.loads(json.dumps(answers_alone(lines)))
    assert len({answer["outcome"] for answer in answers}) == 3
    assert done.stderr == b""


def test_many_lines_go_to_the_pool_and_few_do_not(monkeypatch):
    pooled = []

    class Pool:
        def __init__(self, work, *, setting, processes):
            self._work = work

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def run(self, lines, *, chunk):
            pooled.append(len(lines))
            return self._work(None, lines)

    monkeypatch.setattr(judge_lines, "WorkPool", Pool)
    monkeypatch.setattr(judge_lines, "available_processes", lambda: 2)
    lines = [b'{"id": %d}' % number for number in range(MANY)]
    reading = pipe_with(b"\n".join(lines) + b"\n", b"few\n")
    try:
        answers = [json.loads(answer) for answer in answer_all(reading)]
    finally:
        os.close(reading)

    assert [answer["id"] for answer in answers] == [*range(MANY), None]
    assert sum(pooled) in {0, MANY, MANY + 1}


def test_a_conversation_is_answered_line_by_line():
    with subprocess.Popen(
        [sys.executable, "-m", "cityhall", "judge"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    ) as judge:  # fmt: skip
        for number in range(5):
            judge.stdin.write(json.dumps(case(id=number)).encode() + b"\n")
            judge.stdin.flush()
            answer = json.loads(judge.stdout.readline())
            assert (answer["id"], answer["outcome"]) == (number, "passed")
        judge.stdin.close()
        assert judge.wait(timeout=30) == 0


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([b""], []),
        ([b"\n\n \n"], []),
        ([b"a"], [b"a"]),
        ([b"a\nb"], [b"a", b"b"]),
        ([b"a\n", b"b\n"], [b"a", b"b"]),
        ([b"a", b"b", b"\n", b"\nc\r\n"], [b"ab", b"c\r"]),
        ([b"x" * 300_000, b"y" * 300_000, b"\nz"], [b"x" * 300_000 + b"y" * 300_000, b"z"]),
    ],
)
def test_lines_are_put_together_whatever_pieces_they_come_in(pieces, expected):
    reading = pipe_with(*pieces)
    try:
        assert [line for lines in read_lines_in_hand(reading) for line in lines] == expected
    finally:
        os.close(reading)


@pytest.mark.parametrize("excess", [1, 40_000])
def test_s_014_of_a_line_without_end_one_piece_comes_and_its_end_is_no_line(monkeypatch, excess):
    """Otherwise the end of a line that is too long would be read as a case of its own."""
    monkeypatch.setattr(judge_lines, "MAX_LINE", 10_000)
    monkeypatch.setattr(judge_lines, "READ_BYTES", 4_096)
    too_long = b"x" * (10_000 + excess) + b'{"id": "smuggled"}'
    reading = pipe_with(b"first\n" + too_long + b"\nlast\n" + too_long)
    try:
        lines = [line for lines in read_lines_in_hand(reading) for line in lines]
    finally:
        os.close(reading)

    assert len(lines) == 4
    assert [lines[0], lines[2]] == [b"first", b"last"]
    assert min(len(lines[1]), len(lines[3])) > 10_000


def test_a_line_as_long_as_a_case_may_be_comes_whole(monkeypatch):
    monkeypatch.setattr(judge_lines, "MAX_LINE", 10_000)
    monkeypatch.setattr(judge_lines, "READ_BYTES", 1_000)
    reading = pipe_with(b"x" * 10_000 + b"\nend")
    try:
        lines = [line for lines in read_lines_in_hand(reading) for line in lines]
    finally:
        os.close(reading)

    assert lines == [b"x" * 10_000, b"end"]
