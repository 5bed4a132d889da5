"""`./city request --purpose P`: starts an OpenID4VP session."""

import argparse

from cityhall.command_line import show
from cityhall.desk import open_desk

HELP = "ask for credentials online"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The purpose."""
    parser.add_argument("--purpose", required=True)


def run(arguments: argparse.Namespace) -> int:
    """Print id, request_uri and the text of the QR."""
    business = open_desk(arguments).letters("verifier", role="business")
    show(arguments, business.post("/api/v1/sessions", {"purpose": arguments.purpose}))
    return 0
