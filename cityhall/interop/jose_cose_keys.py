"""
A verification method with its secret, as the VC-JOSE-COSE suite hands it over in a file.
"""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from credentials.errors import Malformed
from credentials.keys import PRIVATE_MEMBERS, PublicKey, SoftwareSigner, parse_jwk
from encoding import base64url
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue, parse_object

MAX_KEY: Final = 65_536

_CURVES: Final = MappingProxyType(
    {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
)


@dataclass(frozen=True, slots=True)
class GivenKey:
    """`id`: the DID URL or URL that a `kid` names. `signer` is None where no secret came along."""

    id: str
    public: PublicKey
    signer: SoftwareSigner | None = field(repr=False)


def read_key(data: bytes) -> GivenKey:
    """The key in a `JsonWebKey` verification method; a secret must be that of its public half."""
    try:
        method = parse_object(data, max_bytes=MAX_KEY)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    name, secret = method.get("id"), method.get("secretKeyJwk")
    if not isinstance(name, str):
        raise Malformed("a verification method has no id", detail="invalid_key")
    public = parse_jwk(method.get("publicKeyJwk"))
    signer = _read_signer(secret) if isinstance(secret, dict) else None
    if signer is not None and parse_jwk(dict(signer.public_jwk)) != public:
        raise Malformed("the secret is that of another key", detail="invalid_key")
    return GivenKey(name, public, signer)


def _read_signer(jwk: dict[str, JsonValue]) -> SoftwareSigner:
    parse_jwk({name: value for name, value in jwk.items() if name not in PRIVATE_MEMBERS})
    text, curve = jwk.get("d"), jwk.get("crv")
    if not isinstance(text, str):
        raise Malformed("a secret key has no d", detail="invalid_key")
    try:
        octets = base64url.decode(text)
        if curve == "Ed25519":
            return SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(octets))
        number = int.from_bytes(octets, "big")
        return SoftwareSigner(ec.derive_private_key(number, _CURVES[str(curve)]))
    except (encoding_errors.Malformed, ValueError, KeyError) as error:
        raise Malformed("a secret key cannot be read", detail="invalid_key") from error
