"""
The trust registry as a signed document: `trust-registry+jwt`.

Payload: `{version, iat, exp, issuers, verifiers}`; all times are NumericDates, certificates are
base64 (DER). Members that are not known are passed over, so that the document may grow. Whether a
registry has expired is judged where it is used: an old one still says whom to doubt.
"""

import base64
import binascii
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from credentials.bls import parse_bbs_public_key
from credentials.errors import Malformed, TokenRefused
from credentials.instants import parse_numeric_date
from credentials.jose import parse_jws, sign_jws, verify_jws
from credentials.keys import PublicKey, Signer, parse_jwk
from credentials.trust import (
    Accreditation,
    KeyUse,
    RegisteredVerifier,
    TrustedBbsKey,
    TrustedIssuer,
    TrustedKey,
    TrustRegistry,
)
from encoding import base64url
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue

REGISTRY_TYPE: Final = "trust-registry+jwt"
MAX_BYTES: Final = 1 << 21
MAX_KEYS: Final = 32  # security.md "Limits"
MAX_BBS_KEYS: Final = 4
"""A proof does not say which key it is of: each that is listed may have to be tried."""


def sign_trust_registry(registry: TrustRegistry, *, signer: Signer, key_id: str) -> str:
    """The document as the register publishes it."""
    payload = build_trust_registry_json(registry)
    return sign_jws(payload, type=REGISTRY_TYPE, signer=signer, header={"kid": key_id})


def read_trust_registry(text: str, *, keys: Collection[PublicKey]) -> TrustRegistry:
    """The registry in a document that one of `keys` signed; else TokenRefused or Malformed."""
    jws = parse_jws(text, types=frozenset({REGISTRY_TYPE}), max_bytes=MAX_BYTES)
    if not any(verify_jws(jws, key) for key in keys):
        raise TokenRefused("the trust registry is not signed by the city", detail="bad_signature")
    return parse_trust_registry(dict(jws.payload))


def build_trust_registry_json(registry: TrustRegistry) -> dict[str, JsonValue]:
    """The payload of the document."""
    return {
        "version": registry.version,
        "iat": _seconds(registry.issued_at),
        "exp": _seconds(registry.expires_at),
        "issuers": [build_issuer_json(issuer) for issuer in registry.issuers],
        "verifiers": [build_verifier_json(verifier) for verifier in registry.verifiers],
    }


def parse_trust_registry(value: JsonValue) -> TrustRegistry:
    """The registry in a payload. An identifier that two issuers share is refused."""
    members = _members(value)
    version = members.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        raise _fault("a trust registry has a version")
    registry = TrustRegistry(
        version=version,
        issued_at=_time(members, "iat"),
        expires_at=_time(members, "exp"),
        issuers=tuple(parse_issuer(each) for each in _list(members, "issuers")),
        verifiers=tuple(parse_verifier(each) for each in _list(members, "verifiers")),
    )
    names = [name for issuer in registry.issuers for name in issuer.identifiers]
    if len(set(names)) != len(names):
        raise _fault("two issuers share an identifier")
    return registry


def build_verifier_json(verifier: RegisteredVerifier) -> dict[str, JsonValue]:
    """An entry of the registry."""
    members: dict[str, JsonValue] = {
        "client_id": verifier.client_id,
        "name": dict(verifier.name),
        "purposes": list(verifier.purposes),
    }
    if verifier.may_ask is not None:
        members["may_ask"] = {name: [*sorted(each)] for name, each in verifier.may_ask.items()}
    return members


def build_issuer_json(issuer: TrustedIssuer) -> dict[str, JsonValue]:
    """An entry of the registry."""
    members: dict[str, JsonValue] = {
        "identifiers": list(issuer.identifiers),
        "name": dict(issuer.name),
        "keys": [_build_key(key) for key in issuer.keys],
        "x5c_anchors": _build_certificates(issuer.x5c_anchors),
        "accreditations": [build_accreditation(each) for each in issuer.accreditations],
    }
    if issuer.bbs_keys:
        members["bbs_keys"] = [_build_bbs_key(key) for key in issuer.bbs_keys]
    return members


def build_accreditation(accreditation: Accreditation) -> dict[str, JsonValue]:
    """An accreditation as the registry states it."""
    times = _build_times(valid_from=accreditation.valid_from, valid_until=accreditation.valid_until)
    claims = accreditation.claims
    return {
        "types": [*sorted(accreditation.types)],
        **times,
        **({} if claims is None else {"claims": [*sorted(claims)]}),
    }


def _build_bbs_key(key: TrustedBbsKey) -> dict[str, JsonValue]:
    return {
        "bls12381_g2": base64url.encode(key.key.octets),
        **_build_times(
            valid_from=key.valid_from,
            valid_until=key.valid_until,
            compromised_at=key.compromised_at,
            sign_until=key.sign_until,
        ),
    }


def build_key_times(key: TrustedKey) -> dict[str, JsonValue]:
    """The times of a key, those that it has."""
    return _build_times(
        valid_from=key.valid_from,
        valid_until=key.valid_until,
        compromised_at=key.compromised_at,
        announced_at=key.announced_at,
        sign_until=key.sign_until,
    )


