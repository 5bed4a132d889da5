"""
The proof that something existed before a time, and its check: a credential before its key was
stolen (S-188).

An agency commits to what it signed: for each credential 16 random bytes and the digest of what was
signed give a commitment, and the tree over the commitments of an epoch has one leaf, the
`ExistenceLeaf`, among the leaves of the epoch's snapshot, at `existence_name(issuer)`. So the log
holds no digest that anybody could recognise a credential by (S-196): the salt travels with the
proof only.

The check, in order:

1. the leaf speaks of this issuer
2. the commitment is in the issuer's tree
3. the leaf is in the snapshot of the epoch
4. the log signed the checkpoint, a quorum cosigned it, and the epoch is in the log
5. a quorum cosigned it before the time in question, by the witnesses' own clocks: what the log
   says of its own time proves nothing against its operator

Pure: no clock, no network.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from encoding import base64url
from encoding.cbor import build_cbor, parse_cbor
from encoding.errors import Malformed as EncodingMalformed
from encoding.strict_json import JsonValue
from ledger.epoch import MAX_LEAF_BYTES
from ledger.epoch_proof import (
    MAX_CLOCK_SKEW,
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
from ledger.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from ledger.note import QuorumPolicy

SALT_BYTES = 16
_KIND = "existence"
_FORMAT = 1
_COMMITMENT = b"citywallet existence 1\x00"
_MEMBERS = {
    "salt",
    "entry_index",
    "entry_path",
    "leaf",
    "leaf_index",
    "leaf_path",
    "epoch_leaf",
    "epoch_index",
    "epoch_path",
    "checkpoint",
}


@dataclass(frozen=True, slots=True)
class ExistenceLeaf:
    """What one issuer signed in one epoch: how many, and the root over their commitments."""

    issuer: str
    count: int
    root: bytes


@dataclass(frozen=True, slots=True)
class ExistenceProof:
    """The way from a digest up to a checkpoint. Hashable, so that results can be remembered."""

    salt: bytes
    entry_index: int
    entry_path: tuple[bytes, ...]
    leaf: ExistenceLeaf
    leaf_index: int
    leaf_path: tuple[bytes, ...]
    epoch: EpochProof


def existence_name(issuer: str) -> str:
    """The name of an issuer's leaf among the leaves of a snapshot, which are sorted by name."""
    return f"existence:{issuer}"


def build_commitment(digest: bytes, *, salt: bytes) -> bytes:
    """The entry of an issuer's tree for something of this digest."""
    if len(salt) != SALT_BYTES or len(digest) != HASH_BYTES:
        raise Malformed("a commitment is over 16 and 32 bytes", detail="malformed_proof")
    return hashlib.sha256(_COMMITMENT + salt + digest).digest()


def build_existence_leaf(leaf: ExistenceLeaf) -> bytes:
    """The bytes of an existence leaf. No list leaf reads like one."""
    return build_cbor((_FORMAT, _KIND, leaf.issuer, leaf.count, leaf.root))


def parse_existence_leaf(data: bytes) -> ExistenceLeaf:
    """An existence leaf from its bytes."""
    try:
        value = parse_cbor(data, max_bytes=MAX_LEAF_BYTES, max_depth=2)
    except EncodingMalformed as error:
        raise Malformed("the leaf cannot be read", detail="malformed_leaf") from error
    match value:
        case [1, "existence", str(issuer), int(count), bytes(root)] if (
            value[0] is not True
            and not isinstance(count, bool)
            and count > 0
            and len(root) == HASH_BYTES
        ):
            return ExistenceLeaf(issuer, count, root)
    raise Malformed("this is no existence leaf", detail="malformed_leaf")


def verify_existence(
    proof: ExistenceProof, *, policy: QuorumPolicy, issuer: str, digest: bytes, before: datetime
) -> None:
    """That the issuer had signed something of this digest before `before`; else AnchorError."""
    leaf, epoch = proof.leaf, proof.epoch.leaf
    if leaf.issuer != issuer:
        raise AnchorError("the proof is for another issuer", detail="wrong_issuer")
    if not verify_inclusion(
        leaf_hash=leaf_hash(build_commitment(digest, salt=proof.salt)),
        index=proof.entry_index,
        size=leaf.count,
        proof=proof.entry_path,
        root=leaf.root,
    ):
        raise AnchorError("the issuer did not commit to this", detail="not_committed")
    verify_in_snapshot(
        build_existence_leaf(leaf),
        index=proof.leaf_index,
        path=proof.leaf_path,
        epoch=epoch,
        what="the leaf",
    )
    witnessed = verify_epoch(proof.epoch, policy)
    early = frozenset(
        seen.key for seen in witnessed.cosignatures if seen.time + MAX_CLOCK_SKEW <= before
    )
    # `quorum none` is met by nobody at all; here somebody must have seen it.
    if not early or not policy.is_met(early) or epoch.time >= before:
        raise AnchorError("nobody saw it before that time", detail="seen_too_late")


def parse_existence_proof(value: JsonValue) -> ExistenceProof:
    """A proof from its JSON form."""
    if not isinstance(value, dict) or set(value) != _MEMBERS:
        raise Malformed("a proof has exactly its ten members", detail="malformed_proof")
    salt = parse_bytes(value["salt"])
    if len(salt) != SALT_BYTES:
        raise Malformed("the salt of a proof has 16 bytes", detail="malformed_proof")
    return ExistenceProof(
        salt=salt,
        entry_index=parse_index(value["entry_index"]),
        entry_path=parse_path(value["entry_path"]),
        leaf=parse_existence_leaf(parse_bytes(value["leaf"])),
        leaf_index=parse_index(value["leaf_index"]),
        leaf_path=parse_path(value["leaf_path"]),
        epoch=parse_epoch_proof(value),
    )


def build_existence_proof_json(proof: ExistenceProof) -> dict[str, JsonValue]:
    """The JSON form: the exact leaves and the hashes in base64url, the checkpoint as text."""
    return {
        "salt": base64url.encode(proof.salt),
        "entry_index": proof.entry_index,
        "entry_path": build_path(proof.entry_path),
        "leaf": base64url.encode(build_existence_leaf(proof.leaf)),
        "leaf_index": proof.leaf_index,
        "leaf_path": build_path(proof.leaf_path),
        **build_epoch_proof_json(proof.epoch),
    }
