"""
`./city test`: every test that this machine can run, and a list of what was skipped and why.

`--everything` fails instead of skipping, except for published vectors, which run where
`CITY_VECTORS` is set. All other words go to pytest.
"""

import argparse
import os
import subprocess
import sys

from cityhall.command_line import ROOT
from cityhall.peers import ensure_peers

HELP = "run the tests"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is not known here is pytest's."""
    parser.add_argument("--everything", action="store_true", help="fail instead of skipping")


def run(arguments: argparse.Namespace) -> int:
    """Prepare the peers when everything is wanted, then run pytest from the repository."""
    words = list(arguments.rest)
    if arguments.everything:
        ensure_peers()
        words.append("--everything")
    command = [sys.executable, "-m", "pytest", "-rs", "--durations=10", *words]
    return subprocess.call(command, cwd=ROOT, env=os.environ.copy())
