"""
The public half of a service's key, in the forms that its users ask for.

Whatever holds the private half, a file or a token, what it signs is checked here before it leaves
(S-190). Only the two algorithms that the city signs with exist: ES256 and EdDSA on Ed25519.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from encoding import base64url
from encoding.strict_json import canonical_json

SIGNATURE_BYTES: Final = 64
_HALF: Final = 32


@dataclass(frozen=True, slots=True)
class PublicHalf:
    """A public key of a service; the key object decides the algorithm."""

    key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

    @property
    def algorithm(self) -> str:
        """`ES256` or `EdDSA`."""
        return "EdDSA" if isinstance(self.key, ed25519.Ed25519PublicKey) else "ES256"

    @property
    def jwk(self) -> dict[str, str]:
        """Required members only (RFC 7517, RFC 8037)."""
        if isinstance(self.key, ed25519.Ed25519PublicKey):
            raw = self.key.public_bytes_raw()
            return {"crv": "Ed25519", "kty": "OKP", "x": base64url.encode(raw)}
        numbers = self.key.public_numbers()
        x, y = numbers.x.to_bytes(_HALF, "big"), numbers.y.to_bytes(_HALF, "big")
        return {"crv": "P-256", "kty": "EC", "x": base64url.encode(x), "y": base64url.encode(y)}

    @property
    def key_id(self) -> str:
        """The JWK thumbprint (RFC 7638)."""
        return base64url.encode(hashlib.sha256(canonical_json(dict(self.jwk))).digest())

    @property
    def der(self) -> bytes:
        """SubjectPublicKeyInfo."""
        return self.key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether these are the 64 bytes of a raw signature of this key over these bytes."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        try:
            if isinstance(self.key, ed25519.Ed25519PublicKey):
                self.key.verify(signature, data)
            else:
                self.key.verify(build_der_signature(signature), data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


def build_der_signature(signature: bytes) -> bytes:
    """A raw r||s signature in DER, as certificates carry it."""
    r, s = signature[:_HALF], signature[_HALF:]
    return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
