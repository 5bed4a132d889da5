"""The phone on the same network: which address it reaches us at, and what it must trust first."""

import socket
from urllib.parse import quote

from cityhall.errors import DeskError
from cityhall.supervisor import Plan
from cityhall.tls import fingerprint
from runtime.qr import build_qr_terminal

# RFC 5737 documentation address: a UDP socket "connected" to it sends nothing, but tells which
# of our addresses the route to the network would use.
ELSEWHERE = ("192.0.2.1", 9)


def find_lan_address() -> str:
    """This machine's address on its network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
            address = str(probe.getsockname()[0])
        except OSError as error:
            raise DeskError("this machine has no network: leave --lan out") from error
    if address.startswith("127."):
        raise DeskError("this machine has no network address: leave --lan out")
    return address


def show_phone_help(plan: Plan) -> None:
    """A QR of the install page, and the fingerprint that the phone must show."""
    assert plan.ca_file is not None
    page = f"{plan.urls['wallet_api']}/install#{quote(fingerprint(plan.ca_file))}"
    print(build_qr_terminal(page))
    print("Scan this with the phone. The page explains how to trust the demo's certificate.")
    print(f"The certificate's SHA-256 fingerprint must be\n  {fingerprint(plan.ca_file)}\n")
