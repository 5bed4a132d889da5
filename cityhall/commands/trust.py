"""`./city trust list`: who may issue what."""

import argparse

from cityhall.command_line import show
from cityhall.desk import open_desk
from encoding.strict_json import JsonValue
from mobile_demo.letters import objects_of
from mobile_demo.trusted import fetch_trust_document

HELP = "list the trust registry"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One action."""
    parser.add_argument("action", choices=("list",))


def run(arguments: argparse.Namespace) -> int:
    """One block an issuer."""
    document = fetch_trust_document(open_desk(arguments))
    lines = [f"trust registry, version {document.get('version')}"]
    for issuer in objects_of(document, "issuers"):
        lines += _describe(issuer)
    show(arguments, document, "\n".join(lines))
    return 0


def _describe(issuer: dict[str, JsonValue]) -> list[str]:
    identifiers = issuer.get("identifiers")
    first = identifiers[0] if isinstance(identifiers, list) and identifiers else "?"
    lines = [str(first)]
    for accreditation in objects_of(issuer, "accreditations"):
        types = accreditation.get("types")
        lines += [f"    {name}" for name in (types if isinstance(types, list) else [])]
    return lines
