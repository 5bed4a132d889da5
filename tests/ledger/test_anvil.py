"""Three real EVM nodes: heads, refusals, gas by receipts, and the reconciler under faults."""

import json
import random
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from anvil_chain import MAX_FEE, Anvil
from ledgers import ORIGIN, City

from ledger import chain_store, log, store
from ledger.chain import Finality, FinalityKind, LogHead
from ledger.errors import ChainUnavailable, ForeignChain
from ledger.json_rpc import Node
from ledger.merkle import build_consistency_proof, consistency_proof, node_hash, root_at, tree_root
from ledger.reconciler import DEEP_REORG, FOREIGN_HEAD, Reconciler, State
from runtime.errors import FailpointHit

RULES = ("london", "shanghai", "cancun")
YEAR = 525_600
"""Epochs of a minute."""
HEIGHTS = [bytes([7]) * 32]
while len(HEIGHTS) < 33:
    HEIGHTS.append(node_hash(HEIGHTS[-1], HEIGHTS[-1]))


@pytest.fixture(scope="module")
def anvils():
    started = []
    try:
        for index, rules in enumerate(RULES):
            started.append(Anvil(777_001 + index, hardfork=rules))
        yield started
    finally:
        for anvil in started:
            anvil.stop()


def read(height, _index):
    """A tree whose leaves are all one, so that a large one costs nothing."""
    return HEIGHTS[height]


def head_of(size):
    return LogHead(size, size, root_at(read, size))


def send(anvil, chain, old_size, size, **changed):
    """One anchor; what it took and whether the contract took it."""
    head = changed.get("head", head_of(size))
    proof = build_consistency_proof(read, old_size=old_size, size=size)
    prepared = chain.prepare(
        head,
        since=head_of(old_size) if old_size else None,
        proof=changed.get("proof", proof),
        nonce=chain.next_nonce(),
        fee=chain.suggested_fee(),
    )
    chain.broadcast(prepared)
    anvil.mine()
    return anvil.gas_of(prepared.digest)


def test_a_head_is_read_when_it_is_latest_and_when_it_is_final(anvils):
    for anvil in anvils:
        contract = anvil.deploy(ORIGIN).address
        chain = anvil.chain(contract, ORIGIN)
        assert chain.head(at="latest") is None
        send(anvil, chain, 0, 3)
        assert chain.head(at="latest").head == head_of(3)
        assert chain.head(at="final") is None
        anvil.mine(4)

        assert chain.head(at="final").head == head_of(3)
        assert chain.balance() > 0


def test_the_chain_itself_refuses_forks_and_rollbacks(anvils):
    anvil = anvils[0]
    chain = anvil.chain(anvil.deploy(ORIGIN).address, ORIGIN)
    assert send(anvil, chain, 0, 100)[1] == 1
    assert send(anvil, chain, 100, 150, head=LogHead(150, 150, bytes(32)))[1] == 0
    assert send(anvil, chain, 100, 150, proof=())[1] == 0
    assert send(anvil, chain, 0, 99)[1] == 0
    assert chain.head(at="latest").head == head_of(100)
    assert send(anvil, chain, 100, 150)[1] == 1


def test_gas_stays_below_80_000_by_receipts_of_each_node(anvils, tmp_path):
    table = {}
    for anvil in anvils:
        contract = anvil.deploy(ORIGIN)
        chain = anvil.chain(contract.address, ORIGIN)
        used = [send(anvil, chain, 0, 1)[0]]
        steps = [
            1, 2, 3, 7, 100, 1440, 10_080, YEAR - 1, YEAR, YEAR + 1, 2**20 - 1, 2**20 + 1,
            10 * YEAR - 1, 10 * YEAR, 2**23 - 3, 2**23 - 2, 2**23 - 1,
        ]  # fmt: skip
        for old_size, size in pairwise(steps):
            gas, status = send(anvil, chain, old_size, size)
            assert status == 1
            used.append(gas)
        table[anvil.hardfork] = (contract.gas, used)

    assert max(max(used) for _, used in table.values()) <= 80_000
    (tmp_path / "gas.json").write_text(json.dumps(table))


def test_a_foreign_node_contract_or_key_has_a_named_refusal(anvils):
    first, second = anvils[:2]
    contract = first.deploy(ORIGIN).address
    cases = {
        "foreign_chain_id": first.chain(contract, ORIGIN, nodes=(second.node,)),
        "foreign_contract": first.chain(contract, "other.example/log"),
    }
    for detail, chain in cases.items():
        with pytest.raises(ForeignChain) as refused:
            chain.head(at="latest")
        assert refused.value.detail == detail
    with pytest.raises(ForeignChain):
        first.chain(bytes(20), ORIGIN).head(at="latest")
    dead = Node("http://127.0.0.1:1", first.node.transport)
    with pytest.raises(ChainUnavailable):
        first.chain(contract, ORIGIN, nodes=(dead,)).head(at="final")
    two_of_three = first.chain(contract, ORIGIN, nodes=(first.node, dead, second.node), threshold=2)
    with pytest.raises(ForeignChain):
        two_of_three.head(at="latest")
    assert first.chain(contract, ORIGIN, nodes=(dead, first.node)).head(at="latest") is None


