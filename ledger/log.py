"""
The embedded transparency log: epochs as leaves of one RFC 9162 tree, stored as tiles.

`append_epoch` is the only way in and belongs to `closer`'s one transaction. Before it extends the
tree it reads the stored one again: a log that contradicts itself is never extended (S-206).
Everything served leads to the newest epoch that a quorum of witnesses cosigned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger import store
from ledger.anchor import AnchorProof
from ledger.epoch import (
    EpochLeaf,
    ListLeaf,
    TrustLeaf,
    build_epoch_leaf,
    parse_list_leaf,
    snapshot_levels,
    trust_root,
)
from ledger.epoch_proof import EpochProof
from ledger.errors import ClockWentBack, LogDamaged, Malformed, NoSuchEntry, OlderList
from ledger.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    NodeReader,
    build_consistency_proof,
    build_inclusion_proof,
    leaf_hash,
    read_levels,
    root_at,
    tree_root,
)
from ledger.store import Epoch, StoredList
from ledger.tiles import (
    TILE_WIDTH,
    TileName,
    build_entry_bundle,
    read_nodes,
    split_hashes,
)
from runtime.database import Session

KEEP_TOKENS = 1440
"""For how many epochs the bytes of a replaced list are kept: a day of minutes."""
MAX_CLOCK_STEP = 5
"""Seconds by which a corrected clock may go back; the epoch then keeps the time before it."""


@dataclass(frozen=True, slots=True)
class AnchoredList:
    """A list as it stood in the published epoch, with its proof."""

    stored: StoredList
    proof: AnchorProof


def submit_list(session: Session, *, leaf: ListLeaf, token: bytes, media_type: str) -> bool:
    """
    Take a signed list for the next epoch; the newest bytes again change nothing (False).

    A lower version is refused, so that no list is ever rolled back. Two lists of one version, an
    issue time in seconds, count in the order in which they come, and bytes that gave way to others
    never come back.
    """
    newest = store.newest_list(session, leaf.uri)
    if newest is not None and newest.leaf.token_digest == leaf.token_digest:
        return False
    if newest is not None and leaf.version < newest.leaf.version:
        raise OlderList(f"version {leaf.version} of the list is older than {newest.leaf.version}")
    if store.was_taken(session, leaf.uri, leaf.token_digest):
        raise OlderList("the list gave way to a newer one already")
    store.insert_list(session, leaf=leaf, token=token, media_type=media_type)
    return True


def append_epoch(session: Session, *, now: datetime, trust: Sequence[TrustLeaf]) -> Epoch:
    """Close the next epoch: take waiting lists and the trust leaves in, append one leaf."""
    newest = store.newest_epoch(session)
    size = newest.size if newest else 0
    if root_of(session, size) != (newest.root if newest else EMPTY_ROOT):
        raise LogDamaged(f"the tiles of the log do not give the root of its {size} epochs")
    number = size + 1
    store.take_waiting_lists(session, number)
    store.set_trust(session, number, trust)
    lists = store.leaves_of_epoch(session, number)
    leaf = EpochLeaf(
        epoch=number,
        time=_epoch_time(now, newest),
        lists=len(lists),
        lists_root=_top(snapshot_levels(lists)),
        trust_root=trust_root(trust),
    )
    data = build_epoch_leaf(leaf)
    _append_hash(session, index=size, value=leaf_hash(data))
    root = root_of(session, number)
    store.insert_epoch(session, leaf=data, number=number, root=root)
    published = store.published_epoch(session)
    store.drop_tokens_before(session, (published.size if published else 0) - KEEP_TOKENS)
    return Epoch(leaf=leaf, root=root, checkpoint=None, witnessed=None)


def root_of(session: Session, size: int) -> bytes:
    """The root over the first `size` epochs, from the tiles."""
    try:
        return root_at(_reader(session), size)
    except Malformed as error:
        raise LogDamaged(f"the tiles of the log are incomplete: {error}") from error


def consistency(session: Session, *, old_size: int, size: int) -> tuple[bytes, ...]:
    """The proof that the log of `size` epochs extends the one of `old_size`."""
    return build_consistency_proof(_reader(session), old_size=old_size, size=size)


def epoch_path(session: Session, *, epoch: int, size: int) -> tuple[bytes, ...]:
    """The path of an epoch's leaf in the log of `size` epochs."""
    return build_inclusion_proof(_reader(session), index=epoch - 1, size=size)


