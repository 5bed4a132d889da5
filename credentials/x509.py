"""
X.509: paths from a signer's certificate to a trusted anchor, and the city's own certificates.

The path is exactly what was sent, leaf first, without the anchor; it must end in a certificate
that one of the given anchors issued. Checked, by RFC 5280 section 6 (S-046), in this order:

1. form        - 1 to 4 certificates, strong signature algorithms, no unknown critical extension
2. leaf        - not self-issued, not an authority, usable for signatures, its extended use fits
3. chain       - each certificate was signed by the next, the last by an anchor
4. authorities - each may issue certificates and this many below it
5. names       - within every name constraint
6. validity    - every certificate of the path, at `now`
7. identity    - the leaf's subjectAltName holds the expected name, compared as an exact string;
                 a credential without issuer asks for none: the anchor of its path names it

There is no revocation here: agencies' keys are withdrawn in the trust registry. Nothing is read
from this machine's trust store. Builders return an unsigned certificate; who holds the key signs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from credentials.errors import CredentialError, Malformed
from credentials.keys import PublicKey, build_public_key
from credentials.name_constraints import violates

MAX_CERTIFICATES = 4  # security.md "Limits"
MAX_CERTIFICATE_BYTES = 8_192

# id-kp-documentSigning (RFC 9336), ISO 18013-5 document signer and reader authentication.
DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
MDL_DOCUMENT_SIGNER = x509.ObjectIdentifier("1.0.18013.5.1.2")
MDL_READER = x509.ObjectIdentifier("1.0.18013.5.1.6")
ISSUER_USES = frozenset(
    {ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, DOCUMENT_SIGNING, MDL_DOCUMENT_SIGNER}
)
# OpenID4VP names a verifier by the DNS name of its web server, so its certificate may serve both.
VERIFIER_USES = frozenset(
    {
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CLIENT_AUTH,
        MDL_READER,
    }
)

_PROCESSED = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.NAME_CONSTRAINTS,
    }
)
_HOST_AS_ISSUER = re.compile(r"https://([a-z0-9.-]{1,253})/?\Z")
_HASHES = frozenset({"sha256", "sha384", "sha512"})
UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises for bytes that are no certificate, or none that anybody can use."""

_Kind = TypeVar("_Kind", bound=x509.ExtensionType)


class ChainRefused(CredentialError):
    """The path does not lead to an anchor for this name. `detail` says which step failed."""

    kind = "refused"
    code = "invalid_certificate_chain"

    def __init__(self, message: str, *, detail: str) -> None:
        super().__init__(message)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class _Path:
    """What does not depend on the time: the leaf's key and when the whole path is valid."""

    key: PublicKey
    not_before: datetime
    not_after: datetime


def parse_leaf_key(certificate: bytes) -> PublicKey:
    """The key in a certificate, without any trust in it."""
    return build_public_key(_parse(certificate).public_key())


def verify_chain(
    x5c: Sequence[bytes], *, anchors: Sequence[bytes], now: datetime, uri: str
) -> PublicKey:
    """
    The leaf's key, if the path holds and the leaf's URI name is this issuer, or if it has DNS
    names only and this issuer is one of these hosts as a whole (docs/decisions/0030).
    """
    chain, host = tuple(x5c), issuer_host(uri)
    if host is not None and chain and not leaf_uris(chain[0]):
        path = _verify_path(chain, tuple(anchors), x509.DNSName, host, ISSUER_USES)
    else:
        path = _verify_path(chain, tuple(anchors), x509.UniformResourceIdentifier, uri, ISSUER_USES)
    return _verify_validity(path, now=now)


def issuer_host(uri: str) -> str | None:
    """The host that an issuer is as a whole: https, no port and no path. None: it is no host."""
    found = _HOST_AS_ISSUER.match(uri)
    return found[1] if found is not None else None


def verify_dns_chain(
    x5c: Sequence[bytes], *, anchors: Sequence[bytes], now: datetime, dns: str
) -> PublicKey:
    """The leaf's key, if the path holds and the leaf's DNS name is this verifier."""
    path = _verify_path(tuple(x5c), tuple(anchors), x509.DNSName, dns, VERIFIER_USES)
    return _verify_validity(path, now=now)


