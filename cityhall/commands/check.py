"""`./city check`: format, lint, types, import contracts."""

import argparse
import subprocess
import sys
from pathlib import Path

from cityhall.command_line import ROOT

HELP = "format, lint, types, import contracts"
PACKAGES = (
    "encoding", "runtime", "ledger", "credentials", "openid4vc", "issuer", "wallet_api",
    "verifier", "register", "mobile_demo", "cityhall",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No words of its own."""


def run(arguments: argparse.Namespace) -> int:
    """Run all four, so that one run shows everything; 1 when one complains."""
    results = [run_tool(name, command) for name, command in commands()]
    return 0 if all(results) else 1


def commands() -> list[tuple[str, list[str]]]:
    """The tools with their arguments, as the tests run them too."""
    scripts = Path(sys.executable).parent
    sources = [*PACKAGES, "tests", "benchmarks", "city"]
    present = [name for name in sources if (ROOT / name).exists()]
    return [
        ("format", [str(scripts / "ruff"), "format", "--check", *present]),
        ("lint", [str(scripts / "ruff"), "check", *present]),
        ("types", [str(scripts / "mypy"), *PACKAGES]),
        ("import contracts", [str(scripts / "lint-imports"), "--no-cache"]),
    ]


def run_tool(name: str, command: list[str]) -> bool:
    """Run one tool; its output is shown only when it complains."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(f"{name:<17} {'ok' if done.returncode == 0 else 'FAILED'}")
    if done.returncode:
        print(done.stdout[-6000:] + done.stderr[-2000:])
    return done.returncode == 0
