"""One suite for every kind of chain, against scripted fakes: what `ledger.chain` promises."""

import contextlib

import pytest

from ledger.chain import FinalityKind, LogHead, check_caip2
from ledger.errors import ChainUnavailable, ForeignChain
from tests.ledger.bitcoin_fake import BitcoinWorld
from tests.ledger.cosmos_fake import CosmosWorld
from tests.ledger.evm_fake import EvmWorld

WORLDS = [EvmWorld, CosmosWorld, BitcoinWorld]
FIRST = LogHead(1, 3, b"\x01" * 32)
SECOND = LogHead(2, 5, b"\x02" * 32)
TROUBLES = ["lost before", "lost after", "refused", "taken with an error"]
GARBAGE = [b"", b"\x00", b"[]", b"{", b"null", b"{}", b'{"block":7}', b"\xff" * 200, b"9" * 5000]


@pytest.fixture(params=WORLDS, ids=lambda world: world.name)
def world(request):
    return request.param()


def prepare(world, head, since=None):
    chain = world.chain
    return chain.prepare(
        head, since=since, proof=[], nonce=chain.next_nonce(), fee=chain.suggested_fee()
    )


def anchor(world, head, since=None):
    world.chain.broadcast(prepare(world, head, since))
    world.land()


def final(world):
    found = world.chain.head(at="final")
    return None if found is None else found.head


def test_a_chain_has_a_caip_2_name_a_finality_and_a_cadence(world):
    assert check_caip2(world.chain.caip2) == world.chain.caip2
    assert isinstance(world.chain.finality.kind, FinalityKind)
    assert world.chain.cadence.total_seconds() > 0


def test_there_is_no_head_before_the_first(world):
    assert world.chain.head(at="final") is None
    assert world.chain.head(at="latest") is None
    assert world.chain.next_nonce() == 0


def test_the_same_head_is_read_back_with_its_block(world):
    anchor(world, FIRST)
    anchor(world, SECOND, since=FIRST)

    found = world.chain.head(at="final")

    assert found.head == SECOND
    assert found.height > 0
    assert len(found.block_hash) == 32
    assert world.chain.head(at="latest").head == SECOND


def test_a_driver_that_is_built_anew_reads_the_same(world):
    anchor(world, FIRST)

    assert world.driver().head(at="final") == world.chain.head(at="final")


def test_preparing_sends_nothing_and_changes_nothing(world):
    prepared = prepare(world, FIRST)
    world.land()

    assert prepared.raw
    assert len(prepared.digest) == 32
    assert world.posts == 0
    assert world.chain.next_nonce() == 0
    assert final(world) is None


def test_what_is_sent_is_not_final_before_it_stands_in_a_block(world):
    world.chain.broadcast(prepare(world, FIRST))

    assert final(world) is None


def test_sending_twice_is_sending_once(world):
    prepared = prepare(world, FIRST)
    world.chain.broadcast(prepared)
    with contextlib.suppress(ChainUnavailable):
        world.chain.broadcast(prepared)
    world.land()

    assert final(world) == FIRST
    assert world.chain.next_nonce() == prepared.nonce + 1


@pytest.mark.parametrize("trouble", TROUBLES)
def test_an_error_at_a_broadcast_says_nothing_and_the_next_round_heals_it(world, trouble):
    anchor(world, FIRST)
    world.trouble = trouble

    with pytest.raises(ChainUnavailable):
        world.chain.broadcast(prepare(world, SECOND, since=FIRST))
    world.land()

    assert final(world) in {FIRST, SECOND}
    if final(world) == FIRST:
        anchor(world, SECOND, since=FIRST)
    assert final(world) == SECOND


def test_another_chain_behind_the_same_address_is_refused_by_name(world):
    anchor(world, FIRST)
    world.become_foreign()

    with pytest.raises(ForeignChain) as refusal:
        world.chain.head(at="final")
    assert refusal.value.detail == "foreign_chain_id"


@pytest.mark.parametrize("older", [FIRST, LogHead(3, 4, b"\x03" * 32), LogHead(1, 9, b"\x04" * 32)])
def test_a_rollback_is_refused_by_the_driver_or_by_the_chain(world, older):
    anchor(world, FIRST)
    anchor(world, SECOND, since=FIRST)

    if world.chain.enforces_append_only:
        anchor(world, older, since=SECOND)
    else:
        with pytest.raises(ForeignChain) as refusal:
            prepare(world, older, since=SECOND)
        assert refusal.value.detail == "rollback_refused"

    assert final(world) == SECOND


def test_a_rollback_that_someone_else_sent_is_refused_by_the_chain_or_reported(world):
    anchor(world, SECOND)
    world.plant(LogHead(3, 4, b"\x05" * 32))

    if world.chain.enforces_append_only:
        assert final(world) == SECOND
    else:
        with pytest.raises(ForeignChain) as refusal:
            world.chain.head(at="final")
        assert refusal.value.detail == "rolled_back"


@pytest.mark.parametrize("body", GARBAGE)
def test_an_answer_that_makes_no_sense_is_a_named_refusal(world, body):
    anchor(world, FIRST)
    prepared = prepare(world, SECOND, since=FIRST)
    world.garbage = body
    for ask in (
        lambda: world.chain.head(at="final"),
        lambda: world.chain.head(at="latest"),
        world.chain.next_nonce,
        lambda: world.chain.broadcast(prepared),
    ):
        with contextlib.suppress(ChainUnavailable, ForeignChain):
            ask()
    world.garbage = None

    assert final(world) == FIRST
