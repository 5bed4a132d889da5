"""
The log itself: signatures, quorum, age, and that it only ever grew since the last look.

1. a log key of the policy signed the checkpoint and a quorum cosigned it
2. it is no smaller than the head that was seen, and of the same size the same
3. the entries since then continue the tree that was seen, up to the checkpoint's root
4. epochs are numbered without a gap, and time never goes back
5. the tiles give the same root, and those of the new entries their hashes

When 2 or 3 fails both signed notes are kept: they convict the log before anybody.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cityhall.monitor.findings import Report
from cityhall.monitor.public_log import PublicLog
from cityhall.monitor.seen import Seen, keep_evidence
from ledger.epoch import EpochLeaf, parse_epoch_leaf
from ledger.epoch_proof import MAX_CLOCK_SKEW
from ledger.errors import LedgerError
from ledger.frontier import Frontier
from ledger.merkle import HASH_BYTES, leaf_hash, root_at
from ledger.note import (
    Checkpoint,
    QuorumPolicy,
    WitnessedCheckpoint,
    parse_note,
    verify_checkpoint,
    verify_note,
)
from ledger.quorum import parse_policy
from ledger.tiles import TILE_WIDTH


@dataclass(frozen=True, slots=True)
class Head:
    """A checkpoint that holds, its policy, and the newest epoch's leaf."""

    note: str
    checkpoint: Checkpoint
    policy: QuorumPolicy
    newest: EpochLeaf | None


def check_log(
    log: PublicLog, seen: Seen, report: Report, *, evidence: Path, max_age: timedelta
) -> Head | None:
    """Everything above; the head when it may be relied on. `seen` moves on only then."""
    text = log.text("/policy")
    if seen.policy and text != seen.policy:
        report.note("policy_changed", "the policy is another than at the last look: was it told?")
    policy = _choose_policy(seen, text)
    note = log.text("/checkpoint")
    witnessed = _verify(note, policy, report)
    if witnessed is None:
        return None
    checkpoint = witnessed.checkpoint
    if not _is_growing(checkpoint, note, seen, policy, report, evidence=evidence):
        return None
    frontier = Frontier(seen.frontier.size, seen.frontier.subtrees)
    newest = _extend(log, checkpoint, frontier, report, since=seen.time)
    if frontier.root() != checkpoint.root:
        _explain_root(log, checkpoint, note, seen, report, evidence=evidence)
        return None
    if not _check_tiles(log, checkpoint, frontier.size, since=seen.frontier.size, report=report):
        return None
    _measure(witnessed, newest, policy, report, max_age=max_age)
    seen.policy, seen.note, seen.frontier = text, note, frontier
    seen.time = int(newest.time.timestamp()) if newest else 0
    return Head(note, checkpoint, policy, newest)


def _choose_policy(seen: Seen, text: str) -> QuorumPolicy:
    """The log's key is pinned at the first look; witnesses may come and go, and are told."""
    policy = parse_policy(text)
    if not seen.policy:
        return policy
    known = parse_policy(seen.policy)
    keys = {known.log, *known.other_logs}
    return policy if policy.log in keys else known


def _verify(note: str, policy: QuorumPolicy, report: Report) -> WitnessedCheckpoint | None:
    try:
        return verify_checkpoint(note, policy)
    except LedgerError as error:
        code = getattr(error, "detail", "malformed_note")
        report.breach(str(code), f"the checkpoint does not hold: {error}")
        return None


def _is_growing(
    checkpoint: Checkpoint,
    note: str,
    seen: Seen,
    policy: QuorumPolicy,
    report: Report,
    *,
    evidence: Path,
) -> bool:
    size = seen.frontier.size
    if checkpoint.size < size:
        code, text = "rollback", f"the log shows {checkpoint.size} epochs, {size} were seen"
    elif checkpoint.size == size and size and checkpoint.root != seen.frontier.root():
        code, text = "fork", f"the log signed two trees of {size} epochs"
    else:
        return True
    # Only a note that the log signed convicts it; both did, or we would not be here.
    verify_note(parse_note(seen.note), keys=[policy.log, *policy.other_logs])
    name = keep_evidence(evidence, code, seen.note, note)
    report.breach(code, f"{text}: both signed notes are in {name}")
    return False


