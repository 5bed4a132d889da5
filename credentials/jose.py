"""
JSON Web Signatures in compact form, strictly: the only door to PyJWT.

The parser of RFC 7515 section 7.1 here is our own: it reads each token once, refuses before any
key is looked up what no honest token holds, and never follows a header to a key (`jwk`, `jku`,
`x5u` and `x5c` give nobody trust; S-007). Refused: any `alg` but ES256, ES384, ES512
and EdDSA (S-001), any `crit` and `b64` (S-009), any `typ` but those that the caller names
(S-010), duplicate members (S-012). Reading is not believing: `verify_jws` says whether a key
signed.

Access tokens go through PyJWT with all its time checks off, since it reads the machine's clock;
time is compared here with the `now` that is handed in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

import jwt

from credentials.errors import Malformed, TokenRefused
from credentials.keys import (
    SIGNATURE_SIZES,
    PublicKey,
    Signer,
    verify_signature,
)
from encoding import base64url, strict_json
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue

MAX_BYTES = 65_536
MAX_HEADER_BYTES = 8_192  # security.md "Limits"
SKEW = timedelta(seconds=60)  # S-028

# What a header may call an algorithm, and what we call it (RFC 9864 for the last).
_ALGORITHM_NAMES = {
    "ES256": "ES256",
    "ES384": "ES384",
    "ES512": "ES512",
    "EdDSA": "EdDSA",
    "Ed25519": "EdDSA",
}


@dataclass(frozen=True, slots=True)
class Jws:
    """A compact JWS as read: shape checked, signature not."""

    header: Mapping[str, JsonValue]
    payload: Mapping[str, JsonValue]
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    text: str = field(repr=False)
    algorithm: str
    type: str

    @property
    def key_id(self) -> str | None:
        """The header's `kid`: a hint, never a reason to trust."""
        key_id = self.header.get("kid")
        return key_id if isinstance(key_id, str) else None


def parse_jws(text: str, *, types: frozenset[str], max_bytes: int = MAX_BYTES) -> Jws:
    """Read a compact JWS whose `typ` is exactly one of `types`; "" allows one without `typ`."""
    if len(text) > max_bytes:
        raise Malformed(f"a token is larger than {max_bytes} bytes", detail="too_large")
    parts = text.split(".")
    if len(parts) != 3:
        raise Malformed("a compact JWS has three parts", detail="not_a_jws")
    header, algorithm, token_type = _parse_header(parts[0])
    if token_type not in types:
        raise Malformed("a token has another typ than expected", detail="invalid_typ")
    try:
        payload = strict_json.parse_object(base64url.decode(parts[1]), max_bytes=max_bytes)
        signature = base64url.decode(parts[2])
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    return Jws(
        header=header,
        payload=payload,
        signing_input=text[: -len(parts[2]) - 1].encode("ascii"),
        signature=signature,
        text=text,
        algorithm=algorithm,
        type=token_type,
    )


@lru_cache(maxsize=512)
def _parse_header(text: str) -> tuple[Mapping[str, JsonValue], str, str]:
    """
    Read a protected header: its members, our name of the algorithm, and `typ` (empty: none).

    Cached: an issuer's header is the same on every credential.
    """
    try:
        if len(text) > MAX_HEADER_BYTES * 4 // 3 + 3:
            raise Malformed("a token's header is too large", detail="too_large")
        header = strict_json.parse_object(base64url.decode(text), max_bytes=MAX_HEADER_BYTES)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in _ALGORITHM_NAMES:
        raise Malformed("a token's algorithm is not allowed", detail="invalid_signature_alg")
    if "crit" in header:
        raise Malformed("a token has critical headers", detail="unsupported_crit")
    if "b64" in header:
        raise Malformed("a token's payload is not base64url", detail="unsupported_b64")
    if not isinstance(header.get("kid", ""), str):
        raise Malformed("a token's kid is not a string", detail="invalid_kid")
    # Absent and empty are not the same: only a token without the member counts as without type.
    token_type = header.get("typ", "")
    if not isinstance(token_type, str) or ("typ" in header and not token_type):
        raise Malformed("a token's typ is not text", detail="invalid_typ")
    return MappingProxyType(header), _ALGORITHM_NAMES[algorithm], token_type


def peek_type(text: str) -> str:
    """The `typ` of a compact JWS, to choose a reader; nothing else of it has been looked at."""
    _, _, token_type = _parse_header(text.partition(".")[0])
    return token_type


