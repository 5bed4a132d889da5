"""
Private keys in a PKCS#11 token: SoftHSM, a YubiHSM, a Luna, a cloud's HSM.

Keys are made inside the token, sensitive and not extractable; a key that could leave is not used
(S-185). A key object is labelled `SERVICE/NAME`; two under one label are refused. Signatures are
raw, 64 bytes, and verified with the public half before they are handed out (S-190).
Mechanisms: CKM_ECDSA over a SHA-256 digest, CKM_EDDSA on Ed25519 (PKCS#11 3.0, 6.3 and 6.5).
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import AttributeTypeInvalid

from runtime.errors import KeystoreError, KeystoreUnavailable
from runtime.pkcs11_token import Pkcs11Token, Session, open_token
from runtime.public_halves import PublicHalf
from runtime.settings import Settings
from runtime.token_certificates import sign_with_token

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
# OBJECT IDENTIFIER prime256v1, and the PrintableString that PKCS#11 3.0 gives Ed25519.
_P256: Final = bytes.fromhex("06082a8648ce3d030107")
_ED25519: Final = bytes.fromhex("130c656477617264733235353139")
_ED25519_OID: Final = bytes.fromhex("06032b6570")
_OCTET_STRING: Final = 0x04


class Pkcs11Signer:
    """One private key in the token and what may be done with it."""

    def __init__(self, token: Pkcs11Token, label: str, public: PublicHalf) -> None:
        self._token = token
        self._label = label
        self._public = public
        self._public_jwk = public.jwk
        # A handle is good for its session only; it is touched by the clerk's thread alone.
        self._held: tuple[Session, Session] | None = None

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
        if self.algorithm == "EdDSA":
            message, mechanism = data, Mechanism.EDDSA
        else:
            message, mechanism = hashlib.sha256(data).digest(), Mechanism.ECDSA

        def work(session: Session) -> object:
            if self._held is None or self._held[0] is not session:
                self._held = (session, _find_private(session, self._label))
            return self._held[1].sign(message, mechanism=mechanism)

        signature = self._token.run(work)
        if not isinstance(signature, bytes) or not self._public.verifies(signature, data):
            raise KeystoreUnavailable("signature did not verify", detail="bad_signature")
        return signature

    def sign_certificate(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """Issue the certificate that is described by `builder`."""
        return sign_with_token(builder, public=self._public, sign=self.sign)


class Pkcs11Keystore:
    """The keys of one service in a token. `folder` holds the lock of key generation, no key."""

    def __init__(self, token: Pkcs11Token, *, service: str, folder: Path) -> None:
        self._token = token
        self._prefix = f"{service}/"
        self._folder = folder

    @classmethod
    def from_settings(cls, settings: Settings) -> "Pkcs11Keystore":
        """The token that the settings name."""
        custody = settings.custody
        token = open_token(
            module=str(custody.module), label=custody.token, read_pin=custody.read_pin
        )
        return cls(token, service=settings.service, folder=settings.data_dir / "keys")

    def signer(self, name: str, algorithm: str) -> Pkcs11Signer:
        """The key called `name`, made now if it was never used."""
        label = self._label(name)
        if algorithm not in _KINDS:
            raise KeystoreError("algorithm is neither ES256 nor EdDSA")
        public = self._token.run(lambda session: _load(session, label))
        if public is None:
            with self._making_keys():
                public = self._token.run(lambda session: _load_or_make(session, label, algorithm))
        if public.algorithm != algorithm:
            raise KeystoreError(f"key {name} is for {public.algorithm}, not {algorithm}")
        return Pkcs11Signer(self._token, label, public)

    def names(self) -> tuple[str, ...]:
        """The keys that exist, in order."""
        labels = self._token.run(_list_labels)
        mine = (label for label in labels if label.startswith(self._prefix))
        return tuple(sorted({label.removeprefix(self._prefix) for label in mine}))

    def certificate_builder_sign(
        self, name: str, builder: x509.CertificateBuilder
    ) -> x509.Certificate:
        """Issue the certificate that is described by `builder` with the existing key `name`."""
        label = self._label(name)
        public = self._token.run(lambda session: _load(session, label))
        if public is None:
            raise KeystoreError(f"there is no key {name}")
        return Pkcs11Signer(self._token, label, public).sign_certificate(builder)

    def _label(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise KeystoreError("key name has foreign characters")
        return f"{self._prefix}{name}"

    @contextmanager
    def _making_keys(self) -> Iterator[None]:
        """One at a time on this machine: a token knows no unique labels."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._folder / ".pkcs11.lock", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _load_or_make(session: Session, label: str, algorithm: str) -> PublicHalf:
    found = _load(session, label)
    if found is not None:
        return found
    key_type, parameters, mechanism = _KINDS[algorithm]
    domain = session.create_domain_parameters(
        key_type, {Attribute.EC_PARAMS: parameters}, local=True
    )
    domain.generate_keypair(
        store=True,
        id=label.encode(),
        label=label,
        mechanism=mechanism,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        private_template={
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
            Attribute.SIGN: True,
            Attribute.DERIVE: False,
            Attribute.DECRYPT: False,
            Attribute.UNWRAP: False,
        },
    )
    made = _load(session, label)
    if made is None:
        raise KeystoreError("the token did not keep the key that it made")
    return made


