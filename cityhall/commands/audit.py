"""`./city audit verify`: re-computes the hash chain of every service's audit log."""

import argparse

from cityhall.command_line import show
from cityhall.databases import open_databases
from runtime.audit import verify_chain

HELP = "verify the audit logs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One action."""
    parser.add_argument("action", choices=("verify",))


def run(arguments: argparse.Namespace) -> int:
    """1 and one line for each breach."""
    found = {
        name: verify_chain(database)
        for name, database in open_databases(arguments.data_dir).items()
    }
    breaches = [f"{name}: {breach}" for name, list_ in found.items() for breach in list_]
    show(
        arguments,
        {"services": [*sorted(found)], "breaches": [*breaches]},
        "\n".join(breaches) or f"audit logs of {', '.join(sorted(found))} are whole",
    )
    return 1 if breaches else 0
