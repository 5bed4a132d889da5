"""
Private keys in files: the keystore of a demo, a test and a small city.

A key is made on first use, written as PKCS#8 PEM that only its owner can read, and never leaves
this module. Several processes that need the same new key end up with the same one. A passphrase,
when given, encrypts the files. `FileSigner` fits the `Signer` protocol of `credentials/keys.py`
without knowing it.
"""

import os
import re
import secrets
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from runtime.errors import KeystoreError
from runtime.public_halves import PublicHalf
from runtime.settings import Settings

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class FileSigner:
    """One private key and what may be done with it."""

    def __init__(self, private_key: _PrivateKey) -> None:
        self._private_key = private_key
        self._public = PublicHalf(private_key.public_key())
        self._public_jwk = self._public.jwk

    @property
    def algorithm(self) -> str:
        """`ES256` or `EdDSA`."""
        return self._public.algorithm

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public key, required members only (RFC 7517, RFC 8037)."""
        return dict(self._public_jwk)

    @property
    def key_id(self) -> str:
        """The JWK thumbprint (RFC 7638)."""
        return self._public.key_id

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo, for whoever builds certificates."""
        return self._public.der

    def sign(self, data: bytes) -> bytes:
        """A raw signature of 64 bytes, r||s for ES256 (RFC 7518 3.4), verified before it leaves."""
        key = self._private_key
        if isinstance(key, ed25519.Ed25519PrivateKey):
            signature = key.sign(data)
        else:
            r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
            signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if not self._public.verifies(signature, data):
            raise KeystoreError("signature did not verify after signing")
        return signature

    def sign_certificate(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """Issue the certificate that is described by `builder`."""
        is_ed25519 = isinstance(self._private_key, ed25519.Ed25519PrivateKey)
        return builder.sign(self._private_key, None if is_ed25519 else hashes.SHA256())


class FileKeystore:
    """A folder of private keys, one file each."""

    def __init__(self, folder: Path, *, passphrase: bytes | None = None) -> None:
        self._folder = folder
        self._passphrase = passphrase

    @classmethod
    def from_settings(cls, settings: Settings) -> "FileKeystore":
        """The keys of one service, in a folder of its own, encrypted where a passphrase is set."""
        file = settings.key_passphrase_file
        return cls(
            settings.data_dir / "keys" / settings.service,
            passphrase=file.read_bytes().strip() if file else None,
        )

    def signer(self, name: str, algorithm: str) -> FileSigner:
        """The key called `name`, made now if it was never used."""
        path = self._path(name)
        if not path.exists():
            self._store(path, _generate(algorithm))
        signer = FileSigner(self._load(path))
        if signer.algorithm != algorithm:
            raise KeystoreError(f"key {name} is for {signer.algorithm}, not {algorithm}")
        return signer

    def names(self) -> tuple[str, ...]:
        """The keys that exist, in order."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.pem")))

    def certificate_builder_sign(
        self, name: str, builder: x509.CertificateBuilder
    ) -> x509.Certificate:
        """Issue the certificate that is described by `builder` with the existing key `name`."""
        return FileSigner(self._load(self._path(name))).sign_certificate(builder)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise KeystoreError("key name has foreign characters")
        return self._folder / f"{name}.pem"

    def _load(self, path: Path) -> _PrivateKey:
        try:
            if path.stat().st_mode & 0o077:
                raise KeystoreError(f"key file {path.name} can be read by others")
            key = serialization.load_pem_private_key(path.read_bytes(), self._passphrase)
        except (OSError, ValueError, TypeError) as error:
            raise KeystoreError(f"key file {path.name} cannot be read") from error
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key
        if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            return key
        raise KeystoreError(f"key file {path.name} holds another kind of key")

    def _store(self, path: Path, key: _PrivateKey) -> None:
        """Write whole and durably, or not at all; a key that is there already stays."""
        encryption: serialization.KeySerializationEncryption = (
            serialization.BestAvailableEncryption(self._passphrase)
            if self._passphrase
            else serialization.NoEncryption()
        )
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        )
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, does not replace what another process put there first.
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        _sync_folder(self._folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _generate(algorithm: str) -> _PrivateKey:
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    raise KeystoreError("algorithm is neither ES256 nor EdDSA")
