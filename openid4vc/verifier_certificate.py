"""
The certificates that a verifier signs its requests with (`x5c`), OpenID4VP 1.0 section 5.9.3.

A certificate says which key signs and what its hash is. Whether it is anchored, that is, whether
the path leads to a root that was handed in and names the verifier's host, is a separate answer: a
hash that stands in the trust registry needs no path.
"""

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from credentials.errors import CredentialError
from credentials.keys import PublicKey
from credentials.x509 import MAX_CERTIFICATES, parse_leaf_key, verify_dns_chain
from encoding.strict_json import JsonValue
from openid4vc.errors import InvalidRequest
from openid4vc.members import require_texts


@dataclass(frozen=True, slots=True)
class VerifierCertificate:
    """The key of the leaf of an `x5c` header, and the whole chain as sent, leaf first."""

    key: PublicKey
    chain: tuple[bytes, ...]
    is_anchored: bool


def read_certificate(
    header: Mapping[str, JsonValue], *, host: str, anchors: Collection[bytes], now: datetime
) -> VerifierCertificate:
    """Read the `x5c` of a request object; `host` is whom it must name to count as anchored."""
    chain = parse_x5c(header.get("x5c"))
    try:
        key = parse_leaf_key(chain[0])
    except CredentialError as error:
        raise InvalidRequest(f"the verifier's certificate cannot be read: {error}") from error
    leaf = x509.load_der_x509_certificate(chain[0])
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        raise InvalidRequest("the verifier's certificate is not valid now")
    return VerifierCertificate(
        key=key,
        chain=chain,
        is_anchored=_is_anchored(chain, host=host, anchors=anchors, now=now),
    )


def parse_x5c(value: JsonValue) -> tuple[bytes, ...]:
    """The certificates of an `x5c` header (RFC 7515 4.1.6: standard base64), leaf first."""
    texts = require_texts(value, what="x5c", refuse=InvalidRequest, limit=16_384)
    if len(texts) > MAX_CERTIFICATES:
        raise InvalidRequest(f"x5c must hold at most {MAX_CERTIFICATES} certificates")
    try:
        return tuple(base64.b64decode(text, validate=True) for text in texts)
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest("x5c is not base64") from error


def _is_anchored(
    chain: tuple[bytes, ...], *, host: str, anchors: Collection[bytes], now: datetime
) -> bool:
    """No anchors: never."""
    try:
        verify_dns_chain(chain, anchors=tuple(sorted(anchors)), now=now, dns=host)
    except CredentialError:
        return False
    return True
