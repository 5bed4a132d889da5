"""
COSE_Sign1 messages and COSE keys (RFC 9052 and 9053), strictly and without believing them.

The signature algorithm stands in the protected header and nowhere else, a label stands once, and
a critical header that nobody here understands refuses the message. Known are ES256, ES384, ES512
and EdDSA, each also under its fully specified number of RFC 9864; secp256k1 signs no COSE here.
Bytes are read by `encoding.cbor` in any key order, everything else as in core deterministic
encoding (S-021). Reading is not believing: `sig_structure` gives the bytes that `keys` verifies.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec

from credentials.errors import Malformed
from credentials.keys import SIGNATURE_SIZES, PublicKey, Signer, build_public_key, parse_jwk
from encoding import base64url
from encoding import errors as encoding_errors
from encoding.cbor import (
    MAX_BYTES,
    CborKey,
    CborValue,
    Tagged,
    build_bytes,
    build_cbor,
    parse_cbor,
)

SIGN1_TAG: Final = 18
_SIGNATURE1: Final = b"\x84\x6aSignature1"  # an array of four that begins with this text
MAX_KEPT_BYTES: Final = 64
MAX_CERTIFICATES: Final = 4  # security.md "Limits"

ALG: Final = 1
CRIT: Final = 2
KEY_ID: Final = 4
X5CHAIN: Final = 33

# RFC 9053 section 2 and RFC 9864 section 2: what the number says, and what a key here calls it.
ALGORITHM_NAMES: Mapping[int, str] = {
    -7: "ES256",
    -9: "ES256",
    -35: "ES384",
    -51: "ES384",
    -36: "ES512",
    -52: "ES512",
    -8: "EdDSA",
    -19: "EdDSA",
}
ALGORITHM_NUMBERS: Mapping[str, int] = {"ES256": -7, "ES384": -35, "ES512": -36, "EdDSA": -8}

# RFC 9053 section 7: key types, curves and the labels of a key.
_OKP, _EC2 = 1, 2
_ED25519 = 6
_CURVES = {
    (_EC2, 1): ("P-256", ec.SECP256R1()),
    (_EC2, 2): ("P-384", ec.SECP384R1()),
    (_EC2, 3): ("P-521", ec.SECP521R1()),
}
_CURVE_NUMBERS = {name: number for (_, number), (name, _) in _CURVES.items()} | {
    "Ed25519": _ED25519
}
_KTY, _KEY_ALG, _KEY_OPS, _CRV, _X, _Y, _D = 1, 3, 4, -1, -2, -3, -4
_VERIFY = 2

Header: TypeAlias = Mapping[CborKey, CborValue]


@dataclass(frozen=True, slots=True)
class CoseSign1:
    """
    A COSE_Sign1 as read. `protected`: its protected header as the bytes that are signed;
    `payload` None: it is elsewhere (detached). `algorithm`: as in `PublicKey.algorithm`.
    """

    protected: bytes
    protected_header: Header
    unprotected: Header
    payload: bytes | None
    signature: bytes
    algorithm: str


def parse_value(data: bytes, *, max_bytes: int = MAX_BYTES) -> CborValue:
    """One strict CBOR value that fills these bytes, map keys in any order."""
    try:
        return parse_cbor(data, max_bytes=max_bytes, order_free=True)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error


def build_value(value: CborValue) -> bytes:
    """The one deterministic encoding of a value."""
    try:
        return build_cbor(value)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error


def parse_cose_sign1(value: CborValue, *, tagged: bool | None) -> CoseSign1:
    """
    The message in this value. `tagged`: whether it must carry tag 18; None allows both.
    """
    if isinstance(value, Tagged):
        if tagged is False or value.tag != SIGN1_TAG:
            raise Malformed("a COSE message has an unexpected tag", detail="invalid_cose")
        value = value.value
    elif tagged:
        raise Malformed("a COSE message lacks its tag", detail="invalid_cose")
    match value:
        case [bytes(protected), dict(unprotected), bytes() | None as payload, bytes(signature)]:
            # Most say their algorithm alone; a long one is not kept.
            is_common = len(protected) <= MAX_KEPT_BYTES
            header = (_remember_protected if is_common else _parse_protected)(protected)
        case _:
            raise Malformed("this is not a COSE_Sign1", detail="invalid_cose")
    if ALG in unprotected or CRIT in unprotected:
        raise Malformed("alg and crit must be protected", detail="unprotected_header")
    if not unprotected.keys().isdisjoint(header):
        raise Malformed("a header is protected and unprotected", detail="duplicate_header")
    algorithm = _algorithm_of(header)
    if len(signature) != SIGNATURE_SIZES[algorithm]:
        raise Malformed("a signature has an impossible length", detail="invalid_signature")
    return CoseSign1(protected, header, unprotected, payload, signature, algorithm)


def _parse_protected(data: bytes) -> Header:
    header = parse_value(data) if data else {}
    if not isinstance(header, dict):
        raise Malformed("a protected header must be a map", detail="invalid_cose")
    if CRIT in header:
        raise Malformed("a critical header is not understood", detail="unsupported_crit")
    return MappingProxyType(header)


_remember_protected = lru_cache(maxsize=256)(_parse_protected)


def _algorithm_of(header: Header) -> str:
    number = header.get(ALG)
    # By type: True is the integer 1 for Python.
    name = ALGORITHM_NAMES.get(number) if type(number) is int else None
    if name is None:
        raise Malformed("a COSE message has an unknown alg", detail="invalid_signature_alg")
    return name


def read_x5chain(message: CoseSign1) -> tuple[bytes, ...]:
    """
    The certificates (DER) of header 33, leaf first (RFC 9360), from either header.

    One certificate is a byte string, several are an array of at least two.
    """
    value = message.protected_header.get(X5CHAIN, message.unprotected.get(X5CHAIN))
    if value is None:
        return ()
    chain = [value] if isinstance(value, bytes) else value
    if not isinstance(chain, list) or not 1 <= len(chain) <= MAX_CERTIFICATES:
        raise Malformed(f"x5chain must hold 1 to {MAX_CERTIFICATES}", detail="invalid_x5c")
    if isinstance(value, list) and len(value) == 1:
        raise Malformed("one certificate must be a byte string", detail="invalid_x5c")
    certificates = tuple(each for each in chain if isinstance(each, bytes) and each)
    if len(certificates) != len(chain):
        raise Malformed("x5chain must hold byte strings", detail="invalid_x5c")
    return certificates


def read_key_id(message: CoseSign1) -> bytes | None:
    """The `kid` (header 4), from either header: a hint."""
    value = message.protected_header.get(KEY_ID, message.unprotected.get(KEY_ID))
    if value is not None and not isinstance(value, bytes):
        raise Malformed("kid must be a byte string", detail="invalid_kid")
    return value


def sig_structure(protected: bytes, payload: bytes, *, external_aad: bytes = b"") -> bytes:
    """What is signed: RFC 9052 section 4.4."""
    # Put together by hand: every verification needs one, and its four parts never vary in kind.
    return b"".join(
        (_SIGNATURE1, build_bytes(protected), build_bytes(external_aad), build_bytes(payload))
    )


def build_protected(algorithm: str, members: Header) -> bytes:
    """A protected header with its `alg`, encoded."""
    number = ALGORITHM_NUMBERS.get(algorithm)
    if number is None:
        raise Malformed("COSE has no number for this algorithm", detail="invalid_signature_alg")
    return build_value({**members, ALG: number})


def build_cose_sign1(
    payload: bytes,
    *,
    signer: Signer,
    protected: Header,
    unprotected: Header,
    tagged: bool,
    detached: bool = False,
    external_aad: bytes = b"",
) -> bytes:
    """
    Sign a payload. `protected` needs no `alg`: the signer decides it. `detached` leaves the
    payload out of the message.
    """
    header = build_protected(signer.algorithm, protected)
    signature = signer.sign(sig_structure(header, payload, external_aad=external_aad))
    message: list[CborValue] = [
        header,
        dict(unprotected),
        None if detached else payload,
        signature,
    ]
    return build_value(Tagged(SIGN1_TAG, message) if tagged else message)


def parse_cose_key(value: CborValue) -> PublicKey:
    """Read a public signature key; refuse everything that is not plainly one."""
    if not isinstance(value, dict):
        raise Malformed("a COSE key must be a map", detail="invalid_key")
    kty, crv, x, y = value.get(_KTY), value.get(_CRV), value.get(_X), value.get(_Y)
    if _D in value:
        raise Malformed("a public key must not hold its private part", detail="private_key_in_jwk")
    if not isinstance(x, bytes):
        raise Malformed("a COSE key lacks its x", detail="invalid_key")
    if type(kty) is not int or type(crv) is not int:
        raise Malformed("a COSE key lacks its kind or curve", detail="invalid_key")
    if (kty, crv) == (_OKP, _ED25519):
        key = parse_jwk({"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(x)})
    elif (kty, crv) in _CURVES:
        key = _parse_elliptic(*_CURVES[kty, crv], x=x, y=y)
    else:
        raise Malformed("a key is of an unknown kind or curve", detail="unsupported_key")
    _refuse_other_use(value, key)
    return key


def _parse_elliptic(name: str, curve: ec.EllipticCurve, *, x: bytes, y: CborValue) -> PublicKey:
    if isinstance(y, bytes):
        return parse_jwk(
            {"kty": "EC", "crv": name, "x": base64url.encode(x), "y": base64url.encode(y)}
        )
    if not isinstance(y, bool):
        raise Malformed("a COSE key lacks its y", detail="invalid_key")
    # RFC 9053 section 7.1.1: y as a truth value is the sign of a compressed point.
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(curve, bytes([2 + y]) + x)
    except ValueError as error:
        raise Malformed("the key is not a point of its curve", detail="invalid_key") from error
    return build_public_key(point)


def _refuse_other_use(value: Mapping[CborKey, CborValue], key: PublicKey) -> None:
    if _KEY_ALG in value:
        number = value[_KEY_ALG]
        if type(number) is not int or ALGORITHM_NAMES.get(number) != key.algorithm:
            raise Malformed("a key names an algorithm that does not fit it", detail="invalid_key")
    operations = value.get(_KEY_OPS, [_VERIFY])
    if not isinstance(operations, list) or _VERIFY not in operations:
        raise Malformed("a key is not meant for verifying", detail="invalid_key")


def build_cose_key(key: PublicKey) -> dict[CborKey, CborValue]:
    """The public COSE key, required members only."""
    if key.algorithm not in ALGORITHM_NUMBERS:
        raise Malformed("COSE has no place for this key", detail="unsupported_key")
    jwk = key.jwk
    number, x = _CURVE_NUMBERS[jwk["crv"]], base64url.decode(jwk["x"])
    if jwk["kty"] == "OKP":
        return {_KTY: _OKP, _CRV: number, _X: x}
    return {_KTY: _EC2, _CRV: number, _X: x, _Y: base64url.decode(jwk["y"])}
