"""
Public keys, their thumbprints, the allowed signature algorithms, and who signs.

Asymmetric algorithms exist here and no other: ECDSA on P-256, P-384, P-521 and secp256k1, each
with the one hash that its algorithm names, and EdDSA on Ed25519. A key decides its algorithm; a
token's header may only agree with it. There is no HMAC and no `none` anywhere (S-001, S-002).
JWK: RFC 7517, 7518, 8037, 8812; thumbprint: RFC 7638.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import Protocol, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from credentials.errors import Malformed
from encoding import base64url
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue


@dataclass(frozen=True, slots=True)
class _Curve:
    """A curve of ECDSA: the length of a coordinate in bytes, and its algorithm (RFC 7518 3.4)."""

    name: str
    curve: ec.EllipticCurve
    size: int
    algorithm: str
    ecdsa: ec.ECDSA


_CURVES = (
    _Curve("P-256", ec.SECP256R1(), 32, "ES256", ec.ECDSA(SHA256())),
    _Curve("P-384", ec.SECP384R1(), 48, "ES384", ec.ECDSA(SHA384())),
    _Curve("P-521", ec.SECP521R1(), 66, "ES512", ec.ECDSA(SHA512())),
    _Curve("secp256k1", ec.SECP256K1(), 32, "ES256K", ec.ECDSA(SHA256())),
)
_BY_NAME = {each.name: each for each in _CURVES}
CURVES = frozenset({*_BY_NAME, "Ed25519"})
"""The `crv` of every key that can be read."""
_BY_CURVE = {each.curve.name: each for each in _CURVES}
_BY_ALGORITHM = {each.algorithm: each for each in _CURVES}

ALGORITHMS = frozenset({"ES256", "EdDSA"})
"""What the city itself signs with; others are only verified."""

SIGNATURE_SIZES: Mapping[str, int] = MappingProxyType(
    {"EdDSA": 64, **{each.algorithm: 2 * each.size for each in _CURVES}}
)
"""Algorithm to the length of its raw signature in bytes."""

# RFC 7518 6.2.2, 6.3.2, 6.4.1: members that give a private or a symmetric key away (S-019).
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


@dataclass(frozen=True, slots=True)
class PublicKey:
    """
    A public key: the required members of its JWK, and nothing else of it.

    Two keys are equal when their thumbprints are; a `kid` somebody gave it plays no part.
    `key_object` is the same key for the `cryptography` library; making it is slow, so it is kept.
    """

    algorithm: str = field(compare=False)
    members: tuple[tuple[str, str], ...] = field(compare=False, repr=False)
    thumbprint: str
    key_object: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey = field(
        compare=False, repr=False
    )

    @property
    def jwk(self) -> dict[str, str]:
        """The minimal public JWK, as a new dictionary."""
        return dict(self.members)

    def __reduce__(self) -> "tuple[Callable[[JsonValue], PublicKey], tuple[dict[str, str]]]":
        """Another process gets the JWK and makes its own key object."""
        return parse_jwk, (self.jwk,)


class Signer(Protocol):
    """
    Somebody who signs with a key that stays where it is: a file, a token, a cloud service.

    `sign` returns the raw signature of RFC 7518 3.4 or RFC 8037, never DER.
    """

    @property
    def algorithm(self) -> str:
        """`ES256`, `EdDSA` or another of `SIGNATURE_SIZES`."""

    @property
    def public_jwk(self) -> Mapping[str, str]:
        """The public half."""

    def sign(self, data: bytes) -> bytes:
        """Sign these bytes."""


@dataclass(frozen=True, slots=True)
class SoftwareSigner:
    """A `Signer` over a private key in memory: tests, tours and software devices."""

    private_key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey = field(repr=False)

    @property
    def algorithm(self) -> str:
        """As the key is: `ES256`, `EdDSA` or another of `SIGNATURE_SIZES`."""
        if isinstance(self.private_key, ec.EllipticCurvePrivateKey):
            return _BY_CURVE[self.private_key.curve.name].algorithm
        return "EdDSA"

    @property
    def public_jwk(self) -> Mapping[str, str]:
        """The public half as a minimal JWK."""
        return build_public_key(self.private_key.public_key()).jwk

    def sign(self, data: bytes) -> bytes:
        """Sign, raw form."""
        if isinstance(self.private_key, ed25519.Ed25519PrivateKey):
            return self.private_key.sign(data)
        curve = _BY_CURVE[self.private_key.curve.name]
        r, s = decode_dss_signature(self.private_key.sign(data, curve.ecdsa))
        return r.to_bytes(curve.size, "big") + s.to_bytes(curve.size, "big")


def parse_jwk(value: JsonValue) -> PublicKey:
    """
    Read a public signature key; refuse everything that is not plainly one.

    Refused: private members, unknown types and curves, coordinates of another length, points off
    the curve, and keys whose own `alg`, `use` or `key_ops` say that they do something else.
    """
    if not isinstance(value, dict):
        raise Malformed("a JWK must be a JSON object", detail="invalid_key")
    if not PRIVATE_MEMBERS.isdisjoint(value):
        raise Malformed("a public JWK must not hold private members", detail="private_key_in_jwk")
    match value.get("kty"), value.get("crv"):
        case "EC", str(name) if name in _BY_NAME:
            key = _parse_elliptic(name, _text(value, "x"), _text(value, "y"))
        case "OKP", "Ed25519":
            key = _parse_ed25519(_text(value, "x"))
        case _:
            raise Malformed("a key is of an unknown kind or curve", detail="unsupported_key")
    _refuse_other_use(value, algorithm=key.algorithm)
    return key


def build_public_key(key: object) -> PublicKey:
    """The `PublicKey` of a key object of the `cryptography` library."""
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _BY_CURVE:
        curve, numbers = _BY_CURVE[key.curve.name], key.public_numbers()
        return _parse_elliptic(
            curve.name,
            base64url.encode(numbers.x.to_bytes(curve.size, "big")),
            base64url.encode(numbers.y.to_bytes(curve.size, "big")),
        )
    if isinstance(key, ed25519.Ed25519PublicKey):
        return _parse_ed25519(base64url.encode(key.public_bytes_raw()))
    raise Malformed("a key is of an unknown kind or curve", detail="unsupported_key")


def verify_signature(key: PublicKey, data: bytes, signature: bytes) -> bool:
    """Whether this key made this raw signature over these bytes."""
    if len(signature) != SIGNATURE_SIZES[key.algorithm]:
        return False
    # By name: asking an abstract class for its instances costs as much as a hash.
    try:
        if key.algorithm == "EdDSA":
            # By libsodium, in half the time; it also refuses the points of small order for which
            # OpenSSL lets one signature hold over any bytes.
            ed25519_key = cast("ed25519.Ed25519PublicKey", key.key_object)
            crypto_sign_open(signature + data, ed25519_key.public_bytes_raw())
        else:
            half = len(signature) // 2
            r = int.from_bytes(signature[:half], "big")
            s = int.from_bytes(signature[half:], "big")
            elliptic = cast("ec.EllipticCurvePublicKey", key.key_object)
            elliptic.verify(encode_dss_signature(r, s), data, _BY_ALGORITHM[key.algorithm].ecdsa)
    except (InvalidSignature, BadSignatureError):
        return False
    return True


@lru_cache(maxsize=4096)
def _parse_elliptic(name: str, x: str, y: str) -> PublicKey:
    curve = _BY_NAME[name]
    point = b"\x04" + _decode(x, size=curve.size) + _decode(y, size=curve.size)
    try:
        # This checks that the point is on the curve.
        key_object = ec.EllipticCurvePublicKey.from_encoded_point(curve.curve, point)
    except ValueError as error:
        raise Malformed("the key is not a point of its curve", detail="invalid_key") from error
    members = (("crv", name), ("kty", "EC"), ("x", x), ("y", y))
    return PublicKey(curve.algorithm, members, _thumbprint(members), key_object)


@lru_cache(maxsize=4096)
def _parse_ed25519(x: str) -> PublicKey:
    key_object = ed25519.Ed25519PublicKey.from_public_bytes(_decode(x, size=32))
    members = (("crv", "Ed25519"), ("kty", "OKP"), ("x", x))
    return PublicKey("EdDSA", members, _thumbprint(members), key_object)


def _thumbprint(members: tuple[tuple[str, str], ...]) -> str:
    """RFC 7638. Members come in its order and hold base64url text only."""
    canonical = "{" + ",".join([f'"{name}":"{text}"' for name, text in members]) + "}"
    return base64url.encode(sha256(canonical.encode("ascii")).digest())


def _text(jwk: dict[str, JsonValue], name: str) -> str:
    text = jwk.get(name)
    if not isinstance(text, str):
        raise Malformed(f"a JWK lacks its member {name}", detail="invalid_key")
    return text


def _decode(text: str, *, size: int) -> bytes:
    try:
        decoded = base64url.decode(text)
    except EncodingError as error:
        raise Malformed("a JWK's coordinate is not base64url", detail="invalid_key") from error
    if len(decoded) != size:
        raise Malformed(f"a JWK's coordinate must have {size} bytes", detail="invalid_key")
    return decoded


def _refuse_other_use(jwk: dict[str, JsonValue], *, algorithm: str) -> None:
    # RFC 9864 gives EdDSA on Ed25519 the name Ed25519 as well.
    names = (algorithm, "Ed25519") if algorithm == "EdDSA" else (algorithm,)
    if "alg" in jwk and jwk["alg"] not in names:
        raise Malformed("a JWK names an algorithm that does not fit it", detail="invalid_key")
    if "use" in jwk and jwk["use"] != "sig":
        raise Malformed("a JWK is not meant for signatures", detail="invalid_key")
    if "key_ops" in jwk:
        operations = jwk["key_ops"]
        if not isinstance(operations, list) or "verify" not in operations:
            raise Malformed("a JWK is not meant for verifying", detail="invalid_key")
