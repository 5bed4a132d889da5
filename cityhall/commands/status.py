"""`./city status`: suspends, reinstates or revokes a credential."""

import argparse

from cityhall.command_line import show
from cityhall.desk import open_desk
from cityhall.errors import DeskError
from cityhall.last_issued import agency_of, last_issued

HELP = "change the status of a credential"
STATUSES = ("valid", "suspended", "revoked")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--last` stands for the newest credential of `./city issue`."""
    parser.add_argument("words", nargs="+", metavar="[CREDENTIAL_ID] valid|suspended|revoked")
    parser.add_argument("--last", action="store_true")
    parser.add_argument("--reason", required=True)
    parser.add_argument("--agency", help="the agency, when this desk did not issue it")


def run(arguments: argparse.Namespace) -> int:
    """Print the signed receipt."""
    credential_id, status = _read_words(arguments)
    agency = arguments.agency or agency_of(arguments.data_dir, credential_id)
    officer = open_desk(arguments).letters("issuer", role="officer", agency=agency)
    receipt = officer.post(
        f"/api/v1/credentials/{credential_id}/status",
        {"status": status, "reason": arguments.reason},
    )
    show(arguments, receipt)
    return 0


def _read_words(arguments: argparse.Namespace) -> tuple[str, str]:
    *identifiers, status = arguments.words
    if status not in STATUSES:
        raise DeskError(f"the status must be one of {', '.join(STATUSES)}")
    if arguments.last and not identifiers:
        return last_issued(arguments.data_dir), status
    if len(identifiers) != 1 or arguments.last:
        raise DeskError("name one credential, or --last")
    return identifiers[0], status
