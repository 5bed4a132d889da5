"""
Who may issue what, and with which keys: the city's trust registry.

The registry is a signed document of the register (`trust-registry+jwt`, see `trust_document`);
this module holds its meaning. Identifiers are compared as exact strings (S-026). Nothing is ever
trusted because it is not listed: an empty registry trusts nobody. What a token says of its key
(`kid`, `x5c`) is a hint that chooses among the keys of a listed issuer and adds none, except that
a certificate chain may end in an anchor that the registry gives that issuer.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import cast

from credentials.bls import BbsPublicKey
from credentials.errors import CredentialError, Malformed
from credentials.keys import PublicKey
from credentials.model import IssuerKeyHint
from credentials.sameness import Remembered
from credentials.x509 import (
    ChainRefused,
    issuer_host,
    leaf_hosts,
    leaf_uris,
    parse_leaf_key,
    verify_chain,
    verify_document_chain,
)


class KeyUse(StrEnum):
    """One key, one purpose (S-191)."""

    CREDENTIAL = "credential"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """
    A key of an issuer, believed from `valid_from` until `valid_until`. It signs nothing new from
    `sign_until` on, and was made public at `announced_at`, so that every copy of the registry
    holds it before it signs; `key_states` has the words for these times. After `compromised_at`
    its signatures prove nothing, whatever date they carry. `x5c`: its certificates (DER) as
    published, so that a QR code may name them by reference.
    """

    key: PublicKey
    use: KeyUse
    valid_from: datetime
    valid_until: datetime | None
    compromised_at: datetime | None
    x5c: tuple[bytes, ...] = ()
    announced_at: datetime | None = None
    sign_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrustedBbsKey:
    """
    A BLS12-381 key of an issuer, for credentials only. Listing one is what lets the issuer use
    `bbs-2023`, which is no final standard yet: without it no such proof passes.
    """

    key: BbsPublicKey
    valid_from: datetime
    valid_until: datetime | None
    compromised_at: datetime | None
    sign_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accreditation:
    """
    The types (a `vct` or a VCDM type) that an issuer may issue between two times. `claims`: all
    that it may state in them, by name, for an mdoc `namespace/element`; None limits nothing.
    """

    types: frozenset[str]
    valid_from: datetime
    valid_until: datetime | None
    claims: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """
    An agency: every identifier it signs under, its keys, the DER certificates that anchor its
    `x5c` chains, and what it is accredited for. `name` maps language tag to label.
    """

    identifiers: tuple[str, ...]
    name: Mapping[str, str]
    keys: tuple[TrustedKey, ...]
    x5c_anchors: tuple[bytes, ...]
    accreditations: tuple[Accreditation, ...]
    bbs_keys: tuple[TrustedBbsKey, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisteredVerifier:
    """
    A verifier that the city knows: what a wallet shows as registered. `may_ask`: the claims that
    it may ask for, by type; None: the registry limits it to its purposes and says no more.
    """

    client_id: str
    name: Mapping[str, str]
    purposes: tuple[str, ...]
    may_ask: Mapping[str, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class TrustRegistry:
    """The whole registry at one version; versions only rise."""

    version: int
    issued_at: datetime
    expires_at: datetime
    issuers: tuple[TrustedIssuer, ...]
    verifiers: tuple[RegisteredVerifier, ...]


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """
    The keys of an issuer that may have signed. `certified`: the key that a certificate chain
    names, where the registry anchors it without listing it. `problem`: why there is none.
    """

    keys: tuple[TrustedKey, ...] = ()
    certified: PublicKey | None = None
    problem: str | None = None


def find_issuer(registry: TrustRegistry, identifier: str) -> TrustedIssuer | None:
    """The issuer that signs under exactly this identifier."""
    return next((each for each in registry.issuers if identifier in each.identifiers), None)


def find_certified_issuer(
    registry: TrustRegistry, hint: IssuerKeyHint, *, now: datetime, must_be_named: bool
) -> TrustedIssuer | None:
    """
    The one issuer that certificates alone speak of (mdoc, SD-JWT VC without `iss`): who lists the
    leaf's key, or whose anchor the path ends in. Where several share an anchor, the leaf must name
    the one it means; with `must_be_named` always, as it would have to beside an `iss`.
    """
    return _CERTIFIED(registry, None, (hint.x5c, whole_minute(now), must_be_named))


def _find_certified(registry: TrustRegistry, _: None, question: Hashable) -> TrustedIssuer | None:
    x5c, minute, must_be_named = cast("tuple[tuple[bytes, ...], datetime, bool]", question)
    if not x5c:
        return None
    thumbprint = _leaf_thumbprint(x5c[0])
    listed = [
        issuer
        for issuer in registry.issuers
        if any(each.key.thumbprint == thumbprint for each in issuer.keys)
    ]
    found = listed or [issuer for issuer in registry.issuers if _anchors(issuer, x5c, now=minute)]
    if len(found) > 1 or (must_be_named and not listed):
        found = [issuer for issuer in found if _speaks_for(issuer, x5c[0])]
    return found[0] if len(found) == 1 else None


def _speaks_for(issuer: TrustedIssuer, leaf: bytes) -> bool:
    try:
        named = leaf_uris(leaf)
    except CredentialError:
        return False
    return not set(named).isdisjoint(issuer.identifiers) if named else _is_host_of(issuer, leaf)


def _is_host_of(issuer: TrustedIssuer, leaf: bytes) -> bool:
    try:
        hosts = leaf_hosts(leaf)
    except CredentialError:
        return False
    return any(issuer_host(each) in hosts for each in issuer.identifiers)


_CERTIFIED = Remembered(_find_certified, limit=4096)


def _anchors(issuer: TrustedIssuer, x5c: tuple[bytes, ...], *, now: datetime) -> bool:
    try:
        verify_document_chain(x5c, anchors=issuer.x5c_anchors, now=now)
        named = leaf_uris(x5c[0])
    except CredentialError:
        return False
    return not named or not set(named).isdisjoint(issuer.identifiers)


def find_verifier(registry: TrustRegistry, client_id: str) -> RegisteredVerifier | None:
    """The registered verifier with exactly this client identifier."""
    return next((each for each in registry.verifiers if each.client_id == client_id), None)


def is_accredited(
    issuer: TrustedIssuer, types: Iterable[str], *, at: datetime, skew: timedelta
) -> bool:
    """Whether the issuer was accredited at `at` for every one of these types, and for any."""
    accredited = [
        accreditation.types
        for accreditation in issuer.accreditations
        if _holds(accreditation, at=at, skew=skew)
    ]
    wanted = set(types)
    return bool(wanted) and wanted <= frozenset().union(*accredited)


def claim_limit(
    issuer: TrustedIssuer, types: Iterable[str], *, at: datetime, skew: timedelta
) -> frozenset[str] | None:
    """
    The claims that the issuer may state at `at` in a credential of these types; None: any. Several
    accreditations of one type add up; of several types each must allow a claim.
    """
    limits = [_limit_of_type(issuer, each, at=at, skew=skew) for each in types]
    named = [limit for limit in limits if limit is not None]
    return frozenset.intersection(*named) if named else None


def _limit_of_type(
    issuer: TrustedIssuer, name: str, *, at: datetime, skew: timedelta
) -> frozenset[str] | None:
    allowed: frozenset[str] = frozenset()
    for accreditation in issuer.accreditations:
        if name in accreditation.types and _holds(accreditation, at=at, skew=skew):
            if accreditation.claims is None:
                return None
            allowed |= accreditation.claims
    return allowed


def _holds(accreditation: Accreditation, *, at: datetime, skew: timedelta) -> bool:
    return accreditation.valid_from - at <= skew and (
        accreditation.valid_until is None or at < accreditation.valid_until
    )


def issues_type_named(issuer: TrustedIssuer, name: str, *, at: datetime) -> bool:
    """Whether it is accredited at `at` for the type of this name: a view's links name types so."""
    return "/" not in name and any(
        accredited == name or accredited.endswith(f"/{name}")
        for accreditation in issuer.accreditations
        if accreditation.valid_until is None or at < accreditation.valid_until
        for accredited in accreditation.types
    )


