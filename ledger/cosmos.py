"""
A Cosmos chain as a ledger: heads in memos, read back from its blocks over the node's REST gateway.

A block that exists is final (CometBFT). The place of a transaction is its sender's sequence, so
the newest head is in the transaction before the next sequence; it counts only when it stands in a
block of this chain and the relayer's own signature is on it. The chain does not know what an older
head is: this driver refuses to prepare one and reports one that stands there. A chain whose newest
block is old has halted, and is `ChainUnavailable`. One driver a relayer account; it is not shared.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from encoding.errors import Malformed as MalformedJson
from encoding.strict_json import JsonValue, parse_json
from ledger.chain import At, ChainHead, Finality, FinalityKind, LogHead, Prepared, check_caip2
from ledger.cosmos_keys import CosmosKey
from ledger.cosmos_tx import (
    MAX_NUMBER,
    Account,
    Toll,
    build_memo,
    build_tx,
    parse_memo,
    read_tx,
    tx_digest,
)
from ledger.errors import ChainUnavailable, ForeignChain
from ledger.transport import HttpRequest, Transport

MAX_ANSWER_BYTES: Final = 8 * 2**20
MAX_ANSWER_MEMBERS: Final = 100_000
MAX_LOOK_BACK: Final = 16
"""Transactions of the relayer that are no head, before it is said to be used for something else."""
_BLOCKS: Final = "/cosmos/base/tendermint/v1beta1/blocks/"
_ACCOUNTS: Final = "/cosmos/auth/v1beta1/accounts/"
_TXS: Final = "/cosmos/tx/v1beta1/txs"
_DIGEST_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class CosmosSettings:
    """One network and what anchoring there costs."""

    caip2: str
    url: str
    log_id: bytes
    denom: str
    gas: int
    price: int
    """Units of `denom` for one unit of gas."""
    cadence: timedelta
    halted_after: timedelta
    """A newest block older than this is the last word of a halted chain."""


@dataclass(frozen=True, slots=True)
class _Block:
    height: int
    digest: bytes
    time: datetime
    txs: tuple[bytes, ...]


@dataclass(slots=True)
class CosmosChain:
    """The driver. Safe to build anew at any time: it keeps nothing but the account's number."""

    settings: CosmosSettings
    key: CosmosKey
    transport: Transport
    clock: Callable[[], datetime]
    _account_number: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        check_caip2(self.settings.caip2)

    @property
    def caip2(self) -> str:
        """Such as cosmos:injective-777."""
        return self.settings.caip2

    @property
    def chain_id(self) -> str:
        """What the chain calls itself."""
        return self.settings.caip2.partition(":")[2]

    @property
    def finality(self) -> Finality:
        """A block has the votes of two thirds before it exists."""
        return Finality(FinalityKind.INSTANT)

    @property
    def cadence(self) -> timedelta:
        """As configured."""
        return self.settings.cadence

    @property
    def enforces_append_only(self) -> bool:
        """A memo is only text to the chain."""
        return False

    def head(self, *, at: At) -> ChainHead | None:  # noqa: ARG002 - both are the same here
        """The newest head. An older one that stands after a newer is reported."""
        self._check_alive()
        newest, older = self._newest_heads()
        if newest and older and not _extends(older.head, newest.head):
            raise ForeignChain(
                "the relayer's account said an older or another head later", detail="rolled_back"
            )
        return newest

    def next_nonce(self) -> int:
        """The account's sequence in the newest block."""
        self._check_alive()
        return self._account().sequence

    def suggested_fee(self) -> int:
        """The whole fee at the configured price."""
        return self.settings.price * self.settings.gas

    def prepare(
        self,
        head: LogHead,
        *,
        since: LogHead | None,
        proof: Sequence[bytes],  # noqa: ARG002 - a memo has no room for it
        nonce: int,
        fee: int,
    ) -> Prepared:
        """Sign the memo. A head that does not extend `since` is refused."""
        if since is not None and (head == since or not _extends(since, head)):
            raise ForeignChain("this head does not extend the chain's", detail="rollback_refused")
        number = self._account_number
        account = Account(
            self.chain_id, self._account().number if number is None else number, nonce
        )
        toll = Toll(self.settings.denom, fee, self.settings.gas)
        memo = build_memo(self.settings.log_id, head)
        raw = build_tx(memo, key=self.key, account=account, toll=toll)
        return Prepared(nonce, fee, raw, tx_digest(raw))

    def broadcast(self, prepared: Prepared) -> None:
        """Hand it to the node. Any refusal leaves the outcome unknown, whatever its words are."""
        body = {
            "tx_bytes": base64.b64encode(prepared.raw).decode(),
            "mode": "BROADCAST_MODE_SYNC",
        }
        answer = self._ask(_TXS, body=json.dumps(body).encode())
        response = _member(answer, "tx_response")
        if _member(response, "code") != 0:
            raise ChainUnavailable("the node did not take the transaction")

    def _check_alive(self) -> None:
        block = self._block("latest")
        age = self.clock() - block.time
        if age > self.settings.halted_after:
            seconds = int(age.total_seconds())
            raise ChainUnavailable(
                f"{self.caip2} has halted: no block after {block.height} for {seconds} s"
            )

    def _newest_heads(self) -> tuple[ChainHead | None, ChainHead | None]:
        account = self._account()
        found: list[ChainHead] = []
        lowest = max(account.sequence - MAX_LOOK_BACK, 0)
        for sequence in range(account.sequence - 1, lowest - 1, -1):
            head = self._head_of(Account(account.chain_id, account.number, sequence))
            if head is not None:
                found.append(head)
            if len(found) == 2:
                break
        if not found and lowest:
            raise ForeignChain(
                "the relayer's account is used for something else", detail="relayer_used_otherwise"
            )
        return found[0] if found else None, found[1] if len(found) == 2 else None

    def _head_of(self, account: Account) -> ChainHead | None:
        """The head in the transaction at this sequence; None when it failed or is no head."""
        place = quote(f"tx.acc_seq='{self.key.address}/{account.sequence}'")
        answer = self._ask(f"{_TXS}?query={place}&limit=1")
        responses = _member(answer, "tx_responses")
        if not isinstance(responses, list) or len(responses) != 1:
            raise ChainUnavailable(f"the node does not find transaction {account.sequence} yet")
        height, digest = _number(responses[0], "height"), _digest(responses[0], "txhash")
        block = self._block(str(height))
        raw = next((each for each in block.txs if tx_digest(each) == digest), None)
        if block.height != height or raw is None:
            raise ForeignChain("the block lacks the transaction", detail="transaction_not_in_block")
        memo = read_tx(raw, kind=self.key.kind, public_key=self.key.public_key, account=account)
        if memo is None:
            raise ForeignChain("the relayer did not sign this", detail="forged_transaction")
        head = parse_memo(memo, log_id=self.settings.log_id)
        if _member(responses[0], "code") != 0 or head is None:
            return None
        return ChainHead(head, height, block.digest)

    def _account(self) -> Account:
        answer = _member(self._ask(_ACCOUNTS + self.key.address), "account")
        base = answer.get("base_account", answer) if isinstance(answer, dict) else answer
        if _member(base, "address") != self.key.address:
            raise ForeignChain("the node speaks of another account", detail="foreign_account")
        number = _number(base, "account_number")
        self._account_number = number
        return Account(self.chain_id, number, _number(base, "sequence"))

    def _block(self, which: str) -> _Block:
        answer = self._ask(_BLOCKS + which)
        block = _member(answer, "block")
        header, data = _member(block, "header"), _member(block, "data")
        if _member(header, "chain_id") != self.chain_id:
            raise ForeignChain(f"this is not {self.caip2}", detail="foreign_chain_id")
        digest = _base64(_member(_member(answer, "block_id"), "hash"))
        if len(digest) != _DIGEST_BYTES:
            raise _foreign("a block hash has 32 bytes")
        txs = _member(data, "txs")
        if not isinstance(txs, list):
            raise _foreign("a block holds a list of transactions")
        height, time = _number(header, "height"), _time(_member(header, "time"))
        return _Block(height, digest, time, tuple(_base64(each) for each in txs))

    def _ask(self, path: str, *, body: bytes = b"") -> JsonValue:
        request = HttpRequest("POST" if body else "GET", self.settings.url + path, body)
        answer = self.transport(request)
        if answer.status != 200:
            raise ChainUnavailable(f"{self.caip2} answered {answer.status}")
        try:
            return parse_json(
                answer.body, max_bytes=MAX_ANSWER_BYTES, max_members=MAX_ANSWER_MEMBERS
            )
        except MalformedJson as error:
            raise _foreign("the node's answer is not strict JSON") from error


