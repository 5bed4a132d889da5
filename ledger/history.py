"""
What the log keeps of a list's past: its versions, their bytes while they are kept, their proofs.

A proof of an older epoch leads to the newest published checkpoint, so it holds under the quorum of
today. Bytes of a replaced version go after `log.KEEP_TOKENS` epochs; its leaf, with the digests of
bytes and chunks, stays for ever.
"""

from ledger import log, store
from ledger.anchor import AnchorProof
from ledger.epoch import parse_list_leaf, snapshot_levels
from ledger.errors import LogDamaged, NoSuchEntry
from ledger.merkle import build_inclusion_proof, read_levels
from ledger.store import StoredList
from runtime.database import Session

MAX_VERSIONS = 10_000


def versions(session: Session, uri: str) -> tuple[StoredList, ...]:
    """Every version of a list that an epoch took, oldest first; at most the newest 10,000."""
    size = log.published(session).size
    found = [
        stored
        for stored in store.every_version(session, uri)
        if stored.first_epoch is not None and stored.first_epoch <= size
    ]
    if not found:
        raise NoSuchEntry("no published epoch has this list")
    return tuple(found[-MAX_VERSIONS:])


def list_at(session: Session, uri: str, epoch: int) -> StoredList:
    """The version that a published epoch has."""
    _require_published(session, epoch)
    stored = store.list_of_epoch(session, epoch, uri)
    if stored is None:
        raise NoSuchEntry("the epoch does not have this list")
    return stored


def prove_at(session: Session, uri: str, epoch: int) -> AnchorProof:
    """That the list stood in this epoch, under the newest checkpoint."""
    published = _require_published(session, epoch)
    at = store.load_epoch(session, epoch)
    leaves = store.leaves_of_epoch(session, epoch)
    place = next((number for number, (name, _) in enumerate(leaves) if name == uri), None)
    if at is None or place is None:
        raise NoSuchEntry("the epoch does not have this list")
    levels = snapshot_levels(leaves)
    if levels[-1][0] != at.leaf.lists_root:
        raise LogDamaged("the stored lists do not give the root of their epoch")
    return AnchorProof(
        list_leaf=parse_list_leaf(leaves[place][1]),
        list_index=place,
        list_path=build_inclusion_proof(read_levels(levels), index=place, size=len(leaves)),
        epoch_leaf=at.leaf,
        epoch_index=epoch - 1,
        epoch_path=log.epoch_path(session, epoch=epoch, size=published.size),
        checkpoint=published.witnessed or "",
    )


def _require_published(session: Session, epoch: int) -> store.Epoch:
    published = log.published(session)
    if not 1 <= epoch <= published.size:
        raise NoSuchEntry("this epoch is not published")
    return published
