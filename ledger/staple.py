"""
A staple: the proof that one entry of one status list had one value in one epoch, with what the
trust registry of the same epoch says of the issuer. Small enough for a QR code, checked offline.

What can be computed is not in it. Whoever checks a staple knows from the credential which entry of
which list it must be of, and what the trust leaf is about; every root follows from the path below
it; the names of log and witnesses follow from the policy by their key ids. So a changed byte shows
as a root that nobody signed. The steps are those of `ledger/anchor.py`, and one for trust:

1. the chunk holds the entry, and leads to the root of the list's chunks
2. the list's leaf, with that root, leads to the lists root of the epoch
3. the trust leaf leads to the trust root of the epoch
4. the epoch is in the log, which signed, and a quorum cosigned, not before the epoch began

A verifier that holds the epoch's head, an `EpochHead`, needs steps 1 to 3 only, and the staple
leaves out what the head has. What a trust leaf means is not known here. Pure: no clock, no network.
`ledger/staple_form.py` has the bytes.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from ledger.anchor import Anchor
from ledger.chunks import read_entry, unpack_chunk
from ledger.epoch import (
    CHUNK_BYTES,
    EpochLeaf,
    ListLeaf,
    TrustLeaf,
    build_epoch_leaf,
    build_list_leaf,
    build_trust_leaf,
    chunk_count,
    chunk_of,
)
from ledger.epoch_proof import EpochProof, verify_epoch
from ledger.errors import AnchorError
from ledger.merkle import inclusion_root, leaf_hash, tree_root
from ledger.note import (
    Checkpoint,
    QuorumPolicy,
    VerifierKey,
    WitnessedCheckpoint,
    build_checkpoint_text,
    build_note,
    build_signature_line,
)


@dataclass(frozen=True, slots=True)
class EntryPath:
    """
    The chunk with the entry, packed, and the way up to the lists root. The leaf of the list lacks
    its URI, which the credential names, and its chunk root, which follows.
    """

    data: bytes
    chunk_path: tuple[bytes, ...]
    version: int
    bits: int
    size: int
    token_digest: bytes
    place: int
    list_path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class TrustPath:
    """
    `statement`: what `credentials.trust_leaf` makes the trust leaf of; its place among `count`
    leaves, and its path. None: the head has it.
    """

    statement: bytes
    place: int
    count: int
    path: tuple[bytes, ...] | None


@dataclass(frozen=True, slots=True)
class StapledSignature:
    """A signature by its key id; `seconds` is the time of a cosignature, None for the log's own."""

    key_id: bytes
    signature: bytes
    seconds: int | None


@dataclass(frozen=True, slots=True)
class StapledHead:
    """The way from the epoch's leaf to a checkpoint of `ahead` epochs more, and who signed it."""

    seconds: int
    lists: int
    ahead: int
    path: tuple[bytes, ...]
    signatures: tuple[StapledSignature, ...]


@dataclass(frozen=True, slots=True)
class Staple:
    """A staple as read; nothing is verified."""

    epoch: int
    entry: EntryPath
    trust: TrustPath
    head: StapledHead | None


@dataclass(frozen=True, slots=True)
class EpochHead:
    """
    What is the same for every staple of an epoch: the epoch up to a checkpoint, and the hashes of
    the trust leaves, empty where they are not held.
    """

    proof: EpochProof
    trust: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class StapledEntry:
    """
    What a staple showed: `value` of entry `index` of the list, and the epoch's leaf in the log of
    that checkpoint.
    """

    value: int
    index: int
    anchor: Anchor
    leaf: EpochLeaf
    checkpoint: Checkpoint


def verify_staple(
    staple: Staple,
    *,
    policy: QuorumPolicy,
    uri: str,
    index: int,
    is_bitstring: bool,
    trust: TrustLeaf,
    head: EpochHead | None,
) -> StapledEntry:
    """
    What the staple shows of entry `index` of the list at `uri`; else AnchorError. `trust`: the leaf
    that the statement in it makes; `is_bitstring`: the entries of W3C lists begin at the most
    significant bit.
    """
    entry = staple.entry
    chunk = _read_chunk(entry, index=index)
    lists_root = _lists_root(staple, chunk, uri=uri, index=index, head=head)
    trust_root = _trust_root(staple, trust, head=head)
    proof = _held_proof(staple, head) if staple.head is None else None
    if proof is None:
        proof = _build_proof(staple, policy, lists_root=lists_root, trust_root=trust_root)
    elif lists_root != proof.leaf.lists_root:
        raise AnchorError("the list is not in the epoch's snapshot", detail="not_in_snapshot")
    elif trust_root != proof.leaf.trust_root:
        raise AnchorError("the trust leaf is not of this epoch", detail="not_in_trust")
    witnessed = verify_epoch(proof, policy)
    return StapledEntry(
        value=read_entry(chunk, index=index, bits=entry.bits, is_bitstring=is_bitstring),
        index=index,
        anchor=Anchor(staple.epoch, proof.leaf.time, uri, entry.version, entry.bits, entry.size),
        leaf=proof.leaf,
        checkpoint=witnessed.checkpoint,
    )


def verify_head(head: EpochHead, *, policy: QuorumPolicy) -> WitnessedCheckpoint:
    """The checkpoint behind a head that somebody sends; else AnchorError."""
    if head.trust and _root_of(head.trust) != head.proof.leaf.trust_root:
        raise AnchorError("the trust leaves are not of this epoch", detail="not_in_trust")
    return verify_epoch(head.proof, policy)