def trusted_certificates(registry: TrustRegistry) -> tuple[bytes, ...]:
    """Every certificate of the registry: what a packed QR code may name by reference."""
    listed = (
        certificate
        for issuer in registry.issuers
        for chain in (issuer.x5c_anchors, *(key.x5c for key in issuer.keys))
        for certificate in chain
    )
    return tuple(dict.fromkeys(listed))


def choose_keys(
    issuer: TrustedIssuer, hint: IssuerKeyHint, *, identifier: str | None, now: datetime
) -> KeyChoice:
    """
    The keys to try, best first. A chain in the hint must hold whenever the registry anchors
    chains for this issuer (S-046); without anchors the chain is passed over and listed keys count.
    `identifier`: what the certificate must name; None accepts any identifier of the issuer, an
    empty one needs no name in it (mdoc). The validity of certificates is looked at once a minute.
    """
    return _CHOICES(issuer, None, (hint, identifier, whole_minute(now)))


def names_key_of(issuer: TrustedIssuer, hint: IssuerKeyHint) -> bool:
    """Whether the hint names a listed key of this issuer; a quick guess, no proof."""
    return any(_is_named(each, hint) for each in issuer.keys)


def key_problem(
    trusted: TrustedKey | TrustedBbsKey,
    *,
    now: datetime,
    skew: timedelta,
    signed_at: datetime | None = None,
) -> str | None:
    """
    Why a signature of this key proves nothing now, or None. `signed_at`: what the signature says
    of its own time, where it does; a key that had stopped signing by then did not mean it.
    """
    if trusted.compromised_at is not None and trusted.compromised_at <= now:
        return "key_compromised"
    return key_time_problem(trusted, now=now, skew=skew, signed_at=signed_at)


