"""`./city epoch close`: closes an epoch now."""

import argparse

from cityhall.command_line import show
from cityhall.desk import open_desk

HELP = "close an epoch now"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One action."""
    parser.add_argument("action", choices=("close",))


def run(arguments: argparse.Namespace) -> int:
    """Print the epoch."""
    closed = open_desk(arguments).close_epoch()
    show(arguments, closed, f"epoch {closed.get('epoch')} closed at {closed.get('time')}")
    return 0
