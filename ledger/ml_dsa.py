"""
ML-DSA-44 cosignatures of whole trees: C2SP tlog-cosignature, "ML-DSA-44 signed message", type 0x06.

They are what a checkpoint carries for the years: in the syncs of verifiers and in archives. A QR
staple has no room for their 2,420 bytes and keeps Ed25519. Unlike Ed25519 cosignatures they name
their cosigner, and they say nothing about extension lines. Pure.
"""

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from ledger.errors import Malformed

PUBLIC_KEY_BYTES = 1312
SIGNATURE_BYTES = 2420
_LABEL = b"subtree/v1\n\0"
_MAX_NAME = 255


def build_tree_message(
    *, cosigner: str, timestamp: int, origin: str, size: int, root: bytes
) -> bytes:
    """What is signed for the whole tree of a checkpoint: `start` is 0, `end` its size."""
    return b"".join(
        (
            _LABEL,
            _opaque(cosigner),
            timestamp.to_bytes(8, "big"),
            _opaque(origin),
            bytes(8),
            size.to_bytes(8, "big"),
            root,
        )
    )


def is_signed(message: bytes, *, public_key: bytes, signature: bytes) -> bool:
    """Whether this key made this signature."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        _public_key(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _opaque(text: str) -> bytes:
    data = text.encode()
    if not 0 < len(data) <= _MAX_NAME:
        raise Malformed("a cosigner or origin has 1 to 255 bytes", detail="malformed_name")
    return len(data).to_bytes(1, "big") + data


@lru_cache(maxsize=64)
def _public_key(raw: bytes) -> MLDSA44PublicKey:
    return MLDSA44PublicKey.from_public_bytes(raw)
