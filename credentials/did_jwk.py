"""
`did:jwk`: a DID that is its own JSON Web Key, and the document it expands to.

The exact text is the name: the same key written otherwise is another DID, so texts are kept and
compared as they came, never rebuilt. A private key is refused, the only fragment is `#0`, and
`use` decides what the key may do (JWK-01).
"""

from functools import lru_cache

from credentials.errors import Malformed
from credentials.keys import PRIVATE_MEMBERS, PublicKey, parse_jwk
from encoding import base64url, strict_json
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue

PREFIX = "did:jwk:"
MAX_DID = 2048
CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1")
_SIGNING_RELATIONSHIPS = (
    "assertionMethod",
    "authentication",
    "capabilityInvocation",
    "capabilityDelegation",
)


def build_did_jwk(key: PublicKey) -> str:
    """The `did:jwk` of a key. Others may write the same key in another text; ours is minimal."""
    return PREFIX + base64url.encode(strict_json.build_json(key.jwk))


@lru_cache(maxsize=4096)
def parse_did_jwk(did: str) -> PublicKey:
    """The signature key of a `did:jwk`; one for encryption is refused."""
    return parse_jwk(_parse_members(did))


def resolve_did_jwk(did: str) -> dict[str, JsonValue]:
    """The document of a `did:jwk`: all members of the key, and relationships by its `use`."""
    jwk = _parse_members(did)
    use = jwk.get("use")
    _check_key(jwk)
    name = f"{did}#0"
    relationships = () if use == "enc" else _SIGNING_RELATIONSHIPS
    if use != "sig":
        relationships = (*relationships, "keyAgreement")
    return {
        "@context": [*CONTEXTS],
        "id": did,
        "verificationMethod": [
            {"id": name, "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": jwk}
        ],
        **{relationship: [name] for relationship in relationships},
    }


def _parse_members(did: str) -> dict[str, JsonValue]:
    if len(did) > MAX_DID or not did.startswith(PREFIX):
        raise Malformed(f"a DID is longer than {MAX_DID} or no did:jwk", detail="invalid_did")
    try:
        data = base64url.decode(did.removeprefix(PREFIX))
        jwk = strict_json.parse_object(data, max_bytes=MAX_DID)
    except encoding_errors.Malformed as error:
        raise Malformed("a did:jwk does not hold a key", detail="invalid_did") from error
    if not PRIVATE_MEMBERS.isdisjoint(jwk):
        raise Malformed("a did:jwk must not hold a private key", detail="private_key_in_jwk")
    return jwk


def _check_key(jwk: dict[str, JsonValue]) -> None:
    """A key for encryption is checked as the point that it is; `parse_jwk` knows only signers."""
    if jwk.get("crv") == "X25519" and jwk.get("kty") == "OKP":
        x = jwk.get("x")
        try:
            length = len(base64url.decode(x if isinstance(x, str) else ""))
        except encoding_errors.Malformed as error:
            raise Malformed("a key's x is not base64url", detail="invalid_key") from error
        if length != 32:
            raise Malformed("an X25519 key has 32 bytes", detail="invalid_key_length")
        if jwk.get("use") != "enc":
            raise Malformed("an X25519 key must say that it encrypts", detail="invalid_key")
    else:
        uses = ("use", "alg", "key_ops") if jwk.get("use") == "enc" else ()
        parse_jwk({name: value for name, value in jwk.items() if name not in uses})
