"""
Certificates signed by a key that stays in a token.

The `cryptography` library wants a private key object to sign a certificate with. These two stand in
for one: they hand the bytes to the token and give nothing else away.
"""

from collections.abc import Callable
from typing import NoReturn

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from runtime.errors import KeystoreError
from runtime.public_halves import PublicHalf, build_der_signature

Sign = Callable[[bytes], bytes]


def sign_with_token(
    builder: x509.CertificateBuilder, *, public: PublicHalf, sign: Sign
) -> x509.Certificate:
    """The certificate that `builder` describes, signed by whoever `sign` asks."""
    if isinstance(public.key, ed25519.Ed25519PublicKey):
        return builder.sign(_EdwardsKey(public.key, sign), None)
    return builder.sign(_EllipticKey(public.key, sign), hashes.SHA256())


def _refuse() -> NoReturn:
    raise KeystoreError("a key of the token does nothing but sign")


class _EllipticKey(ec.EllipticCurvePrivateKey):
    def __init__(self, public: ec.EllipticCurvePublicKey, sign: Sign) -> None:
        self._public, self._sign = public, sign

    def sign(self, data: object, signature_algorithm: object) -> bytes:
        """In DER, as X.509 wants it."""
        is_es256 = isinstance(signature_algorithm, ec.ECDSA) and isinstance(
            signature_algorithm.algorithm, hashes.SHA256
        )
        if not isinstance(data, bytes) or not is_es256:
            _refuse()
        return build_der_signature(self._sign(data))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half."""
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        """P-256."""
        return self._public.curve

    @property
    def key_size(self) -> int:
        """In bits."""
        return self._public.key_size

    def exchange(self, *_: object, **__: object) -> bytes:
        """Never."""
        _refuse()

    def private_numbers(self) -> ec.EllipticCurvePrivateNumbers:
        """Never."""
        _refuse()

    def private_bytes(self, *_: object, **__: object) -> bytes:
        """Never."""
        _refuse()

    def __copy__(self) -> "_EllipticKey":
        return self

    def __deepcopy__(self, memo: object) -> "_EllipticKey":
        return self


class _EdwardsKey(ed25519.Ed25519PrivateKey):
    def __init__(self, public: ed25519.Ed25519PublicKey, sign: Sign) -> None:
        self._public, self._sign = public, sign

    def sign(self, data: object) -> bytes:
        """As RFC 8032 has it."""
        if not isinstance(data, bytes):
            _refuse()
        return self._sign(data)

    def public_key(self) -> ed25519.Ed25519PublicKey:
        """The public half."""
        return self._public

    def private_bytes(self, *_: object, **__: object) -> bytes:
        """Never."""
        _refuse()

    def private_bytes_raw(self) -> bytes:
        """Never."""
        _refuse()

    def __copy__(self) -> "_EdwardsKey":
        return self

    def __deepcopy__(self, memo: object) -> "_EdwardsKey":
        return self
