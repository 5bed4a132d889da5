"""
`./city test`: every test that this machine can run, and a list of what was skipped and why.

Two rounds: all that needs no browser on every core at once, then the browsers one after another,
because a camera and a clock want the machine for themselves. `--everything` fails instead of
skipping, except for published vectors, which run where `CITY_VECTORS` is set. Other words go to
pytest, in one plain round.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from cityhall.command_line import ROOT
from cityhall.errors import DeskError
from cityhall.peers import CONTRACTS, INJECTIVE, ensure_peers

HELP = "run the tests"
NO_TESTS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is not known here is pytest's."""
    parser.add_argument("--everything", action="store_true", help="fail instead of skipping")


def run(arguments: argparse.Namespace) -> int:
    """Make the other environments when everything is wanted, then run pytest."""
    words = list(arguments.rest)
    if arguments.everything:
        ensure_peers()
        CONTRACTS.ensure()
        ensure_validators()
        words.append("--everything")
    codes = [run_round(each) for each in rounds(arguments.rest, words)]
    return max((code for code in codes if code != NO_TESTS), default=NO_TESTS)


def ensure_validators() -> None:
    """The node comes as a wheel for few machines; without it the multi-node test fails alone."""
    try:
        INJECTIVE.ensure()
    except DeskError as error:
        print(f"no validators on this machine: {error}", file=sys.stderr)


def rounds(given: Sequence[str], words: list[str]) -> list[list[str]]:
    """The words of each round of pytest."""
    if given:
        return [words]
    cores = str(os.cpu_count() or 1)
    return [
        [*words, "-n", cores, "--dist", "loadfile", "-m", "not browser"],
        [*words, "-m", "browser"],
    ]


def run_round(words: Sequence[str]) -> int:
    """One pytest, with its list of skipped tests and of the slowest."""
    command = [sys.executable, "-m", "pytest", "-rs", "--durations=10", *words]
    return subprocess.call(command, cwd=ROOT, env=os.environ.copy())