def test_the_nodes_own_finality_can_be_asked(anvils):
    anvil = anvils[2]
    contract = anvil.deploy(ORIGIN).address
    chain = anvil.chain(contract, ORIGIN, finality=Finality(FinalityKind.TAG))
    send(anvil, chain, 0, 3)
    assert chain.head(at="final") is None
    anvil.mine(70)

    assert chain.head(at="final").head == head_of(3)
    instant = anvil.chain(contract, ORIGIN, finality=Finality(FinalityKind.INSTANT))
    assert instant.head(at="final").head == head_of(3)


class Lossy:
    """A transport that loses calls on their way there or back."""

    def __init__(self, transport, dice, chance):
        self.transport, self.dice, self.chance = transport, dice, chance

    def __call__(self, url, body):
        if self.dice.random() < self.chance:
            raise ChainUnavailable("lost on the way there")
        answer = self.transport(url, body)
        if self.dice.random() < self.chance:
            raise ChainUnavailable("lost on the way back")
        return answer


class Relay:
    """The reconciler of one real chain."""

    def __init__(self, city, anvil, dice):
        self.city, self.anvil = city, anvil
        self.lossy = Lossy(anvil.node.transport, dice, 0.02)
        self.contract = anvil.deploy(ORIGIN).address
        self.events = dict.fromkeys(("crash", "reorg", "deep", "drop"), 0)
        self.restart()

    def restart(self):
        chain = self.anvil.chain(self.contract, ORIGIN, nodes=(Node(self.anvil.url, self.lossy),))
        self.reconciler = Reconciler(
            self.city.database,
            chain,
            max_fee=MAX_FEE,
            patience=timedelta(seconds=2),
            clock=lambda: self.city.now,
        )

    def step(self):
        try:
            return self.reconciler.step()
        except FailpointHit:
            self.events["crash"] += 1
            self.restart()
            return None

    def disturb(self, dice, monkeypatch):
        what = dice.choices(
            ["step", "crash", "mine", "drop", "reorg", "deep"], [6, 2, 6, 0.5, 0.7, 0.15]
        )[0]
        if what in self.events and what != "crash":
            self.events[what] += 1
        match what:
            case "step":
                self.step()
            case "crash":
                point = dice.choice(["chain.keep", "chain.broadcast", "chain.settle"])
                mode = dice.choice(["fail-before", "fail-after"])
                monkeypatch.setenv("CITY_FAILPOINT", f"{point}:{mode}")
                self.step()
                monkeypatch.delenv("CITY_FAILPOINT")
            case "mine":
                self.anvil.mine()
            case "drop":
                self.anvil.drop_pool()
            case "reorg":
                self.anvil.reorg(dice.randint(1, 3))
            case _:
                self.anvil.reorg(dice.randint(5, 7))


def settle(city, relay):
    relay.lossy.chance = 0
    for _ in range(60):
        city.now += timedelta(seconds=1)
        report = relay.step()
        if report.state is State.CURRENT:
            return report
        relay.anvil.mine()
    raise AssertionError(f"never arrived: {report}")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_three_chains_converge_under_seeded_faults(anvils, tmp_path, monkeypatch, seed):
    dice = random.Random(seed)
    city = City(tmp_path)
    relays = [Relay(city, anvil, dice) for anvil in anvils]
    for _ in range(40):
        city.now += timedelta(seconds=1)
        if dice.random() < 0.2:
            city.close()
        for relay in relays:
            relay.disturb(dice, monkeypatch)
    city.close()
    with city.database.reading() as session:
        newest = store.newest_epoch(session)
    for relay in relays:
        report = settle(city, relay)
        assert report.final.head == LogHead(newest.size, newest.size, newest.root)
        assert report.alarm is None or (report.alarm.code == DEEP_REORG and relay.events["deep"])
    assert sum(relay.events["crash"] for relay in relays)
    assert city.check() == []
    city.database.close()


def test_a_stolen_ledger_key_is_noticed_and_stops_the_chain(anvils, tmp_path):
    city = City(tmp_path)
    relay = Relay(city, anvils[1], random.Random(0))
    city.close()
    settle(city, relay)
    with city.database.reading() as session:
        before = store.newest_epoch(session)
        leaves = [log.leaf_hash(entry) for entry in store.load_entries(session, start=0, count=1)]
    forged = [*leaves, bytes(32)]
    chain = relay.anvil.chain(relay.contract, ORIGIN)
    prepared = chain.prepare(
        LogHead(2, 2, tree_root(forged)),
        since=LogHead(1, before.size, before.root),
        proof=consistency_proof(forged, 1),
        nonce=chain.next_nonce(),
        fee=chain.suggested_fee(),
    )
    chain.broadcast(prepared)
    relay.anvil.mine()
    city.close()

    assert relay.step().state is State.STOPPED
    with city.database.reading() as session:
        assert chain_store.load_chain(session, chain.caip2).alarm.code == FOREIGN_HEAD
    city.database.close()
