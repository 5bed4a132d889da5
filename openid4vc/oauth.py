"""
The OAuth pieces that every counter shares.

Forms (RFC 6749 3.2: no parameter twice), the `Authorization` header (RFC 6750 2.1, RFC 9449 7.1),
PKCE with S256 (RFC 7636), DPoP-bound access tokens (RFC 9068 shape, RFC 9449 6.1) and the service
tokens that counters and scripts show each other. Tokens are signed and checked by
`credentials.jose`; time is the `now` that is handed in.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Literal
from urllib.parse import parse_qsl

from credentials.errors import CredentialError
from credentials.instants import parse_numeric_date
from credentials.jose import decode_token, encode_token
from credentials.keys import PublicKey, Signer, parse_jwk
from encoding import base64url
from encoding.strict_json import JsonValue
from openid4vc.errors import (
    InsufficientScope,
    InvalidRequest,
    InvalidToken,
    build_challenge,
)

ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105  a media type
MAX_FORM_BYTES = 65_536
MAX_FIELDS = 64
MAX_SERVICE_LIFETIME = timedelta(minutes=15)
ROLES = frozenset({"operator", "officer", "inspector", "business", "service"})

Scheme = Literal["DPoP", "Bearer"]

_AUTHORIZATION = re.compile(r"([A-Za-z]+) +([A-Za-z0-9\-._~+/]+=*)")  # RFC 6750 2.1: token68
_CODE_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")  # RFC 7636 4.1
_REGISTERED = frozenset({"iss", "aud", "sub", "iat", "exp", "jti", "cnf", "scope"})


@dataclass(frozen=True, slots=True)
class Authorization:
    """What stands in the `Authorization` header."""

    scheme: Scheme
    token: str


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A verified access token. `thumbprint`: of the DPoP key that it is bound to."""

    subject: str
    audience: str
    thumbprint: str | None
    scope: str | None
    issued_at: datetime
    expires_at: datetime
    token_id: str
    extra: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class ServiceToken:
    """A verified service token: who acts, in which role, for which agency."""

    role: str
    agency: str | None
    subject: str
    token_id: str
    expires_at: datetime


def parse_form(body: bytes, *, max_bytes: int = MAX_FORM_BYTES) -> dict[str, str]:
    """
    Read an `application/x-www-form-urlencoded` body.

    RFC 6749 3.2: a parameter without a value is left out, one that is given twice is refused.
    """
    if len(body) > max_bytes:
        raise InvalidRequest(f"the form is larger than {max_bytes} bytes")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise InvalidRequest("the form cannot be read") from error
    if len(dict(pairs)) != len(pairs):
        raise InvalidRequest("the form holds a parameter twice")
    return {name: value for name, value in pairs if value}


def parse_authorization(header: str | None) -> Authorization:
    """Read the header; the scheme is compared without regard to case."""
    if header is None:
        # RFC 6750 3.1: who shows no token learns no error code.
        raise InvalidToken(
            "an access token is needed", headers={"WWW-Authenticate": build_challenge("DPoP")}
        )
    match = _AUTHORIZATION.fullmatch(header)
    schemes: dict[str, Scheme] = {"dpop": "DPoP", "bearer": "Bearer"}
    scheme = schemes.get(match[1].lower()) if match else None
    if match is None or scheme is None:
        raise build_invalid_token("DPoP", "the authorization header cannot be read")
    return Authorization(scheme=scheme, token=match[2])


def build_invalid_token(scheme: Scheme, message: str) -> InvalidToken:
    """The refusal of an access token, with its challenge."""
    challenge = build_challenge(scheme, error=InvalidToken.code, description=message)
    return InvalidToken(message, headers={"WWW-Authenticate": challenge})


def build_pkce_challenge(verifier: str) -> str:
    """The S256 challenge of a code verifier; `plain` does not exist here."""
    return base64url.encode(sha256(verifier.encode("ascii")).digest())


def verify_pkce(*, verifier: str, challenge: str) -> bool:
    """Whether this verifier belongs to this challenge."""
    if not _CODE_VERIFIER.fullmatch(verifier):
        return False
    return compare_digest(build_pkce_challenge(verifier).encode(), challenge.encode())


def issue_access_token(
    *,
    signer: Signer,
    key_id: str,
    issuer: str,
    audience: str,
    subject: str,
    now: datetime,
    lifetime: timedelta,
    token_id: str,
    thumbprint: str | None = None,
    scope: str | None = None,
    extra: Mapping[str, JsonValue] | None = None,
) -> str:
    """Sign an access token; with `thumbprint` it works only beside a DPoP proof of that key."""
    claims: dict[str, JsonValue] = {
        **(extra or {}),
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "jti": token_id,
    }
    if thumbprint is not None:
        claims["cnf"] = {"jkt": thumbprint}
    if scope is not None:
        claims["scope"] = scope
    return encode_token(claims, type=ACCESS_TOKEN_TYPE, signer=signer, key_id=key_id)


