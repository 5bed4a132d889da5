"""
A scripted EVM node that holds `SignedHead`, spoken to by JSON-RPC. What the contract makes of a
proof is tested on a real EVM (`tests/contracts`); here it only refuses what does not grow.
"""

import hashlib
import json
from datetime import timedelta

import rlp

from ledger.chain import Finality, FinalityKind, LogHead
from ledger.contract import EXTEND_SELECTOR, expected_code
from ledger.errors import ChainUnavailable
from ledger.evm import EvmChain, EvmPlace
from ledger.evm_signer import parse_key
from ledger.json_rpc import Node

ORIGIN = "register.example/log"
GOVERNOR = bytes(range(20))
CONTRACT = b"\xc0" * 20
CHAIN_ID = 31337
DEPTH = 2
METHODS = {
    "eth_chainId": "say_chain_id",
    "eth_gasPrice": "say_price",
    "eth_getTransactionCount": "say_count",
    "eth_getBlockByNumber": "say_block",
    "eth_getCode": "say_code",
    "eth_call": "say_head",
    "eth_sendRawTransaction": "take",
}


class EvmWorld:
    """A node, and a driver that speaks to it."""

    name = "evm"

    def __init__(self):
        self.chain_id = CHAIN_ID
        self.count = 0
        self.mempool = []
        self.heads = [None]
        self.trouble = None
        self.garbage = None
        self.posts = 0
        self.chain = self.driver()

    def driver(self):
        place = EvmPlace(
            chain_id=CHAIN_ID,
            contract=CONTRACT,
            governor=GOVERNOR,
            origin=ORIGIN,
            finality=Finality(FinalityKind.DEPTH, DEPTH),
            cadence=timedelta(minutes=1),
            max_fee=10**12,
        )
        node = Node("http://node.example", self.answer)
        return EvmChain(place, (node,), 1, parse_key("11" * 32), parse_key("22" * 32))

    def land(self):
        """One block with all that waits, and enough above it."""
        head = self.heads[-1]
        for _, data in self.mempool:
            said = read_extend(data)
            if head is None or (said.epoch > head.epoch and said.size > head.size):
                head = said
            self.count += 1
        self.mempool = []
        self.heads += [head] * (1 + DEPTH)

    def become_foreign(self):
        self.chain_id = 1

    def plant(self, head):
        """Whoever sends it: the contract does not take it."""
        nonce = self.chain.next_nonce()
        prepared = self.chain.prepare(head, since=None, proof=[], nonce=nonce, fee=1)
        self.chain.broadcast(prepared)
        self.land()

    def answer(self, url, body):
        if self.garbage is not None:
            return self.garbage
        request = json.loads(body)
        result = getattr(self, METHODS[request["method"]])(*request["params"])
        return json.dumps({"jsonrpc": "2.0", "id": request["id"]} | result).encode()

    def say_chain_id(self):
        return {"result": hex(self.chain_id)}

    def say_price(self):
        return {"result": hex(1000)}

    def say_count(self, address, where):
        return {"result": hex(self.count)}

    def say_block(self, which, full):
        height = len(self.heads) - 1 if which == "latest" else int(which, 16)
        return {"result": {"number": hex(height), "hash": "0x" + block_hash(height).hex()}}

    def say_code(self, address, where):
        return {"result": "0x" + expected_code(origin=ORIGIN, governor=GOVERNOR).hex()}

    def say_head(self, call, where):
        height = next(
            each
            for each in range(len(self.heads))
            if "0x" + block_hash(each).hex() == where["blockHash"]
        )
        head = self.heads[height] or LogHead(0, 0, bytes(32))
        words = [number.to_bytes(32, "big") for number in (head.epoch, head.size)]
        return {"result": "0x" + b"".join([*words, head.root, bytes(32)]).hex()}

    def take(self, text):
        self.posts += 1
        trouble, self.trouble = self.trouble, None
        if trouble == "lost before":
            raise ChainUnavailable("connection refused")
        fields = rlp.decode(bytes.fromhex(text[2:]))
        nonce = int.from_bytes(fields[0], "big")
        error = {"error": {"code": -32000, "message": "words of some engine"}}
        if trouble == "refused" or nonce != self.count + len(self.mempool):
            return error
        self.mempool.append((nonce, fields[5]))
        if trouble == "lost after":
            raise ChainUnavailable("timed out")
        if trouble == "taken with an error":
            return error
        return {"result": "0x" + bytes(32).hex()}


def read_extend(data):
    assert data[:4] == EXTEND_SELECTOR
    words = [data[at : at + 32] for at in range(4, len(data), 32)]
    return LogHead(int.from_bytes(words[0], "big"), int.from_bytes(words[1], "big"), words[2])


def block_hash(height):
    return hashlib.sha256(b"block %d" % height).digest()
