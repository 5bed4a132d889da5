"""
Proofs of a BBS signature: some messages are shown, the rest and the signature stay hidden.

draft-irtf-cfrg-bbs-signatures sections 3.5.3, 3.5.4 and 3.7. Two proofs of one signature have
nothing in common that the issuer or a verifier could recognise, as long as each is made with
fresh random octets. These are handed in; the same octets twice give the hidden messages away.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from py_arkworks_bls12381 import G1Point, Scalar

from credentials.bbs import commit, parse_bbs_signature
from credentials.bbs_suite import (
    SHA256_SUITE,
    Ciphersuite,
    build_domain,
    commitment_terms,
    generators,
    message_scalars,
    require_count,
)
from credentials.bls import (
    EXPANDED_BYTES,
    G1_BYTES,
    SCALAR_BYTES,
    BbsPublicKey,
    build_scalar,
    is_same_pairing,
    parse_point,
    parse_scalar,
    reduce_scalar,
    sum_products,
)
from credentials.errors import Malformed

RandomBytes = Callable[[int], bytes]

_POINTS_BYTES: Final = 3 * G1_BYTES
_LEAST_BYTES: Final = _POINTS_BYTES + 4 * SCALAR_BYTES


@dataclass(frozen=True, slots=True)
class _Opening:
    """What a proof commits to before its challenge is known: `init_res` of the draft."""

    a_bar: G1Point
    b_bar: G1Point
    d: G1Point
    t1: G1Point
    t2: G1Point
    domain: Scalar


@dataclass(frozen=True, slots=True)
class _Blinds:
    """The random scalars of one proof, in the order in which the draft draws them."""

    r1: Scalar
    r2: Scalar
    e: Scalar
    r1_tilde: Scalar
    r3_tilde: Scalar
    messages: tuple[Scalar, ...]


def prove(
    key: BbsPublicKey,
    signature: bytes,
    messages: Sequence[bytes],
    *,
    disclosed: Collection[int],
    header: bytes,
    presentation_header: bytes,
    random_bytes: RandomBytes,
    suite: Ciphersuite = SHA256_SUITE,
) -> bytes:
    """`ProofGen`. The signature is not verified here: a false one makes a false proof."""
    require_count(len(messages))
    _require_indexes(disclosed, len(messages))
    point, e = parse_bbs_signature(signature)
    scalars = message_scalars(messages, suite)
    hidden = [index for index in range(len(messages)) if index not in disclosed]
    blinds = _draw_blinds(len(hidden), random_bytes)
    domain = build_domain(key, len(messages), header, suite)
    d = commit(scalars, domain, suite) * blinds.r2
    a_bar = point * (blinds.r1 * blinds.r2)
    signers = generators(suite, len(messages) + 1)[1:]
    opening = _Opening(
        a_bar=a_bar,
        b_bar=d * blinds.r1 - a_bar * e,
        d=d,
        t1=sum_products([(a_bar, blinds.e), (d, blinds.r1_tilde)]),
        t2=sum_products(
            [
                (d, blinds.r3_tilde),
                *zip([signers[index] for index in hidden], blinds.messages, strict=True),
            ]
        ),
        domain=domain,
    )
    shown = {index: scalars[index] for index in sorted(set(disclosed))}
    challenge = _challenge(opening, shown, presentation_header, suite)
    return _finish(opening, challenge, e, blinds, [scalars[index] for index in hidden])


def verify_proof(
    key: BbsPublicKey,
    proof: bytes,
    disclosed: Mapping[int, bytes],
    *,
    header: bytes,
    presentation_header: bytes,
    suite: Ciphersuite = SHA256_SUITE,
) -> bool:
    """`ProofVerify`: whether its maker holds this key's signature over the messages shown."""
    count = count_hidden(proof) + len(disclosed)
    require_count(count)
    _require_indexes(disclosed, count)
    try:
        points, scalars = _parse_proof(proof)
    except Malformed:
        return False
    indexes = sorted(disclosed)
    shown_scalars = message_scalars([disclosed[index] for index in indexes], suite)
    shown = dict(zip(indexes, shown_scalars, strict=True))
    domain = build_domain(key, count, header, suite)
    opening = _reopen(points, scalars, shown, domain, suite)
    if _challenge(opening, shown, presentation_header, suite) != scalars[-1]:
        return False
    return is_same_pairing((opening.a_bar, key.point), opening.b_bar)


