"""`./city vectors`: every published vector at hand, held against the code that runs the city."""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from cityhall.command_line import CANNOT_WORK, show
from cityhall.vectors.registry import count_outcomes, run_folders
from cityhall.vectors.shelf import Outcome, Result
from encoding.strict_json import JsonValue

HELP = "run the published vectors of the standards"
HEAD = ("folder", "cases", *[outcome.value for outcome in Outcome])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the vectors lie."""
    parser.add_argument(
        "directory",
        nargs="?",
        type=Path,
        metavar="DIR",
        help="folder of the vectors' folders (default: CITY_VECTORS)",
    )


def run(arguments: argparse.Namespace) -> int:
    """1 when a case fails, or when nothing was found; 3 when there is no such folder."""
    named = arguments.directory or os.environ.get("CITY_VECTORS")
    if not named or not Path(named).is_dir():
        show(arguments, {"error": "no_vectors"}, "no such folder: name it, or set CITY_VECTORS")
        return CANNOT_WORK
    found = run_folders(Path(named))
    show(arguments, describe(found), "\n".join(print_results(found)))
    results = [each for listed in found.values() for each in listed]
    failed = [each for each in results if each.outcome is Outcome.FAILED]
    compared = [each for each in results if each.outcome is not Outcome.UNKNOWN]
    return 1 if failed or not compared else 0


def describe(found: Mapping[str, Sequence[Result]]) -> JsonValue:
    """The counts of each folder, and each case that did not pass."""
    return {
        "folders": {
            name: {outcome.value: number for outcome, number in count_outcomes(results).items()}
            for name, results in found.items()
        },
        "not_passed": [
            {
                "folder": each.folder,
                "file": each.file,
                "name": each.name,
                "outcome": each.outcome.value,
                "why": each.why,
            }
            for results in found.values()
            for each in results
            if each.outcome is not Outcome.PASSED
        ],
    }


def print_results(found: Mapping[str, Sequence[Result]]) -> list[str]:
    """A table, then what failed, what differs and what was not judged, with the reasons."""
    rows = [list(HEAD)]
    for name, results in found.items():
        counts = count_outcomes(results)
        rows.append([name, str(len(results)), *[str(counts[outcome]) for outcome in Outcome]])
    everything = [each for results in found.values() for each in results]
    counts = count_outcomes(everything)
    rows.append(["all", str(len(everything)), *[str(counts[outcome]) for outcome in Outcome]])
    width = max(len(row[0]) for row in rows)
    lines = [f"{row[0]:<{width}}" + "".join(f"{cell:>9}" for cell in row[1:]) for row in rows]
    for outcome in (Outcome.FAILED, Outcome.DIFFERS, Outcome.UNKNOWN):
        grouped: dict[tuple[str, str, str], int] = {}
        for each in everything:
            if each.outcome is outcome:
                key = (each.folder, each.file, each.why)
                grouped[key] = grouped.get(key, 0) + 1
        lines += [
            f"{outcome.value}: {folder}/{file}"
            + (f" ({number} cases)" if number > 1 else "")
            + f": {why}"
            for (folder, file, why), number in grouped.items()
        ]
    return lines
