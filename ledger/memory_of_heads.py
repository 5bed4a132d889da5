"""
What a verifier remembers of the public log, and what it refuses because of that.

A staple or head that holds by itself is held against what was seen before:

- `fork`      another leaf for an epoch, or another root for a size, than the one that was seen; or
              a newer head that does not extend the older one
- `rollback`  a list older than the version that was seen, or a head smaller than the one held
- `overdue`   an epoch older than the log promises to be, or one that does not show a change whose
              receipt says that it must

Only what was verified may be remembered. Bounded: the newest epochs and lists are kept, the oldest
forgotten; the newest head is never forgotten. Pure: the caller hands in the time and keeps the
memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from ledger.epoch import EpochLeaf, build_epoch_leaf
from ledger.errors import AnchorError
from ledger.merkle import leaf_hash, verify_consistency
from ledger.note import Checkpoint
from ledger.staple import StapledEntry

KEPT_EPOCHS = 2048
"""More than a day of minutes."""
KEPT_LISTS = 4096

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class MemoryOfHeads:
    """
    Of one log: the largest head seen, the leaf hash of each epoch, the root of each size, and the
    newest version of each list by its URI.
    """

    head: Checkpoint | None = None
    epochs: Mapping[int, bytes] = field(default_factory=dict)
    roots: Mapping[int, bytes] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a revocation receipt says: from `due_epoch` on the entry has `value`."""

    uri: str
    index: int
    value: int
    due_epoch: int


def remember_head(
    memory: MemoryOfHeads,
    checkpoint: Checkpoint,
    leaf: EpochLeaf,
    *,
    consistency: Sequence[bytes] | None,
) -> MemoryOfHeads:
    """
    The memory with this head as the newest; else AnchorError. `consistency`: the proof that it
    extends the head before, where there is one at hand; without it only equal sizes are compared.
    """
    checked = _remember_epoch(memory, checkpoint, leaf)
    held = memory.head
    if held is None:
        return replace(checked, head=checkpoint)
    if held.origin != checkpoint.origin:
        raise AnchorError("the head is of another log", detail="wrong_log")
    if checkpoint.size < held.size:
        raise AnchorError("the log is smaller than it was", detail="rollback")
    if consistency is not None and not verify_consistency(
        old_size=held.size,
        old_root=held.root,
        size=checkpoint.size,
        root=checkpoint.root,
        proof=consistency,
    ):
        raise AnchorError("the log does not extend what it was", detail="fork")
    return replace(checked, head=checkpoint)


def remember_staple(memory: MemoryOfHeads, shown: StapledEntry) -> MemoryOfHeads:
    """The memory with what a staple showed; else AnchorError. An older epoch is no rollback yet."""
    anchor = shown.anchor
    if memory.head is not None and memory.head.origin != shown.checkpoint.origin:
        raise AnchorError("the staple is of another log", detail="wrong_log")
    checked = _remember_epoch(memory, shown.checkpoint, shown.leaf)
    if anchor.version < memory.versions.get(anchor.uri, 0):
        raise AnchorError("the list is older than one that was seen", detail="rollback")
    head = memory.head
    if head is None or shown.checkpoint.size > head.size:
        head = shown.checkpoint
    versions = _put(memory.versions, anchor.uri, anchor.version, most=KEPT_LISTS)
    return replace(checked, head=head, versions=versions)


def check_due(
    shown: StapledEntry, *, now: datetime, promised: timedelta, receipts: Sequence[Promise]
) -> None:
    """Refuse with `overdue` what is older than promised, or lacks a change that was promised."""
    anchor = shown.anchor
    if now - anchor.time > promised:
        raise AnchorError("the epoch is older than was promised", detail="overdue")
    for receipt in receipts:
        if (
            (receipt.uri, receipt.index) == (anchor.uri, shown.index)
            and anchor.epoch >= receipt.due_epoch
            and shown.value != receipt.value
        ):
            raise AnchorError("a promised change is not in the list", detail="overdue")


def _remember_epoch(
    memory: MemoryOfHeads, checkpoint: Checkpoint, leaf: EpochLeaf
) -> MemoryOfHeads:
    hashed = leaf_hash(build_epoch_leaf(leaf))
    if memory.epochs.get(leaf.epoch, hashed) != hashed:
        raise AnchorError("two leaves of one epoch", detail="fork")
    if memory.roots.get(checkpoint.size, checkpoint.root) != checkpoint.root:
        raise AnchorError("two roots of one size", detail="fork")
    return replace(
        memory,
        epochs=_put(memory.epochs, leaf.epoch, hashed, most=KEPT_EPOCHS),
        roots=_put(memory.roots, checkpoint.size, checkpoint.root, most=KEPT_EPOCHS),
    )


def _put(known: Mapping[K, V], key: K, value: V, *, most: int) -> Mapping[K, V]:
    """With this member as the last; the first ones go."""
    if known.get(key) == value:
        return known
    rest = {name: each for name, each in known.items() if name != key}
    return {**dict(islice(rest.items(), max(0, len(rest) + 1 - most), None)), key: value}
