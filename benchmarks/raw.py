"""The limits: one raw operation of `cryptography`, which nothing that checks a signature beats."""

from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

DATA = b"x" * 1000


def p256_verification() -> Callable[[], object]:
    """DER in."""
    key = ec.generate_private_key(ec.SECP256R1())
    signature = key.sign(DATA, ec.ECDSA(hashes.SHA256()))
    public = key.public_key()
    return lambda: public.verify(signature, DATA, ec.ECDSA(hashes.SHA256()))


def p256_signature() -> Callable[[], object]:
    """DER out."""
    key = ec.generate_private_key(ec.SECP256R1())
    return lambda: key.sign(DATA, ec.ECDSA(hashes.SHA256()))


def ed25519_verification() -> Callable[[], object]:
    """A raw signature in."""
    key = ed25519.Ed25519PrivateKey.generate()
    signature = key.sign(DATA)
    public = key.public_key()
    return lambda: public.verify(signature, DATA)


def ed25519_signature(size: int) -> tuple[bytes, bytes, bytes]:
    """A raw public key, a message of this size, and its signature."""
    key = ed25519.Ed25519PrivateKey.generate()
    message = b"x" * size
    return key.public_key().public_bytes_raw(), message, key.sign(message)