def _read_chunk(entry: EntryPath, *, index: int) -> bytes:
    """Step 1, first half: the raw bytes of the chunk that holds the entry."""
    if not 0 <= index < entry.size:
        raise AnchorError("the list does not have this entry", detail="wrong_chunk")
    start = chunk_of(index, bits=entry.bits) * CHUNK_BYTES
    length = min(CHUNK_BYTES, (entry.size * entry.bits + 7) // 8 - start)
    return unpack_chunk(entry.data, length)


def _lists_root(
    staple: Staple, chunk: bytes, *, uri: str, index: int, head: EpochHead | None
) -> bytes:
    """Steps 1 and 2: the root of the snapshot that these bytes lead to."""
    entry = staple.entry
    chunk_root = inclusion_root(
        leaf_hash=leaf_hash(chunk),
        index=chunk_of(index, bits=entry.bits),
        size=chunk_count(size=entry.size, bits=entry.bits),
        proof=entry.chunk_path,
    )
    if chunk_root is None:
        raise AnchorError("the chunk is not part of the list", detail="not_in_list")
    leaf = ListLeaf(uri, entry.version, entry.bits, entry.size, entry.token_digest, chunk_root)
    found = inclusion_root(
        leaf_hash=leaf_hash(build_list_leaf(leaf)),
        index=entry.place,
        size=_lists(staple, head),
        proof=entry.list_path,
    )
    if found is None:
        raise AnchorError("the list is not in the epoch's snapshot", detail="not_in_snapshot")
    return found


def _lists(staple: Staple, head: EpochHead | None) -> int:
    if staple.head is not None:
        return staple.head.lists
    return _held_proof(staple, head).leaf.lists


def _held_proof(staple: Staple, head: EpochHead | None) -> EpochProof:
    """The proof of the held head, which must be of the staple's epoch."""
    if head is None or head.proof.leaf.epoch != staple.epoch:
        raise AnchorError("the head of this epoch is not held", detail="head_not_held")
    return head.proof


def _trust_root(staple: Staple, trust: TrustLeaf, *, head: EpochHead | None) -> bytes:
    """Step 3: the root of the trust tree that the leaf leads to."""
    path, hashed = staple.trust, leaf_hash(build_trust_leaf(trust))
    if path.path is None:
        held = head.trust if head is not None else ()
        if path.place >= len(held) or held[path.place] != hashed:
            raise AnchorError("the held head lacks this trust leaf", detail="not_in_trust")
        return _root_of(held)
    found = inclusion_root(leaf_hash=hashed, index=path.place, size=path.count, proof=path.path)
    if found is None:
        raise AnchorError("the trust leaf is not of this epoch", detail="not_in_trust")
    return found


def _build_proof(
    staple: Staple, policy: QuorumPolicy, *, lists_root: bytes, trust_root: bytes
) -> EpochProof:
    """Step 4, first half: the epoch's leaf with both roots, and what must have been signed."""
    head = staple.head
    assert head is not None
    leaf = EpochLeaf(
        epoch=staple.epoch,
        time=datetime.fromtimestamp(head.seconds, UTC),
        lists=head.lists,
        lists_root=lists_root,
        trust_root=trust_root,
    )
    return EpochProof(leaf, staple.epoch - 1, head.path, rebuild_note(leaf, head, policy))


def rebuild_note(leaf: EpochLeaf, head: StapledHead, policy: QuorumPolicy) -> str:
    """The checkpoint that the signatures of a head must be of, as a note."""
    size = leaf.epoch + head.ahead
    root = inclusion_root(
        leaf_hash=leaf_hash(build_epoch_leaf(leaf)),
        index=leaf.epoch - 1,
        size=size,
        proof=head.path,
    )
    if root is None:
        raise AnchorError("the epoch is not in the log", detail="not_in_log")
    origin, lines = _write_signatures(head, policy)
    return build_note(build_checkpoint_text(Checkpoint(origin, size, root)), lines)


def _write_signatures(head: StapledHead, policy: QuorumPolicy) -> tuple[str, list[str]]:
    """The log's name and the lines of known keys; unknown ones count for nothing in a note."""
    logs, witnesses = _keys_by_id(policy)
    origin, lines = "", []
    for each in head.signatures:
        if each.seconds is None:
            key, signature = logs.get(each.key_id), each.signature
            origin = origin or (key.name if key else "")
        else:
            key = witnesses.get(each.key_id)
            signature = each.seconds.to_bytes(8, "big") + each.signature
        if key is not None:
            lines.append(build_signature_line(key, signature))
    if not origin:
        raise AnchorError("the log did not sign the checkpoint", detail="no_log_signature")
    return origin, lines


@lru_cache(maxsize=64)
def _keys_by_id(
    policy: QuorumPolicy,
) -> tuple[dict[bytes, VerifierKey], dict[bytes, VerifierKey]]:
    logs = {key.key_id: key for key in (policy.log, *policy.other_logs)}
    return logs, {key.key_id: key for key in policy.witnesses}


@lru_cache(maxsize=64)
def _root_of(hashes: tuple[bytes, ...]) -> bytes:
    return tree_root(hashes)
