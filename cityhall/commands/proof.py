"""`./city proof URI INDEX`: the staple that shows one entry of a list in the newest epoch."""

import argparse
from urllib.parse import urlencode

from cityhall.command_line import show
from cityhall.desk import open_desk

HELP = "print the proof that a list entry was public"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The list and the entry."""
    parser.add_argument("uri")
    parser.add_argument("index", type=int)


def run(arguments: argparse.Namespace) -> int:
    """Fetch and print."""
    query = urlencode({"list": arguments.uri, "index": arguments.index})
    show(
        arguments, open_desk(arguments).letters("register", role="operator").get(f"/proofs?{query}")
    )
    return 0
