"""`./city bundle -o FILE`: the signed bundle that an inspector's phone keeps for offline checks."""

import argparse
from pathlib import Path

from cityhall.command_line import show
from cityhall.desk import open_desk
from cityhall.errors import DeskError
from credentials.keys import PublicKey, parse_jwk
from encoding.strict_json import build_json, parse_json
from mobile_demo.letters import object_of

PINNED_KEY = "bundle-key.json"
HELP = "fetch the signed offline bundle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to write it."""
    parser.add_argument("-o", "--output", type=Path, required=True)


def run(arguments: argparse.Namespace) -> int:
    """Fetch and write."""
    desk = open_desk(arguments)
    text = desk.letters("verifier", role="inspector").text("/api/v1/bundle", accept="*/*")
    arguments.output.write_text(text)
    registration = desk.letters("verifier", role="operator").get("/api/v1/registration")
    pin = build_json(object_of(registration, "bundle_key"))
    (arguments.data_dir / PINNED_KEY).write_bytes(pin)
    show(arguments, {"file": str(arguments.output), "bytes": len(text)}, f"{len(text)} bytes")
    return 0


def read_pinned_key(data_dir: Path) -> PublicKey:
    """The key that signs bundles, as seen when one was fetched last."""
    try:
        return parse_jwk(parse_json((data_dir / PINNED_KEY).read_bytes()))
    except FileNotFoundError as error:
        raise DeskError("no bundle was fetched from here: see ./city bundle") from error
