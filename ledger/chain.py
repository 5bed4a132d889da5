"""
What every chain is to the log: a place that keeps the log's newest head, and when it is final.

A driver reads heads, prepares a transaction without any effect, and broadcasts it; an answer to a
broadcast proves nothing, only what the chain shows later does. Chains are named as CAIP-2 names
them (`eip155:31337`). Drivers live beside this file, one for each kind of chain; `reconciler` is
the only one that drives them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final, Literal, Protocol

from ledger.errors import Malformed

_CAIP2: Final = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}\Z")

At = Literal["final", "latest"]


class FinalityKind(Enum):
    """How a chain becomes sure of a block."""

    INSTANT = "instant"
    """A block that exists is final (BFT)."""
    TAG = "tag"
    """The node names its final block."""
    DEPTH = "depth"
    """A block is final under so many others."""
    ATTESTED = "attested"
    """Another ledger attests to it later (OpenTimestamps)."""


@dataclass(frozen=True, slots=True)
class Finality:
    """`depth` counts blocks above, for DEPTH only."""

    kind: FinalityKind
    depth: int = 0


@dataclass(frozen=True, slots=True)
class LogHead:
    """A head of our log: the number of its newest epoch, its size in leaves, its root."""

    epoch: int
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class ChainHead:
    """What a chain holds of the log, and in which of its blocks that was read."""

    head: LogHead
    height: int
    block_hash: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    A transaction that is signed and not sent. `nonce` is the sender's place that it takes, `fee`
    what it offers; `digest` is how the chain will call it.
    """

    nonce: int
    fee: int
    raw: bytes
    digest: bytes


class Chain(Protocol):
    """
    One network. `ChainUnavailable` when it cannot be asked, `ForeignChain` when it is not the one
    that it should be: another chain id, a contract that is not ours, an answer that cannot be.
    """

    @property
    def caip2(self) -> str:
        """Its name."""

    @property
    def finality(self) -> Finality:
        """When what it says is sure."""

    @property
    def cadence(self) -> timedelta:
        """How often a head is worth its fee."""

    @property
    def enforces_append_only(self) -> bool:
        """Whether the chain itself refuses a head that does not extend its own."""

    def head(self, *, at: At) -> ChainHead | None:
        """The newest head of our log there; None before the first."""

    def next_nonce(self) -> int:
        """The sender's next place, by the newest block."""

    def prepare(
        self, head: LogHead, *, since: LogHead | None, proof: Sequence[bytes], nonce: int, fee: int
    ) -> Prepared:
        """Sign what takes the chain from `since` to `head`. Nothing is sent."""

    def suggested_fee(self) -> int:
        """What a transaction should offer now."""

    def broadcast(self, prepared: Prepared) -> None:
        """Send it. `ChainUnavailable` leaves the outcome unknown, and so does silence."""


def check_caip2(name: str) -> str:
    """The name, where it is one (CAIP-2)."""
    if not _CAIP2.match(name):
        raise Malformed("a chain has a CAIP-2 name such as eip155:31337", detail="malformed_caip2")
    return name
