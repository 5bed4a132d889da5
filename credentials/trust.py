"""
Who may issue what, and with which keys: the city's trust registry.

The registry is a signed document of the register (`trust-registry+jwt`); this module only holds
its meaning. Identifiers are compared as exact strings. Nothing is ever trusted because it is not
listed: an empty registry trusts nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from credentials.keys import PublicKey


class KeyUse(StrEnum):
    """One key, one purpose (S-191)."""

    CREDENTIAL = "credential"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key of an issuer. `compromised_at`: from then on its signatures prove nothing."""

    key: PublicKey
    use: KeyUse
    valid_from: datetime
    valid_until: datetime | None
    compromised_at: datetime | None


@dataclass(frozen=True, slots=True)
class Accreditation:
    """The types (a `vct` or a VCDM type) that an issuer may issue between two times."""

    types: frozenset[str]
    valid_from: datetime
    valid_until: datetime | None


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


@dataclass(frozen=True, slots=True)
class RegisteredVerifier:
    """A verifier that the city knows: what a wallet shows as registered."""

    client_id: str
    name: Mapping[str, str]
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrustRegistry:
    """The whole registry at one version; versions only rise."""

    version: int
    issued_at: datetime
    expires_at: datetime
    issuers: tuple[TrustedIssuer, ...]
    verifiers: tuple[RegisteredVerifier, ...]
