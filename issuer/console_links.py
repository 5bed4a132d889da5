"""
Keeps an offer's link and code for the browser in which it was made, and for nobody else.

The database holds only digests of offers. What the officer must still see after the form was sent
is sealed with a key that follows from the session's secret, which only the browser's cookie holds.
So a copy of the database redeems no offer, and another browser sees no code.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from encoding import base64url
from encoding.strict_json import JsonValue, build_json, parse_object
from issuer.offers import MadeOffer
from runtime.web_sessions import WebSession

KEPT = 8
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class HandOver:
    """What the officer hands over: the link by QR, the code by mouth."""

    offer_uri: str
    tx_code: str | None


def keep_link(session: WebSession, made: MadeOffer) -> dict[str, JsonValue]:
    """The session's content with this offer in it; the oldest go."""
    links = dict(_links(session))
    links.pop(made.credential, None)
    links[made.credential] = _seal(
        session, made.credential, {"uri": made.offer_uri, "tx_code": made.tx_code}
    )
    return {**session.content, "links": dict(list(links.items())[-KEPT:])}


def open_link(session: WebSession, credential: str) -> HandOver | None:
    """What was kept for this credential in this browser."""
    sealed = _links(session).get(credential)
    if not isinstance(sealed, str):
        return None
    data = base64url.decode(sealed)
    try:
        opened = AESGCM(_derive_key(session)).decrypt(
            data[:_NONCE_BYTES], data[_NONCE_BYTES:], credential.encode()
        )
    except InvalidTag:
        return None
    value = parse_object(opened)
    uri, tx_code = value["uri"], value["tx_code"]
    return HandOver(str(uri), None if tx_code is None else str(tx_code))


def _links(session: WebSession) -> Mapping[str, JsonValue]:
    links = session.content.get("links")
    return links if isinstance(links, dict) else {}


def _seal(session: WebSession, credential: str, value: dict[str, JsonValue]) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_derive_key(session)).encrypt(nonce, build_json(value), credential.encode())
    return base64url.encode(nonce + sealed)


def _derive_key(session: WebSession) -> bytes:
    """256 random bits in, so one hash is enough; another purpose than the stored digest's."""
    return sha256(b"issuer.console.links\n" + session.secret.encode()).digest()