def verify_document_chain(
    x5c: Sequence[bytes], *, anchors: Sequence[bytes], now: datetime
) -> PublicKey:
    """The key of a document signer (ISO 18013-5 annex B), if the path holds; no name is asked."""
    path = _verify_path(
        tuple(x5c), tuple(anchors), x509.UniformResourceIdentifier, None, ISSUER_USES
    )
    return _verify_validity(path, now=now)


@lru_cache(maxsize=512)
def leaf_uris(certificate: bytes) -> tuple[str, ...]:
    """The URI names in a certificate, without any trust in it."""
    return tuple(_alternative_names(_parse(certificate), x509.UniformResourceIdentifier))


@lru_cache(maxsize=512)
def leaf_hosts(certificate: bytes) -> tuple[str, ...]:
    """The DNS names in a certificate that has no URI name, without any trust in it."""
    if leaf_uris(certificate):
        return ()
    return tuple(_alternative_names(_parse(certificate), x509.DNSName))


@lru_cache(maxsize=512)
def leaf_period(certificate: bytes) -> tuple[datetime, datetime]:
    """When a certificate begins and ends, without any trust in it."""
    leaf = _parse(certificate)
    return leaf.not_valid_before_utc, leaf.not_valid_after_utc


@lru_cache(maxsize=512)
def leaf_country(certificate: bytes) -> str | None:
    """The country that a certificate is of, without any trust in it."""
    named = _parse(certificate).subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    return str(named[0].value) if named else None


def _verify_validity(path: _Path, *, now: datetime) -> PublicKey:
    """Step 6."""
    if now < path.not_before:
        raise ChainRefused("a certificate is not valid yet", detail="certificate_not_yet_valid")
    if now > path.not_after:
        raise ChainRefused("a certificate has expired", detail="certificate_expired")
    return path.key


@lru_cache(maxsize=512)
def _verify_path(
    x5c: tuple[bytes, ...],
    anchors: tuple[bytes, ...],
    kind: type[x509.UniformResourceIdentifier | x509.DNSName],
    name: str | None,
    uses: frozenset[x509.ObjectIdentifier],
) -> _Path:
    """Steps 1 to 5 and 7. Cached: an agency signs every credential with the same path."""
    if not 1 <= len(x5c) <= MAX_CERTIFICATES:
        raise ChainRefused(f"a path has 1 to {MAX_CERTIFICATES} parts", detail="chain_length")
    chain = [_parse(certificate) for certificate in x5c]
    leaf = chain[0]
    _check_leaf(leaf, uses=uses)
    if any(each.issuer == each.subject for each in chain) or set(anchors) & set(x5c):
        raise ChainRefused("the path holds an anchor", detail="anchor_included")
    for child, issuer in pairwise(chain):
        if not _is_issued_by(child, issuer):
            raise ChainRefused("a certificate is not signed by the next", detail="broken_chain")
    anchor = _find_anchor(chain[-1], [_parse(each) for each in anchors])
    path = [*chain, anchor]
    for depth, authority in enumerate(path[1:]):
        _check_authority(authority, authorities_below=depth)
        if violates(path[: depth + 1], _extension(authority, x509.NameConstraints)):
            raise ChainRefused("a name is outside of its limits", detail="name_constraint")
    if name is not None and name not in _alternative_names(leaf, kind):
        raise ChainRefused("the certificate is for another name", detail="wrong_name")
    return _Path(
        key=build_public_key(leaf.public_key()),
        not_before=max(each.not_valid_before_utc for each in path),
        not_after=min(each.not_valid_after_utc for each in path),
    )


def _parse(data: bytes) -> x509.Certificate:
    """Step 1."""
    if len(data) > MAX_CERTIFICATE_BYTES:
        raise Malformed("a certificate is too large", detail="too_large")
    try:
        certificate = x509.load_der_x509_certificate(data)
        extensions = certificate.extensions
        algorithm = certificate.signature_hash_algorithm
        _read_lazy_members(certificate)
    except UNREADABLE as error:
        raise Malformed("a certificate cannot be read", detail="invalid_certificate") from error
    # Ed25519 has no hash of its own; everything else must name a strong one.
    if algorithm is not None and algorithm.name not in _HASHES:
        raise ChainRefused("a certificate is weakly signed", detail="weak_certificate")
    if any(each.critical and each.oid not in _PROCESSED for each in extensions):
        raise ChainRefused("a critical extension is unknown", detail="unknown_critical_extension")
    return certificate


