"""
A head as a transaction of a Cosmos chain: the memo of a bank send of one unit to oneself.

The memo is `citylog1 <log id> <epoch> <size> <root>`, ids and roots in hex. Only a transaction
whose sender's signature over chain id, account and sequence is right speaks for the log, so a node
can hide a head and never invent one. Cosmos SDK: tx.proto, SIGN_MODE_DIRECT, ADR-020. Pure.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from ledger.chain import LogHead
from ledger.cosmos_keys import CosmosKey, KeyKind, is_signed
from ledger.errors import Malformed
from ledger.protobuf import Field, build_message, bytes_of, parse_message

MAX_TX_BYTES: Final = 4096
MAX_NUMBER: Final = 2**63 - 1
_MEMO: Final = re.compile(
    r"citylog1 ([0-9a-f]{64}) (0|[1-9][0-9]{0,18}) (0|[1-9][0-9]{0,18}) ([0-9a-f]{64})\Z"
)
_SEND: Final = b"/cosmos.bank.v1beta1.MsgSend"
_SIGN_MODE_DIRECT: Final = 1
_ROOT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Account:
    """The sender's account, as the signature covers it."""

    chain_id: str
    number: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Toll:
    """What a transaction pays: `amount` units of `denom` for at most `gas`."""

    denom: str
    amount: int
    gas: int


def build_memo(log_id: bytes, head: LogHead) -> str:
    """The memo that says this head."""
    memo = f"citylog1 {log_id.hex()} {head.epoch} {head.size} {head.root.hex()}"
    if parse_memo(memo, log_id=log_id) != head:
        raise Malformed("this is no head of a log", detail="malformed_head")
    return memo


def parse_memo(memo: str, *, log_id: bytes) -> LogHead | None:
    """The head in a memo; None when the memo speaks of something else."""
    match = _MEMO.match(memo)
    if match is None or bytes.fromhex(match[1]) != log_id:
        return None
    epoch, size = int(match[2]), int(match[3])
    if epoch > MAX_NUMBER or size > MAX_NUMBER:
        return None
    return LogHead(epoch, size, bytes.fromhex(match[4]))


def build_tx(memo: str, *, key: CosmosKey, account: Account, toll: Toll) -> bytes:
    """A signed TxRaw."""
    own = key.address.encode()
    send = build_message([(1, own), (2, own), (3, _coin(toll.denom, 1))])
    body = build_message([(1, _any(_SEND, send)), (2, memo.encode())])
    auth_info = build_message([(1, _signer(key, account)), (2, _fee(toll))])
    signature = key.sign(_sign_doc(body, auth_info, account))
    return build_message([(1, body), (2, auth_info), (3, signature)])


def read_tx(raw: bytes, *, kind: KeyKind, public_key: bytes, account: Account) -> str | None:
    """Its memo, where this key signed it for this chain and place; None when it did not."""
    if len(raw) > MAX_TX_BYTES:
        return None
    try:
        fields = parse_message(raw)
        body, auth_info = bytes_of(fields, 1), bytes_of(fields, 2)
        signed = _sign_doc(body, auth_info, account)
        if _sequence(auth_info) != account.sequence or not is_signed(
            kind, public_key, signed, bytes_of(fields, 3)
        ):
            return None
        return bytes_of(parse_message(body), 2).decode("ascii")
    except (Malformed, UnicodeDecodeError):
        return None


def tx_digest(raw: bytes) -> bytes:
    """How a chain calls a transaction."""
    return hashlib.sha256(raw).digest()


def _sign_doc(body: bytes, auth_info: bytes, account: Account) -> bytes:
    fields: list[Field] = [(1, body), (2, auth_info), (3, account.chain_id.encode())]
    if account.number:
        fields.append((4, account.number))
    return build_message(fields)


def _sequence(auth_info: bytes) -> int:
    """The place that the one signer claims; the signature covers it there and nowhere else."""
    signer = parse_message(bytes_of(parse_message(auth_info), 1))
    found = [value for number, value in signer if number == 3]
    if len(found) > 1 or not all(isinstance(value, int) for value in found):
        raise Malformed("a signer has one sequence", detail="malformed_protobuf")
    return int(found[0]) if found else 0


def _signer(key: CosmosKey, account: Account) -> bytes:
    public_key = _any(key.kind.type_url.encode(), build_message([(1, key.public_key)]))
    mode = build_message([(1, build_message([(1, _SIGN_MODE_DIRECT)]))])
    fields: list[Field] = [(1, public_key), (2, mode)]
    if account.sequence:
        fields.append((3, account.sequence))
    return build_message(fields)


def _fee(toll: Toll) -> bytes:
    return build_message([(1, _coin(toll.denom, toll.amount)), (2, toll.gas)])


def _coin(denom: str, amount: int) -> bytes:
    return build_message([(1, denom.encode()), (2, str(amount).encode())])


def _any(type_url: bytes, value: bytes) -> bytes:
    return build_message([(1, type_url), (2, value)])
