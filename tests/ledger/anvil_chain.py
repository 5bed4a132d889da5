"""Real EVM nodes: `anvil` on loopback ports of their own, each with its own chain id and rules."""

import json
import platform
import socket
import subprocess
import time
from datetime import timedelta

import pytest
from eth_account import Account

from cityhall.command_line import ROOT
from ledger.chain import Finality, FinalityKind
from ledger.errors import LedgerError
from ledger.evm import EvmChain, EvmPlace
from ledger.evm_deployment import deploy
from ledger.evm_ledger import build_transport
from ledger.evm_signer import EvmKey, parse_key
from ledger.json_rpc import Node
from runtime.fetch import Fetcher

ARCH = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "none")
PACKAGE = f"anvil-{platform.system().lower()}-{ARCH}"
BINARY = ROOT / "node_modules" / "@foundry-rs" / PACKAGE / "bin" / "anvil"
MNEMONIC = "test test test test test test test test test test test junk"
MAX_FEE = 10**13

fetcher = Fetcher(ca_file=None, allow_loopback=True)
transport = build_transport(fetcher)


def dev_key(index):
    """The coins of anvil's well-known words."""
    Account.enable_unaudited_hdwallet_features()
    return EvmKey(Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}"))


RELAYER = dev_key(0)
GOVERNOR = dev_key(1).address
LEDGER_KEY = parse_key("11" * 32)


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


class Anvil:
    """One node. It mines when it is told to."""

    def __init__(self, chain_id, *, hardfork="london"):
        if not BINARY.exists():
            pytest.skip("anvil is not installed: ./city test makes it with the npm packages")
        self.chain_id = chain_id
        self.hardfork = hardfork
        self.port = free_port()
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def node(self):
        return Node(self.url, transport)

    def start(self):
        self.process = subprocess.Popen(
            [
                str(BINARY), "--silent", "--host", "127.0.0.1", "--port", str(self.port),
                "--chain-id", str(self.chain_id), "--hardfork", self.hardfork, "--threads", "1",
                "--no-mining", "--no-cors", "--mnemonic", MNEMONIC,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self.node.ask("eth_chainId")
            except LedgerError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("anvil did not start")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def mine(self, blocks=1):
        self.node.ask("anvil_mine", hex(blocks))

    def reorg(self, depth):
        """Other blocks in the place of the last ones; their transactions are lost."""
        self.node.ask("anvil_reorg", depth, [])

    def drop_pool(self):
        self.node.ask("anvil_dropAllTransactions")

    def deploy(self, origin):
        self.node.ask("evm_setAutomine", True)
        done = deploy(
            self.node,
            RELAYER,
            chain_id=self.chain_id,
            origin=origin,
            signer=LEDGER_KEY.address,
            governor=GOVERNOR,
            seconds=10,
        )
        self.node.ask("evm_setAutomine", False)
        self.mine(8)
        return done

    def chain(self, contract, origin, *, depth=4, nodes=None, threshold=1, **words):
        return EvmChain(
            place=EvmPlace(
                chain_id=self.chain_id,
                contract=contract,
                governor=GOVERNOR,
                origin=origin,
                finality=words.get("finality", Finality(FinalityKind.DEPTH, depth)),
                cadence=timedelta(0),
                max_fee=MAX_FEE,
            ),
            nodes=nodes or (self.node,),
            threshold=threshold,
            ledger_key=words.get("ledger_key", LEDGER_KEY),
            relayer=RELAYER,
        )

    def gas_of(self, digest):
        receipt = self.node.ask("eth_getTransactionReceipt", "0x" + digest.hex())
        return int(receipt["gasUsed"], 16), int(receipt["status"], 16)


def rpc_text(result):
    return json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode()
