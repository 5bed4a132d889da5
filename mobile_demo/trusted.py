"""Reads the register's trust document for people to look at."""

from credentials.jose import parse_jws
from credentials.trust_document import REGISTRY_TYPE
from encoding.strict_json import JsonValue
from mobile_demo.desk import Desk

MAX_BYTES = 1 << 21


def fetch_trust_document(desk: Desk) -> dict[str, JsonValue]:
    """The payload as published; for display only, nothing is judged by it."""
    text = desk.letters("register", role="operator").text("/trust", accept="*/*")
    jws = parse_jws(text, types=frozenset({REGISTRY_TYPE}), max_bytes=MAX_BYTES)
    return dict(jws.payload)