def _build_key(key: TrustedKey) -> dict[str, JsonValue]:
    members: dict[str, JsonValue] = {
        "jwk": dict(key.key.jwk),
        "use": key.use.value,
        **build_key_times(key),
    }
    if key.x5c:
        members["x5c"] = _build_certificates(key.x5c)
    return members


def parse_issuer(value: JsonValue) -> TrustedIssuer:
    """The issuer in an entry."""
    members = _members(value)
    keys, bbs_keys = _list(members, "keys"), _list(members, "bbs_keys")
    if len(keys) > MAX_KEYS or len(bbs_keys) > MAX_BBS_KEYS:
        raise _fault("an issuer has too many keys")
    return TrustedIssuer(
        identifiers=_texts(members, "identifiers"),
        name=_parse_name(members.get("name", {})),
        keys=tuple(_parse_key(each) for each in keys),
        x5c_anchors=_parse_certificates(members, "x5c_anchors"),
        accreditations=tuple(
            _parse_accreditation(each) for each in _list(members, "accreditations")
        ),
        bbs_keys=tuple(_parse_bbs_key(each) for each in bbs_keys),
    )


def _parse_bbs_key(value: JsonValue) -> TrustedBbsKey:
    members = _members(value)
    text = members.get("bls12381_g2")
    try:
        octets = base64url.decode(text if isinstance(text, str) else "")
    except encoding_errors.Malformed as error:
        raise _fault("a BLS12-381 key is base64url") from error
    return TrustedBbsKey(
        key=parse_bbs_public_key(octets),
        valid_from=_time(members, "valid_from"),
        valid_until=_optional_time(members, "valid_until"),
        compromised_at=_optional_time(members, "compromised_at"),
        sign_until=_optional_time(members, "sign_until"),
    )


def _parse_key(value: JsonValue) -> TrustedKey:
    members = _members(value)
    use = members.get("use")
    if not isinstance(use, str) or use not in set(KeyUse):
        raise _fault("a key is for credentials or for status lists")
    return TrustedKey(
        key=parse_jwk(members.get("jwk")),
        use=KeyUse(use),
        valid_from=_time(members, "valid_from"),
        valid_until=_optional_time(members, "valid_until"),
        compromised_at=_optional_time(members, "compromised_at"),
        x5c=_parse_certificates(members, "x5c"),
        announced_at=_optional_time(members, "announced_at"),
        sign_until=_optional_time(members, "sign_until"),
    )


def _parse_accreditation(value: JsonValue) -> Accreditation:
    members = _members(value)
    return Accreditation(
        types=frozenset(_texts(members, "types")),
        valid_from=_time(members, "valid_from"),
        valid_until=_optional_time(members, "valid_until"),
        claims=frozenset(_texts(members, "claims")) if "claims" in members else None,
    )


def parse_verifier(value: JsonValue) -> RegisteredVerifier:
    """The verifier in an entry."""
    members = _members(value)
    client_id = members.get("client_id")
    if not isinstance(client_id, str) or not client_id:
        raise _fault("a verifier has a client_id")
    return RegisteredVerifier(
        client_id=client_id,
        name=_parse_name(members.get("name", {})),
        purposes=_texts(members, "purposes"),
        may_ask=_parse_may_ask(members["may_ask"]) if "may_ask" in members else None,
    )


def _parse_may_ask(value: JsonValue) -> Mapping[str, frozenset[str]]:
    allowed = _members(value)
    return {name: frozenset(_texts(allowed, name)) for name in sorted(allowed)}


def _build_times(**times: datetime | None) -> dict[str, JsonValue]:
    return {name: _seconds(time) for name, time in times.items() if time is not None}


def _build_certificates(certificates: Sequence[bytes]) -> list[JsonValue]:
    return [base64.b64encode(certificate).decode() for certificate in certificates]


def _parse_certificates(members: Mapping[str, JsonValue], name: str) -> tuple[bytes, ...]:
    try:
        return tuple(base64.b64decode(each, validate=True) for each in _texts(members, name))
    except (binascii.Error, ValueError) as error:
        raise _fault("a certificate is base64") from error


def _parse_name(value: JsonValue) -> Mapping[str, str]:
    name = {language: label for language, label in _members(value).items() if _is_text(label)}
    return {language: str(label) for language, label in name.items()}


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str)


def _seconds(time: datetime) -> int:
    return int(time.timestamp())


def _time(members: Mapping[str, JsonValue], name: str) -> datetime:
    return parse_numeric_date(members.get(name), name=name)


def _optional_time(members: Mapping[str, JsonValue], name: str) -> datetime | None:
    return _time(members, name) if members.get(name) is not None else None


def _members(value: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise _fault("an entry is an object")
    return value


def _list(members: Mapping[str, JsonValue], name: str) -> list[JsonValue]:
    value = members.get(name, [])
    if not isinstance(value, list):
        raise _fault(f"{name} is a list")
    return value


def _texts(members: Mapping[str, JsonValue], name: str) -> tuple[str, ...]:
    texts = tuple(each for each in _list(members, name) if isinstance(each, str) and each)
    if len(texts) != len(_list(members, name)):
        raise _fault(f"{name} holds texts")
    return texts


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="malformed_trust_registry")
