"""
DIDs: those that hold their own key, read and expanded, and the names of what can go wrong.

Nothing here fetches. A DID that names its own key gives nobody trust: an issuer's key comes from
the trust registry, a holder's key from the credential that the issuer signed (S-007).
The methods stand in `did_key`, `did_jwk`, `did_web` and `did_webvh`, documents in `did_document`;
what most callers need of them can be had from here.
"""

from credentials.did_document import DOCUMENT_CONTEXTS, build_did_document, parse_did_document
from credentials.did_jwk import build_did_jwk, parse_did_jwk, resolve_did_jwk
from credentials.did_key import build_did_key, parse_did_key, resolve_did_key
from credentials.did_web import build_did_web, did_web_url
from credentials.errors import Malformed
from credentials.keys import PublicKey
from encoding.strict_json import JsonValue

__all__ = [
    "DOCUMENT_CONTEXTS",
    "RESOLUTION_ERRORS",
    "build_did_document",
    "build_did_jwk",
    "build_did_key",
    "build_did_web",
    "did_web_url",
    "is_key_did",
    "name_resolution_error",
    "parse_did_document",
    "parse_key_did",
    "parse_key_did_url",
    "resolve_key_did",
]

RESOLUTION_ERRORS = {
    "invalid_did": "invalidDid",
    "unsupported_did": "methodNotSupported",
    "invalid_key": "invalidPublicKey",
    "private_key_in_jwk": "invalidPublicKey",
    "invalid_key_length": "invalidPublicKeyLength",
    "unsupported_key": "unsupportedPublicKeyType",
    "invalid_did_document": "invalidDidDocument",
    "version_not_found": "notFound",
}
"""Our detail to the error of did:key, did:webvh and DID resolution."""


def name_resolution_error(error: Malformed) -> str:
    """What a resolver answers in `didResolutionMetadata.error`."""
    return RESOLUTION_ERRORS.get(error.detail, "invalidDid")


def parse_key_did(did: str) -> PublicKey:
    """The key of a `did:jwk` or `did:key`; the text decides, nothing is looked up."""
    if did.startswith("did:jwk:"):
        return parse_did_jwk(did)
    if did.startswith("did:key:z"):
        return parse_did_key(did)
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


def resolve_key_did(
    did: str, *, method_type: str = "Multikey", with_key_agreement: bool = False
) -> dict[str, JsonValue]:
    """
    The document of a `did:jwk` or `did:key`, made of its text alone.

    The options are those of did:key; a did:jwk has one form only.
    """
    if did.startswith("did:jwk:"):
        return resolve_did_jwk(did)
    if did.startswith("did:key:"):
        return resolve_did_key(did, method_type=method_type, with_key_agreement=with_key_agreement)
    raise Malformed("only did:jwk and did:key hold their key", detail="unsupported_did")
