"""
The two keys of an EVM chain: the ledger key signs heads, the relayer's pays for transactions.

The only module that imports eth-account (the extra `[evm]`; coincurve does its arithmetic). Heads
are signed as EIP-712 typed data, so a key in a hardware wallet can sign them as well.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from ledger.chain import LogHead
from ledger.contract import HeadSignature, log_id
from ledger.errors import Malformed

# A library below eth-account lets Python recurse 100,000 deep, more than the stack of a process
# holds: what is nested too deeply would then end the process instead of being refused.
sys.setrecursionlimit(min(sys.getrecursionlimit(), 1_000))

_DOMAIN = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
_HEAD = [
    {"name": "log", "type": "bytes32"},
    {"name": "epoch", "type": "uint64"},
    {"name": "size", "type": "uint64"},
    {"name": "root", "type": "bytes32"},
]


@dataclass(frozen=True, slots=True)
class EvmKey:
    """A secp256k1 key in memory."""

    account: LocalAccount

    @property
    def address(self) -> bytes:
        """Its address, 20 bytes."""
        return bytes.fromhex(self.account.address[2:])

    def sign_head(
        self, head: LogHead, *, origin: str, chain_id: int, contract: bytes
    ) -> HeadSignature:
        """What `SignedHead` asks for."""
        typed = {
            "types": {"EIP712Domain": _DOMAIN, "Head": _HEAD},
            "primaryType": "Head",
            "domain": {
                "name": "CityWallet SignedHead",
                "version": "1",
                "chainId": chain_id,
                "verifyingContract": "0x" + contract.hex(),
            },
            "message": {
                "log": log_id(origin),
                "epoch": head.epoch,
                "size": head.size,
                "root": head.root,
            },
        }
        done = self.account.sign_message(encode_typed_data(full_message=typed))
        return HeadSignature(v=done.v, r=done.r, s=done.s)

    def sign_transaction(
        self, *, to: bytes | None, data: bytes, nonce: int, fee: int, gas: int, chain_id: int
    ) -> tuple[bytes, bytes]:
        """A transaction (legacy with EIP-155, which every EVM chain takes) and its hash."""
        done = self.account.sign_transaction(
            {
                "data": data, "nonce": nonce, "gasPrice": fee, "gas": gas, "chainId": chain_id,
                "value": 0, "to": to_checksum_address(to) if to is not None else b"",
            }
        )  # fmt: skip
        return bytes(done.raw_transaction), bytes(done.hash)


def load_key(path: Path) -> EvmKey:
    """A key from a file that only its owner reads: 64 hex digits."""
    try:
        if path.stat().st_mode & 0o077:
            raise Malformed("others may read the key file", detail="malformed_ledgers")
        text = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed("the key file cannot be read", detail="malformed_ledgers") from error
    return parse_key(text)


def parse_key(text: str) -> EvmKey:
    """A key from its 64 hex digits."""
    try:
        raw = bytes.fromhex(text.removeprefix("0x"))
        return EvmKey(Account.from_key(raw))
    except ValueError as error:
        raise Malformed("the key is not 64 hex digits", detail="malformed_ledgers") from error
