"""
Every invariant of the stored log, for `fsck` and for tests after each fault (S-208).

Nothing here is taken from the log's own answers: trees are built again from the leaves. Returns
one sentence for each breach; an empty list means that the log is whole.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from ledger import store
from ledger.epoch import build_epoch_leaf, build_list_leaf, token_digest
from ledger.errors import LogDamaged, Malformed
from ledger.frontier import Frontier
from ledger.merkle import EMPTY_ROOT, leaf_hash, tree_root
from ledger.note import parse_checkpoint_text, parse_note
from ledger.store import Epoch, Member
from ledger.tiles import TILE_WIDTH, tiles_of_size
from runtime.database import Database, Session


def check(database: Database) -> list[str]:
    """What is wrong with the log in this database, one sentence each."""
    with database.reading() as session:
        try:
            return list(_breaches(session))
        except (Malformed, LogDamaged) as error:
            return [f"a row of the log cannot be read: {error}"]


def _breaches(session: Session) -> Iterator[str]:
    epochs = store.every_epoch(session)
    yield from _check_epochs(epochs)
    yield from _check_tiles(session, epochs)
    yield from _check_lists(session)
    yield from _check_roots(epochs, session)


def _check_epochs(epochs: Sequence[Epoch]) -> Iterator[str]:
    """Numbers without a gap, time that never goes back, roots and checkpoints that fit."""
    frontier = Frontier()
    for number, epoch in enumerate(epochs, start=1):
        if epoch.leaf.epoch != number:
            yield f"epoch {number} is missing: found epoch {epoch.leaf.epoch}"
            return
        frontier.append(leaf_hash(build_epoch_leaf(epoch.leaf)))
        if frontier.root() != epoch.root:
            yield f"the root of epoch {number} does not follow from the leaves"
        yield from _check_notes(epoch)
    for before, after in pairwise(epochs):
        if after.leaf.time < before.leaf.time:
            yield f"epoch {after.leaf.epoch} is older than the one before it"


def _check_notes(epoch: Epoch) -> Iterator[str]:
    for name, note in (("checkpoint", epoch.checkpoint), ("witnessed", epoch.witnessed)):
        if note is None:
            continue
        checkpoint = parse_checkpoint_text(parse_note(note).text)
        if (checkpoint.size, checkpoint.root) != (epoch.size, epoch.root):
            yield f"the {name} note of epoch {epoch.size} is for another tree"
    if epoch.witnessed is not None and not epoch.witnessed.startswith(epoch.checkpoint or "?"):
        yield f"epoch {epoch.size} was served without its kept signature"


def _check_tiles(session: Session, epochs: Sequence[Epoch]) -> Iterator[str]:
    level = [leaf_hash(build_epoch_leaf(epoch.leaf)) for epoch in epochs]
    names = tiles_of_size(len(epochs))
    if store.count_tiles(session) != len(names):
        yield f"the log has {store.count_tiles(session)} tiles and should have {len(names)}"
    for number, group in groupby(names, key=lambda name: name.level or 0):
        for name in group:
            start = name.index * TILE_WIDTH
            expected = b"".join(level[start : start + name.width])
            if store.load_tile(session, number, name.index) != expected:
                yield f"tile {number}/{name.index} does not follow from the leaves"
        level = [
            tree_root(level[start : start + TILE_WIDTH])
            for start in range(0, len(level) - TILE_WIDTH + 1, TILE_WIDTH)
        ]


def _check_lists(session: Session) -> Iterator[str]:
    """Bytes that fit their digest, versions that follow each other without gap or overlap."""
    for stored in store.every_list(session, with_tokens=True):
        if stored.token is None and stored.last_epoch is None:
            yield f"the bytes of the current list {stored.leaf.uri} are missing"
        if stored.token is not None and token_digest(stored.token) != stored.leaf.token_digest:
            yield f"the bytes of {stored.leaf.uri} version {stored.leaf.version} were changed"
    for before, after in pairwise(store.every_list(session)):
        if before.leaf.uri != after.leaf.uri:
            continue
        ends = before.last_epoch
        begins = after.first_epoch - 1 if after.first_epoch is not None else None
        is_falling = after.leaf.version < before.leaf.version
        if before.first_epoch is None or ends != begins or is_falling:
            yield f"the versions of {after.leaf.uri} do not follow each other"


def _check_roots(epochs: Sequence[Epoch], session: Session) -> Iterator[str]:
    """Each epoch's two roots again, from the rows that begin and end with it."""
    listed = [
        Member(
            key=stored.leaf.uri.encode(),
            hash=leaf_hash(build_list_leaf(stored.leaf)),
            first_epoch=stored.first_epoch,
            last_epoch=stored.last_epoch,
        )
        for stored in store.every_list(session)
        if stored.first_epoch is not None
    ]
    trusted = store.every_trust_member(session)
    rows = zip(epochs, _roots(listed, len(epochs)), _roots(trusted, len(epochs)), strict=True)
    for epoch, (count, lists_root), (_, trust_root) in rows:
        if (epoch.leaf.lists, epoch.leaf.lists_root) != (count, lists_root):
            yield f"the lists of epoch {epoch.size} do not give its root"
        if epoch.leaf.trust_root != trust_root:
            yield f"the trust leaves of epoch {epoch.size} do not give its root"


def _roots(members: Sequence[Member], epochs: int) -> Iterator[tuple[int, bytes]]:
    """For each epoch how many members it has and the root over them, sorted by key."""
    begins: dict[int, list[Member]] = defaultdict(list)
    ends: dict[int, list[Member]] = defaultdict(list)
    for member in members:
        begins[member.first_epoch].append(member)
        if member.last_epoch is not None:
            ends[member.last_epoch + 1].append(member)
    current: dict[bytes, bytes] = {}
    root = EMPTY_ROOT
    for number in range(1, epochs + 1):
        for member in ends[number]:
            current.pop(member.key, None)
        for member in begins[number]:
            current[member.key] = member.hash
        if ends[number] or begins[number]:
            root = tree_root([current[key] for key in sorted(current)])
        yield len(current), root