def _load(session: Session, label: str) -> PublicHalf | None:
    """The public half, if the private one is there and cannot leave."""
    private, public = _find(session, ObjectClass.PRIVATE_KEY, label), None
    if private is None:
        return None
    if private[Attribute.EXTRACTABLE] or not private[Attribute.SENSITIVE]:
        raise KeystoreError("a key of the token could leave it and is not used")
    public = _find(session, ObjectClass.PUBLIC_KEY, label)
    if public is None:
        raise KeystoreError("a key of the token lacks its public half")
    point, parameters = public[Attribute.EC_POINT], _parameters(public)
    try:
        if private.key_type is KeyType.EC and parameters == _P256:
            raw = _unwrap(point, size=65)
            return PublicHalf(ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw))
        if private.key_type is KeyType.EC_EDWARDS and parameters in (_ED25519, _ED25519_OID):
            raw = _unwrap(point, size=32)
            return PublicHalf(ed25519.Ed25519PublicKey.from_public_bytes(raw))
    except ValueError as error:
        raise KeystoreError("a public key of the token cannot be read") from error
    raise KeystoreError("a key of the token is of another kind")


def _parameters(public: Session) -> bytes:
    try:
        return bytes(public[Attribute.EC_PARAMS])
    except AttributeTypeInvalid as error:
        raise KeystoreError("a key of the token is of another kind") from error


def _unwrap(point: bytes, *, size: int) -> bytes:
    """A point as PKCS#11 stores it: an OCTET STRING in DER, by some modules the bytes alone."""
    if len(point) == size + 2 and point[:2] == bytes([_OCTET_STRING, size]):
        return point[2:]
    return point


def _find_private(session: Session, label: str) -> Session:
    private = _find(session, ObjectClass.PRIVATE_KEY, label)
    if private is None:
        raise KeystoreUnavailable("the key is no longer in the token", detail="key_missing")
    return private


def _find(session: Session, kind: ObjectClass, label: str) -> Session | None:
    found = list(session.get_objects({Attribute.CLASS: kind, Attribute.LABEL: label}))
    if len(found) > 1:
        raise KeystoreError("the token holds two keys of one name")
    return found[0] if found else None


def _list_labels(session: Session) -> list[str]:
    keys = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
    return [key[Attribute.LABEL] for key in keys]


_KINDS: Final = {
    "ES256": (KeyType.EC, _P256, Mechanism.EC_KEY_PAIR_GEN),
    "EdDSA": (KeyType.EC_EDWARDS, _ED25519, Mechanism.EC_EDWARDS_KEY_PAIR_GEN),
}