def count_hidden(proof: bytes) -> int:
    """How many messages a proof hides: its length says so."""
    count, rest = divmod(len(proof) - _LEAST_BYTES, SCALAR_BYTES)
    if count < 0 or rest:
        raise Malformed("a BBS proof has another length", detail="invalid_proof_value")
    return count


def _parse_proof(proof: bytes) -> tuple[list[G1Point], list[Scalar]]:
    """`octets_to_proof`."""
    points = [
        parse_point(proof[start : start + G1_BYTES]) for start in range(0, _POINTS_BYTES, G1_BYTES)
    ]
    scalars = [
        parse_scalar(proof[start : start + SCALAR_BYTES])
        for start in range(_POINTS_BYTES, len(proof), SCALAR_BYTES)
    ]
    return points, scalars


def _reopen(
    points: Sequence[G1Point],
    scalars: Sequence[Scalar],
    shown: Mapping[int, Scalar],
    domain: Scalar,
    suite: Ciphersuite,
) -> _Opening:
    """`ProofVerifyInit`: the opening that the answers of a proof lead back to."""
    a_bar, b_bar, d = points
    e_hat, r1_hat, r3_hat, *hats, challenge = scalars
    count = len(hats) + len(shown)
    hidden = [index for index in range(count) if index not in shown]
    signers = generators(suite, count + 1)[1:]
    terms = [(point, by * challenge) for point, by in commitment_terms(domain, shown, count, suite)]
    terms += [(d, r3_hat), *zip([signers[index] for index in hidden], hats, strict=True)]
    t1 = sum_products([(b_bar, challenge), (a_bar, e_hat), (d, r1_hat)])
    return _Opening(a_bar, b_bar, d, t1, sum_products(terms), domain)


def _draw_blinds(hidden_count: int, random_bytes: RandomBytes) -> _Blinds:
    drawn = [reduce_scalar(random_bytes(EXPANDED_BYTES)) for _ in range(5 + hidden_count)]
    if any(scalar.is_zero() for scalar in drawn):
        raise Malformed("the random source gives zeros", detail="invalid_randomness")
    r1, r2, e, r1_tilde, r3_tilde, *messages = drawn
    return _Blinds(r1, r2, e, r1_tilde, r3_tilde, tuple(messages))


def _finish(
    opening: _Opening, challenge: Scalar, e: Scalar, blinds: _Blinds, hidden: Sequence[Scalar]
) -> bytes:
    """`ProofFinalize`."""
    answers = [
        blinds.e + e * challenge,
        blinds.r1_tilde - blinds.r1 * challenge,
        blinds.r3_tilde - blinds.r2.inverse() * challenge,
        *(
            blind + message * challenge
            for blind, message in zip(blinds.messages, hidden, strict=True)
        ),
        challenge,
    ]
    points = (opening.a_bar, opening.b_bar, opening.d)
    return b"".join(
        [*(point.to_compressed_bytes() for point in points), *map(build_scalar, answers)]
    )


def _challenge(
    opening: _Opening,
    shown: Mapping[int, Scalar],
    presentation_header: bytes,
    suite: Ciphersuite,
) -> Scalar:
    """`ProofChallengeCalculate`. `shown` is in rising order."""
    points = (opening.a_bar, opening.b_bar, opening.d, opening.t1, opening.t2)
    octets = [len(shown).to_bytes(8, "big")]
    octets += [index.to_bytes(8, "big") + build_scalar(shown[index]) for index in shown]
    octets += [point.to_compressed_bytes() for point in points]
    octets += [build_scalar(opening.domain), len(presentation_header).to_bytes(8, "big")]
    message = b"".join(octets) + presentation_header
    return suite.hash_to_scalar(message, suite.interface + b"H2S_")


def _require_indexes(indexes: Collection[int], count: int) -> None:
    if not all(0 <= index < count for index in indexes):
        raise Malformed("there is no such message", detail="index_out_of_range")
