"""`SignedHead` on py-evm: what it takes and what it refuses. Collected in `.venv-contracts`."""

import pytest
from chain_stand import ORDER, SIGNER, HeadStand, Refused, key_of
from eth_utils import function_signature_to_4byte_selector


@pytest.fixture(scope="module")
def fresh():
    return HeadStand()


@pytest.fixture
def stand(fresh):
    """Each test has the chain as it was at the beginning."""
    snapshot = fresh.chain.take_snapshot()
    yield fresh
    fresh.chain.revert_to_snapshot(snapshot)


def test_the_first_head_needs_the_key_alone(stand):
    stand.extend(1)

    assert stand.head()[:3] == (1, 1, stand.root(1))


@pytest.mark.parametrize(
    ("old_size", "size"),
    [
        (old, new)
        for new in (2, 3, 4, 7, 8, 9, 16, 33)
        for old in (1, 2, 3, 4, 6, 7, 8)
        if old < new
    ],
)
def test_a_head_grows_by_its_consistency_proof(stand, old_size, size):
    stand.extend(old_size)
    stand.grow(old_size, size, sender=3)

    assert stand.head()[:3] == (size, size, stand.root(size))


def test_a_proof_that_does_not_fit_is_refused(stand):
    stand.extend(100)
    proof = stand.proof(100, 257)
    for wrong in (
        proof[:-1],
        proof[1:],
        [*proof, bytes(32)],
        [],
        [bytes(32)] * 64,
        [*proof[:-1], bytes(32)],
        list(reversed(proof)),
        stand.proof(99, 257),
        stand.proof(100, 256),
    ):
        with pytest.raises(Refused, match="proof"):
            stand.extend(257, proof=wrong)

    assert stand.head()[1] == 100


def test_a_fork_signed_by_the_stolen_key_is_refused(stand):
    stand.extend(100)
    forged = HeadStand()
    forged.leaves[50] = bytes(32)

    with pytest.raises(Refused, match="proof"):
        stand.extend(200, root=forged.root(200), proof=forged.proof(100, 200))
    with pytest.raises(Refused, match="second root"):
        stand.extend(100, root=forged.root(100))
    assert stand.head()[:3] == (100, 100, stand.root(100))


def test_a_rollback_is_refused_and_the_same_head_changes_nothing(stand):
    stand.extend(100)
    before = stand.head()
    with pytest.raises(Refused, match="rollback"):
        stand.extend(99)
    with pytest.raises(Refused, match="rollback"):
        stand.extend(0, epoch=5, root=bytes(32))
    stand.extend(100, signature=(0, 0, 0))

    assert stand.head() == before
    assert list(stand.receipt["logs"]) == []
    with pytest.raises(Refused, match="second epoch"):
        stand.extend(100, epoch=101)


def test_an_epoch_never_goes_back(stand):
    stand.extend(10, epoch=20)
    with pytest.raises(Refused, match="epoch"):
        stand.grow(10, 11, epoch=20)


def test_a_first_head_has_no_leaf_missing_and_no_proof(stand):
    with pytest.raises(Refused, match="rollback"):
        stand.extend(0, epoch=1, root=bytes(32))
    with pytest.raises(Refused, match="proof"):
        stand.extend(2, proof=[bytes(32)])
    with pytest.raises(Refused, match="size"):
        stand.extend(2**63, root=bytes(32))


@pytest.mark.parametrize(
    "words",
    [
        {"chain_id": 1},
        {"contract": "0x" + "11" * 20},
        {"log": bytes(32)},
        {"epoch": 3},
        {"root": bytes(32)},
        {"key": key_of(8)},
    ],
    ids=lambda words: next(iter(words)),
)
def test_a_signature_for_something_else_is_refused(stand, words):
    with pytest.raises(Refused, match="signature"):
        stand.extend(2, signature=stand.sign(2, **words))


def test_the_mirrored_signature_and_the_zero_address_are_refused(stand):
    v, r, s = stand.sign(2)
    with pytest.raises(Refused, match="high s"):
        stand.extend(2, signature=(55 - v, r, ORDER - s))
    for wrong in ((0, r, s), (1, r, s), (29, r, s)):
        with pytest.raises(Refused, match="v"):
            stand.extend(2, signature=wrong)
    for wrong in ((27, 0, s), (27, r, 0), (27, 0, 0), (27, ORDER, s), (55 - v, r, s)):
        with pytest.raises(Refused, match="signature"):
            stand.extend(2, signature=wrong)


def test_only_the_governor_changes_the_key_and_nobody_the_head(stand):
    stand.extend(5)
    new = key_of(9)
    selector = function_signature_to_4byte_selector("set_signer(address)")
    data = selector + bytes(12) + bytes.fromhex(new.address[2:])
    with pytest.raises(Refused, match="not governor"):
        stand.send(data, to=stand.contract, sender=0)
    with pytest.raises(Refused, match="zero address"):
        stand.send(selector + bytes(32), to=stand.contract, sender=1)
    stand.send(data, to=stand.contract, sender=1)

    with pytest.raises(Refused, match="signature"):
        stand.grow(5, 6)
    stand.grow(5, 6, signature=stand.sign(6, key=new))
    assert stand.head()[1] == 6


def test_zero_addresses_and_no_log_are_refused_at_birth(stand):
    types = ["bytes32", "address", "address"]
    zero = "0x" + "00" * 20
    for values in (
        [b"\1" * 32, zero, SIGNER.address],
        [b"\1" * 32, SIGNER.address, zero],
        [bytes(32), SIGNER.address, SIGNER.address],
    ):
        with pytest.raises(Refused):
            stand.deploy("SignedHead", types, values)


def test_an_anchor_stays_below_its_budget_of_gas(stand):
    first = stand.extend(150)
    used = [stand.grow(size, size + 1) for size in range(150, 165)]

    assert first <= 80_000
    assert max(used) <= 80_000
