"""
Name constraints of certificates: RFC 5280 section 4.2.1.10, for DNS, URI and directory names.

A constraint on any other kind of name is not understood here, and a certificate that carries such
a name beneath it counts as outside.
"""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from cryptography import x509


def violates(below: Sequence[x509.Certificate], constraints: x509.NameConstraints | None) -> bool:
    """Whether a certificate beneath the constrained authority has a name outside of its limits."""
    if constraints is None:
        return False
    permitted = tuple(constraints.permitted_subtrees or ())
    excluded = tuple(constraints.excluded_subtrees or ())
    return any(
        _is_outside(name, permitted=permitted, excluded=excluded)
        for certificate in below
        for name in _names(certificate)
    )


def _names(certificate: x509.Certificate) -> Iterable[x509.GeneralName]:
    if list(certificate.subject):
        yield x509.DirectoryName(certificate.subject)
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return
    yield from extension.value


def _is_outside(
    name: x509.GeneralName,
    *,
    permitted: Sequence[x509.GeneralName],
    excluded: Sequence[x509.GeneralName],
) -> bool:
    if any(
        _is_within(name, each, when_unknown=True) for each in excluded if type(each) is type(name)
    ):
        return True
    same_kind = [each for each in permitted if type(each) is type(name)]
    return bool(same_kind) and not any(
        _is_within(name, each, when_unknown=False) for each in same_kind
    )


def _is_within(name: x509.GeneralName, limit: x509.GeneralName, *, when_unknown: bool) -> bool:
    if isinstance(name, x509.DNSName) and isinstance(limit, x509.DNSName):
        return _is_subdomain(name.value, limit.value.removeprefix("."))
    if isinstance(name, x509.UniformResourceIdentifier) and isinstance(
        limit, x509.UniformResourceIdentifier
    ):
        try:
            host = urlsplit(name.value).hostname
        except ValueError:
            host = None  # brackets that hold no address
        if host is None:
            return when_unknown
        # Unlike for DNS names, a URI limit without a leading dot means this one host.
        if limit.value.startswith("."):
            return _is_subdomain(host, limit.value[1:]) and host.lower() != limit.value[1:].lower()
        return host.lower() == limit.value.lower()
    if isinstance(name, x509.DirectoryName) and isinstance(limit, x509.DirectoryName):
        return list(name.value.rdns)[: len(limit.value.rdns)] == list(limit.value.rdns)
    return when_unknown


def _is_subdomain(host: str, domain: str) -> bool:
    host, domain = host.lower().rstrip("."), domain.lower().rstrip(".")
    return not domain or host == domain or host.endswith("." + domain)
