"""
Client identifiers of verifiers, OpenID4VP 1.0 section 5.9.

The prefix inside `client_id` says how a wallet makes sure of the verifier. Unknown prefixes, none
at all, and the reserved `origin:` are refused (VP-W-01).
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from encoding import base64url
from openid4vc.errors import InvalidRequest

MAX_CLIENT_ID = 2_048


class ClientIdPrefix(StrEnum):
    """The prefixes that are supported here."""

    REDIRECT_URI = "redirect_uri"
    X509_SAN_DNS = "x509_san_dns"
    X509_HASH = "x509_hash"
    DECENTRALIZED_IDENTIFIER = "decentralized_identifier"


@dataclass(frozen=True, slots=True)
class ClientId:
    """A client identifier; `text` is the whole, prefix included, and is the audience of answers."""

    prefix: ClientIdPrefix
    value: str
    text: str


def parse_client_id(text: str) -> ClientId:
    """Take a client identifier apart."""
    name, separator, value = text.partition(":")
    prefixes = {prefix.value: prefix for prefix in ClientIdPrefix}
    if not separator or name not in prefixes or not value or len(text) > MAX_CLIENT_ID:
        raise InvalidRequest("the client_id has no prefix that is supported here")
    return ClientId(prefix=prefixes[name], value=value, text=text)


def build_client_id_redirect_uri(uri: str) -> str:
    """For unsigned requests: the client is whoever gets the answer at this address."""
    return f"{ClientIdPrefix.REDIRECT_URI}:{uri}"


def build_client_id_x509_san_dns(host: str) -> str:
    """The host named in the certificate that signs the request."""
    return f"{ClientIdPrefix.X509_SAN_DNS}:{host}"


def build_client_id_x509_hash(certificate: bytes) -> str:
    """The SHA-256 of the certificate (DER) that signs the request."""
    return f"{ClientIdPrefix.X509_HASH}:{base64url.encode(sha256(certificate).digest())}"


def build_client_id_did(did: str) -> str:
    """A DID, one of whose keys signs the request."""
    return f"{ClientIdPrefix.DECENTRALIZED_IDENTIFIER}:{did}"
