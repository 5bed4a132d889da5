"""`./city ca root`, `./city ca leaf`: the city's offline certificate authority."""

import argparse
from datetime import timedelta
from pathlib import Path

from cityhall.command_line import show
from cityhall.errors import DeskError
from cityhall.offline_root import OfflineRoot
from credentials.city_ca import LeafRequest, Role
from credentials.errors import CredentialError
from credentials.keys import PublicKey, parse_jwk
from encoding.errors import EncodingError
from encoding.strict_json import parse_object
from runtime.clock import system_clock

HELP = "make the city's offline root, sign a leaf"
LEAF_DAYS = 730
MAX_KEY_BYTES = 4096


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder of the root, and what to make."""
    parser.add_argument("action", choices=("root", "leaf"))
    parser.add_argument("--folder", required=True, type=Path, help="the root's own folder")
    parser.add_argument("--passphrase-file", required=True, type=Path)
    parser.add_argument("--name", required=True, help="'Demo City root', 'transport credential'")
    parser.add_argument("--domain", action="append", default=[], help="root: a domain of the city")
    parser.add_argument("--role", choices=[role.value for role in Role], help="leaf: for whom")
    parser.add_argument("--key", type=Path, help="leaf: a file with the public JWK")
    parser.add_argument("--uri", action="append", default=[], help="leaf: an issuer identifier")
    parser.add_argument("--dns", action="append", default=[], help="leaf: a host")
    parser.add_argument("--days", type=int, default=LEAF_DAYS, help="leaf: how long it is valid")


def run(arguments: argparse.Namespace) -> int:
    """Make it, print the certificate in PEM."""
    passphrase = _read(arguments.passphrase_file).strip()
    authority = OfflineRoot(arguments.folder, passphrase=passphrase)
    now = system_clock(0)()
    if arguments.action == "root":
        pem = authority.create(common_name=arguments.name, domains=tuple(arguments.domain), now=now)
    else:
        pem = authority.sign(
            _read_request(arguments), validity=timedelta(days=arguments.days), now=now
        )
    show(arguments, {"certificate": pem.decode()}, pem.decode().rstrip())
    return 0


def _read_request(arguments: argparse.Namespace) -> LeafRequest:
    if arguments.role is None or arguments.key is None:
        raise DeskError("a leaf needs --role and --key")
    return LeafRequest(
        role=Role(arguments.role),
        common_name=arguments.name,
        key=_read_key(arguments.key),
        uris=tuple(arguments.uri),
        dns_names=tuple(arguments.dns),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DeskError(f"{path} cannot be read") from error


def _read_key(path: Path) -> PublicKey:
    try:
        text = _read(path).decode()
        return parse_jwk(parse_object(text, max_bytes=MAX_KEY_BYTES, max_members=32))
    except (CredentialError, EncodingError, UnicodeError) as error:
        raise DeskError(f"{path} holds no public JWK") from error
