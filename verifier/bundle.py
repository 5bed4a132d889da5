"""
The offline bundle: everything a phone needs to reach a verdict without signal, in one signed text.

It repeats what the register published (trust registry, log policy, snapshot), each part with its
own proof, and adds this counter's purposes and labels. The verifier's signature only tells a
phone that the parts belong together and how old they are: it cannot make a bad credential good.
The phone refuses a bundle of another city, an older one, and one past its end (S-134).
"""

import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from credentials.errors import CredentialError
from credentials.jose import peek_type, sign_jws
from credentials.keys import parse_jwk
from encoding import base64url, compression
from encoding.strict_json import JsonValue, build_json, parse_object
from verifier.desk import Desk
from verifier.errors import MaterialUnavailable
from verifier.gathering import MAX_SNAPSHOT_BYTES, MAX_SNAPSHOT_MEMBERS, Believed
from verifier.labels import build_labels_json
from verifier.purpose import Purpose, build_view_json

MEDIA_TYPE = "application/jwt"
TYPE = "offline-bundle+jwt"
LIFETIME = timedelta(days=7)
"""S-132: older than this, a phone refuses to judge."""
SIGNED_ANEW_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The bytes as served. `etag` names the content, not the signature."""

    text: bytes
    compressed: bytes
    etag: str
    built_at: datetime


class BundleShelf:
    """Keeps the last bundle; builds a new one when the material changed or the old one aged."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._bundle: Bundle | None = None

    def take(self) -> Bundle:
        """The bundle of what is believed now."""
        gatherer = self._desk.gatherer
        believed = gatherer.look_again(gatherer.believe(max_age=None))
        etag = _build_etag(believed)
        with self._lock:
            bundle, now = self._bundle, self._desk.clock()
            if (
                bundle is None
                or bundle.etag != etag
                or not timedelta(0) <= now - bundle.built_at < SIGNED_ANEW_AFTER
            ):
                bundle = self._bundle = _build_bundle(self._desk, believed, etag=etag, now=now)
            return bundle


def _build_bundle(desk: Desk, believed: Believed, *, etag: str, now: datetime) -> Bundle:
    payload = build_payload(desk, believed, now=now)
    key_id = parse_jwk(dict(desk.bundle_signer.public_jwk)).thumbprint
    text = sign_jws(payload, type=TYPE, signer=desk.bundle_signer, header={"kid": key_id}).encode()
    return Bundle(
        text=text,
        compressed=compression.deflate_gzip(text),
        etag=etag,
        built_at=now,
    )


def build_payload(desk: Desk, believed: Believed, *, now: datetime) -> dict[str, JsonValue]:
    """The content of the bundle; `version` rises with the epoch."""
    if believed.snapshot is None:
        raise MaterialUnavailable("the register has published no snapshot yet")
    snapshot = parse_object(
        believed.snapshot.text,
        max_bytes=MAX_SNAPSHOT_BYTES,
        max_members=MAX_SNAPSHOT_MEMBERS,
    )
    return {
        "iss": desk.addresses.verifier,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "version": believed.snapshot.epoch,
        "trust": believed.trust_text,
        "trust_keys": parse_object(believed.pins.trust_keys_text)["keys"],
        "log_policy": believed.pins.log_text,
        "snapshot": {**snapshot, "lists": _phone_lists(snapshot)},
        "purposes": [_build_purpose(purpose) for purpose in desk.purposes.by_id.values()],
        "labels": build_labels_json(desk.labels),
    }


def _phone_lists(snapshot: dict[str, JsonValue]) -> list[JsonValue]:
    """Only Token Status Lists: views refer to these, and each has a proof of its own."""
    items = snapshot.get("lists")
    return [item for item in items if _is_token_list(item)] if isinstance(items, list) else []


def _is_token_list(item: JsonValue) -> bool:
    token = item.get("token") if isinstance(item, dict) else None
    try:
        return isinstance(token, str) and peek_type(token) == "statuslist+jwt"
    except CredentialError:
        return False


def _build_purpose(purpose: Purpose) -> dict[str, JsonValue]:
    view = purpose.view
    return {
        "id": purpose.id,
        "title": dict(purpose.title),
        "view": build_view_json(view) if view is not None else None,
    }


def _build_etag(believed: Believed) -> str:
    """Weak (RFC 9110 8.8.1): signatures of the same content differ between processes."""
    snapshot = believed.snapshot.text if believed.snapshot is not None else ""
    parts: list[JsonValue] = [believed.trust_text, believed.pins.log_text, snapshot]
    digest = hashlib.sha256(build_json(parts)).digest()
    return f'W/"{base64url.encode(digest[:16])}"'