def _extend(
    log: PublicLog, checkpoint: Checkpoint, frontier: Frontier, report: Report, *, since: int
) -> EpochLeaf | None:
    """Append the entries after those that were seen; the newest leaf."""
    start, last, newest = frontier.size, since, None
    if checkpoint.size == start and start:
        newest = parse_epoch_leaf(log.entries(start - 1, start, size=start)[0])
    for data in log.entries(start, checkpoint.size, size=checkpoint.size):
        newest = parse_epoch_leaf(data)
        frontier.append(leaf_hash(data))
        if newest.epoch != frontier.size:
            report.breach("epoch_number", f"entry {frontier.size} is epoch {newest.epoch}")
        if newest.time.timestamp() < last:
            report.breach("time_went_back", f"epoch {newest.epoch} is older than the one before")
        last = int(newest.time.timestamp())
    return newest


def _explain_root(
    log: PublicLog, checkpoint: Checkpoint, note: str, seen: Seen, report: Report, *, evidence: Path
) -> None:
    """Read the whole log again: did it fork from what was seen, or do its entries lie?"""
    whole = Frontier()
    root_then = whole.root()
    for data in log.entries(0, checkpoint.size, size=checkpoint.size):
        whole.append(leaf_hash(data))
        if whole.size == seen.frontier.size:
            root_then = whole.root()
    if whole.root() == checkpoint.root and root_then != seen.frontier.root():
        name = keep_evidence(evidence, "fork", seen.note, note)
        report.breach(
            "fork",
            f"the tree of {checkpoint.size} epochs does not extend the one of"
            f" {seen.frontier.size} that was seen: both signed notes are in {name}",
        )
    else:
        report.breach("wrong_root", "the entries do not give the root of the checkpoint")


def _check_tiles(
    log: PublicLog, checkpoint: Checkpoint, size: int, *, since: int, report: Report
) -> bool:
    try:
        if root_at(log.nodes(size), size) != checkpoint.root:
            report.breach("wrong_tiles", "the tiles do not give the root of the checkpoint")
            return False
    except LedgerError as error:
        report.breach("wrong_tiles", f"the tiles are incomplete: {error}")
        return False
    for index in range(since // TILE_WIDTH, (size + TILE_WIDTH - 1) // TILE_WIDTH):
        start = index * TILE_WIDTH
        entries = log.entries(start, min(start + TILE_WIDTH, size), size=size)
        expected = b"".join(leaf_hash(entry) for entry in entries)
        if log.tile(0, index, size=size)[: len(entries) * HASH_BYTES] != expected:
            report.breach("wrong_tiles", f"tile 0/{index} does not follow from the entries")
            return False
    return True


def _measure(
    witnessed: WitnessedCheckpoint,
    newest: EpochLeaf | None,
    policy: QuorumPolicy,
    report: Report,
    *,
    max_age: timedelta,
) -> None:
    age = (report.at - newest.time) if newest else timedelta.max
    report.figures["size"] = witnessed.checkpoint.size
    report.figures["cosignatures"] = len(witnessed.cosignatures)
    report.figures["cosignatures_needed"] = policy.threshold
    if newest is not None:
        report.figures["epoch_age_seconds"] = age.total_seconds()
    if age > max_age:
        report.breach("epoch_old", f"the newest epoch is {int(age.total_seconds())} s old")
    if newest is not None and newest.time > report.at + MAX_CLOCK_SKEW:
        report.breach("epoch_in_the_future", "the newest epoch is dated into the future")
    for seen in witnessed.cosignatures:
        if seen.time > report.at + MAX_CLOCK_SKEW:
            report.breach("witness_in_the_future", f"{seen.key.name} signed in the future")
