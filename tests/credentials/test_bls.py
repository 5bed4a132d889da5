"""Points, scalars and keys on BLS12-381: what comes from outside is checked to the last bit."""

import pytest
from py_arkworks_bls12381 import G1Point, G2Point

from credentials.bls import (
    ORDER,
    expand_xmd,
    expand_xof,
    parse_bbs_public_key,
    parse_point,
    parse_scalar,
)
from credentials.errors import Malformed

# The key of draft-irtf-cfrg-bbs-signatures, and the identity of G2.
PUBLIC = (
    "a820f230f6ae38503b86c70dc50b61c58a77e45c39ab25c0652bbaa8fa136f2851bd4781c9dcde39fc9d1d52c9e6"
    "0268061e7d7632171d91aa8d460acee0e96f1e7c4cfb12d3ff9ab5d5dc91c277db75c845d649ef3c4f63aebc364c"
    "d55ded0c"
)
OF_G2 = b"\xc0" + bytes(95)


@pytest.mark.parametrize("scalar", [bytes(32), ORDER.to_bytes(32, "big"), b"\xff" * 32, bytes(31)])
def test_a_scalar_is_neither_zero_nor_beyond_the_order(scalar):
    with pytest.raises(Malformed) as refusal:
        parse_scalar(scalar)

    assert refusal.value.detail == "invalid_proof_value"


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        bytes(96),
        OF_G2,
        b"\xff" * 96,
        bytes.fromhex(PUBLIC)[:-1] + b"\x0d",
        G1Point().to_compressed_bytes(),
    ],
    ids=["empty", "zeros", "identity", "identity otherwise", "off the curve", "of G1"],
)
def test_a_key_is_a_point_of_g2_and_not_the_identity(octets):
    with pytest.raises(Malformed) as refusal:
        parse_bbs_public_key(octets)

    assert refusal.value.detail == "invalid_key"


def outside_of_the_subgroup(group, size):
    """The first abscissas for which the curve has a point: their order is not the prime one."""
    for x in range(200):
        octets = bytes([0x80]) + x.to_bytes(size - 1, "big")
        try:
            point = group.from_compressed_bytes_unchecked(octets)
        except ValueError:
            continue
        if not point.is_in_subgroup():
            yield octets


def are_all_refused(parse, found):
    """That there are many of them, and that none is read."""
    assert len(found) > 20
    for octets in found:
        with pytest.raises(Malformed):
            parse(octets)
    return True


def test_points_outside_of_the_subgroup_are_refused():
    assert are_all_refused(parse_point, [*outside_of_the_subgroup(G1Point, 48)])


def test_a_key_outside_of_the_subgroup_is_refused():
    assert are_all_refused(parse_bbs_public_key, [*outside_of_the_subgroup(G2Point, 96)])


def test_nobody_expands_more_than_rfc_9380_allows():
    with pytest.raises(ValueError, match="too much"):
        expand_xmd(b"", b"tag", 255 * 32 + 1)
    with pytest.raises(ValueError, match="too much"):
        expand_xmd(b"", bytes(256))
    with pytest.raises(ValueError, match="too much"):
        expand_xof(b"", bytes(256))
