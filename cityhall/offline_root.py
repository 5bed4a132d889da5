"""
The city's root, kept apart: a folder of its own, on a machine that runs no service.

`root.key` is sealed with a passphrase and opened for as long as one leaf is signed; `root.pem` is
the certificate that the register lists as anchor; `leaves/` is the record of what was signed, each
leaf once. Services get leaves, never the key.
"""

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cityhall.errors import DeskError
from credentials.city_ca import LeafRequest, build_city_leaf, build_city_root
from credentials.errors import CredentialError
from credentials.keys import build_public_key
from runtime.errors import KeystoreError
from runtime.sealed_file import read_sealed, write_sealed

KEY_FILE, CERTIFICATE_FILE, LEAVES = "root.key", "root.pem", "leaves"
BACKDATED = timedelta(minutes=1)


class OfflineRoot:
    """A root in its folder. `passphrase` opens the key and is kept only as long as this object."""

    def __init__(self, folder: Path, *, passphrase: bytes) -> None:
        self._folder = folder
        self._passphrase = passphrase

    def create(self, *, common_name: str, domains: tuple[str, ...], now: datetime) -> bytes:
        """Make key and certificate; the certificate in PEM. A root that is there is never lost."""
        if (self._folder / CERTIFICATE_FILE).exists():
            raise DeskError("this folder holds a root already")
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            certificate = build_city_root(
                common_name=common_name,
                public_key=build_public_key(key.public_key()),
                domains=domains,
                serial=_draw_serial(),
                valid_from=now - BACKDATED,
            ).sign(key, hashes.SHA256())
            secret = key.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            write_sealed(self._folder / KEY_FILE, secret, passphrase=self._passphrase)
        except (CredentialError, KeystoreError, ValueError) as error:
            raise DeskError(f"no root was made: {error}") from error
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        (self._folder / CERTIFICATE_FILE).write_bytes(pem)
        return pem

    def certificate(self) -> x509.Certificate:
        """The root certificate."""
        try:
            return x509.load_pem_x509_certificate((self._folder / CERTIFICATE_FILE).read_bytes())
        except (OSError, ValueError) as error:
            raise DeskError("this folder holds no root: make one with ./city ca root") from error

    def sign(self, request: LeafRequest, *, validity: timedelta, now: datetime) -> bytes:
        """A leaf in PEM, recorded before it is given out."""
        root = self.certificate()
        serial = _draw_serial()
        try:
            builder = build_city_leaf(
                request,
                root=root,
                serial=serial,
                valid_from=now - BACKDATED,
                validity=validity,
            )
            leaf = builder.sign(self._open_key(), hashes.SHA256())
        except (CredentialError, KeystoreError, ValueError) as error:
            raise DeskError(f"no leaf was signed: {error}") from error
        leaf.verify_directly_issued_by(root)
        pem = leaf.public_bytes(serialization.Encoding.PEM)
        leaves = self._folder / LEAVES
        leaves.mkdir(mode=0o700, exist_ok=True)
        (leaves / f"{serial:040x}.pem").write_bytes(pem)
        return pem

    def _open_key(self) -> ec.EllipticCurvePrivateKey:
        secret = read_sealed(self._folder / KEY_FILE, passphrase=self._passphrase)
        key = serialization.load_der_private_key(secret, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise KeystoreError("the root's key is of another kind")
        return key


def _draw_serial() -> int:
    """RFC 5280 4.1.2.2: positive, at most 20 bytes; 159 random bits keep it so."""
    return secrets.randbits(159) | 1
