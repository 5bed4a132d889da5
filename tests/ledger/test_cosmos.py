"""A Cosmos node that lies, lags or stands still: named refusals, and heads only by signature."""

import json
import random
from datetime import timedelta

import pytest

from ledger.chain import LogHead
from ledger.cosmos import MAX_LOOK_BACK
from ledger.cosmos_keys import INJECTIVE_KEY, SDK_KEY, CosmosKey, build_bech32, is_signed
from ledger.cosmos_tx import Account, Toll, build_memo, build_tx, parse_memo, read_tx
from ledger.errors import ChainUnavailable, ForeignChain, Malformed
from ledger.protobuf import build_message, bytes_of, parse_message
from ledger.transport import HttpAnswer
from tests.ledger.cosmos_fake import KEY, LOG_ID, CosmosWorld

HEAD = LogHead(1, 3, b"\x01" * 32)
NEXT = LogHead(2, 5, b"\x02" * 32)
PLACE = Account("city-1", 7, 0)
TOLL = Toll("stone", 200_000, 100_000)
STRANGE = [
    *(None, True, 1, -1, 1.5, "", "x", "-1", "01", "1", "9" * 30, "١", "AA==", [], {}, [None]),
    *({"a": 1}, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "z" * 100),
]
BROKEN_MESSAGES = {
    "a varint without its end": b"\x08\x80",
    "a varint longer than needed": b"\x08\x81\x00",
    "a varint beyond 64 bits": b"\x08" + b"\xff" * 9 + b"\x7f",
    "field number zero": b"\x00\x01",
    "fields that fall": b"\x10\x01\x08\x01",
    "a length beyond the end": b"\x0a\x05abc",
    "a fixed 64-bit field": b"\x09" + bytes(8),
    "a group": b"\x0b\x0c",
    "too many fields": b"\x08\x01" * 65,
}


@pytest.fixture
def world():
    return CosmosWorld()


def anchor(world, head):
    chain = world.chain
    prepared = chain.prepare(head, since=None, proof=[], nonce=chain.next_nonce(), fee=1)
    chain.broadcast(prepared)
    world.land()


def refused(world, kind=ForeignChain):
    with pytest.raises(kind) as refusal:
        world.chain.head(at="final")
    return refusal.value


def sent(text, place=PLACE, key=KEY):
    return build_tx(text, key=key, account=place, toll=TOLL)


def forge(world, raw):
    """The node says that this is the relayer's newest transaction."""
    world.blocks.append([raw])
    world.places[world.sequence] = (len(world.blocks) - 1, raw)
    world.sequence += 1


def test_known_keys_have_their_known_addresses():
    # The first is the account of the secret 1 in the SDK, the second that of Ethereum in bech32.
    one = (1).to_bytes(32, "big")
    ethereum = bytes.fromhex("7e5f4552091a69125d5dfcb7b8c2659029395bdf")

    assert CosmosKey(SDK_KEY, "bc", one).kind.account(
        CosmosKey(SDK_KEY, "bc", one).public_key
    ) == bytes.fromhex("751e76e8199196d454941c45d1b3a323f1433bd6")
    assert CosmosKey(INJECTIVE_KEY, "inj", one).address == build_bech32("inj", ethereum)


def test_a_bech32_text_is_that_of_bip_173():
    assert build_bech32("a", b"") == "a12uel5l"


