"""A chain in memory (py-evm by eth-tester) and our contracts on it; used in `.venv-contracts`."""

import hashlib
import json
from pathlib import Path

import eth_abi
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.exceptions import TransactionFailed
from eth_utils import function_signature_to_4byte_selector

from ledger.merkle import consistency_proof, leaf_hash, tree_root

FOLDER = Path(__file__).parents[2] / "ledger" / "contracts"
GAS = 8_000_000
LOG = hashlib.sha256(b"register.example/log").digest()
EXTEND = "extend(uint64,uint64,bytes32,bytes32[],uint256,uint256,uint256)"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

__all__ = ["Refused"]


class Refused(Exception):
    """The contract reverted, with its reason."""


def key_of(number):
    return Account.from_key(number.to_bytes(32, "big"))


SIGNER = key_of(7)


class Stand:
    """A fresh chain; `accounts` have coins."""

    def __init__(self):
        self.chain = EthereumTester(PyEVMBackend())
        self.accounts = self.chain.get_accounts()
        self.chain_id = 131277322940537
        self.receipt = None

    def send(self, data, to="", sender=0):
        words = {"from": self.accounts[sender], "to": to, "data": "0x" + data.hex(), "gas": GAS}
        words |= {"max_fee_per_gas": 10**10, "max_priority_fee_per_gas": 1}
        try:
            self.chain.call({**words, "to": to}) if to else None
            digest = self.chain.send_transaction(words)
        except TransactionFailed as error:
            raise Refused(str(error.args[0])) from error
        self.receipt = self.chain.get_transaction_receipt(digest)
        if self.receipt["status"] != 1:
            raise Refused("reverted")
        return self.receipt["gas_used"]

    def call(self, to, signature, types, values, returns):
        data = function_signature_to_4byte_selector(signature) + eth_abi.encode(types, values)
        words = {"from": self.accounts[0], "to": to, "data": "0x" + data.hex(), "gas": GAS}
        return eth_abi.decode(returns, bytes.fromhex(self.chain.call(words)[2:]))

    def deploy(self, name, types, values):
        kept = json.loads((FOLDER / f"{name}.json").read_text())
        self.send(bytes.fromhex(kept["creation"]) + eth_abi.encode(types, values))
        return self.receipt["contract_address"]


def typed_head(*, chain_id, contract, log, epoch, size, root):
    """What the ledger key signs, as EIP-712 words it; another program makes the digest."""
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Head": [
                {"name": "log", "type": "bytes32"},
                {"name": "epoch", "type": "uint64"},
                {"name": "size", "type": "uint64"},
                {"name": "root", "type": "bytes32"},
            ],
        },
        "primaryType": "Head",
        "domain": {
            "name": "CityWallet SignedHead",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": contract,
        },
        "message": {"log": log, "epoch": epoch, "size": size, "root": root},
    }


class HeadStand(Stand):
    """`SignedHead` of one log with leaves that are all known."""

    def __init__(self, leaves=300):
        super().__init__()
        self.leaves = [leaf_hash(b"epoch %d" % number) for number in range(leaves)]
        self.contract = self.deploy(
            "SignedHead",
            ["bytes32", "address", "address"],
            [LOG, SIGNER.address, self.accounts[1]],
        )

    def root(self, size):
        return tree_root(self.leaves[:size])

    def proof(self, old_size, size):
        return list(consistency_proof(self.leaves[:size], old_size)) if old_size else []

    def sign(self, size, *, epoch=None, root=None, key=SIGNER, **other):
        words = {"chain_id": self.chain_id, "contract": self.contract, "log": LOG} | other
        typed = typed_head(epoch=epoch or size, size=size, root=root or self.root(size), **words)
        done = key.sign_message(encode_typed_data(full_message=typed))
        return done.v, done.r, done.s

    def extend(self, size, *, epoch=None, root=None, proof=(), signature=None, sender=0):
        """The gas that it took."""
        signature = signature or self.sign(size, epoch=epoch, root=root)
        values = [epoch or size, size, root or self.root(size), list(proof), *signature]
        types = ["uint64", "uint64", "bytes32", "bytes32[]", "uint256", "uint256", "uint256"]
        data = function_signature_to_4byte_selector(EXTEND) + eth_abi.encode(types, values)
        return self.send(data, to=self.contract, sender=sender)

    def grow(self, old_size, size, **words):
        return self.extend(size, proof=self.proof(old_size, size), **words)

    def head(self):
        (found,) = self.call(self.contract, "head()", [], [], ["(uint64,uint64,bytes32,uint64)"])
        return found
