"""`./city agency create`: founds an agency and accredits it."""

import argparse

from cityhall.command_line import show
from cityhall.desk import open_desk

HELP = "create an agency"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name, types and label."""
    parser.add_argument("action", choices=("create",))
    parser.add_argument("name")
    parser.add_argument("--types", required=True, help="credential types, with commas between")
    parser.add_argument("--label", help="what people read (default: the name)")


def run(arguments: argparse.Namespace) -> int:
    """Keys, certificates, accreditation, first status list, an epoch that names them."""
    desk = open_desk(arguments)
    founded = desk.create_agency(
        arguments.name,
        types=arguments.types.split(","),
        label={"en": arguments.label or arguments.name},
    )
    desk.close_epoch()
    show(arguments, founded, f"{arguments.name} may issue {arguments.types}")
    return 0
