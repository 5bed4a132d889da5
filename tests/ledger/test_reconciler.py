"""The reconciler brings a chain to the newest checkpoint, whatever happens on the way."""

import random
import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fake_chain import FakeChain, FakeNetwork
from ledgers import City

from ledger import chain_store, log, store
from ledger.chain import LogHead
from ledger.reconciler import DEEP_REORG, FOREIGN_HEAD, Reconciler, State
from runtime.errors import FailpointHit

FAILPOINTS = ("chain.keep", "chain.broadcast", "chain.settle", "chain.alarm")
MODES = ("fail-before", "fail-after")


@pytest.fixture
def city(tmp_path):
    city = City(tmp_path)
    yield city
    city.database.close()


class Stage:
    """A log, a chain and the process between them, which may be started again."""

    def __init__(self, city, **words):
        self.city = city
        self.network = FakeNetwork()
        self.chain = FakeChain(self.network, **words)
        self.crashes = 0
        self.restart()

    def restart(self):
        self.reconciler = Reconciler(
            self.city.database,
            self.chain,
            max_fee=10**9,
            patience=timedelta(seconds=1),
            clock=lambda: self.city.now,
        )

    def step(self):
        self.city.now += timedelta(seconds=1)
        try:
            return self.reconciler.step()
        except FailpointHit:
            self.crashes += 1
            self.restart()
            return None

    def settle(self, rounds=60):
        """No more faults: it must arrive."""
        self.chain.loses = lambda _what: None
        for _ in range(rounds):
            report = self.step()
            if report.state is State.CURRENT:
                return report
            self.network.mine()
        raise AssertionError(f"never arrived: {report}")

    def row(self):
        with self.city.database.reading() as session:
            return chain_store.load_chain(session, self.chain.caip2)

    def newest(self):
        with self.city.database.reading() as session:
            epoch = store.newest_epoch(session)
        return LogHead(epoch.leaf.epoch, epoch.size, epoch.root)


@pytest.fixture
def stage(city):
    return Stage(city)


def test_nothing_is_sent_before_the_first_epoch(stage):
    assert stage.step().state is State.EMPTY
    assert stage.chain.prepared == []


def test_the_newest_checkpoint_arrives_and_becomes_final(stage):
    stage.city.close()

    assert stage.step().state is State.SENT
    stage.network.mine()
    assert stage.step().state is State.WAITING
    report = stage.settle()
    assert (report.lag, report.final.head) == (0, stage.newest())
    stage.network.mine()
    assert stage.step().state is State.CURRENT
    assert len(stage.chain.prepared) == 1


def test_a_newer_checkpoint_replaces_the_one_under_way(stage):
    stage.city.close()
    stage.step()
    stage.city.close()
    stage.step()

    first, second = stage.chain.prepared
    assert (first["nonce"], second["nonce"]) == (0, 0)
    assert (first["size"], second["size"]) == (1, 2)
    assert second["fee"] >= first["fee"] * 1.25
    assert stage.settle().final.head == stage.newest()
    assert stage.network.tip.nonce == 1


def test_the_fee_stops_at_its_limit_and_the_same_bytes_go_again(stage):
    stage.city.close()
    for _ in range(100):
        stage.step()
        stage.city.now += timedelta(seconds=5)

    fees = [sent["fee"] for sent in stage.chain.prepared]
    assert fees == sorted(fees)
    assert max(fees) <= 10**9
    assert len(fees) < 90
    assert stage.settle().lag == 0


def test_a_kept_transaction_of_a_lost_place_is_made_again(stage):
    stage.city.close()
    stage.step()
    stage.network.mine()
    stage.city.close()
    stage.step()
    assert stage.row().in_flight.prepared.nonce == 1
    stage.network.reorg(1, keeps=False)

    assert stage.settle().final.head == stage.newest()
    assert stage.chain.prepared[-1]["nonce"] == 0


def test_a_head_that_is_still_worth_its_fee_rests(city):
    stage = Stage(city, cadence=timedelta(hours=1))
    city.close()
    stage.settle()
    city.close()
    assert stage.step().state is State.RESTING
    city.now += timedelta(hours=1)

    assert stage.step().state is State.SENT


