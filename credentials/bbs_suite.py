"""
What signatures and proofs of BBS share: ciphersuites, generators, message scalars, the domain.

draft-irtf-cfrg-bbs-signatures sections 4 and 7: ciphersuites BLS12-381-SHA-256 and
BLS12-381-SHAKE-256, interface `H2G_HM2S_`. Generators depend on the suite only; they are made
once, in blocks, and kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from py_arkworks_bls12381 import G1Point, Scalar

from credentials.bls import (
    EXPANDED_BYTES,
    BbsPublicKey,
    build_scalar,
    expand_xmd,
    expand_xof,
    hash_to_point,
    reduce_scalar,
)
from credentials.errors import Malformed

MAX_MESSAGES: Final = 512
"""More are refused before any point is touched: making a generator costs a millisecond."""

_BLOCK: Final = 32


@dataclass(frozen=True, slots=True)
class Ciphersuite:
    """How messages become scalars and points."""

    name: str
    identifier: bytes
    expand: Callable[[bytes, bytes, int], bytes]

    @property
    def interface(self) -> bytes:
        """The draft's `api_id`."""
        return self.identifier + b"H2G_HM2S_"

    def hash_to_scalar(self, message: bytes, tag: bytes) -> Scalar:
        """Section 4.1.3; `tag` separates what is hashed for different ends."""
        return reduce_scalar(self.expand(message, tag, EXPANDED_BYTES))


SHA256_SUITE: Final = Ciphersuite(
    "BLS12-381-SHA-256", b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_", expand_xmd
)
SHAKE256_SUITE: Final = Ciphersuite(
    "BLS12-381-SHAKE-256", b"BBS_BLS12381G1_XOF:SHAKE-256_SSWU_RO_", expand_xof
)


def message_scalars(messages: Iterable[bytes], suite: Ciphersuite) -> list[Scalar]:
    """`messages_to_scalars`."""
    tag = suite.interface + b"MAP_MSG_TO_SCALAR_AS_HASH_"
    return [suite.hash_to_scalar(message, tag) for message in messages]


def require_count(count: int) -> None:
    """Refuse more messages than anybody signs."""
    if count > MAX_MESSAGES:
        raise Malformed(f"more than {MAX_MESSAGES} messages", detail="too_many_statements")


@lru_cache(maxsize=4)
def fixed_point(suite: Ciphersuite) -> G1Point:
    """P1, made as the draft made it: the first generator of a seed of its own."""
    return _next_generator(suite, _first_state(suite, b"BP_MESSAGE_GENERATOR_SEED"), 1)[1]


@lru_cache(maxsize=256)
def generators(suite: Ciphersuite, count: int) -> tuple[G1Point, ...]:
    """Q_1, H_1, H_2 and so on: `create_generators`."""
    return _generator_blocks(suite, -(-count // _BLOCK))[1][:count]


@lru_cache(maxsize=256)
def _generator_octets(suite: Ciphersuite, count: int) -> bytes:
    return b"".join(point.to_compressed_bytes() for point in generators(suite, count))


@lru_cache(maxsize=64)
def _generator_blocks(suite: Ciphersuite, blocks: int) -> tuple[bytes, tuple[G1Point, ...]]:
    """The state after so many blocks, and every generator until there."""
    if blocks == 0:
        return _first_state(suite, b"MESSAGE_GENERATOR_SEED"), ()
    state, earlier = _generator_blocks(suite, blocks - 1)
    points = list(earlier)
    for number in range(len(earlier) + 1, len(earlier) + 1 + _BLOCK):
        state, point = _next_generator(suite, state, number)
        points.append(point)
    return state, tuple(points)


def _first_state(suite: Ciphersuite, seed: bytes) -> bytes:
    tag = suite.interface + b"SIG_GENERATOR_SEED_"
    return suite.expand(suite.interface + seed, tag, EXPANDED_BYTES)


def _next_generator(suite: Ciphersuite, state: bytes, number: int) -> tuple[bytes, G1Point]:
    seed_tag = suite.interface + b"SIG_GENERATOR_SEED_"
    state = suite.expand(state + number.to_bytes(8, "big"), seed_tag, EXPANDED_BYTES)
    point = hash_to_point(state, suite.interface + b"SIG_GENERATOR_DST_", suite.expand)
    return state, point


def build_domain(key: BbsPublicKey, count: int, header: bytes, suite: Ciphersuite) -> Scalar:
    """`calculate_domain`: key, generators, interface and header in one scalar."""
    octets = b"".join(
        (
            key.octets,
            count.to_bytes(8, "big"),
            _generator_octets(suite, count + 1),
            suite.interface,
            len(header).to_bytes(8, "big"),
            header,
        )
    )
    return suite.hash_to_scalar(octets, suite.interface + b"H2S_")


def commitment_terms(
    domain: Scalar, messages: Mapping[int, Scalar], count: int, suite: Ciphersuite
) -> list[tuple[G1Point, Scalar]]:
    """The terms of B: P1, Q_1 by the domain, and each of these messages by its generator."""
    first, *others = generators(suite, count + 1)
    return [
        (fixed_point(suite), Scalar(1)),
        (first, domain),
        *((others[index], scalar) for index, scalar in messages.items()),
    ]


def hash_scalars(scalars: Sequence[Scalar], suite: Ciphersuite) -> Scalar:
    """Scalars in a row, hashed to one."""
    return suite.hash_to_scalar(b"".join(map(build_scalar, scalars)), suite.interface + b"H2S_")
