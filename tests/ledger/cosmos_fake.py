"""A scripted Cosmos node: accounts, a mempool and blocks, spoken to as the REST gateway speaks."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from ledger.cosmos import CosmosChain, CosmosSettings
from ledger.cosmos_keys import SDK_KEY, CosmosKey
from ledger.errors import ChainUnavailable
from ledger.protobuf import bytes_of, parse_message
from ledger.transport import HttpAnswer

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LOG_ID = bytes(range(32))
KEY = CosmosKey(SDK_KEY, "cosmos", b"\x11" * 32)


class CosmosWorld:
    """A node, and a driver that speaks to it."""

    name = "cosmos"

    def __init__(self):
        self.chain_id = "city-1"
        self.sequence = 0
        self.mempool = []
        self.blocks = [[]]
        self.places = {}
        self.codes = {}
        self.trouble = None
        self.garbage = None
        self.now = NOON
        self.halted_for = timedelta(0)
        self.posts = 0
        self.chain = self.driver()

    def driver(self):
        settings = CosmosSettings(
            caip2="cosmos:city-1",
            url="http://node.example",
            log_id=LOG_ID,
            denom="stone",
            gas=100_000,
            price=2,
            cadence=timedelta(minutes=1),
            halted_after=timedelta(seconds=30),
        )
        return CosmosChain(settings, KEY, self.answer, lambda: self.now)

    def land(self):
        """One block with all that waits."""
        self.blocks.append([])
        for raw in self.mempool:
            self.blocks[-1].append(raw)
            self.places[self.sequence] = (len(self.blocks) - 1, raw)
            self.sequence += 1
        self.mempool = []

    def become_foreign(self):
        self.chain_id = "city-2"

    def plant(self, head):
        """The relayer's key says this, whatever our driver thinks of it."""
        nonce = self.chain.next_nonce()
        prepared = self.chain.prepare(head, since=None, proof=[], nonce=nonce, fee=1)
        self.chain.broadcast(prepared)
        self.land()

    def answer(self, request):
        if self.garbage is not None:
            return HttpAnswer(200, self.garbage)
        parts = urlsplit(request.url)
        if request.method == "POST":
            self.posts += 1
            return self.take(json.loads(request.body))
        if parts.path.startswith("/cosmos/auth"):
            return self.account(parts.path.rpartition("/")[2])
        if parts.path == "/cosmos/tx/v1beta1/txs":
            return self.search(parse_qs(parts.query)["query"][0])
        return self.block(parts.path.rpartition("/")[2])

    def take(self, body):
        raw = base64.b64decode(body["tx_bytes"])
        trouble, self.trouble = self.trouble, None
        if trouble == "lost before":
            raise ChainUnavailable("connection refused")
        if trouble == "refused":
            return _json({"tx_response": {"code": 19, "raw_log": "words of some engine"}})
        signer = bytes_of(parse_message(bytes_of(parse_message(raw), 2)), 1)
        sequence = dict(parse_message(signer)).get(3, 0)
        if sequence != self.sequence + len(self.mempool):
            return _json({"tx_response": {"code": 32, "raw_log": "account sequence mismatch"}})
        self.mempool.append(raw)
        if trouble == "lost after":
            raise ChainUnavailable("timed out")
        if trouble == "taken with an error":
            return HttpAnswer(500, b"internal")
        return _json({"tx_response": {"code": 0}})

    def account(self, address):
        if address != KEY.address:
            return HttpAnswer(404, b"{}")
        account = {"@type": "/cosmos.auth.v1beta1.BaseAccount", "address": address}
        numbers = {"account_number": "7", "sequence": str(self.sequence)}
        return _json({"account": account | numbers})

    def search(self, query):
        sequence = int(query.rpartition("/")[2].rstrip("'"))
        if sequence not in self.places:
            return _json({"tx_responses": []})
        height, raw = self.places[sequence]
        response = {
            "height": str(height),
            "txhash": hashlib.sha256(raw).hexdigest().upper(),
            "code": self.codes.get(sequence, 0),
        }
        return _json({"tx_responses": [response]})

    def block(self, which):
        height = len(self.blocks) - 1 if which == "latest" else int(which)
        time = (self.now - self.halted_for).strftime("%Y-%m-%dT%H:%M:%S") + ".123456789Z"
        header = {"chain_id": self.chain_id, "height": str(height), "time": time}
        txs = [base64.b64encode(raw).decode() for raw in self.blocks[height]]
        digest = base64.b64encode(hashlib.sha256(b"%d" % height).digest()).decode()
        block = {"header": header, "data": {"txs": txs}}
        return _json({"block_id": {"hash": digest}, "block": block})


def _json(value):
    return HttpAnswer(200, json.dumps(value).encode())