def _extends(older: LogHead, newer: LogHead) -> bool:
    """Whether it may come later: the same head again, or more epochs and no fewer leaves."""
    return newer == older or (newer.epoch > older.epoch and newer.size > older.size)


def _foreign(message: str) -> ForeignChain:
    return ForeignChain(message, detail="bad_answer")


def _member(value: JsonValue, name: str) -> JsonValue:
    if not isinstance(value, dict) or name not in value:
        raise _foreign(f"the node's answer has no {name}")
    return value[name]


def _number(value: JsonValue, name: str) -> int:
    text = _member(value, name)
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 19:
        raise _foreign(f"{name} is a decimal number")
    number = int(text)
    if number > MAX_NUMBER:
        raise _foreign(f"{name} has 63 bits")
    return number


def _digest(value: JsonValue, name: str) -> bytes:
    text = _member(value, name)
    try:
        return bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError as error:
        raise _foreign(f"{name} is hex") from error


def _base64(value: JsonValue) -> bytes:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError) as error:
        raise _foreign("bytes are in base64") from error


def _time(value: JsonValue) -> datetime:
    """RFC 3339 in UTC; a chain writes nine digits of a second, and six are kept."""
    text = value if isinstance(value, str) else ""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    is_plain = text.isascii() and text.endswith("Z")
    if not is_plain or not (fraction.isdigit() or not fraction) or len(fraction) > 9:
        raise _foreign("a block's time is in UTC")
    try:
        moment = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise _foreign("a block's time is in UTC") from error
    return moment + timedelta(microseconds=int(fraction[:6].ljust(6, "0") or "0"))
