"""
Tickets: random strings that open something, and the digests by which they are recognised.

Whoever holds the ticket may act; the database keeps digests only. From one ticket others are
derived, so that an offer's link leads to its code although neither is stored.
"""

import secrets
from hashlib import sha256

from encoding import base64url

TICKET_BYTES = 32  # 256 bits; security.md S-081 asks for 128
ID_BYTES = 16
TX_CODE_DIGITS = 6


def draw_ticket() -> str:
    """A new secret."""
    return secrets.token_urlsafe(TICKET_BYTES)


def draw_id() -> str:
    """A new name that nobody can guess, for things that are not secret."""
    return secrets.token_urlsafe(ID_BYTES)


def draw_tx_code() -> str:
    """A code that a person can type (VCI-I-12)."""
    return "".join(secrets.choice("0123456789") for _ in range(TX_CODE_DIGITS))


def digest_ticket(ticket: str) -> str:
    """What the database keeps of a ticket."""
    return base64url.encode(sha256(ticket.encode()).digest())


def derive_ticket(ticket: str, *, purpose: str) -> str:
    """Another ticket that follows from this one, and does not lead back to it."""
    return base64url.encode(sha256(f"{purpose}\n{ticket}".encode()).digest())
