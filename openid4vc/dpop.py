"""
DPoP proofs (RFC 9449): a key shows that the one who sends a request holds it.

Numbered as section 4.3. Errors say 400 at an authorization server and 401 with a challenge at a
protected resource. Whether a proof was used before is asked of the caller's store, as the last
step, through an argument that cannot be forgotten (S-111).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import NoReturn

from credentials.errors import CredentialError
from credentials.instants import parse_numeric_date
from credentials.jose import Jws, build_signing_input, parse_jws, verify_jws
from credentials.keys import PublicKey, parse_jwk
from encoding import base64url
from encoding.strict_json import JsonValue
from openid4vc.errors import (
    InvalidDpopProof,
    InvalidDpopProofAtResource,
    UseDpopNonce,
    UseDpopNonceAtResource,
    build_challenge,
)
from openid4vc.members import split_url
from openid4vc.oauth import build_invalid_token

PROOF_TYPE = "dpop+jwt"
MAX_PROOF_BYTES = 16_384
MAX_TOKEN_ID = 256
_DEFAULT_PORTS = {"https": 443, "http": 80}
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")


@dataclass(frozen=True, slots=True)
class NonceRule:
    """The server's own nonces: which it takes, and how it makes one (section 8)."""

    accepts: Callable[[str], bool]
    issue: Callable[[], str]


@dataclass(frozen=True, slots=True)
class DpopProof:
    """A proof that holds."""

    key: PublicKey
    token_id: str
    issued_at: datetime
    nonce: str | None

    @property
    def thumbprint(self) -> str:
        """What an access token is bound to."""
        return self.key.thumbprint

    @property
    def replay_key(self) -> str:
        """What may be used once: this `jti` by this key."""
        digest = sha256(f"{self.key.thumbprint}.{self.token_id}".encode()).digest()
        return base64url.encode(digest)


def build_dpop_input(
    *,
    public_jwk: Mapping[str, str],
    algorithm: str,
    method: str,
    url: str,
    now: datetime,
    token_id: str,
    access_token: str | None = None,
    nonce: str | None = None,
) -> str:
    """What the key has to sign; `jose.join_signature` makes the proof of it."""
    claims: dict[str, JsonValue] = {
        "jti": token_id,
        "htm": method,
        "htu": url.partition("#")[0].partition("?")[0],
        "iat": int(now.timestamp()),
    }
    if access_token is not None:
        claims["ath"] = build_access_token_hash(access_token)
    if nonce is not None:
        claims["nonce"] = nonce
    return build_signing_input(
        claims, type=PROOF_TYPE, algorithm=algorithm, header={"jwk": dict(public_jwk)}
    )


def build_access_token_hash(access_token: str) -> str:
    """`ath`: base64url SHA-256 of the access token."""
    return base64url.encode(sha256(access_token.encode("utf-8")).digest())


def verify_dpop(
    header_values: Sequence[str],
    *,
    method: str,
    url: str,
    now: datetime,
    window: timedelta,
    access_token: str | None,
    bound_to: str | None,
    nonce_rule: NonceRule | None,
    claim: Callable[[DpopProof], bool],
) -> DpopProof:
    """
    Verify the `DPoP` headers of a request; `access_token` None: at an authorization server.

    `bound_to`: the thumbprint in the access token. `claim`: True for the first use of a proof's
    `replay_key` only.
    """
    at_resource = access_token is not None
    # 1. Exactly one header (DPOP-01).
    if len(header_values) != 1:
        _refuse("exactly one DPoP header is needed", at_resource=at_resource)
    # 2-7. A well-formed, signed JWT with a public key in its header (DPOP-02).
    jws, key = _parse_proof(header_values[0], at_resource=at_resource)
    # 3, 8, 9, 11. Its claims are there and fit this request (DPOP-03, DPOP-04).
    proof = _read_claims(jws, key, method=method, url=url, at_resource=at_resource)
    if abs(now - proof.issued_at) > window:
        _refuse("the DPoP proof is too old or from the future", at_resource=at_resource)
    # 12. At a resource it belongs to this access token and its key (DPOP-05).
    if access_token is not None:
        _check_binding(jws, proof, access_token=access_token, bound_to=bound_to)
    # 10. It carries our nonce, if we gave one (DPOP-06).
    if nonce_rule is not None and (proof.nonce is None or not nonce_rule.accepts(proof.nonce)):
        raise _build_nonce_demand(nonce_rule, at_resource=at_resource)
    if not claim(proof):
        _refuse("the DPoP proof was used before", at_resource=at_resource)
    return proof


