"""The files of `deploy/` that the register reads are read by it, and agree with the network's."""

import json
import tomllib

from cityhall.command_line import ROOT
from ledger.chain import FinalityKind
from ledger.ledgers_file import load_ledgers

BESU = ROOT / "deploy" / "besu-qbft"


def test_the_registers_side_of_the_besu_network_is_of_that_network():
    network = json.loads((BESU / "network.json").read_text())
    (entry,) = load_ledgers(BESU / "ledgers.json", namespaces={"eip155"})

    assert entry.caip2 == f"eip155:{network['genesis']['config']['chainId']}"
    assert entry.finality.kind is FinalityKind.INSTANT
    assert len(entry.nodes) == network["blockchain"]["nodes"]["count"] == 4
    assert hex(network["genesis"]["config"]["chainId"]) in (ROOT / "deploy/README.md").read_text()


def test_one_liar_among_the_validators_cannot_answer_alone():
    (entry,) = load_ledgers(BESU / "ledgers.json", namespaces={"eip155"})
    liars = (len(entry.nodes) - 1) // 3

    assert liars < entry.agree <= len(entry.nodes) - 2 * liars


def test_the_validators_json_rpc_is_not_open_to_the_network():
    node = tomllib.loads((BESU / "node.toml").read_text())

    assert node["rpc-http-host"] == node["metrics-host"] == "127.0.0.1"
    assert "ADMIN" not in node["rpc-http-api"]
