"""
Reading the members of a JSON object, strictly.

Each function names the member it reads and the error class to raise, so that a wrong member of a
credential request is an `invalid_credential_request` and one of an offer an `invalid_request`.
Members that nobody reads are ignored: unknown parameters never matter (VCI-I-30, S-092).
"""

from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from encoding.errors import EncodingError
from encoding.strict_json import MAX_BYTES, JsonValue, parse_object
from openid4vc.errors import ProtocolError

MAX_TEXT = 4_096
MAX_ITEMS = 256
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Refusal = type[ProtocolError]


def read_object(
    body: bytes | str, *, what: str, refuse: Refusal, max_bytes: int = MAX_BYTES
) -> dict[str, JsonValue]:
    """Parse a body that must be one JSON object."""
    try:
        return parse_object(body, max_bytes=max_bytes)
    except EncodingError as error:
        raise refuse(f"the {what} is not a readable JSON object: {error}") from error


def require_object(value: JsonValue, *, what: str, refuse: Refusal) -> dict[str, JsonValue]:
    """The value, which must be an object."""
    if not isinstance(value, dict):
        raise refuse(f"{what} must be an object")
    return value


def require_array(value: JsonValue, *, what: str, refuse: Refusal) -> list[JsonValue]:
    """The value, which must be an array that is neither empty nor endless."""
    if not isinstance(value, list) or not 0 < len(value) <= MAX_ITEMS:
        raise refuse(f"{what} must be an array of 1 to {MAX_ITEMS} items")
    return value


def require_text(value: JsonValue, *, what: str, refuse: Refusal, limit: int = MAX_TEXT) -> str:
    """The value, which must be a string that is neither empty nor endless."""
    if not isinstance(value, str) or not 0 < len(value) <= limit:
        raise refuse(f"{what} must be a string of 1 to {limit} characters")
    return value


def optional_text(
    members: Mapping[str, JsonValue], name: str, *, refuse: Refusal, limit: int = MAX_TEXT
) -> str | None:
    """The string member of this name, or None when it is absent or empty."""
    if members.get(name, "") == "":
        return None
    return require_text(members[name], what=name, refuse=refuse, limit=limit)


def optional_boolean(
    members: Mapping[str, JsonValue], name: str, *, refuse: Refusal
) -> bool | None:
    """The boolean member of this name, or None when it is absent."""
    if name not in members:
        return None
    value = members[name]
    if not isinstance(value, bool):
        raise refuse(f"{name} must be true or false")
    return value


def optional_count(members: Mapping[str, JsonValue], name: str, *, refuse: Refusal) -> int | None:
    """The member of this name that must be a whole number above zero, or None when absent."""
    if name not in members:
        return None
    value = members[name]
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise refuse(f"{name} must be a whole number above zero")
    return value


def require_texts(
    value: JsonValue,
    *,
    what: str,
    refuse: Refusal,
    are_unique: bool = False,
    limit: int = MAX_TEXT,
) -> tuple[str, ...]:
    """The value, which must be a non-empty array of strings."""
    items = require_array(value, what=what, refuse=refuse)
    texts = tuple(
        require_text(item, what=f"an item of {what}", refuse=refuse, limit=limit) for item in items
    )
    if are_unique and len(set(texts)) != len(texts):
        raise refuse(f"{what} must not name anything twice")
    return texts


def require_url(value: JsonValue, *, what: str, refuse: Refusal, allow_http_loopback: bool) -> str:
    """
    The value, which must be an https URL without user, password or fragment.

    With `allow_http_loopback` plain http to this machine passes too (development).
    """
    text = require_text(value, what=what, refuse=refuse)
    parts = split_url(text)
    if parts is None or not is_secure(parts, allow_http_loopback=allow_http_loopback):
        raise refuse(f"{what} must be an https URL")
    if parts.fragment or "#" in text or "@" in parts.netloc:
        raise refuse(f"{what} must have no fragment and no user")
    return text


def require_identity(
    members: Mapping[str, JsonValue], name: str, *, expected: str, refuse: Refusal
) -> None:
    """The member must be the very string that was asked for."""
    if members.get(name) != expected:
        raise refuse(f"{name} is not the one that was asked for")


def present(**members: str | int | None) -> dict[str, JsonValue]:
    """An object of those members that are there."""
    return {name: value for name, value in members.items() if value is not None}


def split_url(text: str) -> SplitResult | None:
    """Take a URL apart; None when it is none, or hides control characters or white space."""
    if any(not 0x20 < ord(character) < 0x7F for character in text) or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def is_secure(parts: SplitResult, *, allow_http_loopback: bool) -> bool:
    """Whether this URL names a host over https, or over http on this machine if that is allowed."""
    if not parts.hostname:
        return False
    if parts.scheme == "https":
        return True
    return allow_http_loopback and parts.scheme == "http" and parts.hostname in _LOOPBACK
