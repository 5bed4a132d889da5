"""
The proof that a status list was public in an epoch, and its check.

An `AnchorProof` leads from the exact bytes of a signed list to a checkpoint that the log signed
and a quorum of witnesses cosigned. The check, in order:

1. the leaf speaks of this list and of these bytes
2. the list's leaf is in the snapshot of the epoch
3. the log signed the checkpoint and a quorum cosigned it
4. the epoch's leaf is in the log at its own place
5. no witness saw the epoch before it began

Pure: no clock, no network. Whether the epoch is recent enough is the caller's check.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from encoding import base64url
from encoding.errors import Malformed as EncodingMalformed
from encoding.strict_json import JsonValue
from ledger.epoch import (
    CHUNK_BYTES,
    EpochLeaf,
    ListLeaf,
    build_epoch_leaf,
    build_list_leaf,
    chunk_count,
    chunk_of,
    parse_epoch_leaf,
    parse_list_leaf,
)
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
_MEMBERS = {
    "list_leaf",
    "list_index",
    "list_path",
    "epoch_leaf",
    "epoch_index",
    "epoch_path",
    "checkpoint",
}


@dataclass(frozen=True, slots=True)
class EpochProof:
    """The way from an epoch's leaf up to a checkpoint."""

    leaf: EpochLeaf
    index: int
    path: tuple[bytes, ...]
    checkpoint: str


@dataclass(frozen=True, slots=True)
class AnchorProof:
    """The way from a list up to a checkpoint. Hashable, so that results can be remembered."""

    list_leaf: ListLeaf
    list_index: int
    list_path: tuple[bytes, ...]
    epoch_leaf: EpochLeaf
    epoch_index: int
    epoch_path: tuple[bytes, ...]
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a proof showed: this version of this list was public in this epoch."""

    epoch: int
    time: datetime
    uri: str
    version: int
    bits: int
    size: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a list's raw bits with its path: with an `AnchorProof` it is a staple."""

    index: int
    data: bytes
    path: tuple[bytes, ...]


def verify_anchor(proof: AnchorProof, *, policy: QuorumPolicy, uri: str, token: bytes) -> Anchor:
    """What the proof shows of the list at `uri` with exactly these bytes; else AnchorError."""
    if hashlib.sha256(token).digest() != proof.list_leaf.token_digest:
        raise AnchorError("the proof is for other bytes of this list", detail="wrong_token")
    return verify_list_leaf(proof, policy=policy, uri=uri)


def verify_list_leaf(proof: AnchorProof, *, policy: QuorumPolicy, uri: str) -> Anchor:
    """The same for a verifier that holds a chunk in place of the whole list."""
    listed, epoch = proof.list_leaf, proof.epoch_leaf
    if listed.uri != uri:
        raise AnchorError("the proof is for another list", detail="wrong_list")
    if not verify_inclusion(
        leaf_hash=leaf_hash(build_list_leaf(listed)),
        index=proof.list_index,
        size=epoch.lists,
        proof=proof.list_path,
        root=epoch.lists_root,
    ):
        raise AnchorError("the list is not in the epoch's snapshot", detail="not_in_snapshot")
    verify_epoch(
        EpochProof(proof.epoch_leaf, proof.epoch_index, proof.epoch_path, proof.checkpoint), policy
    )
    return Anchor(
        epoch=epoch.epoch,
        time=epoch.time,
        uri=listed.uri,
        version=listed.version,
        bits=listed.bits,
        size=listed.size,
    )


def verify_chunk(proof: AnchorProof, chunk: Chunk, *, entry: int) -> None:
    """That the chunk is the one of entry `entry` in the proof's list; the bits are then true."""
    leaf = proof.list_leaf
    if not 0 <= entry < leaf.size or chunk.index != chunk_of(entry, bits=leaf.bits):
        raise AnchorError("the chunk does not hold this entry", detail="wrong_chunk")
    if not verify_inclusion(
        leaf_hash=leaf_hash(chunk.data),
        index=chunk.index,
        size=chunk_count(size=leaf.size, bits=leaf.bits),
        proof=chunk.path,
        root=leaf.chunk_root,
    ):
        raise AnchorError("the chunk is not part of the list", detail="not_in_list")


def parse_anchor_proof(value: JsonValue) -> AnchorProof:
    """A proof from its JSON form."""
    if not isinstance(value, dict) or set(value) != _MEMBERS:
        raise Malformed("a proof has exactly its seven members", detail="malformed_proof")
    checkpoint = value["checkpoint"]
    if not isinstance(checkpoint, str) or len(checkpoint) > MAX_NOTE_BYTES:
        raise Malformed("the checkpoint of a proof is text", detail="malformed_proof")
    return AnchorProof(
        list_leaf=parse_list_leaf(parse_bytes(value["list_leaf"])),
        list_index=parse_index(value["list_index"]),
        list_path=parse_path(value["list_path"]),
        epoch_leaf=parse_epoch_leaf(parse_bytes(value["epoch_leaf"])),
        epoch_index=parse_index(value["epoch_index"]),
        epoch_path=parse_path(value["epoch_path"]),
        checkpoint=checkpoint,
    )


def build_anchor_proof_json(proof: AnchorProof) -> dict[str, JsonValue]:
    """The JSON form: the exact leaves and the hashes in base64url, the checkpoint as text."""
    return {
        "list_leaf": base64url.encode(build_list_leaf(proof.list_leaf)),
        "list_index": proof.list_index,
        "list_path": build_path(proof.list_path),
        "epoch_leaf": base64url.encode(build_epoch_leaf(proof.epoch_leaf)),
        "epoch_index": proof.epoch_index,
        "epoch_path": build_path(proof.epoch_path),
        "checkpoint": proof.checkpoint,
    }


def parse_chunk(value: JsonValue) -> Chunk:
    """A chunk from its JSON form."""
    if not isinstance(value, dict) or set(value) != {"index", "data", "path"}:
        raise Malformed("a chunk has index, data and path", detail="malformed_proof")
    data = parse_bytes(value["data"])
    if not 0 < len(data) <= CHUNK_BYTES:
        raise Malformed("a chunk has 1 to 64 bytes", detail="malformed_proof")
    return Chunk(index=parse_index(value["index"]), data=data, path=parse_path(value["path"]))


def build_chunk_json(chunk: Chunk) -> dict[str, JsonValue]:
    """The JSON form of a chunk."""
    return {
        "index": chunk.index,
        "data": base64url.encode(chunk.data),
        "path": build_path(chunk.path),
    }


def verify_epoch(proof: EpochProof, policy: QuorumPolicy) -> WitnessedCheckpoint:
    """Steps 3 to 5: the checkpoint with the epoch in it; else AnchorError."""
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
