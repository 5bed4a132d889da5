"""
The curve under BBS signatures: points, scalars and hashing on BLS12-381, and the public key.

The one door to `py_arkworks_bls12381`. Points from outside are compressed, on the curve, in the
subgroup of prime order, not the identity and in their one encoding; scalars are below the order
and not zero (draft-irtf-cfrg-bbs-signatures section 4.2.4). Hashing to the curve: RFC 9380.

Multiplications here take time that depends on their scalars: nobody who can measure a signer's
or a holder's time closely may be near it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256, shake_256
from typing import Final

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

from credentials.errors import Malformed

ORDER: Final = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
SCALAR_BYTES: Final = 32
G1_BYTES: Final = 48
G2_BYTES: Final = 96
EXPANDED_BYTES: Final = 48
"""`expand_len` of both ciphersuites: enough that a scalar taken from it has no bias."""

_FIELD: Final = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f624"
    "1eabfffeb153ffffb9feffffffffaaab",
    16,
)
_FIELD_DRAW: Final = 64  # RFC 9380 8.8.1: L
_MAX_TAG: Final = 255
_SHA256_BLOCK: Final = 64


@dataclass(frozen=True, slots=True)
class BbsPublicKey:
    """A point W of G2, checked. Two keys are equal when their 96 octets are."""

    octets: bytes
    point: G2Point = field(compare=False, repr=False)


@lru_cache(maxsize=1024)
def parse_bbs_public_key(octets: bytes) -> BbsPublicKey:
    """`octets_to_pubkey`: a point of the right subgroup, never the identity."""
    try:
        point = G2Point.from_compressed_bytes(octets)
    except ValueError as error:
        raise Malformed("a BLS12-381 key is not a point of G2", detail="invalid_key") from error
    if point == G2Point.identity() or point.to_compressed_bytes() != octets:
        raise Malformed("a BLS12-381 key is not a usable point", detail="invalid_key")
    return BbsPublicKey(octets, point)


def build_bbs_public_key(secret: Scalar) -> BbsPublicKey:
    """`SkToPk`."""
    point = G2Point() * secret
    return BbsPublicKey(point.to_compressed_bytes(), point)


def parse_point(octets: bytes) -> G1Point:
    """A point of G1 as it comes from outside: in the subgroup, not the identity, one encoding."""
    try:
        point = G1Point.from_compressed_bytes(octets)
    except ValueError as error:
        raise Malformed("not a point of G1", detail="invalid_proof_value") from error
    if point == G1Point.identity() or point.to_compressed_bytes() != octets:
        raise Malformed("not a usable point of G1", detail="invalid_proof_value")
    return point


def parse_scalar(octets: bytes) -> Scalar:
    """A scalar as it comes from outside: of 32 octets, not zero, below the order."""
    number = int.from_bytes(octets, "big")
    if len(octets) != SCALAR_BYTES or not 0 < number < ORDER:
        raise Malformed("not a scalar of BLS12-381", detail="invalid_proof_value")
    return Scalar(number)


def reduce_scalar(octets: bytes) -> Scalar:
    """48 uniform octets as a scalar."""
    return Scalar(int.from_bytes(octets, "big") % ORDER)


def build_scalar(scalar: Scalar) -> bytes:
    """32 octets, big end first."""
    return int(scalar).to_bytes(SCALAR_BYTES, "big")


def sum_products(terms: Sequence[tuple[G1Point, Scalar]]) -> G1Point:
    """The sum of point times scalar."""
    return G1Point.multiexp_unchecked([point for point, _ in terms], [by for _, by in terms])


def is_same_pairing(left: tuple[G1Point, G2Point], right: G1Point) -> bool:
    """Whether h(left) equals h(right, BP2), by one product of pairings."""
    return GT.pairing_check([left[0], right], [left[1], -G2Point()])


def base_point() -> G2Point:
    """BP2."""
    return G2Point()


def expand_xmd(message: bytes, tag: bytes, size: int = EXPANDED_BYTES) -> bytes:
    """`expand_message_xmd` with SHA-256, RFC 9380 5.3.1."""
    rounds = -(-size // 32)
    if rounds > 255 or len(tag) > _MAX_TAG:
        raise ValueError("too much to expand")
    suffix = tag + bytes([len(tag)])
    padded = bytes(_SHA256_BLOCK) + message + size.to_bytes(2, "big")
    first = sha256(padded + b"\x00" + suffix).digest()
    block = sha256(first + b"\x01" + suffix).digest()
    blocks = [block]
    for count in range(2, rounds + 1):
        mixed = (int.from_bytes(first, "big") ^ int.from_bytes(block, "big")).to_bytes(32, "big")
        block = sha256(mixed + bytes([count]) + suffix).digest()
        blocks.append(block)
    return b"".join(blocks)[:size]


def expand_xof(message: bytes, tag: bytes, size: int = EXPANDED_BYTES) -> bytes:
    """`expand_message_xof` with SHAKE-256, RFC 9380 5.3.2."""
    if len(tag) > _MAX_TAG:
        raise ValueError("too much to expand")
    suffix = size.to_bytes(2, "big") + tag + bytes([len(tag)])
    return shake_256(message + suffix).digest(size)


def hash_to_point(
    message: bytes, tag: bytes, expand: Callable[[bytes, bytes, int], bytes]
) -> G1Point:
    """`hash_to_curve` of RFC 9380 for G1 with either way to expand (8.8.1 and its XOF twin)."""
    uniform = expand(message, tag, 2 * _FIELD_DRAW)
    halves = (uniform[:_FIELD_DRAW], uniform[_FIELD_DRAW:])
    # Mapping clears the cofactor of each half; that of their sum is the same point.
    first, second = (G1Point.map_from_fp_be(_reduce_field(half)) for half in halves)
    return first + second


def _reduce_field(octets: bytes) -> bytes:
    return (int.from_bytes(octets, "big") % _FIELD).to_bytes(G1_BYTES, "big")
