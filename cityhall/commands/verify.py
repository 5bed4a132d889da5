"""
`./city verify FILE|-`: the verdict on a presentation or a QR text.

With `--bundle` it is judged offline, from the signed bundle alone; without, by the verifier.
Exit code: 0 passed, 1 failed, 2 indeterminate, 3 could not work.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from cityhall.command_line import show
from cityhall.commands.bundle import read_pinned_key
from cityhall.desk import open_desk
from encoding.strict_json import JsonValue
from mobile_demo.errors import DemoError
from mobile_demo.inspector import OfflineInspector

HELP = "judge a presentation or a QR text"
UNREADABLE = "malformed"
EXIT_CODES = {"passed": 0, "failed": 1, "indeterminate": 2}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to judge, for which purpose, from which material, as of when."""
    parser.add_argument("file", help="a file with the text, or - for standard input")
    parser.add_argument("--purpose", default="taxi-inspection")
    parser.add_argument("--bundle", type=Path, help="judge offline, from this bundle")
    parser.add_argument("--now", type=int, help="with --bundle: the time, in unix seconds")


def run(arguments: argparse.Namespace) -> int:
    """Print the verdict. What cannot be read is no credential: it failed, as malformed."""
    text = sys.stdin.read() if arguments.file == "-" else Path(arguments.file).read_text()
    judge = judge_offline if arguments.bundle else judge_online
    try:
        verdict = judge(arguments, text.strip())
    except DemoError as error:
        if not error.code.startswith(UNREADABLE):
            raise
        verdict = {"outcome": "failed", "reasons": ["malformed"], "detail": str(error)}
    show(arguments, verdict)
    return EXIT_CODES[str(verdict["outcome"])]


def judge_online(arguments: argparse.Namespace, text: str) -> dict[str, JsonValue]:
    """The verifier's verdict, recorded there like any inspector's."""
    kind = "qr" if text.startswith("CQ1:") else "presentation"
    inspector = open_desk(arguments).letters("verifier", role="inspector")
    return inspector.post("/api/v1/checks", {kind: text, "purpose": arguments.purpose})


def judge_offline(arguments: argparse.Namespace, text: str) -> dict[str, JsonValue]:
    """The bundle's verdict; the key that signs bundles was pinned by `./city bundle`."""
    inspector = OfflineInspector(purpose=arguments.purpose, key=read_pinned_key(arguments.data_dir))
    inspector.store(arguments.bundle.read_text().strip())
    now = datetime.now(UTC)
    if arguments.now is not None:
        now = datetime.fromtimestamp(arguments.now, UTC)
    return inspector.check(text, now=now)
