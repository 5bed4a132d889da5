"""
DID documents: which keys may act for a DID, and in which relationship (CID 1.0, did-core).

Read strictly: the document is about the DID that was asked for, every method is under its own
control, and ids are unique. Kinds of method: JsonWebKey, JsonWebKey2020, Multikey and the two
older ones of Ed25519 that VCDM 1.1 issuers still publish.
"""

from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric import ed25519

from credentials.errors import Malformed
from credentials.keys import PublicKey, build_public_key, parse_jwk
from credentials.multikey import parse_multikey
from encoding import errors as encoding_errors
from encoding import multibase
from encoding.strict_json import JsonValue

# The second context defines JsonWebKey and publicKeyJwk: without it JSON-LD readers refuse.
DOCUMENT_CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1")
MAX_METHODS = 32
RELATIONSHIPS = frozenset(
    {"assertionMethod", "authentication", "capabilityInvocation", "capabilityDelegation"}
    | {"keyAgreement"}
)

_JWK_TYPES = frozenset({"JsonWebKey", "JsonWebKey2020"})
_MULTIKEY_TYPES = frozenset({"Multikey", "Ed25519VerificationKey2020"})


def build_did_document(did: str, keys: Sequence[PublicKey]) -> dict[str, JsonValue]:
    """A document that lets these keys sign credentials. Method ids end in the thumbprint."""
    if not keys:
        raise Malformed("a DID document needs a key", detail="invalid_did")
    ids: list[JsonValue] = [f"{did}#{key.thumbprint}" for key in keys]
    return {
        "@context": [*DOCUMENT_CONTEXTS],
        "id": did,
        "verificationMethod": [
            {
                "id": f"{did}#{key.thumbprint}",
                "type": "JsonWebKey",
                "controller": did,
                "publicKeyJwk": {**key.jwk, "kid": key.thumbprint},
            }
            for key in keys
        ],
        "assertionMethod": ids,
        "authentication": ids,
    }


def parse_did_document(
    value: JsonValue, *, did: str, relationship: str = "assertionMethod"
) -> Mapping[str, PublicKey]:
    """
    The keys that a document lets act in this relationship, by method id.

    The document must be about `did`, and each method under its own control. Methods of kinds
    that the city does not know are passed over; one that is a broken key refuses the document.
    """
    if not isinstance(value, dict) or value.get("id") != did:
        raise Malformed("a DID document is about another DID", detail="invalid_did_document")
    methods = _index_methods(value, did=did)
    listed = value.get(relationship, [])
    if not isinstance(listed, list):
        raise Malformed("a relationship must be an array", detail="invalid_did_document")
    keys: dict[str, PublicKey] = {}
    for entry in listed:
        if isinstance(entry, dict):
            name, method = _method_id(entry, did=did), entry
        else:
            name = _absolute(entry, did=did)
            if name not in methods:
                raise Malformed("a method is not in the document", detail="invalid_did_document")
            method = methods[name]
        if method.get("controller") != did:
            raise Malformed("a method has another controller", detail="invalid_did_document")
        key = _parse_method_key(method)
        if key is not None:
            keys[name] = key
    return keys


def _index_methods(document: dict[str, JsonValue], *, did: str) -> dict[str, dict[str, JsonValue]]:
    listed = document.get("verificationMethod", [])
    if not isinstance(listed, list) or len(listed) > MAX_METHODS:
        raise Malformed("verificationMethod must be a short array", detail="invalid_did_document")
    methods: dict[str, dict[str, JsonValue]] = {}
    for method in listed:
        if not isinstance(method, dict):
            raise Malformed("a method must be an object", detail="invalid_did_document")
        name = _method_id(method, did=did)
        if name in methods:
            raise Malformed("two methods have one id", detail="invalid_did_document")
        methods[name] = method
    return methods


def _method_id(method: dict[str, JsonValue], *, did: str) -> str:
    return _absolute(method.get("id"), did=did)


def _absolute(name: JsonValue, *, did: str) -> str:
    if not isinstance(name, str) or "#" not in name:
        raise Malformed("a method's id must have a fragment", detail="invalid_did_document")
    return did + name if name.startswith("#") else name


def _parse_method_key(method: dict[str, JsonValue]) -> PublicKey | None:
    """The key of a method; None when it is of a kind that the city does not know."""
    kind = method.get("type")
    try:
        if kind in _JWK_TYPES:
            return parse_jwk(method.get("publicKeyJwk"))
        if kind in _MULTIKEY_TYPES:
            return _of_ed25519(parse_multikey(_text(method, "publicKeyMultibase")), kind=kind)
        if kind == "Ed25519VerificationKey2018":
            return _parse_base58_key(_text(method, "publicKeyBase58"))
    except Malformed as error:
        if error.detail != "unsupported_key":
            raise
    return None


def _text(method: dict[str, JsonValue], name: str) -> str:
    text = method.get(name)
    return text if isinstance(text, str) else ""


def _of_ed25519(key: PublicKey, *, kind: JsonValue) -> PublicKey:
    if kind != "Multikey" and key.algorithm != "EdDSA":
        raise Malformed("a method says Ed25519 and holds another key", detail="invalid_key")
    return key


def _parse_base58_key(text: str) -> PublicKey:
    try:
        data = multibase.decode_base58btc(text)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    if len(data) != 32:
        raise Malformed("an Ed25519 key has 32 bytes", detail="invalid_key_length")
    return build_public_key(ed25519.Ed25519PublicKey.from_public_bytes(data))
