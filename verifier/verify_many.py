"""
Verify many presentations on all cores: the verdicts of `credentials.verification`, in order.

What was gathered goes to each process once; the presentations follow in chunks. Every check of
every presentation is made, as one by one: only signatures of issuers that a process found right
before are not computed again where the material remembers them. For businesses that take in
thousands at once, and for `./city bench`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from credentials.handover import Handover
from credentials.material import Material
from credentials.policy import Policy
from credentials.signature_memory import SignatureMemory
from credentials.verdict import Verdict
from credentials.verification import verify
from runtime.work_pool import WorkPool, available_processes

CHUNK: Final = 64
"""Handing over a chunk costs as much as judging one or two presentations."""

Setting = tuple[Material, Policy]
"""What a process gets once."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One presentation, and what it must answer; see `credentials.verification.verify`."""

    presentation: Mapping[str, str]
    now: datetime
    audience: str
    nonce: str | None
    is_replayed: bool = False
    handover: Handover | None = None

    def __reduce__(self) -> "tuple[type[Shown], tuple[object, ...]]":
        """As it is made: to another process in half the time."""
        return Shown, (
            self.presentation,
            self.now,
            self.audience,
            self.nonce,
            self.is_replayed,
            self.handover,
        )


def verify_many(
    shown: Iterable[Shown],
    material: Material,
    policy: Policy,
    *,
    processes: int | None = None,
    chunk: int = CHUNK,
) -> Iterator[Verdict]:
    """
    A verdict for each, in order. At most a few chunks for each process are in hand at a time.
    `ChildFailed` when a process ends twice on the same presentations.
    """
    with open_pool(material, policy, processes=processes or available_processes()) as pool:
        yield from pool.run(shown, chunk=chunk)


def open_pool(
    material: Material, policy: Policy, *, processes: int
) -> WorkPool[Setting, Shown, Verdict]:
    """A pool for several runs on the same material; its owner closes it."""
    # Each process fills a memory of its own.
    signatures = SignatureMemory() if material.signatures is not None else None
    setting = (replace(material, signatures=signatures), policy)
    return WorkPool(judge_all, setting=setting, processes=processes)


def judge_all(setting: Setting, shown: Sequence[Shown]) -> list[Verdict]:
    """One by one, in this process."""
    material, policy = setting
    return [
        verify(
            each.presentation,
            replace(material, is_replayed=each.is_replayed) if each.is_replayed else material,
            policy,
            now=each.now,
            audience=each.audience,
            nonce=each.nonce,
            handover=each.handover,
        )
        for each in shown
    ]
