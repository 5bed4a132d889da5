"""`./city officer create`: a one-time enrolment link for an officer of an agency."""

import argparse

from cityhall.command_line import show
from cityhall.desk import open_desk

HELP = "create an officer of an agency"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name and agency."""
    parser.add_argument("action", choices=("create",))
    parser.add_argument("name")
    parser.add_argument("--agency", required=True)


def run(arguments: argparse.Namespace) -> int:
    """Print the link."""
    link = open_desk(arguments).enrolment_link(
        "issuer", f"/api/v1/agencies/{arguments.agency}/officers", {"name": arguments.name}
    )
    show(arguments, {"enrolment_link": link}, link)
    return 0