def key_time_problem(
    trusted: TrustedKey | TrustedBbsKey,
    *,
    now: datetime,
    skew: timedelta,
    signed_at: datetime | None,
) -> str | None:
    """The same for a signature that is known to be older than any compromise."""
    if now + skew < trusted.valid_from:
        return "key_not_yet_valid"
    if trusted.valid_until is not None and trusted.valid_until <= now:
        return "key_no_longer_valid"
    if trusted.sign_until is None or signed_at is None or signed_at - trusted.sign_until < skew:
        return None
    return "key_no_longer_valid"


@lru_cache(maxsize=64)
def whole_minute(now: datetime) -> datetime:
    """The minute in which `now` lies: for so long what depends on certificates is remembered."""
    return now.replace(second=0, microsecond=0)


def _choose(issuer: TrustedIssuer, _: None, question: Hashable) -> KeyChoice:
    hint, identifier, minute = cast("tuple[IssuerKeyHint, str | None, datetime]", question)
    if hint.x5c and issuer.x5c_anchors:
        certified = _certified_key(hint, issuer, identifier=identifier, now=minute)
        if isinstance(certified, str):
            return KeyChoice(problem=certified)
        same = tuple(each for each in issuer.keys if each.key == certified)
        return KeyChoice(keys=same) if same else KeyChoice(certified=certified)
    listed = tuple(each for each in issuer.keys if each.key.algorithm == hint.algorithm)
    if not listed:
        return KeyChoice(problem="no_key_listed")
    named = tuple(each for each in listed if _is_named(each, hint))
    return KeyChoice(keys=named or listed)


_CHOICES = Remembered(_choose, limit=4096)


def _is_named(trusted: TrustedKey, hint: IssuerKeyHint) -> bool:
    """By `kid`, which is a thumbprint or a DID URL that ends in one, or by the leaf certificate."""
    if hint.key_id is not None and hint.key_id.rpartition("#")[2] == trusted.key.thumbprint:
        return True
    return bool(hint.x5c) and _leaf_thumbprint(hint.x5c[0]) == trusted.key.thumbprint


@lru_cache(maxsize=1024)
def _leaf_thumbprint(certificate: bytes) -> str | None:
    try:
        return parse_leaf_key(certificate).thumbprint
    except CredentialError:
        return None


def _certified_key(
    hint: IssuerKeyHint, issuer: TrustedIssuer, *, identifier: str | None, now: datetime
) -> PublicKey | str:
    """The key that the chain certifies for one of the issuer's names, or why not."""
    if identifier == "":
        try:
            return verify_document_chain(hint.x5c, anchors=issuer.x5c_anchors, now=now)
        except (ChainRefused, Malformed) as error:
            return error.detail
    names = dict.fromkeys((identifier or issuer.identifiers[0], *issuer.identifiers))
    for name in names:
        try:
            return verify_chain(hint.x5c, anchors=issuer.x5c_anchors, now=now, uri=name)
        except (ChainRefused, Malformed) as error:
            if error.detail != "wrong_name":
                return error.detail
    return "wrong_name"
