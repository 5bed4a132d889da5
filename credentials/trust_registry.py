"""
The trust registry as a document: `trust-registry+jwt`, signed by the register's trust key.

`read_trust_registry` believes it only when one of the given keys signed it; no keys trust nobody.
Entries are also read one by one, as an operator hands them in. Reading is strict: an unknown use
of a key or a time without zone refuses the whole document, since a half-understood registry would
trust the wrong people.
"""

import base64
import binascii
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Final

from credentials.errors import Malformed, TokenRefused
from credentials.instants import parse_date_time_stamp, parse_numeric_date
from credentials.jose import parse_jws, verify_jws
from credentials.keys import PublicKey, parse_jwk
from credentials.trust import (
    Accreditation,
    KeyUse,
    RegisteredVerifier,
    TrustedIssuer,
    TrustedKey,
    TrustRegistry,
)
from credentials.verdict import format_instant
from encoding.strict_json import JsonValue

TYPE: Final = "trust-registry+jwt"
MAX_BYTES: Final = 1 << 20
MAX_ENTRIES: Final = 1024


def read_trust_registry(text: str, *, keys: Collection[PublicKey]) -> TrustRegistry:
    """The registry in a signed document; TokenRefused unless one of these keys signed it."""
    jws = parse_jws(text, types=frozenset({TYPE}), max_bytes=MAX_BYTES)
    if not any(verify_jws(jws, key) for key in keys):
        raise TokenRefused("no trusted key signed the trust registry", detail="bad_signature")
    version = jws.payload.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise Malformed("the trust registry has no version", detail="malformed_trust")
    return TrustRegistry(
        version=version,
        issued_at=parse_numeric_date(jws.payload.get("iat"), name="iat"),
        expires_at=parse_numeric_date(jws.payload.get("exp"), name="exp"),
        issuers=_parse_each(jws.payload.get("issuers"), parse_trusted_issuer),
        verifiers=_parse_each(jws.payload.get("verifiers"), parse_registered_verifier),
    )


def parse_trusted_issuer(value: JsonValue) -> TrustedIssuer:
    """One issuer entry."""
    members = _object(value)
    return TrustedIssuer(
        identifiers=_texts(members, "identifiers"),
        name=_labels(members),
        keys=_parse_each(members.get("keys"), _parse_key),
        x5c_anchors=tuple(_certificate(text) for text in _texts(members, "x5c_anchors", least=0)),
        accreditations=_parse_each(members.get("accreditations"), _parse_accreditation),
    )


def parse_registered_verifier(value: JsonValue) -> RegisteredVerifier:
    """One verifier entry."""
    members = _object(value)
    return RegisteredVerifier(
        client_id=_text(members, "client_id"),
        name=_labels(members),
        purposes=_texts(members, "purposes", least=0),
    )


def build_trusted_issuer_json(issuer: TrustedIssuer) -> dict[str, JsonValue]:
    """The entry again, in the one form that is signed and anchored."""
    return {
        "identifiers": list(issuer.identifiers),
        "name": dict(issuer.name),
        "keys": [_build_key_json(key) for key in issuer.keys],
        "x5c_anchors": [base64.b64encode(anchor).decode() for anchor in issuer.x5c_anchors],
        "accreditations": [
            {
                "types": sorted(accreditation.types),
                **_build_period(accreditation.valid_from, accreditation.valid_until),
            }
            for accreditation in issuer.accreditations
        ],
    }


def build_registered_verifier_json(verifier: RegisteredVerifier) -> dict[str, JsonValue]:
    """The entry again."""
    return {
        "client_id": verifier.client_id,
        "name": dict(verifier.name),
        "purposes": list(verifier.purposes),
    }


def _parse_key(value: JsonValue) -> TrustedKey:
    members = _object(value)
    use = members.get("use")
    if use not in (KeyUse.CREDENTIAL, KeyUse.STATUS):
        raise Malformed("a key is for credential or for status", detail="malformed_trust")
    return TrustedKey(
        key=parse_jwk(members.get("jwk")),
        use=KeyUse(use),
        valid_from=parse_date_time_stamp(members.get("valid_from"), name="valid_from"),
        valid_until=_optional_time(members, "valid_until"),
        compromised_at=_optional_time(members, "compromised_at"),
    )


def _parse_accreditation(value: JsonValue) -> Accreditation:
    members = _object(value)
    return Accreditation(
        types=frozenset(_texts(members, "types")),
        valid_from=parse_date_time_stamp(members.get("valid_from"), name="valid_from"),
        valid_until=_optional_time(members, "valid_until"),
    )


def _build_key_json(key: TrustedKey) -> dict[str, JsonValue]:
    members: dict[str, JsonValue] = {"jwk": dict(key.key.jwk), "use": key.use.value}
    members.update(_build_period(key.valid_from, key.valid_until))
    if key.compromised_at is not None:
        members["compromised_at"] = format_instant(key.compromised_at)
    return members


def _build_period(valid_from: datetime, valid_until: datetime | None) -> dict[str, JsonValue]:
    members: dict[str, JsonValue] = {"valid_from": format_instant(valid_from)}
    if valid_until is not None:
        members["valid_until"] = format_instant(valid_until)
    return members


def _parse_each[Entry](value: JsonValue, parse: Callable[[JsonValue], Entry]) -> tuple[Entry, ...]:
    if not isinstance(value, list) or len(value) > MAX_ENTRIES:
        raise Malformed("a list of the trust registry is missing", detail="malformed_trust")
    return tuple(parse(item) for item in value)


def _object(value: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise Malformed("an entry of the trust registry is an object", detail="malformed_trust")
    return value


def _text(members: Mapping[str, JsonValue], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed(f"{name} of the trust registry is a text", detail="malformed_trust")
    return value


def _texts(members: Mapping[str, JsonValue], name: str, *, least: int = 1) -> tuple[str, ...]:
    value = members.get(name, [] if least == 0 else None)
    if not isinstance(value, list) or not least <= len(value) <= MAX_ENTRIES:
        raise Malformed(f"{name} of the trust registry is a list", detail="malformed_trust")
    texts = tuple(item for item in value if isinstance(item, str) and item)
    if len(texts) != len(value):
        raise Malformed(f"{name} of the trust registry holds texts", detail="malformed_trust")
    return texts


def _labels(members: Mapping[str, JsonValue]) -> Mapping[str, str]:
    value = members.get("name")
    if not isinstance(value, dict) or not value:
        raise Malformed("a name of the trust registry is missing", detail="malformed_trust")
    labels = {language: label for language, label in value.items() if isinstance(label, str)}
    if len(labels) != len(value):
        raise Malformed("a name of the trust registry holds texts", detail="malformed_trust")
    return labels


def _optional_time(members: Mapping[str, JsonValue], name: str) -> datetime | None:
    value = members.get(name)
    return None if value is None else parse_date_time_stamp(value, name=name)


def _certificate(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("an anchor is not base64", detail="malformed_trust") from error
