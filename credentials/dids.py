"""
DIDs: `did:jwk` and `did:key` read from the text itself, `did:web` mapped to its URL and document.

Nothing here fetches. A DID that names its own key gives nobody trust: an issuer's key comes from
the trust registry, a holder's key from the credential that the issuer signed (S-007).
Methods: did-jwk, did-key (W3C CCG), did-web (W3C CCG); documents: CID 1.0, JsonWebKey.
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from credentials.errors import Malformed
from credentials.keys import PublicKey, build_public_key, parse_jwk
from encoding import base64url, multibase, strict_json
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue

MAX_DID = 2048
# The second context defines JsonWebKey and publicKeyJwk: without it JSON-LD readers refuse.
DOCUMENT_CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1")

_KEY_TYPES = ("JsonWebKey", "JsonWebKey2020")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?:%3A[0-9]{1,5})?\Z")
_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._~-]{1,128}\Z")


def build_did_jwk(key: PublicKey) -> str:
    """The `did:jwk` of a key. Others may write the same key in another text; ours is minimal."""
    return "did:jwk:" + base64url.encode(strict_json.build_json(key.jwk))


def build_did_key(key: PublicKey) -> str:
    """The `did:key` of a key, in base58btc."""
    loaded = key.key_object
    if isinstance(loaded, ed25519.Ed25519PublicKey):
        codec, data = multibase.ED25519_PUBLIC_KEY, loaded.public_bytes_raw()
    else:
        codec = multibase.P256_PUBLIC_KEY
        data = loaded.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return "did:key:" + multibase.encode_multibase(multibase.encode_multicodec(codec, data))


@lru_cache(maxsize=4096)
def parse_key_did(did: str) -> PublicKey:
    """The key of a `did:jwk` or `did:key`; the text decides, nothing is looked up."""
    if len(did) > MAX_DID:
        raise Malformed(f"a DID is longer than {MAX_DID}", detail="invalid_did")
    try:
        if did.startswith("did:jwk:"):
            text = did.removeprefix("did:jwk:")
            return parse_jwk(strict_json.parse_object(base64url.decode(text), max_bytes=MAX_DID))
        if did.startswith("did:key:z"):
            return _parse_multikey(did.removeprefix("did:key:"))
    except encoding_errors.Malformed as error:
        raise Malformed("a DID does not hold a key", detail="invalid_did") from error
    raise Malformed("only did:jwk and did:key hold their key", detail="unsupported_did")


def parse_key_did_url(url: str) -> PublicKey:
    """
    The key that a `kid` such as `did:jwk:…#0` names.

    The fragment is fixed: `#0` for did:jwk, the multibase text itself for did:key.
    """
    did, separator, fragment = url.partition("#")
    expected = "0" if did.startswith("did:jwk:") else did.removeprefix("did:key:")
    if separator and fragment != expected:
        raise Malformed("a DID URL names another key than its own", detail="invalid_did")
    return parse_key_did(did)


def is_key_did(did: str) -> bool:
    """Whether the DID holds its key."""
    return did.startswith(("did:jwk:", "did:key:"))


def _parse_multikey(text: str) -> PublicKey:
    codec, data = multibase.decode_multicodec(multibase.decode_multibase(text))
    try:
        if codec == multibase.ED25519_PUBLIC_KEY and len(data) == 32:
            return build_public_key(ed25519.Ed25519PublicKey.from_public_bytes(data))
        if codec == multibase.P256_PUBLIC_KEY and len(data) == 33:
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data)
            return build_public_key(point)
    except ValueError as error:
        raise Malformed("a did:key is not a point of its curve", detail="invalid_key") from error
    raise Malformed("a did:key is not P-256 or Ed25519", detail="unsupported_key")


def did_web_url(did: str, *, allow_http_loopback: bool) -> str:
    """
    Where the document of a `did:web` stands (WEB-01).

    https only; plain http for `localhost` is the development exception. IP addresses, path
    traversal, fragments and lower-case escapes are refused.
    """
    domain, *segments = did.removeprefix("did:web:").split(":")
    if len(did) > MAX_DID or not did.startswith("did:web:") or not _DOMAIN.match(domain):
        raise Malformed("a did:web has no usable domain", detail="invalid_did")
    if not all(_SEGMENT.match(segment) for segment in segments):
        raise Malformed("a did:web has an unusable path", detail="invalid_did")
    host, _, port = domain.partition("%3A")
    if _is_address(host) or int(port or 1) > 65535:
        raise Malformed("a did:web must name a host", detail="invalid_did")
    scheme = "http" if allow_http_loopback and host == "localhost" else "https"
    path = "/".join(segments) if segments else ".well-known"
    return f"{scheme}://{host}{':' + port if port else ''}/{path}/did.json"


def build_did_web(url: str) -> str:
    """The `did:web` whose document stands beneath this base URL."""
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment or parts.username is not None:
        raise Malformed("a base URL is scheme, host and path", detail="invalid_did")
    domain = parts.hostname if parts.port is None else f"{parts.hostname}%3A{parts.port}"
    did = ":".join(["did:web", domain, *filter(None, parts.path.split("/"))])
    did_web_url(did, allow_http_loopback=True)
    return did


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # 2130706433 and 0x7f.1 are addresses to some resolvers.
        return bool(re.match(r"[0-9.]+\Z|0x", host))
    return True


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
    if not isinstance(listed, list) or len(listed) > 32:
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
    try:
        if method.get("type") in _KEY_TYPES:
            return parse_jwk(method.get("publicKeyJwk"))
        if method.get("type") == "Multikey":
            text = method.get("publicKeyMultibase")
            return _parse_multikey(text if isinstance(text, str) else "")
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    except Malformed as error:
        if error.detail != "unsupported_key":
            raise
    return None
