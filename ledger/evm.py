"""
EVM chains (Ethereum, Besu, geth, CometBFT with an EVM) as `ledger.chain.Chain`, by JSON-RPC.

Nothing is believed that fewer than k of the n nodes say: k nodes must have reached a block, and
k must give the same hash and the same head for it. Each is asked for its chain id and for the
contract's whole code in that same block. Signing is handed in; see `evm_signer`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median_low
from typing import Final, Protocol

from encoding.strict_json import JsonValue
from ledger.chain import At, ChainHead, Finality, FinalityKind, LogHead, Prepared
from ledger.contract import (
    HEAD_SELECTOR,
    HeadSignature,
    build_extend,
    check_code,
    parse_head,
)
from ledger.errors import ChainUnavailable, ForeignChain
from ledger.json_rpc import (
    Node,
    agreed,
    ask_each,
    build_data,
    build_quantity,
    parse_data,
    parse_quantity,
    reached,
)

GAS_LIMIT: Final = 200_000
"""More than the longest proof takes; what is not used is not paid."""
_MAX_STORED: Final = 2**63


class LedgerKey(Protocol):
    """Whoever signs heads for the contract."""

    def sign_head(
        self, head: LogHead, *, origin: str, chain_id: int, contract: bytes
    ) -> HeadSignature:
        """Its signature of a head."""


class RelayerKey(Protocol):
    """Whoever pays for transactions."""

    @property
    def address(self) -> bytes:
        """Its account."""

    def sign_transaction(
        self, *, to: bytes | None, data: bytes, nonce: int, fee: int, gas: int, chain_id: int
    ) -> tuple[bytes, bytes]:
        """A transaction and its hash."""


@dataclass(frozen=True, slots=True)
class EvmPlace:
    """Where a log lives on an EVM chain, and how sure its blocks are."""

    chain_id: int
    contract: bytes
    governor: bytes
    origin: str
    finality: Finality
    cadence: timedelta
    max_fee: int


@dataclass(frozen=True, slots=True)
class _Block:
    height: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class EvmChain:
    """A `Chain`. `threshold` of `nodes` must agree."""

    place: EvmPlace
    nodes: tuple[Node, ...]
    threshold: int
    ledger_key: LedgerKey
    relayer: RelayerKey

    @property
    def caip2(self) -> str:
        """CAIP-2 with the chain id."""
        return f"eip155:{self.place.chain_id}"

    @property
    def finality(self) -> Finality:
        """As configured."""
        return self.place.finality

    @property
    def cadence(self) -> timedelta:
        """As configured."""
        return self.place.cadence

    @property
    def enforces_append_only(self) -> bool:
        """The contract checks consistency proofs."""
        return True

    def head(self, *, at: At) -> ChainHead | None:
        """The head that k nodes give for one block that k nodes have reached."""
        blocks = ask_each(self.nodes, lambda node: self._newest(node, at), threshold=self.threshold)
        height = reached([block.height for _, block in blocks], threshold=self.threshold)
        there = {node: block for node, block in blocks if block.height >= height}
        found = ask_each(
            tuple(there),
            lambda node: self._read(node, there[node], height, at),
            threshold=self.threshold,
        )
        values = [value for _, value in found]
        if agreed([block for block, _ in values], threshold=self.threshold) is None and (
            at == "latest"
        ):
            raise ChainUnavailable("the nodes are on different branches")
        value = agreed(values, threshold=self.threshold)
        if value is None:
            raise ForeignChain("the nodes contradict each other", detail="nodes_disagree")
        block, head = value
        if head is None:
            return None
        return ChainHead(head=head, height=block.height, block_hash=block.hash)

    def next_nonce(self) -> int:
        """The count of the relayer's transactions that k nodes have seen."""
        account = build_data(self.relayer.address)
        found = self._numbers("eth_getTransactionCount", account, "latest")
        return reached([number for _, number in found], threshold=self.threshold)

    def suggested_fee(self) -> int:
        """A quarter above what the nodes call the price, at most the configured one."""
        prices = [price for _, price in self._numbers("eth_gasPrice")]
        return min(median_low(prices) * 5 // 4, self.place.max_fee)

    def balance(self) -> int:
        """What the relayer can still spend, as k nodes see it."""
        account = build_data(self.relayer.address)
        found = self._numbers("eth_getBalance", account, "latest", limit=2**256)
        return reached([number for _, number in found], threshold=self.threshold)

    def prepare(
        self, head: LogHead, *, since: LogHead | None, proof: Sequence[bytes], nonce: int, fee: int
    ) -> Prepared:
        """A signed transaction. The contract knows `since` itself."""
        place = self.place
        signature = self.ledger_key.sign_head(
            head, origin=place.origin, chain_id=place.chain_id, contract=place.contract
        )
        raw, digest = self.relayer.sign_transaction(
            to=place.contract,
            data=build_extend(head, proof=proof if since else (), signature=signature),
            nonce=nonce,
            fee=fee,
            gas=GAS_LIMIT,
            chain_id=place.chain_id,
        )
        return Prepared(nonce=nonce, fee=fee, raw=raw, digest=digest)

    def broadcast(self, prepared: Prepared) -> None:
        """To every node, since one may drop it; one that takes it is enough."""
        ask_each(
            self.nodes,
            lambda node: node.ask("eth_sendRawTransaction", build_data(prepared.raw)),
            threshold=1,
        )

    def _newest(self, node: Node, at: At) -> _Block:
        """A node's final or latest block, on the right chain."""
        found = parse_quantity(node.ask("eth_chainId"))
        if found != self.place.chain_id:
            raise ForeignChain(f"a node speaks for chain {found}", detail="foreign_chain_id")
        finality = self.place.finality
        is_tagged = at == "final" and finality.kind is FinalityKind.TAG
        block = _block(node, "finalized" if is_tagged else "latest")
        if at == "final" and finality.kind is FinalityKind.DEPTH:
            return _block_at(node, max(0, block.height - finality.depth))
        return block

    def _read(
        self, node: Node, newest: _Block, height: int, at: At
    ) -> tuple[_Block, LogHead | None]:
        """What a node holds in the block at this height, the contract's code compared."""
        block = newest if newest.height == height else _block_at(node, height)
        where: JsonValue = {"blockHash": build_data(block.hash), "requireCanonical": True}
        address = build_data(self.place.contract)
        code = parse_data(node.ask("eth_getCode", address, where))
        if not code and at == "final":
            return block, None
        check_code(code, origin=self.place.origin, governor=self.place.governor)
        call: JsonValue = {"to": address, "data": build_data(HEAD_SELECTOR)}
        return block, parse_head(parse_data(node.ask("eth_call", call, where)))

    def _numbers(
        self, method: str, *params: JsonValue, limit: int = _MAX_STORED
    ) -> list[tuple[Node, int]]:
        return ask_each(
            self.nodes,
            lambda node: parse_quantity(node.ask(method, *params), limit=limit),
            threshold=self.threshold,
        )


def _block_at(node: Node, height: int) -> _Block:
    block = _block(node, build_quantity(height))
    if block.height != height:
        raise ForeignChain("a node gave another block", detail="bad_answer")
    return block


def _block(node: Node, which: str) -> _Block:
    found = node.ask("eth_getBlockByNumber", which, False)
    if found is None:
        raise ChainUnavailable(f"a node has no block {which}")
    if not isinstance(found, dict):
        raise ForeignChain("a node's block is none", detail="bad_answer")
    return _Block(
        height=parse_quantity(found.get("number"), limit=_MAX_STORED),
        hash=parse_data(found.get("hash"), length=32),
    )
