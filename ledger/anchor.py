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
from dataclasses import dataclass
from datetime import datetime

from encoding import base64url
from encoding.strict_json import JsonValue
from ledger.epoch import (
    CHUNK_BYTES,
    EpochLeaf,
    ListLeaf,
    build_list_leaf,
    chunk_count,
    chunk_of,
    parse_list_leaf,
)
from ledger.epoch_proof import (
    EpochProof,
    build_epoch_proof_json,
    build_path,
    parse_bytes,
    parse_epoch_proof,
    parse_index,
    parse_path,
    verify_epoch,
    verify_in_snapshot,
)
from ledger.errors import AnchorError, Malformed
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.note import (
    QuorumPolicy,
)

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
class AnchorProof:
    """The way from a list up to a checkpoint. Hashable, so that results can be remembered."""

    list_leaf: ListLeaf
    list_index: int
    list_path: tuple[bytes, ...]
    epoch_leaf: EpochLeaf
    epoch_index: int
    epoch_path: tuple[bytes, ...]
    checkpoint: str

    @property
    def epoch(self) -> EpochProof:
        """The part of the way that every proof has."""
        return EpochProof(self.epoch_leaf, self.epoch_index, self.epoch_path, self.checkpoint)


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
    verify_in_snapshot(
        build_list_leaf(listed),
        index=proof.list_index,
        path=proof.list_path,
        epoch=epoch,
        what="the list",
    )
    verify_epoch(proof.epoch, policy)
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
    epoch = parse_epoch_proof(value)
    return AnchorProof(
        list_leaf=parse_list_leaf(parse_bytes(value["list_leaf"])),
        list_index=parse_index(value["list_index"]),
        list_path=parse_path(value["list_path"]),
        epoch_leaf=epoch.leaf,
        epoch_index=epoch.index,
        epoch_path=epoch.path,
        checkpoint=epoch.checkpoint,
    )


def build_anchor_proof_json(proof: AnchorProof) -> dict[str, JsonValue]:
    """The JSON form: the exact leaves and the hashes in base64url, the checkpoint as text."""
    return {
        "list_leaf": base64url.encode(build_list_leaf(proof.list_leaf)),
        "list_index": proof.list_index,
        "list_path": build_path(proof.list_path),
        **build_epoch_proof_json(proof.epoch),
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
