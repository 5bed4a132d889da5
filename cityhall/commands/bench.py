"""`./city bench [NAME]`: our figure, the physical limit and a peer, in one run."""

import argparse
import importlib

from cityhall.command_line import show
from cityhall.peers import ensure_peers
from encoding.strict_json import JsonValue

HELP = "measure, with the physical limit and a peer in the same run"
BENCHES = ("credentials", "checks", "ledger")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which bench; all without a name."""
    parser.add_argument("name", nargs="?", choices=BENCHES)
    parser.add_argument("--profile", action="store_true", help="what each operation is made of")


def run(arguments: argparse.Namespace) -> int:
    """Print the table. Never fails for a slow machine: ratios are for people to read."""
    peers = ensure_peers()
    if arguments.profile:
        parts = importlib.import_module("benchmarks.credentials").profile(peers)
        show(arguments, {"profile": parts}, parts)
        return 0
    measure = importlib.import_module("benchmarks.measure")
    rows = [
        row
        for name in ([arguments.name] if arguments.name else BENCHES)
        for row in importlib.import_module(f"benchmarks.{name}").run(peers)
    ]
    value: list[JsonValue] = [
        {
            "name": row.name, "ours": round(row.ours), "limit": round(row.limit),
            "of_limit": round(row.of_limit, 2), "peer": round(row.peer) if row.peer else None,
            "of_peer": round(row.of_peer, 2) if row.of_peer else None, "aim": row.aim,
            "note": row.note,
        }
        for row in rows
    ]  # fmt: skip
    show(arguments, value, measure.show_table(rows))
    return 0
