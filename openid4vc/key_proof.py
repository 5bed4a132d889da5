"""
Key proofs: a wallet shows the issuer the keys its credentials shall be bound to.

OpenID4VCI 1.0 appendix F.1 (`jwt`). One proof, one key; every proof of a request must hold, or
nothing is issued. The numbering follows appendix F.4.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from credentials.dids import parse_key_did_url
from credentials.errors import CredentialError
from credentials.instants import parse_numeric_date
from credentials.jose import Jws, build_signing_input, parse_jws, verify_jws
from credentials.keys import PublicKey, parse_jwk
from encoding import base64url
from encoding.strict_json import JsonValue
from openid4vc.errors import InvalidNonce, InvalidProof

PROOF_TYPE = "openid4vci-proof+jwt"
MAX_PROOF_BYTES = 16_384
_KEY_HEADERS = frozenset({"jwk", "kid", "x5c", "trust_chain"})


@dataclass(frozen=True, slots=True)
class KeyProof:
    """
    A proof that holds. `key_id`: the DID URL, when the wallet named its key by one.

    `digest`: base64url SHA-256 of what was signed, by which a replay is recognised.
    """

    holder_key: PublicKey
    key_id: str | None
    nonce: str
    issued_at: datetime
    digest: str


def build_key_proof_input(
    *,
    public_jwk: Mapping[str, str] | None,
    key_id: str | None,
    algorithm: str,
    audience: str,
    nonce: str | None,
    now: datetime,
    client_id: str | None = None,
) -> str:
    """
    What the device has to sign; `jose.join_signature` makes the proof of it.

    The key is named by exactly one of `public_jwk` and `key_id` (a DID URL). `client_id` stays
    None after anonymous access with a pre-authorised code.
    """
    if (public_jwk is None) == (key_id is None):
        raise InvalidProof("a key proof names its key by exactly one of jwk and kid")
    header: dict[str, JsonValue] = (
        {"jwk": dict(public_jwk)} if public_jwk is not None else {"kid": key_id}
    )
    claims: dict[str, JsonValue] = {"aud": audience, "iat": int(now.timestamp())}
    if nonce is not None:
        claims["nonce"] = nonce
    if client_id is not None:
        claims["iss"] = client_id
    return build_signing_input(claims, type=PROOF_TYPE, algorithm=algorithm, header=header)


def verify_key_proofs(
    proofs: Sequence[str],
    *,
    audience: str,
    now: datetime,
    window: timedelta,
    accepts_nonce: Callable[[str], bool],
    algorithms: Collection[str],
    binding_methods: Collection[str],
    batch_size: int,
    client_id: str | None,
) -> tuple[KeyProof, ...]:
    """
    Verify all proofs of a request, each for another key (VCI-I-21, VCI-I-26).

    `audience`: the credential issuer identifier. `client_id` None: anonymous access, so `iss` must
    not be there (VCI-I-22). Nonces are looked at last, when all else holds: then a wallet that
    gets `invalid_nonce` knows that a fresh one is all it takes.
    """
    if not proofs:
        raise InvalidProof("a key proof is needed")
    if len(proofs) > batch_size:
        raise InvalidProof(f"at most {batch_size} key proofs are taken at once")
    verified = [
        _verify(
            text,
            audience=audience,
            now=now,
            window=window,
            algorithms=algorithms,
            binding_methods=binding_methods,
            client_id=client_id,
        )
        for text in proofs
    ]
    if len({proof.holder_key for proof in verified}) != len(verified):
        raise InvalidProof("two key proofs are for the same key")
    if not all(accepts_nonce(proof.nonce) for proof in verified):
        raise InvalidNonce("a key proof carries a nonce that is not live")
    return tuple(verified)


def _verify(
    text: str,
    *,
    audience: str,
    now: datetime,
    window: timedelta,
    algorithms: Collection[str],
    binding_methods: Collection[str],
    client_id: str | None,
) -> KeyProof:
    try:
        # 1-4. Well-formed, the right typ, an algorithm that the metadata lists.
        jws = parse_jws(text, types=frozenset({PROOF_TYPE}), max_bytes=MAX_PROOF_BYTES)
        holder_key, key_id = _read_key(jws, binding_methods)
        nonce, issued_at = _read_claims(jws, audience=audience, client_id=client_id)
    except CredentialError as error:
        raise InvalidProof(f"a key proof cannot be read: {error}") from error
    if jws.algorithm not in algorithms:
        raise InvalidProof("a key proof is signed with an algorithm that is not listed")
    # 5-6. Signed by the very key in its header.
    if not verify_jws(jws, holder_key):
        raise InvalidProof("a key proof is not signed by its key")
    # 7-8. For this issuer and by this client (read above), and just now.
    if abs(now - issued_at) > window:
        raise InvalidProof("a key proof is too old or from the future")
    return KeyProof(
        holder_key=holder_key,
        key_id=key_id,
        nonce=nonce,
        issued_at=issued_at,
        digest=base64url.encode(sha256(jws.signing_input).digest()),
    )


def _read_key(jws: Jws, binding_methods: Collection[str]) -> tuple[PublicKey, str | None]:
    """The key that the header names, by exactly one way and one that the metadata lists."""
    named = _KEY_HEADERS.intersection(jws.header)
    if named == {"jwk"} and "jwk" in binding_methods:
        return parse_jwk(jws.header["jwk"]), None
    if named == {"kid"} and jws.key_id is not None:
        method = ":".join(jws.key_id.split(":")[:2])
        if method in binding_methods:
            return parse_key_did_url(jws.key_id), jws.key_id
    raise InvalidProof("a key proof must name its key by one supported way")


def _read_claims(jws: Jws, *, audience: str, client_id: str | None) -> tuple[str, datetime]:
    claims = jws.payload
    if claims.get("aud") != audience:
        raise InvalidProof("a key proof is for another issuer")
    if "iss" in claims and claims["iss"] != client_id:
        raise InvalidProof("a key proof is of another client")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise InvalidProof("a key proof lacks the nonce")
    return nonce, parse_numeric_date(claims.get("iat"), name="iat")
