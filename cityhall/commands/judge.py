"""
`./city judge < cases.jsonl`: verdicts in bulk on given material, one JSON object a line.

No network, no state: each line brings whom to trust and what to expect. A line that is not JSON
is answered too, and the next line is read. Every line in hand is answered before the next is
waited for, so a program may hold a conversation with it.
"""

import argparse
import sys

from cityhall.judge_lines import answer_all, answer_line, prove_with

__all__ = ["HELP", "add_arguments", "answer_line", "prove_with", "run"]

HELP = "verdicts in bulk: one case a line in, one verdict a line out"


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Cases come through standard input."""


def run(_arguments: argparse.Namespace) -> int:
    """Answer every line; exit 0 when all were read, whatever the verdicts."""
    for answer in answer_all(sys.stdin.fileno()):
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
    return 0
