"""`./city token`: a 15-minute bearer token for scripts."""

import argparse

from cityhall.command_line import show
from cityhall.desk import open_desk
from cityhall.errors import DeskError

HELP = "print a 15-minute bearer token"
SERVICE_OF_ROLE = {
    "operator": "issuer",
    "officer": "issuer",
    "inspector": "verifier",
    "business": "verifier",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The role, the agency of an officer, and the counter the token is for."""
    parser.add_argument("--role", required=True, choices=sorted(SERVICE_OF_ROLE))
    parser.add_argument("--agency", help="the officer's agency")
    parser.add_argument("--service", choices=("issuer", "verifier", "register"))


def run(arguments: argparse.Namespace) -> int:
    """Sign and print."""
    if arguments.role == "officer" and not arguments.agency:
        raise DeskError("an officer belongs to an agency: name it with --agency")
    service = arguments.service or SERVICE_OF_ROLE[arguments.role]
    token = open_desk(arguments).token(
        service=service, role=arguments.role, agency=arguments.agency
    )
    show(arguments, {"token": token, "service": service, "expires_in": 900}, token)
    return 0