def verify_access_token(
    text: str, *, keys: Iterable[PublicKey], issuer: str, audience: str, now: datetime
) -> AccessToken:
    """Verify one; who calls must still hold the DPoP proof against `thumbprint`."""
    claims = _decode(text, keys=keys, issuer=issuer, audience=audience, now=now)
    scope = claims.get("scope")
    return AccessToken(
        subject=_require(claims, "sub"),
        audience=audience,
        thumbprint=_read_thumbprint(claims.get("cnf")),
        scope=scope if isinstance(scope, str) else None,
        issued_at=_read_time(claims, "iat"),
        expires_at=_read_time(claims, "exp"),
        token_id=_require(claims, "jti"),
        extra={name: value for name, value in claims.items() if name not in _REGISTERED},
    )


def issue_service_token(
    *,
    signer: Signer,
    issuer: str,
    subject: str,
    audience: str,
    role: str,
    agency: str | None,
    now: datetime,
    token_id: str,
    lifetime: timedelta = MAX_SERVICE_LIFETIME,
) -> str:
    """Sign a service token for one counter; its `kid` is the thumbprint of the key."""
    if role not in ROLES:
        raise InvalidRequest("the role is unknown")
    if lifetime > MAX_SERVICE_LIFETIME:
        raise InvalidRequest("a service token lives for 15 minutes at most")
    extra: dict[str, JsonValue] = {"role": role}
    if agency is not None:
        extra["agency"] = agency
    return issue_access_token(
        signer=signer,
        key_id=parse_jwk(dict(signer.public_jwk)).thumbprint,
        issuer=issuer,
        audience=audience,
        subject=subject,
        now=now,
        lifetime=lifetime,
        token_id=token_id,
        extra=extra,
    )


def verify_service_token(
    text: str, *, keys: Iterable[PublicKey], audience: str, now: datetime
) -> ServiceToken:
    """
    Verify one. Any holder of one of `keys` may issue it; no keys means nobody may.

    A token that claims a longer life than 15 minutes is refused, whoever signed it.
    """
    claims = _decode(text, keys=keys, issuer=None, audience=audience, now=now)
    role = _require(claims, "role")
    agency = claims.get("agency")
    if role not in ROLES or not isinstance(agency, str | None) or "cnf" in claims:
        raise build_invalid_token("Bearer", "the access token is no service token")
    expires_at = _read_time(claims, "exp")
    if expires_at - _read_time(claims, "iat") > MAX_SERVICE_LIFETIME:
        raise build_invalid_token("Bearer", "the service token lives too long")
    return ServiceToken(
        role=role,
        agency=agency,
        subject=_require(claims, "sub"),
        token_id=_require(claims, "jti"),
        expires_at=expires_at,
    )


def require_role(token: ServiceToken, *roles: str) -> None:
    """Refuse a token whose role is none of these; no roles at all refuse everybody."""
    if token.role not in roles:
        raise InsufficientScope("the role of this token does not allow this")


def _decode(
    text: str, *, keys: Iterable[PublicKey], issuer: str | None, audience: str, now: datetime
) -> Mapping[str, JsonValue]:
    scheme: Scheme = "Bearer" if issuer is None else "DPoP"
    try:
        return decode_token(
            text, type=ACCESS_TOKEN_TYPE, keys=keys, audience=audience, issuer=issuer, now=now
        )
    except CredentialError as error:
        raise build_invalid_token(scheme, str(error)) from error


def _require(claims: Mapping[str, JsonValue], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise build_invalid_token("Bearer", f"the access token lacks {name}")
    return value


def _read_time(claims: Mapping[str, JsonValue], name: str) -> datetime:
    try:
        return parse_numeric_date(claims.get(name), name=name)
    except CredentialError as error:
        raise build_invalid_token("Bearer", f"the access token lacks {name}") from error


def _read_thumbprint(confirmation: JsonValue) -> str | None:
    """RFC 9449 6.1. A confirmation of another kind cannot be checked, so it is refused."""
    if confirmation is None:
        return None
    thumbprint = confirmation.get("jkt") if isinstance(confirmation, dict) else None
    if not isinstance(thumbprint, str):
        raise build_invalid_token("DPoP", "the access token is bound in an unknown way")
    return thumbprint
