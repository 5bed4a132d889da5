"""A chain in memory with the rules of `SignedHead`, and every fault on demand."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta

from ledger.chain import ChainHead, Finality, FinalityKind, LogHead, Prepared
from ledger.errors import ChainUnavailable
from ledger.merkle import verify_consistency


@dataclass(frozen=True)
class Block:
    hash: bytes
    head: LogHead | None
    nonce: int


@dataclass
class FakeNetwork:
    """Blocks, and transactions that wait. `enforces` off is a chain that takes anything."""

    blocks: list = field(default_factory=lambda: [Block(bytes(32), None, 0)])
    waiting: dict = field(default_factory=dict)
    enforces: bool = True
    forks: int = 0
    reverted: int = 0

    @property
    def tip(self):
        return self.blocks[-1]

    def take(self, raw):
        """Into the pool; a dearer one of the same place goes before."""
        sent = json.loads(raw)
        held = self.waiting.get(sent["nonce"])
        if sent["nonce"] < self.tip.nonce:
            raise ChainUnavailable("nonce too low")
        if held is not None and held != sent and sent["fee"] * 10 < held["fee"] * 11:
            raise ChainUnavailable("replacement transaction underpriced")
        self.waiting[sent["nonce"]] = sent

    def mine(self):
        """One block with at most one transaction: the next of the sender."""
        sent = self.waiting.pop(self.tip.nonce, None)
        head, nonce = self.tip.head, self.tip.nonce
        if sent is not None:
            nonce += 1
            head = self._executed(sent)
        self._append(head, nonce)

    def reorg(self, depth, *, keeps):
        """Other blocks in the place of the last ones; what they held waits again or is lost."""
        depth = min(depth, len(self.blocks) - 1)
        self.forks += 1
        lost_from = self.blocks[-depth - 1].nonce
        del self.blocks[len(self.blocks) - depth :]
        if not keeps:
            self.waiting.clear()
        for _ in range(depth):
            self._append(self.tip.head, lost_from)

    def _append(self, head, nonce):
        text = f"{self.tip.hash.hex()} {self.forks} {head} {nonce}"
        self.blocks.append(Block(hashlib.sha256(text.encode()).digest(), head, nonce))

    def _executed(self, sent):
        head = LogHead(sent["epoch"], sent["size"], bytes.fromhex(sent["root"]))
        held = self.tip.head
        proof = [bytes.fromhex(node) for node in sent["proof"]]
        if self.enforces and held is not None:
            fits = head.size > held.size and verify_consistency(
                old_size=held.size, old_root=held.root, size=head.size, root=head.root, proof=proof
            )
            if not fits:
                self.reverted += 1
                return held
        return head


@dataclass
class FakeChain:
    """A driver of a `FakeNetwork`. `loses` answers whether the next call is lost, and when."""

    network: FakeNetwork
    caip2: str = "eip155:31337"
    depth: int = 4
    cadence: timedelta = timedelta(0)
    loses: object = lambda _what: None
    enforces_append_only: bool = True
    prepared: list = field(default_factory=list)

    @property
    def finality(self):
        return Finality(FinalityKind.DEPTH, self.depth)

    def head(self, *, at):
        self._lose("read")
        height = len(self.network.blocks) - 1
        if at == "final":
            height = max(0, height - self.depth)
        block = self.network.blocks[height]
        return block.head and ChainHead(block.head, height, block.hash)

    def next_nonce(self):
        self._lose("read")
        return self.network.tip.nonce

    def suggested_fee(self):
        self._lose("read")
        return 100

    def prepare(self, head, *, since, proof, nonce, fee):
        sent = {
            "nonce": nonce,
            "fee": fee,
            "epoch": head.epoch,
            "size": head.size,
            "root": head.root.hex(),
            "proof": [node.hex() for node in proof],
        }
        raw = json.dumps(sent).encode()
        self.prepared.append(sent)
        return Prepared(nonce, fee, raw, hashlib.sha256(raw).digest())

    def broadcast(self, prepared):
        self._lose("before send")
        self.network.take(prepared.raw)
        self._lose("after send")

    def _lose(self, what):
        if self.loses(what):
            raise ChainUnavailable(f"lost: {what}")
