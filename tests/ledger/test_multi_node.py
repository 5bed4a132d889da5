"""
Four real validators: anchoring outlives one, halts without two, resumes when they come back.

The same log is anchored twice, in the contract `SignedHead` by EVM JSON-RPC and in memos of the
Cosmos chain beneath it. About 60 s and 1 GB; its figures are printed.
"""

import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from cityhall.peers import INJECTIVE
from ledger.chain import Finality, FinalityKind
from ledger.contract import creation_code, log_id
from ledger.cosmos import CosmosChain, CosmosSettings
from ledger.cosmos_keys import INJECTIVE_KEY, CosmosKey
from ledger.evm import EvmChain, EvmPlace
from ledger.evm_signer import parse_key
from ledger.json_rpc import Node
from ledger.reconciler import Reconciler, State
from tests.ledger.injective_network import CHAIN_ID, DENOM, EVM_CHAIN_ID, Network
from tests.ledger.ledgers import ORIGIN, City
from tests.ledger.loopback import ask_http, post

pytestmark = pytest.mark.slow
PRICE_LIMIT = 10**12
TOLL_LIMIT = 10**15
GAS_PRICE = 200_000_000
DEPLOYMENT_GAS = 2_000_000
GOVERNOR = bytes(range(20))
HALTED_AFTER = timedelta(seconds=8)
SECRETS = {"relayer": "11" * 32, "ledger": "22" * 32, "memo": "33" * 32}


def now():
    return datetime.now(UTC)


def account(name):
    return CosmosKey(INJECTIVE_KEY, "inj", bytes.fromhex(SECRETS[name]))


class Desk:
    """A log, and a reconciler for each way into the network."""

    def __init__(self, folder, network):
        self.network = network
        self.city = City(folder)
        self.contract = deploy(network)
        ways = [
            (self.evm(network.validators), PRICE_LIMIT),
            (self.memo(network.validators[0]), TOLL_LIMIT),
        ]
        self.reconcilers = [
            Reconciler(
                self.city.database, chain, max_fee=limit, patience=timedelta(minutes=2), clock=now
            )
            for chain, limit in ways
        ]

    def evm(self, validators):
        place = EvmPlace(
            chain_id=EVM_CHAIN_ID,
            contract=self.contract,
            governor=GOVERNOR,
            origin=ORIGIN,
            finality=Finality(FinalityKind.INSTANT),
            cadence=timedelta(0),
            max_fee=PRICE_LIMIT,
        )
        nodes = tuple(Node(each.url("evm"), post) for each in validators)
        keys = parse_key(SECRETS["ledger"]), parse_key(SECRETS["relayer"])
        return EvmChain(place, nodes, min(2, len(nodes)), *keys)

    def memo(self, validator):
        settings = CosmosSettings(
            caip2=f"cosmos:{CHAIN_ID}",
            url=validator.url("api"),
            log_id=log_id(ORIGIN),
            denom=DENOM,
            gas=150_000,
            price=GAS_PRICE,
            cadence=timedelta(0),
            halted_after=HALTED_AFTER,
        )
        return CosmosChain(settings, account("memo"), ask_http, now)

    def step(self):
        return [reconciler.step() for reconciler in self.reconcilers]

    def anchor(self, *, seconds):
        """One epoch, final on both ways; how long that took."""
        self.city.close()
        return self.settle(seconds=seconds)

    def settle(self, *, seconds):
        start = time.monotonic()
        while time.monotonic() < start + seconds:
            reports = self.step()
            if all(report.state is State.CURRENT for report in reports):
                return time.monotonic() - start
            time.sleep(0.1)
        raise AssertionError(f"not anchored within {seconds} s: {reports}")


def deploy(network):
    """The contract, sent as a stranger would."""
    key, url = parse_key(SECRETS["relayer"]), network.validators[0].url("evm")
    node = Node(url, post)
    ledger_address = parse_key(SECRETS["ledger"]).address
    code = creation_code(origin=ORIGIN, signer=ledger_address, governor=GOVERNOR)
    raw, digest = key.sign_transaction(
        to=None, data=code, nonce=0, fee=GAS_PRICE, gas=DEPLOYMENT_GAS, chain_id=EVM_CHAIN_ID
    )
    node.ask("eth_sendRawTransaction", "0x" + raw.hex())
    end = time.monotonic() + 30
    while time.monotonic() < end:
        receipt = node.ask("eth_getTransactionReceipt", "0x" + digest.hex())
        if receipt is not None:
            assert receipt["status"] == "0x1", receipt
            return bytes.fromhex(receipt["contractAddress"][2:])
        time.sleep(0.2)
    raise AssertionError("the contract was not deployed")


def mean(seconds):
    return f"{sum(seconds) / len(seconds):.2f} s mean, {max(seconds):.2f} s at most"


@pytest.fixture
def network(tmp_path):
    if not INJECTIVE.is_there():
        pytest.skip("no validators: .venv-injective is not there (`./city test --everything`)")
    purses = {account(name).address: 10**21 for name in ("relayer", "memo")}
    with Network(tmp_path, purses=purses) as running:
        yield running


def test_anchoring_outlives_one_of_four_validators_halts_without_two_and_resumes(
    network, tmp_path, capsys
):
    desk, validators = Desk(tmp_path, network), network.validators
    figures = {"four validators": mean([desk.anchor(seconds=30) for _ in range(5)])}

    network.kill(validators[3])
    figures["one killed"] = mean([desk.anchor(seconds=60) for _ in range(5)])

    network.kill(validators[2])
    desk.city.close()
    assert_halted(desk, network)

    start = time.monotonic()
    for validator in validators[2:]:
        network.start(validator)
    desk.settle(seconds=90)
    figures["resumed after"] = f"{time.monotonic() - start:.2f} s"
    figures["four again"] = mean([desk.anchor(seconds=60) for _ in range(3)])

    assert_one_head_everywhere(desk, network)
    figures["memory"] = f"{network.memory() / 1e6:.0f} MB"
    figures["started in"] = f"{network.started_in:.1f} s"
    with capsys.disabled():
        sys.stdout.write("".join(f"\n{name}: {figure}" for name, figure in figures.items()) + "\n")


def assert_halted(desk, network):
    """No block any more; one driver says so, the other never says that it is anchored."""
    time.sleep(2)
    before = network.await_height(1)
    end = time.monotonic() + 4 * HALTED_AFTER.total_seconds()
    evm, memo = desk.step()
    while memo.state is not State.AWAY and time.monotonic() < end:
        time.sleep(0.5)
        evm, memo = desk.step()

    assert network.await_height(1) == before
    assert evm.state is State.SENT
    assert evm.lag == 1
    assert memo.state is State.AWAY
    assert "has halted" in memo.detail


def assert_one_head_everywhere(desk, network):
    """Each node alone gives the same head, in the same block."""
    newest = desk.step()[0].final.head
    height = max(network.height(each) for each in network.validators)
    network.await_height(height)
    by_evm = {desk.evm([each]).head(at="final").head for each in network.validators}
    by_memo = {desk.memo(each).head(at="final") for each in network.validators}

    assert by_evm == {newest}
    assert {found.head for found in by_memo} == {newest}
    assert len(by_memo) == 1
