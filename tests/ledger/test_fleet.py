"""A hundred chains in one process: three real nodes and 97 small ones, each with its own head."""

import json
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from anvil_chain import BINARY, GOVERNOR, Anvil, transport
from ledgers import LOG_KEY, ORIGIN, City, signing_key, verifier_key
from stub_nodes import CONTRACT, StubNode

from ledger import log, store
from ledger.chain import LogHead
from ledger.evm_ledger import NAMESPACE, build_evm_chain
from ledger.fleet import MAX_THREADS, build_chains, open_fleet
from ledger.ledger_witness import LedgerWitness, next_to_cosign
from ledger.ledgers_file import load_ledgers
from ledger.note import COSIGNATURE, QuorumPolicy, verify_checkpoint
from ledger.reconciler import FOREIGN_HEAD, State

STUBS = 97


class Harbour:
    """The log, its chains, their file and the fleet that looks after them."""

    def __init__(self, folder, stubs=STUBS, anvils=3):
        self.folder = folder
        self.city = City(folder)
        self.anvils = [Anvil(900_001 + number) for number in range(anvils)]
        self.stubs = [StubNode(100_001 + number, ORIGIN, GOVERNOR) for number in range(stubs)]
        self.fleet = self.open()

    def open(self):
        for name, key in (("ledger", "11" * 32), ("relayer", self.relayer_key())):
            path = self.folder / f"{name}.hex"
            path.write_text(key)
            path.chmod(0o600)
        places = [(each.chain_id, each.url, each.deploy(ORIGIN).address) for each in self.anvils]
        places += [(each.chain_id, each.url, CONTRACT) for each in self.stubs]
        path = self.folder / "ledgers.json"
        path.write_text(json.dumps({"ledgers": [entry(*place) for place in places]}))
        builders = {
            NAMESPACE: lambda each: build_evm_chain(each, origin=ORIGIN, transport=transport)
        }
        self.chains = build_chains(load_ledgers(path, namespaces={NAMESPACE}), builders)
        return open_fleet(
            path,
            self.city.database,
            builders=builders,
            patience=timedelta(seconds=30),
            clock=lambda: self.city.now,
        )

    def relayer_key(self):
        from anvil_chain import RELAYER

        return RELAYER.account.key.hex()

    def round(self, seconds=20):
        health = self.fleet.round(seconds=seconds)
        for anvil in self.anvils:
            if anvil.process.poll() is None:
                anvil.mine()
        return health

    def close(self):
        for stub in self.stubs:
            stub.delay = 0
        self.fleet.close()
        for each in (*self.anvils, *self.stubs):
            each.stop()
        self.city.database.close()


def entry(chain_id, url, contract):
    return {
        "caip2": f"eip155:{chain_id}",
        "nodes": [url],
        "agree": 1,
        "contract": "0x" + contract.hex(),
        "governor": "0x" + GOVERNOR.hex(),
        "ledger_key": "ledger.hex",
        "relayer_key": "relayer.hex",
        "finality": {"kind": "instant"},
        "cadence_seconds": 0,
        "max_fee": 10**13,
    }


@pytest.fixture
def harbour(tmp_path):
    if not BINARY.exists():
        pytest.skip("anvil is not installed: ./city test makes it with the npm packages")
    harbour = Harbour(tmp_path)
    yield harbour
    harbour.close()


def by_state(health):
    found = {}
    for report in health.reports:
        found.setdefault(report.state, []).append(report.caip2)
    return found


@pytest.mark.slow
def test_one_killed_one_forked_one_slow_and_the_other_97_go_on(harbour):
    harbour.city.close()
    harbour.round()
    first = harbour.round()
    assert len(by_state(first)[State.CURRENT]) == 100
    assert len({node.chain_id for node in harbour.stubs}) == 97
    threads = threading.active_count()

    harbour.anvils[0].stop()
    forked, slow = harbour.stubs[0], harbour.stubs[1]
    forked.head = LogHead(1, 1, bytes(32))
    slow.delay = 6
    harbour.city.close()
    for _ in range(10):
        begin = time.monotonic()
        health = harbour.round(seconds=4)
        assert time.monotonic() - begin < 6
        states = by_state(health)
        if len(states.get(State.CURRENT, ())) == 97:
            break

    assert len(states[State.CURRENT]) == 97
    assert states[State.STOPPED] == [f"eip155:{forked.chain_id}"]
    assert [report.alarm.code for report in health.alarms] == [FOREIGN_HEAD]
    away = {report.caip2: report for report in health.reports if report.state is State.AWAY}
    assert set(away) == {"eip155:900001", f"eip155:{slow.chain_id}"}
    assert all(report.lag == 1 for report in away.values())
    assert (health.reachable, health.holding(within=0)) == (97, 97)
    assert threading.active_count() <= threads + MAX_THREADS + 100
    check_quorum(harbour, wanted=51, given=97)


def check_quorum(harbour, *, wanted, given):
    """
    Each chain's own witness speaks for it; a phone needs their lines and no chain. A note has at
    most 64 signatures, so not all of a hundred chains go into one.
    """
    city = harbour.city
    keys = [verifier_key(f"ledger.example/{seed}", seed, COSIGNATURE) for seed in range(20, 120)]
    lines = []
    for seed, ((_, chain), key) in enumerate(zip(harbour.chains, keys, strict=True), start=20):
        if seed in (20, 23, 24):  # killed, forked, slow
            continue
        witness = LedgerWitness(
            city.database,
            chain,
            key=key,
            signer=signing_key(seed),
            log_keys=[LOG_KEY],
            clock=lambda: city.now,
        )
        with city.database.reading() as session:
            found = next_to_cosign(session, witness=key, final=chain.head(at="final").head)
        lines.append(witness.cosign(found[0], proof=found[1]))
    with city.database.reading() as session:
        note = log.published(session).witnessed
        size = store.newest_epoch(session).size
    policy = QuorumPolicy(log=LOG_KEY, witnesses=tuple(keys), threshold=wanted)
    assert verify_checkpoint(note + "".join(lines[:wanted]), policy).checkpoint.size == size
    assert len(lines) == given