def _read_lazy_members(certificate: x509.Certificate) -> None:
    """The library reads these when they are first asked for: what cannot be read is said here."""
    certificate.public_key()
    _ = certificate.issuer, certificate.subject
    _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc


def _check_leaf(leaf: x509.Certificate, *, uses: frozenset[x509.ObjectIdentifier]) -> None:
    """Step 2."""
    if leaf.issuer == leaf.subject:
        raise ChainRefused("the certificate is self-signed", detail="self_signed")
    constraints = _extension(leaf, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise ChainRefused("an authority must not sign documents", detail="leaf_is_authority")
    usage = _extension(leaf, x509.KeyUsage)
    if usage is not None and not usage.digital_signature:
        raise ChainRefused("the key is not for signatures", detail="wrong_key_usage")
    extended = _extension(leaf, x509.ExtendedKeyUsage)
    if extended is not None and uses.isdisjoint(extended):
        raise ChainRefused("the certificate is for another use", detail="wrong_extended_key_usage")


def _find_anchor(top: x509.Certificate, anchors: Sequence[x509.Certificate]) -> x509.Certificate:
    """Step 3, its end: nobody is trusted who is not listed."""
    for anchor in anchors:
        if _is_issued_by(top, anchor):
            return anchor
    raise ChainRefused("the path leads to no trusted anchor", detail="untrusted_anchor")


def _is_issued_by(child: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        child.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _check_authority(authority: x509.Certificate, *, authorities_below: int) -> None:
    """Step 4."""
    constraints = _extension(authority, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        raise ChainRefused("a certificate may not issue others", detail="not_an_authority")
    if constraints.path_length is not None and constraints.path_length < authorities_below:
        raise ChainRefused("the path is longer than allowed", detail="path_length")
    usage = _extension(authority, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        raise ChainRefused("a certificate may not issue others", detail="not_an_authority")


def _alternative_names(
    leaf: x509.Certificate, kind: type[x509.UniformResourceIdentifier | x509.DNSName]
) -> list[str]:
    names = _extension(leaf, x509.SubjectAlternativeName)
    return names.get_values_for_type(kind) if names is not None else []


def _extension(certificate: x509.Certificate, kind: type[_Kind]) -> _Kind | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def build_authority_certificate(
    *,
    common_name: str,
    public_key: PublicKey,
    serial: int,
    valid_from: datetime,
    validity: timedelta,
    country: str | None = None,
) -> x509.CertificateBuilder:
    """
    The city's root: issues leaves only, and is signed with its own key. `country`: two letters,
    which ISO 18013-5 annex B asks of whoever issues driving licences.
    """
    name = _name(common_name, country=country)
    key = public_key.key_object
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(valid_from)
        .not_valid_after(valid_from + validity)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(for_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def build_leaf_certificate(
    *,
    common_name: str,
    public_key: PublicKey,
    authority: x509.Certificate,
    uris: Sequence[str],
    dns_names: Sequence[str],
    serial: int,
    valid_from: datetime,
    validity: timedelta,
    country: str | None = None,
    uses: Sequence[x509.ObjectIdentifier] = (),
) -> x509.CertificateBuilder:
    """
    A certificate of one who signs, for the authority to sign.

    An agency's holds its issuer identifier as URI and its host as DNS name; a verifier's only
    its host. `uses`: its extended key usage, such as `MDL_DOCUMENT_SIGNER`.
    """
    key = public_key.key_object
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(common_name, country=country))
        .issuer_name(authority.subject)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(valid_from)
        .not_valid_after(min(valid_from + validity, authority.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(for_certificates=False), critical=True)
        .add_extension(x509.SubjectAlternativeName(_names(uris, dns_names)), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(_key_of(authority), critical=False)
    )
    if uses:
        # ISO 18013-5 table B.3 wants it critical.
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=True)
    return builder


def _names(uris: Sequence[str], dns_names: Sequence[str]) -> list[x509.GeneralName]:
    return [
        *(x509.UniformResourceIdentifier(uri) for uri in uris),
        *(x509.DNSName(name) for name in dns_names),
    ]


def _key_of(authority: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    key = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key.value)


def _name(common_name: str, *, country: str | None) -> x509.Name:
    named = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if country is not None:
        named.insert(0, x509.NameAttribute(NameOID.COUNTRY_NAME, country))
    return x509.Name(named)


def _key_usage(*, for_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not for_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=for_certificates,
        crl_sign=for_certificates,
        encipher_only=False,
        decipher_only=False,
    )
