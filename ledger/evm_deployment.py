"""
Put `SignedHead` on an EVM chain. An operator's act: it waits for the receipt and compares the code.
"""

import time
from dataclasses import dataclass
from typing import Final

from ledger.contract import check_code, creation_code
from ledger.errors import ChainUnavailable, ForeignChain
from ledger.evm import RelayerKey
from ledger.json_rpc import Node, build_data, parse_data, parse_quantity

GAS_LIMIT: Final = 3_000_000


@dataclass(frozen=True, slots=True)
class Deployed:
    """A contract on a chain, and what it cost."""

    address: bytes
    gas: int


def deploy(
    node: Node,
    relayer: RelayerKey,
    *,
    chain_id: int,
    origin: str,
    signer: bytes,
    governor: bytes,
    seconds: float,
) -> Deployed:
    """A new contract for this log, whose heads `signer` signs."""
    if parse_quantity(node.ask("eth_chainId")) != chain_id:
        raise ForeignChain("the node speaks for another chain", detail="foreign_chain_id")
    account = build_data(relayer.address)
    raw, digest = relayer.sign_transaction(
        to=None,
        data=creation_code(origin=origin, signer=signer, governor=governor),
        nonce=parse_quantity(node.ask("eth_getTransactionCount", account, "latest"), limit=2**63),
        fee=parse_quantity(node.ask("eth_gasPrice"), limit=2**63) * 5 // 4,
        gas=GAS_LIMIT,
        chain_id=chain_id,
    )
    node.ask("eth_sendRawTransaction", build_data(raw))
    deployed = _await_receipt(node, digest, seconds=seconds)
    code = parse_data(node.ask("eth_getCode", build_data(deployed.address), "latest"))
    check_code(code, origin=origin, governor=governor)
    return deployed


def _await_receipt(node: Node, digest: bytes, *, seconds: float) -> Deployed:
    deadline = time.monotonic() + seconds
    while True:
        receipt = node.ask("eth_getTransactionReceipt", build_data(digest))
        if isinstance(receipt, dict):
            if parse_quantity(receipt.get("status")) != 1:
                raise ForeignChain("the chain refused the contract", detail="not_deployed")
            return Deployed(
                address=parse_data(receipt.get("contractAddress"), length=20),
                gas=parse_quantity(receipt.get("gasUsed")),
            )
        if time.monotonic() >= deadline:
            raise ChainUnavailable("the contract is not in a block yet")
        time.sleep(0.1)