def verify_jws(jws: Jws, key: PublicKey) -> bool:
    """Whether this key signed this token, with the algorithm that belongs to the key."""
    return jws.algorithm == key.algorithm and verify_signature(
        key, jws.signing_input, jws.signature
    )


def sign_jws(
    payload: Mapping[str, JsonValue],
    *,
    type: str,
    signer: Signer,
    header: Mapping[str, JsonValue] | None = None,
) -> str:
    """Sign a payload; `alg` and `typ` are set here, `header` adds the rest."""
    signing_input = build_signing_input(
        payload, type=type, algorithm=signer.algorithm, header=header
    )
    return join_signature(signing_input, signer.sign(signing_input.encode("ascii")))


def build_signing_input(
    payload: Mapping[str, JsonValue],
    *,
    type: str,
    algorithm: str,
    header: Mapping[str, JsonValue] | None = None,
) -> str:
    """What a device that holds the key must sign: header and payload, joined by a dot."""
    if algorithm not in _ALGORITHM_NAMES:
        raise Malformed("the algorithm is not allowed", detail="invalid_signature_alg")
    protected = {"alg": algorithm, "typ": type, **(header or {})}
    return (
        base64url.encode(strict_json.build_json(protected))
        + "."
        + base64url.encode(strict_json.build_json(payload))
    )


def join_signature(signing_input: str, signature: bytes) -> str:
    """Signing input and raw signature, joined into the compact form."""
    if len(signature) not in SIGNATURE_SIZES.values():
        raise Malformed("a signature has an impossible length", detail="invalid_signature")
    return signing_input + "." + base64url.encode(signature)


def encode_token(
    claims: Mapping[str, JsonValue], *, type: str, signer: Signer, key_id: str | None
) -> str:
    """Sign an access or service token."""
    return sign_jws(
        claims, type=type, signer=signer, header={"kid": key_id} if key_id is not None else None
    )


def decode_token(
    text: str,
    *,
    type: str,
    keys: Iterable[PublicKey],
    audience: str,
    issuer: str | None,
    now: datetime,
) -> Mapping[str, JsonValue]:
    """
    Verify an access or service token and give its claims.

    `keys` are all those that are trusted to sign it. `issuer` None means that any holder of such
    a key may issue. `exp` is required; `nbf` and `iat` count when present, with 60 s of skew.
    """
    jws = parse_jws(text, types=frozenset({type}))
    for key in keys:
        if key.algorithm == jws.algorithm:
            claims = _decode_with_pyjwt(jws, key=key, audience=audience, issuer=issuer)
            if claims is not None:
                _check_times(claims, now=now)
                return claims
    raise TokenRefused("the token is not signed by a trusted key", detail="bad_signature")


def _decode_with_pyjwt(
    jws: Jws, *, key: PublicKey, audience: str, issuer: str | None
) -> Mapping[str, JsonValue] | None:
    """The claims, or None when this key did not sign."""
    options: jwt.types.Options = {
        "require": ["exp"],
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
        "verify_aud": True,
        "verify_iss": issuer is not None,
        "strict_aud": True,
    }
    try:
        jwt.decode(
            jws.text,
            key.key_object,
            algorithms=[str(jws.header["alg"])],
            options=options,
            audience=audience,
            issuer=issuer,
        )
    except jwt.InvalidSignatureError:
        return None
    except jwt.InvalidAudienceError as error:
        raise TokenRefused("the token is for somebody else", detail="wrong_audience") from error
    except jwt.InvalidIssuerError as error:
        raise TokenRefused("the token has another issuer", detail="wrong_issuer") from error
    except jwt.PyJWTError as error:
        raise TokenRefused("the token lacks a required claim", detail="invalid_claims") from error
    return jws.payload


def _check_times(claims: Mapping[str, JsonValue], *, now: datetime) -> None:
    seconds, skew = now.timestamp(), SKEW.total_seconds()
    for name in ("exp", "nbf", "iat"):
        value = claims.get(name, seconds)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TokenRefused(f"the token's {name} is not a number", detail="invalid_claims")
        if name == "exp" and value + skew <= seconds:
            raise TokenRefused("the token has expired", detail="expired")
        if name != "exp" and value - skew > seconds:
            raise TokenRefused("the token is not valid yet", detail="not_yet_valid")
