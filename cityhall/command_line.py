"""
The command `./city`: finds the command, parses its words, runs it.

Each command is one file in `cityhall.commands` with `NAME`, `HELP`, `add_arguments` and `run`.
Exit codes: 0 done, 1 a check failed, 2 indeterminate or wrong words, 3 could not work.
"""

import argparse
import importlib
import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from encoding.strict_json import JsonValue

ROOT = Path(__file__).resolve().parent.parent
CANNOT_WORK = 3
CUT_OFF = 141

COMMANDS = (
    "demo", "tour", "stop", "health", "test", "check", "agency", "officer", "inspector",
    "business", "trust", "govern", "ca", "token", "issue", "wallet", "status", "epoch", "proof",
    "audit", "request", "session", "bundle", "verify", "judge", "fsck", "monitor", "bench",
    "interop", "vectors", "privacy", "simulate",
)  # fmt: skip


class Command(Protocol):
    """What a file in `cityhall.commands` provides."""

    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int: ...


def main(words: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    parser = build_parser(words)
    if not words or words[0] == "help":
        parser.print_help()
        return 0
    if words[0] in {"--json", "--data-dir"}:
        parser.error(f"the command comes first, as in ./city health {words[0]}")
    arguments, rest = parser.parse_known_args(words)
    if rest and arguments.command != "test":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    arguments.rest = rest
    command = load_command(arguments.command)
    try:
        return command.run(arguments)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough, as `head` does; nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CUT_OFF
    except Exception as failure:  # noqa: BLE001 - the last door: no traceback for an operator
        return _explain(failure, as_json=arguments.json)


def build_parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """All commands with their help; only the asked one is imported in full."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print JSON")
    common.add_argument(
        "--data-dir",
        type=Path,
        default=Path(os.environ.get("CITY_DATA_DIR", ROOT / ".city")),
        help="where the city keeps its data (default .city)",
    )
    parser = argparse.ArgumentParser(prog="./city", description="A credential wallet for a city.")
    parsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = words[0] if words and words[0] in COMMANDS else None
    for name in COMMANDS if wanted is None else (wanted,):
        command = load_command(name)
        child = parsers.add_parser(name, help=command.HELP, parents=[common])
        command.add_arguments(child)
    return parser


def load_command(name: str) -> Command:
    """Import one command's file."""
    module: Command = importlib.import_module(f"cityhall.commands.{name}")
    return module


def show(arguments: argparse.Namespace, value: JsonValue, text: str | None = None) -> None:
    """Print JSON when asked for, else the text for people (or indented JSON)."""
    if arguments.json:
        print(json.dumps(value, ensure_ascii=False))
    else:
        print(text if text is not None else json.dumps(value, ensure_ascii=False, indent=2))


def _explain(failure: Exception, *, as_json: bool) -> int:
    code, message = _describe(failure)
    if as_json:
        print(json.dumps({"error": code, "message": message}, ensure_ascii=False))
    print(f"{code}: {message}", file=sys.stderr)
    return CANNOT_WORK


def _describe(failure: Exception) -> tuple[str, str]:
    """A stable code and a sentence; a fault of ours names its place, so that it can be reported."""
    code = getattr(failure, "code", None)
    if isinstance(code, str):
        return code, str(failure)
    if isinstance(failure, OSError) and failure.filename:
        return "cannot_work", f"{failure.filename}: {failure.strerror}"
    place = traceback.extract_tb(failure.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    return "bug", f"{type(failure).__name__} at {where}: {failure} (please report this line)"