def published(session: Session) -> Epoch:
    """The epoch that is served; NoSuchEntry before the first one."""
    epoch = store.published_epoch(session)
    if epoch is None:
        raise NoSuchEntry("no epoch is published yet")
    return epoch


def anchored_list(session: Session, uri: str) -> AnchoredList:
    """The list at `uri` as it stood in the published epoch."""
    epoch = published(session)
    stored = store.list_of_epoch(session, epoch.size, uri)
    if stored is None:
        raise NoSuchEntry("the list is not in the published epoch")
    return AnchoredList(stored=stored, proof=_prove(session, epoch, [uri])[0])


def published_proof(session: Session) -> EpochProof:
    """The way from the published epoch's leaf up to its checkpoint."""
    epoch = published(session)
    path = epoch_path(session, epoch=epoch.size, size=epoch.size)
    return EpochProof(epoch.leaf, epoch.size - 1, path, epoch.witnessed or "")


def anchored_snapshot(session: Session) -> tuple[Epoch, list[AnchorProof]]:
    """The published epoch and the proof of each of its lists, in order."""
    epoch = published(session)
    return epoch, _prove(session, epoch, None)


def read_tile(session: Session, name: TileName) -> bytes:
    """A tile or bundle of the published log; partial ones are prefixes of the stored one."""
    size = published(session).size
    level = name.level or 0
    held = (size >> 8 * level) - name.index * TILE_WIDTH
    if name.width > held:
        raise NoSuchEntry("the published log does not have this tile")
    if name.level is None:
        start = name.index * TILE_WIDTH
        return build_entry_bundle(store.load_entries(session, start=start, count=name.width))
    return store.load_tile(session, level, name.index)[: name.width * HASH_BYTES]


def _prove(session: Session, epoch: Epoch, uris: Sequence[str] | None) -> list[AnchorProof]:
    """The proofs of these lists, or of all, in the epoch."""
    leaves = store.leaves_of_epoch(session, epoch.size)
    levels = snapshot_levels(leaves)
    if _top(levels) != epoch.leaf.lists_root:
        raise LogDamaged("the stored lists do not give the root of their epoch")
    path = epoch_path(session, epoch=epoch.size, size=epoch.size)
    read = read_levels(levels)
    return [
        AnchorProof(
            list_leaf=parse_list_leaf(leaf),
            list_index=index,
            list_path=build_inclusion_proof(read, index=index, size=len(leaves)),
            epoch_leaf=epoch.leaf,
            epoch_index=epoch.size - 1,
            epoch_path=path,
            checkpoint=epoch.witnessed or "",
        )
        for index, (uri, leaf) in enumerate(leaves)
        if uris is None or uri in uris
    ]


def _append_hash(session: Session, *, index: int, value: bytes) -> None:
    """Put a leaf hash into its tile; a tile that becomes full is one hash of the level above."""
    level = 0
    while True:
        tile, place = divmod(index, TILE_WIDTH)
        data = store.load_tile(session, level, tile)
        if len(data) != place * HASH_BYTES:
            raise LogDamaged(f"tile {level}/{tile} has the wrong length")
        store.save_tile(session, level, tile, data + value)
        if place != TILE_WIDTH - 1:
            return
        value = tree_root(split_hashes(data + value))
        level, index = level + 1, tile


def _reader(session: Session) -> NodeReader:
    tiles: dict[tuple[int, int], bytes] = {}

    def load(level: int, index: int) -> bytes:
        if (level, index) not in tiles:
            tiles[level, index] = store.load_tile(session, level, index)
        return tiles[level, index]

    return read_nodes(load)


def _epoch_time(now: datetime, newest: Epoch | None) -> datetime:
    now = now.replace(microsecond=0)
    if newest is None or now >= newest.leaf.time:
        return now
    behind = (newest.leaf.time - now).total_seconds()
    if behind > MAX_CLOCK_STEP:
        raise ClockWentBack(f"the clock is {behind:.0f} s behind the last epoch")
    return newest.leaf.time


def _top(levels: Sequence[Sequence[bytes]]) -> bytes:
    return levels[-1][0] if levels[-1] else EMPTY_ROOT
