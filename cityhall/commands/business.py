"""`./city business create`: a one-time enrolment link."""

import argparse

from cityhall.command_line import show
from cityhall.desk import open_desk

HELP = "create an account for a business"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The name."""
    parser.add_argument("action", choices=("create",))
    parser.add_argument("name")


def run(arguments: argparse.Namespace) -> int:
    """Print the link."""
    link = open_desk(arguments).enrolment_link(
        "verifier", "/api/v1/businesses", {"name": arguments.name}
    )
    show(arguments, {"enrolment_link": link}, link)
    return 0
