"""
Multikeys: a public key as multicodec number and bytes in multibase (CID 1.0 section 2.2.2).

The one text of a key is base58btc (`z`). Known are the signature keys of `keys`; a key that does
not sign, such as X25519, is refused as unsupported, one of the wrong length or off its curve as
broken (KEY-01).
"""

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from credentials.bls import G2_BYTES, BbsPublicKey, parse_bbs_public_key
from credentials.errors import Malformed
from credentials.keys import PublicKey, build_public_key
from encoding import errors as encoding_errors
from encoding import multibase

X25519_PUBLIC_KEY = 0xEC
SECP256K1_PUBLIC_KEY = 0xE7
BLS12_381_G2_PUBLIC_KEY = 0xEB
P384_PUBLIC_KEY = 0x1201
P521_PUBLIC_KEY = 0x1202

# Multicodec number to curve and length of the compressed point.
_POINTS: dict[int, tuple[ec.EllipticCurve, int]] = {
    multibase.P256_PUBLIC_KEY: (ec.SECP256R1(), 33),
    P384_PUBLIC_KEY: (ec.SECP384R1(), 49),
    P521_PUBLIC_KEY: (ec.SECP521R1(), 67),
    SECP256K1_PUBLIC_KEY: (ec.SECP256K1(), 33),
}
_CODECS = {curve.name: codec for codec, (curve, _) in _POINTS.items()}


def build_multikey(key: PublicKey) -> str:
    """The text of a key, in base58btc."""
    loaded = key.key_object
    if isinstance(loaded, ed25519.Ed25519PublicKey):
        codec, data = multibase.ED25519_PUBLIC_KEY, loaded.public_bytes_raw()
    else:
        codec = _CODECS[loaded.curve.name]
        data = loaded.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return multibase.encode_multibase(multibase.encode_multicodec(codec, data))


def parse_multikey(text: str) -> PublicKey:
    """The key of a text in base58btc; whoever reads it learns no secret, so none is looked for."""
    codec, data = _decode(text)
    if codec == multibase.ED25519_PUBLIC_KEY:
        _check_length(data, 32)
        return build_public_key(ed25519.Ed25519PublicKey.from_public_bytes(data))
    if codec not in _POINTS:
        raise Malformed("a multikey is not for signatures we know", detail="unsupported_key")
    curve, length = _POINTS[codec]
    _check_length(data, length)
    try:
        return build_public_key(ec.EllipticCurvePublicKey.from_encoded_point(curve, data))
    except ValueError as error:
        raise Malformed("a multikey is not a point of its curve", detail="invalid_key") from error


def build_bbs_multikey(key: BbsPublicKey) -> str:
    """The text of a BLS12-381 key, in base58btc."""
    data = multibase.encode_multicodec(BLS12_381_G2_PUBLIC_KEY, key.octets)
    return multibase.encode_multibase(data)


def parse_bbs_multikey(text: str) -> BbsPublicKey:
    """The BLS12-381 key of a text; every other kind of key is refused."""
    codec, data = _decode(text)
    if codec != BLS12_381_G2_PUBLIC_KEY:
        raise Malformed("a multikey is not for bbs-2023", detail="unsupported_key")
    _check_length(data, G2_BYTES)
    return parse_bbs_public_key(data)


def _decode(text: str) -> tuple[int, bytes]:
    """Codec and bytes of a text in base58btc."""
    if not text.startswith("z"):
        raise Malformed("a multikey is not in base58btc", detail="invalid_multibase")
    try:
        return multibase.decode_multicodec(multibase.decode_multibase(text))
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error


def _check_length(data: bytes, length: int) -> None:
    if len(data) != length:
        raise Malformed("a multikey has the wrong length", detail="invalid_key_length")
