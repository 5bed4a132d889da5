"""
The contract `SignedHead` as a reader of chains sees it: its bytes, its words, its head.

The bytes are those of `contracts/SignedHead.json`, which a test compiles again. ABI coding is by
hand: three fixed layouts need no library. The log's name and the governor stand at the end of the
code, so the right code is the right log. Pure but for reading that one file.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from ledger.chain import LogHead
from ledger.errors import ForeignChain, Malformed
from ledger.merkle import HASH_BYTES

FOLDER: Final = Path(__file__).parent / "contracts"
HEAD_SELECTOR: Final = bytes.fromhex("8f7dcfa3")
EXTEND_SELECTOR: Final = bytes.fromhex("0ca6369f")
MAX_PROOF: Final = 64
_WORD: Final = 32


@dataclass(frozen=True, slots=True)
class HeadSignature:
    """The ledger key's signature of a head."""

    v: int
    r: int
    s: int


@cache
def load_contract(name: str) -> dict[str, str]:
    """The parts of a contract's file, once its bytes are those of its digests."""
    kept = json.loads((FOLDER / f"{name}.json").read_text())
    for part in ("creation", "runtime"):
        if hashlib.sha256(bytes.fromhex(kept[part])).hexdigest() != kept[f"{part}_sha256"]:
            raise Malformed("a contract's file was changed", detail="contract_changed")
    return {part: kept[part] for part in ("creation", "runtime", "runtime_sha256")}


def log_id(origin: str) -> bytes:
    """How contracts name a log."""
    return hashlib.sha256(origin.encode()).digest()


def expected_code(*, origin: str, governor: bytes) -> bytes:
    """The whole code of the contract of this log under this governor."""
    runtime = bytes.fromhex(load_contract("SignedHead")["runtime"])
    return runtime + log_id(origin) + _word(governor)


def creation_code(*, origin: str, signer: bytes, governor: bytes) -> bytes:
    """What a deployment sends."""
    creation = bytes.fromhex(load_contract("SignedHead")["creation"])
    return creation + log_id(origin) + _word(signer) + _word(governor)


def check_code(code: bytes, *, origin: str, governor: bytes) -> None:
    """That code on a chain is our contract, for our log."""
    if code != expected_code(origin=origin, governor=governor):
        raise ForeignChain("the contract is not ours", detail="foreign_contract")


def build_extend(head: LogHead, *, proof: Sequence[bytes], signature: HeadSignature) -> bytes:
    """The call that brings a new head."""
    if len(proof) > MAX_PROOF or any(len(node) != HASH_BYTES for node in proof):
        raise Malformed("the proof is too long for the contract", detail="malformed_proof")
    fixed = (head.epoch, head.size, head.root, 7 * _WORD, signature.v, signature.r, signature.s)
    words = [*(_word(value) for value in fixed), _word(len(proof)), *proof]
    return EXTEND_SELECTOR + b"".join(words)


def parse_head(data: bytes) -> LogHead | None:
    """What `head()` answers; None before the first head."""
    if len(data) != 4 * _WORD:
        raise ForeignChain("the contract's head cannot be read", detail="bad_answer")
    epoch, size, root, height = (data[at : at + _WORD] for at in range(0, len(data), _WORD))
    numbers = [int.from_bytes(word, "big") for word in (epoch, size, height)]
    if any(number >= 2**64 for number in numbers):
        raise ForeignChain("the contract's head cannot be read", detail="bad_answer")
    if numbers[1] == 0:
        return None
    return LogHead(epoch=numbers[0], size=numbers[1], root=root)


def _word(value: int | bytes) -> bytes:
    return value.to_bytes(_WORD, "big") if isinstance(value, int) else value.rjust(_WORD, b"\0")
