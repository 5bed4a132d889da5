"""
`did:key` (W3C CCG): a DID that is its own public key, and the document it expands to.

Nothing is looked up. The multibase text decides: base58btc, a known multicodec number, exactly
the right length, a point of its curve; the only fragment is that text again (KEY-01).
"""

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ed25519

from credentials.errors import Malformed
from credentials.keys import PublicKey
from credentials.multikey import X25519_PUBLIC_KEY, build_multikey, parse_multikey
from encoding import base64url, multibase
from encoding.strict_json import JsonValue

PREFIX = "did:key:"
MAX_DID = 2048
SIGNING_RELATIONSHIPS = (
    "authentication",
    "assertionMethod",
    "capabilityInvocation",
    "capabilityDelegation",
)

# Kind of verification method to the context that defines it.
_CONTEXTS = {
    "Multikey": "https://w3id.org/security/multikey/v1",
    "JsonWebKey": "https://w3id.org/security/jwk/v1",
    "JsonWebKey2020": "https://w3id.org/security/suites/jws-2020/v1",
}
_FIELD = 2**255 - 19


def build_did_key(key: PublicKey) -> str:
    """The `did:key` of a key, in base58btc."""
    return PREFIX + build_multikey(key)


@lru_cache(maxsize=4096)
def parse_did_key(did: str) -> PublicKey:
    """The key of a `did:key`."""
    if len(did) > MAX_DID or not did.startswith(PREFIX + "z"):
        raise Malformed("a did:key is not in base58btc", detail="invalid_did")
    try:
        return parse_multikey(did.removeprefix(PREFIX))
    except Malformed as error:
        if error.detail in {"unsupported_key", "invalid_key", "invalid_key_length"}:
            raise
        raise Malformed("a did:key does not hold a key", detail="invalid_did") from error


def resolve_did_key(
    did: str, *, method_type: str, with_key_agreement: bool
) -> dict[str, JsonValue]:
    """
    The document of a `did:key`, "Document Creation Algorithm" of the method.

    `with_key_agreement` is its `enableEncryptionKeyDerivation`: an Ed25519 key is turned into
    its X25519 twin, a key on an elliptic curve serves as it is.
    """
    key = parse_did_key(did)
    if method_type not in _CONTEXTS:
        raise Malformed("a kind of method is not known", detail="unsupported_key")
    text = did.removeprefix(PREFIX)
    methods: list[JsonValue] = [_build_method(did, text, key.jwk, method_type)]
    name = f"{did}#{text}"
    document: dict[str, JsonValue] = {
        "@context": ["https://www.w3.org/ns/did/v1", _CONTEXTS[method_type]],
        "id": did,
        "verificationMethod": methods,
        **{relationship: [name] for relationship in SIGNING_RELATIONSHIPS},
    }
    if with_key_agreement:
        loaded = key.key_object
        if isinstance(loaded, ed25519.Ed25519PublicKey):
            twin = derive_x25519(loaded.public_bytes_raw())
            text = multibase.encode_multibase(multibase.encode_multicodec(X25519_PUBLIC_KEY, twin))
            jwk = {"crv": "X25519", "kty": "OKP", "x": base64url.encode(twin)}
            methods.append(_build_method(did, text, jwk, method_type))
        document["keyAgreement"] = [f"{did}#{text}"]
    return document


def derive_x25519(ed25519_key: bytes) -> bytes:
    """The X25519 key of an Ed25519 key: u = (1 + y) / (1 - y), RFC 7748 section 4.1."""
    y = int.from_bytes(ed25519_key, "little") & (2**255 - 1)
    if (1 - y) % _FIELD == 0:
        raise Malformed("a key has no twin for encryption", detail="invalid_key")
    u = (1 + y) * pow(1 - y, -1, _FIELD) % _FIELD
    return u.to_bytes(32, "little")


def _build_method(did: str, text: str, jwk: dict[str, str], method_type: str) -> JsonValue:
    material: dict[str, JsonValue] = (
        {"publicKeyMultibase": text} if method_type == "Multikey" else {"publicKeyJwk": {**jwk}}
    )
    return {"id": f"{did}#{text}", "type": method_type, "controller": did, **material}
