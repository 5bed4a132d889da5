"""
The certificates that a verifier signs its requests with (`x5c`), OpenID4VP 1.0 section 5.9.3.

A certificate says which key signs, which hosts it speaks for, and what its hash is. Whether it is
anchored, that is, whether a chain leads to a root that the city trusts, is a separate answer: a
hash that stands in the trust registry needs no chain.
"""

import base64
import binascii
import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from credentials.errors import CredentialError
from credentials.keys import PublicKey, build_public_key
from encoding.strict_json import JsonValue
from openid4vc.errors import InvalidRequest
from openid4vc.members import require_texts

MAX_CERTIFICATES = 4
"""security.md, "Limits"."""


@dataclass(frozen=True, slots=True)
class VerifierCertificate:
    """The leaf of an `x5c` header, and the whole chain as sent."""

    key: PublicKey
    dns_names: tuple[str, ...]
    chain: tuple[bytes, ...]
    is_anchored: bool


def read_certificate(
    header: Mapping[str, JsonValue], *, anchors: Collection[bytes], now: datetime
) -> VerifierCertificate:
    """Read the `x5c` of a request object and follow it to one of the anchors (DER), if it goes."""
    chain = parse_x5c(header.get("x5c"))
    certificates = [_load(data) for data in chain]
    leaf = certificates[0]
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        raise InvalidRequest("the verifier's certificate is not valid now")
    try:
        key = build_public_key(leaf.public_key())
    except (CredentialError, ValueError) as error:
        raise InvalidRequest("the verifier's certificate holds an unsupported key") from error
    return VerifierCertificate(
        key=key,
        dns_names=_read_dns_names(leaf),
        chain=chain,
        is_anchored=_is_anchored(certificates, anchors=anchors, now=now),
    )


def parse_x5c(value: JsonValue) -> tuple[bytes, ...]:
    """The certificates of an `x5c` header (RFC 7515 4.1.6: standard base64), leaf first."""
    texts = require_texts(value, what="x5c", refuse=InvalidRequest)
    if len(texts) > MAX_CERTIFICATES:
        raise InvalidRequest(f"x5c must hold at most {MAX_CERTIFICATES} certificates")
    try:
        return tuple(base64.b64decode(text, validate=True) for text in texts)
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest("x5c is not base64") from error


def _load(data: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(data)
    except ValueError as error:
        raise InvalidRequest("x5c does not hold a certificate") from error


def _read_dns_names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    except ValueError as error:
        raise InvalidRequest("the verifier's certificate cannot be read") from error
    return tuple(names.get_values_for_type(x509.DNSName))


def _is_anchored(
    certificates: Sequence[x509.Certificate], *, anchors: Collection[bytes], now: datetime
) -> bool:
    """
    Whether each certificate is issued by the next and the last one by an anchor.

    Each issuer must be a certificate authority, and valid now. No anchors: never.
    """
    for certificate, issuer in itertools.pairwise(certificates):
        if not _is_issued_by(certificate, issuer, now=now):
            return False
    return any(_is_issued_by(certificates[-1], _load(anchor), now=now) for anchor in anchors)


def _is_issued_by(
    certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime
) -> bool:
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
        return False
    return constraints.ca and issuer.not_valid_before_utc <= now <= issuer.not_valid_after_utc
