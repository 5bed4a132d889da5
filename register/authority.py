"""
The city's certificate authority: one root, which certifies agencies and verifiers by name.

The root key never leaves the keystore. A certificate says only that the city knows this key under
these names; what its holder may issue stands in the trust registry.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from credentials.keys import PublicKey, parse_jwk
from credentials.x509 import build_authority_certificate, build_leaf_certificate
from register import store
from register.errors import BadRequest
from runtime.clock import Clock
from runtime.database import Database, Session
from runtime.key_custody import ServiceSigner

ROOT_VALIDITY = timedelta(days=3650)
LEAF_VALIDITY = timedelta(days=397)
BACKDATED = timedelta(minutes=1)
"""Clocks differ a little; a certificate that is not yet valid elsewhere helps nobody."""
MAX_NAMES = 16
MAX_COMMON_NAME = 64


class Authority:
    """Signs certificates with the city's root key."""

    def __init__(
        self, database: Database, *, signer: ServiceSigner, city_name: str, clock: Clock
    ) -> None:
        self._database = database
        self._signer = signer
        self._city_name = city_name
        self._clock = clock

    def root(self) -> x509.Certificate:
        """The root certificate, made on first use."""
        with self._database.reading() as session:
            found = store.load_root_certificate(session)
        if found is None:
            with self._database.writing() as session:
                found = store.load_root_certificate(session) or self._make_root(session)
        return x509.load_der_x509_certificate(found)

    def root_der(self) -> bytes:
        """The same in DER, as an anchor of chains."""
        return self.root().public_bytes(Encoding.DER)

    def root_pem(self) -> bytes:
        """The same in PEM, for people and browsers."""
        return self.root().public_bytes(Encoding.PEM)

    def certify(
        self,
        key: PublicKey,
        *,
        subject: str,
        uris: Sequence[str],
        dns_names: Sequence[str],
    ) -> bytes:
        """A leaf certificate (DER) for this key under these names."""
        _check_names(subject, uris, dns_names)
        now = self._clock()
        try:
            builder = build_leaf_certificate(
                common_name=subject,
                public_key=key,
                authority=self.root(),
                uris=uris,
                dns_names=dns_names,
                serial=_draw_serial(),
                valid_from=now - BACKDATED,
                validity=LEAF_VALIDITY,
            )
        except ValueError as error:
            raise BadRequest("a name cannot stand in a certificate") from error
        certificate = self._signer.sign_certificate(builder).public_bytes(Encoding.DER)
        with self._database.writing() as session:
            _remember(session, subject, key, certificate, now=now, is_root=False)
        return certificate

    def _make_root(self, session: Session) -> bytes:
        now = self._clock()
        key = parse_jwk(dict(self._signer.public_jwk))
        common_name = f"{self._city_name} root"[:MAX_COMMON_NAME]
        builder = build_authority_certificate(
            common_name=common_name,
            public_key=key,
            serial=_draw_serial(),
            valid_from=now - BACKDATED,
            validity=ROOT_VALIDITY,
        )
        der = self._signer.sign_certificate(builder).public_bytes(Encoding.DER)
        _remember(session, common_name, key, der, now=now, is_root=True)
        return der


def _remember(
    session: Session,
    subject: str,
    key: PublicKey,
    der: bytes,
    *,
    now: datetime,
    is_root: bool,
) -> None:
    store.insert_certificate(
        session,
        subject=subject,
        thumbprint=key.thumbprint,
        issued_at=int(now.timestamp()),
        der=der,
        is_root=is_root,
    )


def _check_names(subject: str, uris: Sequence[str], dns_names: Sequence[str]) -> None:
    names = (*uris, *dns_names)
    if not 1 <= len(names) <= MAX_NAMES:
        raise BadRequest(f"a certificate has 1 to {MAX_NAMES} names")
    if not 1 <= len(subject) <= MAX_COMMON_NAME:
        raise BadRequest(f"a subject has 1 to {MAX_COMMON_NAME} characters")
    if not all(name.isascii() and name.isprintable() and " " not in name for name in names):
        raise BadRequest("a name of a certificate is one word of ASCII")
    if not all(uri.startswith(("https://", "http://localhost", "http://127.")) for uri in uris):
        raise BadRequest("a URI of a certificate is an https URL")


def _draw_serial() -> int:
    """RFC 5280 4.1.2.2: positive, at most 20 bytes; 159 random bits keep it so."""
    return secrets.randbits(159) | 1
