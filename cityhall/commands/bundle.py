"""`./city bundle -o FILE`: the signed bundle that an inspector's phone keeps for offline checks."""

import argparse
from pathlib import Path

from cityhall.command_line import show
from cityhall.desk import open_desk

HELP = "fetch the signed offline bundle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to write it."""
    parser.add_argument("-o", "--output", type=Path, required=True)


def run(arguments: argparse.Namespace) -> int:
    """Fetch and write."""
    inspector = open_desk(arguments).letters("verifier", role="inspector")
    text = inspector.text("/api/v1/bundle", accept="*/*")
    arguments.output.write_text(text)
    show(arguments, {"file": str(arguments.output), "bytes": len(text)}, f"{len(text)} bytes")
    return 0
