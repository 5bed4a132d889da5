"""
`./city judge < cases.jsonl`: verdicts in bulk on given material, one JSON object a line.

No network, no state: each line brings whom to trust and what to expect. A line that is not JSON
is answered too, and the next line is read. Every answer is written before the next line is read,
so a program may hold a conversation with it.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from typing import BinaryIO

from cityhall.judge import MAX_LINE, MalformedCase, Prove, build_answer, judge_case, read_case
from credentials.legacy import ask_proofs
from credentials.reading import list_proof_requests
from encoding.strict_json import JsonValue, build_json
from runtime.children import ChildPool
from runtime.errors import ChildFailed

PROOF_SECONDS = 10.0
HELP = "verdicts in bulk: one case a line in, one verdict a line out"


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Cases come through standard input."""


def run(_arguments: argparse.Namespace) -> int:
    """Answer every line; exit 0 when all were read, whatever the verdicts."""
    children = ChildPool("credentials.legacy_worker", size=1, timeout=PROOF_SECONDS)
    try:
        for line in _read_lines(sys.stdin.buffer):
            answer = answer_line(line, prove=lambda text: prove_with(children, text))
            sys.stdout.buffer.write(build_json(answer) + b"\n")
            sys.stdout.buffer.flush()
    finally:
        children.close()
    return 0


def answer_line(line: bytes, *, prove: Prove) -> dict[str, JsonValue]:
    """The answer to one line, whatever it holds."""
    start = time.perf_counter()
    try:
        case = read_case(line)
    except MalformedCase as error:
        return {"id": error.case_id, "outcome": "failed", "reasons": ["malformed"]}
    verdict = judge_case(case, prove=prove)
    return build_answer(case.id, verdict, milliseconds=(time.perf_counter() - start) * 1000)


def prove_with(children: ChildPool, presentation: str) -> dict[str, bool]:
    """What a child says of linked-data proofs of VCDM 1.1; nothing when it fails."""
    try:
        return ask_proofs(list_proof_requests(presentation), children.ask)
    except ChildFailed:
        return {}


def _read_lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(MAX_LINE):
        if line.strip():
            yield line
