"""`./city fsck`: every invariant of the stored city; one line for each breach."""

import argparse

from cityhall.command_line import show
from cityhall.fsck import check_city

HELP = "check every invariant of the stored data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No words of its own."""


def run(arguments: argparse.Namespace) -> int:
    """1 when something is broken; works on a city that runs and on one that stands still."""
    report = check_city(arguments.data_dir.resolve())
    lines = [f"{name}: {breach}" for name, breaches in report.items() for breach in breaches]
    show(
        arguments,
        {
            "green": not lines,
            "checked": [*report],
            "breaches": [*lines],
        },
        "\n".join(lines) or f"all whole: {', '.join(report)}",
    )
    return 1 if lines else 0
