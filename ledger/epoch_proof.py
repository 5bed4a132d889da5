"""
The way from a leaf of an epoch's snapshot up to a checkpoint, and its check.

Every proof of the city ends like this, whatever its leaf says:

1. the leaf is in the snapshot of the epoch
2. the log signed the checkpoint and a quorum cosigned it
3. the epoch's leaf is in the log at its own place
4. no witness saw the epoch before it began

Pure: no clock, no network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from encoding import base64url
from encoding.errors import Malformed as EncodingMalformed
from encoding.strict_json import JsonValue
from ledger.epoch import EpochLeaf, build_epoch_leaf, parse_epoch_leaf
from ledger.errors import AnchorError, Malformed, NoteRefused
from ledger.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from ledger.note import (
    MAX_NOTE_BYTES,
    MAX_SIZE,
    QuorumPolicy,
    WitnessedCheckpoint,
    verify_checkpoint,
)

MAX_PATH = 63
MAX_CLOCK_SKEW = timedelta(seconds=60)
"""How far the clocks of log and witness may differ: security.md, "Limits"."""


@dataclass(frozen=True, slots=True)
class EpochProof:
    """The way from an epoch's leaf up to a checkpoint."""

    leaf: EpochLeaf
    index: int
    path: tuple[bytes, ...]
    checkpoint: str


def verify_in_snapshot(
    leaf: bytes, *, index: int, path: Sequence[bytes], epoch: EpochLeaf, what: str
) -> None:
    """Step 1, for the bytes of a leaf; else AnchorError. `what`: how a person calls the leaf."""
    if not verify_inclusion(
        leaf_hash=leaf_hash(leaf),
        index=index,
        size=epoch.lists,
        proof=path,
        root=epoch.lists_root,
    ):
        raise AnchorError(f"{what} is not in the epoch's snapshot", detail="not_in_snapshot")


def verify_epoch(proof: EpochProof, policy: QuorumPolicy) -> WitnessedCheckpoint:
    """Steps 2 to 4: the checkpoint with the epoch in it; else AnchorError."""
    try:
        witnessed = verify_checkpoint(proof.checkpoint, policy)
    except (Malformed, NoteRefused) as error:
        raise AnchorError(f"the checkpoint does not hold: {error}", detail=error.detail) from error
    epoch = proof.leaf
    if epoch.epoch != proof.index + 1 or not verify_inclusion(
        leaf_hash=leaf_hash(build_epoch_leaf(epoch)),
        index=proof.index,
        size=witnessed.checkpoint.size,
        proof=proof.path,
        root=witnessed.checkpoint.root,
    ):
        raise AnchorError("the epoch is not in the log", detail="not_in_log")
    # A log that dates an epoch into the future would make an old list look fresh later on: only
    # witnesses whose time fits count.
    in_time = frozenset(
        seen.key for seen in witnessed.cosignatures if seen.time + MAX_CLOCK_SKEW >= epoch.time
    )
    if not policy.is_met(in_time):
        raise AnchorError("the witnesses saw it before it began", detail="epoch_in_the_future")
    return witnessed


def parse_epoch_proof(members: Mapping[str, JsonValue]) -> EpochProof:
    """The four members that every proof has."""
    checkpoint = members["checkpoint"]
    if not isinstance(checkpoint, str) or len(checkpoint) > MAX_NOTE_BYTES:
        raise Malformed("the checkpoint of a proof is text", detail="malformed_proof")
    return EpochProof(
        leaf=parse_epoch_leaf(parse_bytes(members["epoch_leaf"])),
        index=parse_index(members["epoch_index"]),
        path=parse_path(members["epoch_path"]),
        checkpoint=checkpoint,
    )


def build_epoch_proof_json(proof: EpochProof) -> dict[str, JsonValue]:
    """Their JSON form: the exact leaf and the hashes in base64url, the checkpoint as text."""
    return {
        "epoch_leaf": base64url.encode(build_epoch_leaf(proof.leaf)),
        "epoch_index": proof.index,
        "epoch_path": build_path(proof.path),
        "checkpoint": proof.checkpoint,
    }


def parse_index(value: JsonValue) -> int:
    """A whole number that may be a place in a tree."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SIZE:
        raise Malformed("an index is a whole number", detail="malformed_proof")
    return value


def parse_bytes(value: JsonValue) -> bytes:
    """The bytes of base64url text."""
    if not isinstance(value, str):
        raise Malformed("a leaf or hash is base64url text", detail="malformed_proof")
    try:
        return base64url.decode(value)
    except EncodingMalformed as error:
        raise Malformed("a leaf or hash is base64url text", detail="malformed_proof") from error


def parse_path(value: JsonValue) -> tuple[bytes, ...]:
    """The hashes of a path."""
    if not isinstance(value, list) or len(value) > MAX_PATH:
        raise Malformed("a path is a list of hashes", detail="malformed_proof")
    path = tuple(parse_bytes(item) for item in value)
    if any(len(node) != HASH_BYTES for node in path):
        raise Malformed("a hash of the path is not 32 bytes", detail="malformed_proof")
    return path


def build_path(path: Sequence[bytes]) -> list[JsonValue]:
    """A path in its JSON form."""
    return [base64url.encode(node) for node in path]