def test_a_signature_holds_for_its_message_alone_and_in_one_form():
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    signature = KEY.sign(b"words")
    high = signature[:32] + (order - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")

    assert is_signed(SDK_KEY, KEY.public_key, b"words", signature)
    for other in (high, bytes(64), b"\xff" * 64, signature[:63], b""):
        assert not is_signed(SDK_KEY, KEY.public_key, b"words", other)
    assert not is_signed(SDK_KEY, KEY.public_key, b"Words", signature)


def test_a_head_is_the_same_in_its_memo_and_the_memo_is_within_the_sdks_limit():
    widest = LogHead(2**63 - 1, 2**63 - 1, b"\xff" * 32)

    assert parse_memo(build_memo(LOG_ID, widest), log_id=LOG_ID) == widest
    assert len(build_memo(LOG_ID, widest)) <= 256


@pytest.mark.parametrize(
    "head", [LogHead(-1, 1, bytes(32)), LogHead(1, 2**63, bytes(32)), LogHead(1, 1, bytes(31))]
)
def test_what_is_no_head_gets_no_memo(head):
    with pytest.raises(Malformed):
        build_memo(LOG_ID, head)


@pytest.mark.parametrize("change", [str.upper, lambda memo: memo + "\n", lambda memo: memo[1:]])
def test_a_memo_has_one_form(change):
    assert parse_memo(change(build_memo(LOG_ID, HEAD)), log_id=LOG_ID) is None


@pytest.mark.parametrize(
    "place", [Account("city-2", 7, 0), Account("city-1", 8, 0), Account("city-1", 7, 1)]
)
def test_a_transaction_speaks_for_its_chain_account_and_place_alone(place):
    raw = sent(build_memo(LOG_ID, HEAD))

    assert read_tx(raw, kind=SDK_KEY, public_key=KEY.public_key, account=PLACE)
    assert read_tx(raw, kind=SDK_KEY, public_key=KEY.public_key, account=place) is None


@pytest.mark.parametrize("name", BROKEN_MESSAGES)
def test_a_broken_message_is_refused(name):
    with pytest.raises(Malformed):
        parse_message(BROKEN_MESSAGES[name])


def test_a_field_that_stands_twice_is_no_byte_string():
    with pytest.raises(Malformed):
        bytes_of(parse_message(build_message([(1, b"a"), (1, b"b")])), 1)


def test_a_node_cannot_invent_a_head(world):
    anchor(world, HEAD)
    thief = CosmosKey(SDK_KEY, "cosmos", b"\x66" * 32)
    forge(world, sent(build_memo(LOG_ID, NEXT), Account("city-1", 7, 1), thief))

    assert refused(world).detail == "forged_transaction"


def test_a_node_cannot_show_an_old_transaction_as_the_newest(world):
    anchor(world, HEAD)
    forge(world, world.blocks[1][0])

    assert refused(world).detail == "forged_transaction"


def test_a_transaction_that_its_block_lacks_is_refused(world):
    anchor(world, HEAD)
    world.blocks[1] = []

    assert refused(world).detail == "transaction_not_in_block"


def test_a_hidden_transaction_is_not_taken_for_none(world):
    anchor(world, HEAD)
    world.places.clear()

    assert "does not find" in str(refused(world, ChainUnavailable))


def test_a_transaction_that_failed_says_nothing(world):
    anchor(world, HEAD)
    world.codes[1] = 11
    anchor(world, NEXT)

    assert world.chain.head(at="final").head == HEAD


def test_words_of_another_log_and_other_payments_are_passed_over(world):
    anchor(world, HEAD)
    for sequence, memo in enumerate([build_memo(b"\x99" * 32, NEXT), "lunch"], start=1):
        forge(world, sent(memo, Account("city-1", 7, sequence)))

    assert world.chain.head(at="final").head == HEAD


def test_an_account_that_pays_for_other_things_is_refused_and_not_searched_for_ever(world):
    anchor(world, HEAD)
    for sequence in range(1, 1 + MAX_LOOK_BACK):
        forge(world, sent("lunch", Account("city-1", 7, sequence)))

    assert refused(world).detail == "relayer_used_otherwise"


def test_a_chain_without_new_blocks_has_halted(world):
    anchor(world, HEAD)
    world.halted_for = timedelta(seconds=31)

    assert "has halted" in str(refused(world, ChainUnavailable))
    world.halted_for = timedelta(seconds=30)
    assert world.chain.head(at="final").head == HEAD


@pytest.mark.parametrize(
    "time", ["", "2026-11-22T12:00:00", "2026-11-22T12:00:00.²Z", "2026-13-22T12:00:00Z", "nowZ"]
)
def test_a_time_that_is_none_is_a_bad_answer(world, time):
    block = world.block

    def spoiled(which):
        answer = json.loads(block(which).body)
        answer["block"]["header"]["time"] = time
        return HttpAnswer(200, json.dumps(answer).encode())

    world.block = spoiled

    assert refused(world).detail == "bad_answer"


def test_an_account_that_is_not_there_is_unavailable(world):
    world.account = lambda address: HttpAnswer(404, b'{"code":5}')

    assert "answered 404" in str(refused(world, ChainUnavailable))


def spoil(value, dice):
    """The same JSON with one thing in it that should be another."""
    if isinstance(value, dict) and value and dice.random() < 0.9:
        name = dice.choice(sorted(value))
        return value | {name: spoil(value[name], dice)}
    if isinstance(value, list) and value and dice.random() < 0.8:
        return [spoil(value[0], dice), *value[1:]]
    return dice.choice(STRANGE)


def test_whatever_one_answer_says_instead_is_the_head_none_or_a_named_refusal(world):
    anchor(world, HEAD)
    anchor(world, NEXT)
    dice, honest, seen = random.Random(4), world.answer, set()

    def answer(request):
        said = honest(request)
        if dice.random() < 0.5:
            return said
        return HttpAnswer(200, json.dumps(spoil(json.loads(said.body), dice)).encode())

    world.chain.transport = answer
    for _ in range(1500):
        try:
            found = world.chain.head(at="final")
            seen.add(found and found.head)
        except (ChainUnavailable, ForeignChain) as refusal:
            seen.add(getattr(refusal, "detail", "unavailable"))

    assert {"bad_answer", "foreign_chain_id", "unavailable", "foreign_account"} <= seen
    assert {each for each in seen if isinstance(each, LogHead)} <= {HEAD, NEXT}
