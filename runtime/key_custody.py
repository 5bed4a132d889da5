"""
Where a service's private keys are, behind one shape: files, or a PKCS#11 token.

`open_keystore` reads the settings and gives the keystore; nobody else needs to know which it is.
Both keep the same promises (S-185, S-190): a key never leaves, a name keeps its key and its
algorithm, a signature is raw and was verified before it is handed out.
"""

from collections.abc import Hashable
from typing import Protocol

from cryptography import x509

from runtime.keystore import FileKeystore
from runtime.settings import Settings


class ServiceSigner(Protocol):
    """One private key, wherever it is, and what may be done with it."""

    @property
    def algorithm(self) -> str:
        """`ES256` or `EdDSA`."""

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public key, required members only (RFC 7517, RFC 8037)."""

    @property
    def key_id(self) -> str:
        """The JWK thumbprint (RFC 7638)."""

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo, for whoever builds certificates."""

    def sign(self, data: bytes) -> bytes:
        """A raw signature of 64 bytes, r||s for ES256 (RFC 7518 3.4)."""

    def sign_certificate(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """Issue the certificate that is described by `builder`."""


class Keystore(Hashable, Protocol):
    """The private keys of one service, each under a name."""

    def signer(self, name: str, algorithm: str) -> ServiceSigner:
        """The key called `name`, made now if it was never used."""

    def names(self) -> tuple[str, ...]:
        """The keys that exist, in order."""

    def certificate_builder_sign(
        self, name: str, builder: x509.CertificateBuilder
    ) -> x509.Certificate:
        """Issue the certificate that is described by `builder` with the existing key `name`."""


def open_keystore(settings: Settings) -> Keystore:
    """The keystore that the settings name, for the keys of this service alone."""
    if settings.custody.keystore == "pkcs11":
        # Only who uses a token loads the library for it.
        from runtime.pkcs11_keystore import Pkcs11Keystore

        return Pkcs11Keystore.from_settings(settings)
    return FileKeystore.from_settings(settings)