def normalise_url(url: str) -> str | None:
    """
    A URL without query and fragment in the normal form of RFC 3986 6.2.2 and 6.2.3, or None.

    Scheme and host in lower case, no default port, no empty path, no needless percent-encoding.
    """
    parts = split_url(url)
    if parts is None or not parts.hostname or "@" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    is_default = parts.port is None or parts.port == _DEFAULT_PORTS.get(parts.scheme)
    port = "" if is_default else f":{parts.port}"
    path = _PERCENT.sub(_normalise_percent, parts.path) or "/"
    return f"{parts.scheme}://{host}{port}{path}"


def _normalise_percent(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if _UNRESERVED.fullmatch(character) else match[0].upper()


def _parse_proof(text: str, *, at_resource: bool) -> tuple[Jws, PublicKey]:
    try:
        jws = parse_jws(text, types=frozenset({PROOF_TYPE}), max_bytes=MAX_PROOF_BYTES)
        key = parse_jwk(jws.header.get("jwk"))
    except CredentialError as error:
        _refuse(f"the DPoP proof cannot be read: {error}", at_resource=at_resource, cause=error)
    if not verify_jws(jws, key):
        _refuse("the DPoP proof is not signed by its key", at_resource=at_resource)
    return jws, key


def _read_claims(
    jws: Jws, key: PublicKey, *, method: str, url: str, at_resource: bool
) -> DpopProof:
    claims = jws.payload
    token_id, address = claims.get("jti"), claims.get("htu")
    if not isinstance(token_id, str) or not 0 < len(token_id) <= MAX_TOKEN_ID:
        _refuse("the DPoP proof lacks jti", at_resource=at_resource)
    if claims.get("htm") != method:
        _refuse("the DPoP proof is for another method", at_resource=at_resource)
    normal = normalise_url(address) if isinstance(address, str) else None
    if normal is None or normal != normalise_url(url):
        _refuse("the DPoP proof is for another address", at_resource=at_resource)
    try:
        issued_at = parse_numeric_date(claims.get("iat"), name="iat")
    except CredentialError as error:
        _refuse(f"the DPoP proof lacks iat: {error}", at_resource=at_resource, cause=error)
    nonce = claims.get("nonce")
    return DpopProof(
        key=key,
        token_id=token_id,
        issued_at=issued_at,
        nonce=nonce if isinstance(nonce, str) else None,
    )


def _check_binding(jws: Jws, proof: DpopProof, *, access_token: str, bound_to: str | None) -> None:
    ath = str(jws.payload.get("ath"))
    if not compare_digest(ath.encode(), build_access_token_hash(access_token).encode()):
        _refuse("the DPoP proof is for another access token", at_resource=True)
    # A token that is bound to nothing must not pass as one that is bound (DPOP-07).
    if not compare_digest((bound_to or "").encode(), proof.thumbprint.encode()):
        raise build_invalid_token("DPoP", "the access token is not bound to this key")


def _refuse(message: str, *, at_resource: bool, cause: Exception | None = None) -> NoReturn:
    if not at_resource:
        raise InvalidDpopProof(message) from cause
    challenge = build_challenge("DPoP", error=InvalidDpopProof.code, description=message)
    raise InvalidDpopProofAtResource(message, headers={"WWW-Authenticate": challenge}) from cause


def _build_nonce_demand(nonce_rule: NonceRule, *, at_resource: bool) -> UseDpopNonce:
    message = "the DPoP proof must carry the nonce of this server"
    headers = {"DPoP-Nonce": nonce_rule.issue(), "Cache-Control": "no-store"}
    if not at_resource:
        return UseDpopNonce(message, headers=headers)
    headers["WWW-Authenticate"] = build_challenge(
        "DPoP", error=UseDpopNonce.code, description=message
    )
    return UseDpopNonceAtResource(message, headers=headers)
