"""
What the trust tree of an epoch says of each issuer and type: the statements behind its leaves.

One for each identifier and type of a version of the trust registry. An issuer that is accredited
for a type more than once is stated with the accreditation that holds when the version was made,
else with the one that begins last. Keys that were compromised, or had ended by then, are left out.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from credentials.trust import Accreditation, KeyUse, TrustedIssuer, TrustRegistry
from credentials.trust_document import build_accreditation
from credentials.trust_leaf import TrustStatement
from encoding import base64url
from encoding.strict_json import canonical_json


def build_statements(registry: TrustRegistry, *, changed_at: datetime) -> list[TrustStatement]:
    """Every statement of a version that was made at `changed_at`."""
    return [
        TrustStatement(
            identifier=identifier,
            type=name,
            not_before=_seconds(accreditation.valid_from),
            not_after=_end(accreditation.valid_until),
            credential_keys=_keys(issuer, KeyUse.CREDENTIAL, at=changed_at),
            status_keys=_keys(issuer, KeyUse.STATUS, at=changed_at),
            accreditation=digest_of(accreditation),
        )
        for issuer in registry.issuers
        for name, accreditation in _chosen(issuer, at=changed_at)
        for identifier in issuer.identifiers
    ]


def digest_of(accreditation: Accreditation) -> bytes:
    """SHA-256 over the canonical JSON (RFC 8785) of an accreditation as the registry states it."""
    return hashlib.sha256(canonical_json(build_accreditation(accreditation))).digest()


def _chosen(issuer: TrustedIssuer, *, at: datetime) -> Iterator[tuple[str, Accreditation]]:
    names = sorted({name for each in issuer.accreditations for name in each.types})
    for name in names:
        listed = [each for each in issuer.accreditations if name in each.types]
        yield name, max(listed, key=lambda each: (_holds(each, at), each.valid_from))


def _holds(accreditation: Accreditation, at: datetime) -> bool:
    end = accreditation.valid_until
    return accreditation.valid_from <= at and (end is None or at < end)


def _keys(issuer: TrustedIssuer, use: KeyUse, *, at: datetime) -> tuple[bytes, ...]:
    return tuple(
        sorted(
            base64url.decode(trusted.key.thumbprint)
            for trusted in issuer.keys
            if trusted.use is use
            and trusted.compromised_at is None
            and (trusted.valid_until is None or at < trusted.valid_until)
        )
    )


def _seconds(instant: datetime) -> int:
    return int(instant.astimezone(UTC).timestamp())


def _end(instant: datetime | None) -> int | None:
    return None if instant is None else _seconds(instant)
