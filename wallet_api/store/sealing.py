"""How the store turns values into ciphertexts and back, and small things every table needs."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Update
from sqlalchemy.orm import Session

from encoding import base64url
from encoding.strict_json import JsonValue, build_json, parse_object
from wallet_api.encryption import ResidentCipher

MAX_DETAIL_BYTES = 1_048_576
"""A sealed value of our own making: an offer with its issuer's metadata fits many times."""


def new_id() -> str:
    """128 random bits, base64url."""
    return base64url.encode(secrets.token_bytes(16))


def seal_json(
    cipher: ResidentCipher, value: Mapping[str, JsonValue], *, row: str, column: str
) -> bytes:
    """The value as JSON, sealed."""
    return cipher.seal(build_json(dict(value)), row=row, column=column)


def open_json(
    cipher: ResidentCipher, sealed: bytes, *, row: str, column: str
) -> dict[str, JsonValue]:
    """The sealed JSON object."""
    return parse_object(cipher.open(sealed, row=row, column=column), max_bytes=MAX_DETAIL_BYTES)


def to_seconds(instant: datetime) -> int:
    """Unix seconds."""
    return int(instant.timestamp())


def from_seconds(seconds: int) -> datetime:
    """An aware time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def count_changed(session: Session, statement: Update | Delete) -> int:
    """Execute, and say how many rows it changed."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
