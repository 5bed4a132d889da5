"""
BBS signatures: one signature of an issuer over many messages (see `bbs_proof` for showing some).

draft-irtf-cfrg-bbs-signatures sections 3.4 and 3.5: KeyGen, SkToPk, Sign, Verify. Signing is
deterministic. Secret keys come from 32 octets or more that the caller hands in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from py_arkworks_bls12381 import G1Point, Scalar

from credentials.bbs_suite import (
    SHA256_SUITE,
    Ciphersuite,
    build_domain,
    commitment_terms,
    hash_scalars,
    message_scalars,
    require_count,
)
from credentials.bls import (
    G1_BYTES,
    SCALAR_BYTES,
    BbsPublicKey,
    base_point,
    build_bbs_public_key,
    build_scalar,
    is_same_pairing,
    parse_point,
    parse_scalar,
    sum_products,
)
from credentials.errors import Malformed

SIGNATURE_BYTES: Final = G1_BYTES + SCALAR_BYTES

_MIN_KEY_MATERIAL: Final = 32
_MAX_KEY_INFO: Final = 65_535


@dataclass(frozen=True, slots=True)
class BbsSecretKey:
    """An issuer's secret scalar."""

    scalar: Scalar = field(repr=False)

    @property
    def public_key(self) -> BbsPublicKey:
        """`SkToPk`."""
        return build_bbs_public_key(self.scalar)


def derive_secret_key(
    key_material: bytes, *, key_info: bytes = b"", suite: Ciphersuite = SHA256_SUITE
) -> BbsSecretKey:
    """`KeyGen`: at least 32 octets that nobody else knows become a key."""
    if len(key_material) < _MIN_KEY_MATERIAL or len(key_info) > _MAX_KEY_INFO:
        raise Malformed("key material is too short or its label too long", detail="invalid_key")
    derived = key_material + len(key_info).to_bytes(2, "big") + key_info
    scalar = suite.hash_to_scalar(derived, suite.interface + b"KEYGEN_DST_")
    return parse_secret_key(build_scalar(scalar))


def parse_secret_key(octets: bytes) -> BbsSecretKey:
    """A secret key as 32 octets."""
    return BbsSecretKey(parse_scalar(octets))


def sign(
    secret: BbsSecretKey,
    messages: Sequence[bytes],
    *,
    header: bytes,
    suite: Ciphersuite = SHA256_SUITE,
) -> bytes:
    """`Sign`: 80 octets over the header and every message, in order."""
    require_count(len(messages))
    scalars = message_scalars(messages, suite)
    domain = build_domain(secret.public_key, len(messages), header, suite)
    e = hash_scalars([secret.scalar, *scalars, domain], suite)
    committed = commit(scalars, domain, suite)
    point = committed * (secret.scalar + e).inverse()
    return point.to_compressed_bytes() + build_scalar(e)


def verify_bbs_signature(
    key: BbsPublicKey,
    signature: bytes,
    messages: Sequence[bytes],
    *,
    header: bytes,
    suite: Ciphersuite = SHA256_SUITE,
) -> bool:
    """`Verify`: whether this key signed this header and these messages in this order."""
    require_count(len(messages))
    try:
        point, e = parse_bbs_signature(signature)
    except Malformed:
        return False
    domain = build_domain(key, len(messages), header, suite)
    committed = commit(message_scalars(messages, suite), domain, suite)
    return is_same_pairing((point, key.point + base_point() * e), committed)


def parse_bbs_signature(signature: bytes) -> tuple[G1Point, Scalar]:
    """`octets_to_signature`: the point A and the scalar e."""
    if len(signature) != SIGNATURE_BYTES:
        raise Malformed("a BBS signature has 80 octets", detail="invalid_proof_value")
    return parse_point(signature[:G1_BYTES]), parse_scalar(signature[G1_BYTES:])


def commit(scalars: Sequence[Scalar], domain: Scalar, suite: Ciphersuite) -> G1Point:
    """The draft's B: every message and the domain in one point."""
    return sum_products(commitment_terms(domain, dict(enumerate(scalars)), len(scalars), suite))
