"""
The profile of a city's own certificates: one root, kept offline, and a leaf for each who signs.

HAIP 1.0 asks of a chain in `x5c` that its leaf is not self-signed and that its anchor stays out of
it. So the root signs leaves and nothing else (path length 0), below names of this city only (RFC
5280 section 4.2.1.10), and never a key of its own. A leaf is for one role and says so in its
extended key usage; one key has one leaf and one purpose (S-191).

The draft of Token Status Lists names a use of its own for status signers and has no number for it
yet: until then their leaves are for documents, and the trust registry says which key is for what.
Builders return an unsigned certificate; who holds the root's key signs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from credentials.errors import Malformed
from credentials.keys import PublicKey, build_public_key
from credentials.x509 import (
    DOCUMENT_SIGNING,
    MDL_DOCUMENT_SIGNER,
    MDL_READER,
    build_authority_certificate,
    build_leaf_certificate,
)

ROOT_VALIDITY = timedelta(days=3650)
LONGEST_LEAF = timedelta(days=3 * 366)
"""A leaf outlives what it signed; the registry's `sign_until` ends its signing much earlier."""
MAX_NAMES = 16


class Role(StrEnum):
    """For whom a leaf is."""

    AGENCY = "agency"
    STATUS = "status"
    VERIFIER = "verifier"
    WALLET_PROVIDER = "wallet-provider"


USES: Mapping[Role, tuple[x509.ObjectIdentifier, ...]] = MappingProxyType(
    {
        Role.AGENCY: (DOCUMENT_SIGNING, MDL_DOCUMENT_SIGNER),
        Role.STATUS: (DOCUMENT_SIGNING,),
        # Not for servers: the key of TLS is another one.
        Role.VERIFIER: (ExtendedKeyUsageOID.CLIENT_AUTH, MDL_READER),
        Role.WALLET_PROVIDER: (DOCUMENT_SIGNING,),
    }
)


@dataclass(frozen=True, slots=True)
class LeafRequest:
    """A key and the names that it signs under. A verifier is named by hosts, others by URIs."""

    role: Role
    common_name: str
    key: PublicKey
    uris: tuple[str, ...]
    dns_names: tuple[str, ...]


def build_city_root(
    *,
    common_name: str,
    public_key: PublicKey,
    domains: Sequence[str],
    serial: int,
    valid_from: datetime,
    validity: timedelta = ROOT_VALIDITY,
) -> x509.CertificateBuilder:
    """The root, for its own key to sign: leaves only, and names at or below `domains` only."""
    if not domains or any(not _is_domain(each) for each in domains):
        raise _fault("a city's root is limited to domains of the city")
    permitted: list[x509.GeneralName] = []
    for domain in domains:
        # A DNS limit holds for what is below it as well; a URI limit has to say both.
        permitted += [
            x509.DNSName(domain),
            x509.UniformResourceIdentifier(domain),
            x509.UniformResourceIdentifier(f".{domain}"),
        ]
    builder = build_authority_certificate(
        common_name=common_name,
        public_key=public_key,
        serial=serial,
        valid_from=valid_from,
        validity=validity,
    )
    limits = x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)
    return builder.add_extension(limits, critical=True)


def build_city_leaf(
    request: LeafRequest,
    *,
    root: x509.Certificate,
    serial: int,
    valid_from: datetime,
    validity: timedelta,
) -> x509.CertificateBuilder:
    """The leaf that is asked for, for the root to sign; refused where the profile forbids it."""
    _check_request(request, root=root)
    if not timedelta(0) < validity <= LONGEST_LEAF:
        raise _fault("a leaf is valid for three years at most")
    builder = build_leaf_certificate(
        common_name=request.common_name,
        public_key=request.key,
        authority=root,
        uris=request.uris,
        dns_names=request.dns_names,
        serial=serial,
        valid_from=valid_from,
        validity=validity,
    )
    return builder.add_extension(x509.ExtendedKeyUsage(USES[request.role]), critical=False)


def _check_request(request: LeafRequest, *, root: x509.Certificate) -> None:
    names = (*request.uris, *request.dns_names)
    if not 1 <= len(names) <= MAX_NAMES:
        raise _fault(f"a leaf has 1 to {MAX_NAMES} names")
    if request.role is Role.VERIFIER and (request.uris or not request.dns_names):
        raise _fault("a verifier is named by its hosts")
    if request.role is not Role.VERIFIER and not request.uris:
        raise _fault("who signs documents is named by a URI")
    if build_public_key(root.public_key()) == request.key:
        raise _fault("the root's key signs nothing but leaves")
    if not request.common_name or x509.Name(root.subject) == _name(request.common_name):
        raise _fault("a leaf has a name of its own")
    limits = root.extensions.get_extension_for_class(x509.NameConstraints).value
    domains = [
        each.value for each in limits.permitted_subtrees or () if isinstance(each, x509.DNSName)
    ]
    hosts = [*request.dns_names, *(_host(uri) for uri in request.uris)]
    if not all(_is_below(host, domains) for host in hosts):
        raise _fault("a name is not one of this city")


def _host(uri: str) -> str:
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError as error:
        raise _fault("a URI cannot be read") from error
    if parts.scheme not in ("https", "http") or not host:
        raise _fault("a URI of a leaf is a web address")
    if parts.scheme == "http" and host != "localhost":
        raise _fault("a URI of a leaf is an https address")
    return host


def _is_below(host: str, domains: Sequence[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _is_domain(text: str) -> bool:
    labels = text.split(".")
    return text == text.lower() and all(
        label and label.isascii() and label.replace("-", "a").isalnum() for label in labels
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="invalid_certificate_request")
