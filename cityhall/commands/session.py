"""`./city session ID`: the state of an OpenID4VP session and its verdict."""

import argparse

from cityhall.command_line import show
from cityhall.desk import open_desk

HELP = "show a session and its verdict"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The session."""
    parser.add_argument("id")


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    business = open_desk(arguments).letters("verifier", role="business")
    show(arguments, business.get(f"/api/v1/sessions/{arguments.id}"))
    return 0