def test_a_head_that_the_log_never_had_stops_it_until_a_person_looked(stage):
    stage.city.close()
    stage.settle()
    foreign = LogHead(9, 9, bytes(32))
    stage.network._append(foreign, 7)

    assert stage.step().state is State.STOPPED
    stage.city.close()
    report = stage.step()
    assert (report.state, report.alarm.code) == (State.STOPPED, FOREIGN_HEAD)
    sent = len(stage.chain.prepared)
    stage.network.reorg(1, keeps=False)
    assert stage.step().state is State.STOPPED
    assert len(stage.chain.prepared) == sent
    stage.reconciler.clear_alarm()
    assert stage.settle().alarm is None


def test_a_second_root_for_one_size_is_foreign(stage):
    stage.city.close()
    stage.network._append(LogHead(1, 1, bytes(32)), 1)

    assert stage.step().state is State.STOPPED


def test_a_final_head_that_is_gone_is_an_alarm_and_is_anchored_again(stage):
    stage.city.close()
    stage.settle()
    stage.network.reorg(6, keeps=False)

    assert stage.step().detail == DEEP_REORG
    report = stage.settle()
    assert report.final.head == stage.newest()
    assert report.alarm.code == DEEP_REORG
    stage.reconciler.clear_alarm()
    assert stage.step().alarm is None


def test_a_node_that_is_behind_is_no_alarm(stage):
    for _ in range(2):
        stage.city.close()
        stage.settle()
    del stage.network.blocks[-3:]

    report = stage.step()
    assert (report.state, report.alarm) == (State.AWAY, None)


def test_two_processes_never_keep_two_transactions(stage):
    stage.city.close()
    read = stage.row()
    stage.step()
    stolen = chain_store.ChainRow(read.caip2, read.revision, None, None, None)
    with stage.city.database.writing() as session:
        assert not chain_store.save_chain(session, stolen)

    assert stage.row().in_flight is not None


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", FAILPOINTS)
def test_a_crash_at_each_failpoint_heals(stage, monkeypatch, name, mode):
    stage.city.close()
    if name == "chain.alarm":
        stage.settle()
        stage.network.reorg(6, keeps=False)
    monkeypatch.setenv("CITY_FAILPOINT", f"{name}:{mode}")
    for _ in range(6):
        stage.step()
        stage.network.mine()
    assert stage.crashes
    monkeypatch.delenv("CITY_FAILPOINT")

    assert stage.settle().final.head == stage.newest()
    assert (stage.row().alarm is not None) == (name == "chain.alarm")


@pytest.mark.parametrize("seed", range(20))
def test_seeded_crashes_losses_drops_and_reorgs_converge(city, monkeypatch, seed):
    dice = random.Random(seed)
    stage = Stage(city, loses=lambda _what: dice.random() < 0.1)
    seen = []
    for _ in range(200):
        act(dice, stage, monkeypatch)
        head = stage.network.tip.head
        if head is not None and head.size not in [size for size, _ in seen]:
            seen.append((head.size, head.root))
    monkeypatch.delenv("CITY_FAILPOINT", raising=False)
    report = stage.settle()

    assert report.final.head == stage.newest()
    assert stage.crashes
    with city.database.reading() as session:
        assert all(log.root_of(session, size) == root for size, root in seen)
    assert report.alarm is None or report.alarm.code == DEEP_REORG
    assert city.check() == []


def act(dice, stage, monkeypatch):
    """One thing that may happen to a city, its process or its chain."""
    what = dice.choices(
        ["close", "step", "crash", "mine", "drop", "shallow", "deep"], [2, 8, 3, 6, 1, 2, 0.3]
    )[0]
    monkeypatch.delenv("CITY_FAILPOINT", raising=False)
    match what:
        case "close":
            stage.city.close()
        case "crash":
            armed = f"{dice.choice(FAILPOINTS[:3])}:{dice.choice(MODES)}"
            monkeypatch.setenv("CITY_FAILPOINT", armed)
            stage.step()
        case "step":
            stage.step()
        case "mine":
            stage.network.mine()
        case "drop":
            stage.network.waiting.clear()
        case "shallow":
            stage.network.reorg(dice.randint(1, 3), keeps=dice.random() < 0.5)
        case _:
            stage.network.reorg(dice.randint(5, 8), keeps=dice.random() < 0.5)
