"""`./city issue`: makes an offer of a credential."""

import argparse
import sys
from pathlib import Path

from cityhall.command_line import show
from cityhall.commands.demo import read_seed
from cityhall.desk import open_desk
from cityhall.errors import DeskError
from cityhall.last_issued import remember
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_object
from mobile_demo.catalog import load_catalog
from mobile_demo.people import agency_for, resettle

HELP = "offer a credential"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to offer. The type alone takes the accredited demo agency and the example claims."""
    parser.add_argument("--type", required=True)
    parser.add_argument("--agency")
    parser.add_argument("--claims", type=Path, help="JSON file, or - for standard input")
    parser.add_argument("--format", help="dc+sd-jwt (default), vc+sd-jwt, vc+jwt, jwt_vc_json")
    parser.add_argument("--tx-code", action="store_true", help="ask for a transaction code")


def run(arguments: argparse.Namespace) -> int:
    """Print credential_id, offer_uri and tx_code."""
    claims = read_claims(arguments)
    agency = arguments.agency or find_agency(arguments.type)
    wish: dict[str, JsonValue] = {
        "agency": agency,
        "type": arguments.type,
        "claims": claims,
        "tx_code": arguments.tx_code,
    }
    if arguments.format:
        wish["format"] = arguments.format
    officer = open_desk(arguments).letters("issuer", role="officer", agency=agency)
    offered = officer.post("/api/v1/offers", wish)
    remember(arguments.data_dir, agency=agency, credential_id=str(offered["credential_id"]))
    show(arguments, offered)
    return 0


def find_agency(type_name: str) -> str:
    """The demo agency that is accredited for this type."""
    try:
        return agency_for(type_name)
    except KeyError as error:
        raise DeskError(f"no demo agency issues {type_name}: name one with --agency") from error


def read_claims(arguments: argparse.Namespace) -> dict[str, JsonValue]:
    """The claims of the file, or the type's example."""
    types = [one.name for one in load_catalog().types if not one.is_view]
    if arguments.type not in types:
        raise DeskError(f"no type {arguments.type}: name one of {', '.join(sorted(types))}")
    if arguments.claims is None:
        example = load_catalog().by_name(arguments.type).example
        seed = read_seed(arguments.data_dir)
        return dict(example) if seed is None else resettle(example, seed=seed)
    is_input = str(arguments.claims) == "-"
    data = sys.stdin.buffer.read() if is_input else arguments.claims.read_bytes()
    try:
        return parse_object(data)
    except EncodingError as error:
        raise DeskError(f"claims of {arguments.claims}: {error}") from error
