"""
The log's rows: epochs, tiles, the lists and trust leaves of each epoch.

SQL only; what the rows mean is in `log` and `closer`. Every function works in the caller's
transaction, so that an epoch is one transaction. A list copy and a trust leaf belong to the epochs
from `first_epoch` to `last_epoch`; no row is written for what did not change.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from ledger import tables
from ledger.epoch import (
    EpochLeaf,
    ListLeaf,
    TrustLeaf,
    build_list_leaf,
    build_trust_leaf,
    parse_epoch_leaf,
    parse_list_leaf,
)
from ledger.errors import LogDamaged
from ledger.merkle import leaf_hash
from runtime.database import Session

metadata = tables.metadata
_epoch, _tile, _list = tables.EPOCH, tables.TILE, tables.LIST
_trust, _witness = tables.TRUST, tables.WITNESS
_is_waiting = and_(_list.c.first_epoch.is_(None), _list.c.last_epoch.is_(None))

SKIPPED = 0
"""`last_epoch` of a version that gave way to a newer one before any epoch took it."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """A closed epoch. `checkpoint`: signed by the log; `witnessed`: with a quorum, so served."""

    leaf: EpochLeaf
    root: bytes
    checkpoint: str | None
    witnessed: str | None

    @property
    def size(self) -> int:
        """Leaves in the log with this epoch as the last; epoch 1 is leaf 0."""
        return self.leaf.epoch


@dataclass(frozen=True, slots=True)
class StoredList:
    """One version of a signed list. `token` is None once its bytes were let go."""

    leaf: ListLeaf
    token: bytes | None
    media_type: str
    first_epoch: int | None
    last_epoch: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """A leaf of an epoch's tree: its sort key, its hash and the epochs that it belongs to."""

    key: bytes
    hash: bytes
    first_epoch: int
    last_epoch: int | None


def newest_epoch(session: Session) -> Epoch | None:
    """The last epoch that was closed."""
    return _one_epoch(session, select(func.max(_epoch.c.epoch)).scalar_subquery())


def published_epoch(session: Session) -> Epoch | None:
    """The last epoch that a quorum of witnesses cosigned: what is served."""
    newest = select(_epoch.c.epoch).where(_epoch.c.witnessed.is_not(None))
    return _one_epoch(session, _last(newest).scalar_subquery())


def signed_size(session: Session) -> int:
    """The largest tree that the log ever signed."""
    newest = select(_epoch.c.epoch).where(_epoch.c.checkpoint.is_not(None))
    found = session.execute(_last(newest)).first()
    return int(found.epoch) if found else 0


def load_epoch(session: Session, number: int) -> Epoch | None:
    """One epoch by its number."""
    return _one_epoch(session, number)


def insert_epoch(session: Session, *, leaf: bytes, number: int, root: bytes) -> None:
    """A new epoch; its number must be free."""
    session.execute(insert(_epoch).values(epoch=number, leaf=leaf, root=root))


def set_checkpoint(session: Session, number: int, note: str) -> None:
    """Keep the log's signature, unless one is kept already."""
    session.execute(
        update(_epoch)
        .where(_epoch.c.epoch == number, _epoch.c.checkpoint.is_(None))
        .values(checkpoint=note)
    )


def set_witnessed(session: Session, number: int, note: str) -> None:
    """Keep the cosigned checkpoint, unless one is kept already: from now on it is served."""
    session.execute(
        update(_epoch)
        .where(_epoch.c.epoch == number, _epoch.c.witnessed.is_(None))
        .values(witnessed=note)
    )


def load_entries(session: Session, *, start: int, count: int) -> list[bytes]:
    """Leaves of the log, in order."""
    rows = session.execute(
        select(_epoch.c.leaf)
        .where(_epoch.c.epoch > start, _epoch.c.epoch <= start + count)
        .order_by(_epoch.c.epoch)
    )
    return [bytes(row.leaf) for row in rows]


def load_tile(session: Session, level: int, index: int) -> bytes:
    """What a tile holds so far; empty when there is none."""
    found = session.execute(
        select(_tile.c.data).where(_tile.c.level == level, _tile.c.tile == index)
    ).scalar()
    return bytes(found) if found is not None else b""


def save_tile(session: Session, level: int, index: int, data: bytes) -> None:
    """Put a tile in the place of its shorter self."""
    place = and_(_tile.c.level == level, _tile.c.tile == index)
    if session.execute(select(_tile.c.level).where(place)).first() is None:
        session.execute(insert(_tile).values(level=level, tile=index, data=data))
    else:
        session.execute(update(_tile).where(place).values(data=data))


def count_tiles(session: Session) -> int:
    """How many tiles are stored."""
    return session.execute(select(func.count()).select_from(_tile)).scalar_one()


def newest_list(session: Session, uri: str) -> StoredList | None:
    """The last version of a list that was taken, anchored or waiting."""
    row = session.execute(
        select(_list).where(_list.c.uri == uri).order_by(_list.c.id.desc()).limit(1)
    ).first()
    return _stored_list(row) if row else None


def newest_lists(session: Session) -> list[StoredList]:
    """The last version of every list, without tokens."""
    newest = select(func.max(_list.c.id)).group_by(_list.c.uri)
    columns = [column for column in _list.c if column.name != "token"]
    rows = session.execute(select(*columns).where(_list.c.id.in_(newest)).order_by(_list.c.uri))
    return [_stored_list(row) for row in rows]


def was_taken(session: Session, uri: str, digest: bytes) -> bool:
    """Whether these bytes were ever the newest of this list."""
    found = select(_list.c.id).where(_list.c.uri == uri, _list.c.digest == digest)
    return session.execute(found).first() is not None


def insert_list(session: Session, *, leaf: ListLeaf, token: bytes, media_type: str) -> None:
    """
    A version that waits for the next epoch, in the place of one that waited before it.

    The one before stays known without its bytes as long as another of its version could come.
    """
    session.execute(
        update(_list)
        .where(_list.c.uri == leaf.uri, _is_waiting)
        .values(last_epoch=SKIPPED, token=None)
    )
    session.execute(
        delete(_list).where(
            _list.c.uri == leaf.uri,
            _list.c.last_epoch == SKIPPED,
            _list.c.version < leaf.version,
        )
    )
    session.execute(
        insert(_list).values(
            uri=leaf.uri,
            version=leaf.version,
            digest=leaf.token_digest,
            leaf=build_list_leaf(leaf),
            token=token,
            media_type=media_type,
        )
    )


def take_waiting_lists(session: Session, epoch: int) -> None:
    """Let every waiting version into this epoch and end the one that it replaces."""
    session.execute(
        update(_list)
        .where(
            _list.c.first_epoch.is_not(None),
            _list.c.last_epoch.is_(None),
            _list.c.uri.in_(select(_list.c.uri).where(_is_waiting)),
        )
        .values(last_epoch=epoch - 1)
    )
    session.execute(update(_list).where(_is_waiting).values(first_epoch=epoch))


def leaves_of_epoch(session: Session, epoch: int) -> list[tuple[str, bytes]]:
    """URI and leaf of every list of an epoch, in the order of the snapshot tree."""
    rows = session.execute(select(_list.c.uri, _list.c.leaf).where(_within(_list, epoch)))
    # Sorted here: the collations of databases differ.
    return sorted(((uri, bytes(leaf)) for uri, leaf in rows), key=lambda row: row[0].encode())


def list_of_epoch(session: Session, epoch: int, uri: str) -> StoredList | None:
    """One list of an epoch with its token."""
    row = session.execute(select(_list).where(_list.c.uri == uri, _within(_list, epoch))).first()
    return _stored_list(row) if row else None


def tokens_of_epoch(session: Session, epoch: int, *, since: int) -> dict[str, bytes]:
    """The tokens of an epoch that are newer than epoch `since`, by URI."""
    rows = session.execute(
        select(_list.c.uri, _list.c.token).where(
            _within(_list, epoch), _list.c.first_epoch > since, _list.c.token.is_not(None)
        )
    )
    return {row.uri: bytes(row.token) for row in rows}


def every_list(session: Session, *, with_tokens: bool = False) -> Iterator[StoredList]:
    """Every version that was anchored or waits, by URI and age, one row at a time."""
    columns = [column for column in _list.c if with_tokens or column.name != "token"]
    rows = session.execute(
        select(*columns)
        .where(or_(_list.c.last_epoch.is_(None), _list.c.last_epoch != SKIPPED))
        .order_by(_list.c.uri, _list.c.id),
        execution_options={"yield_per": 64},
    )
    for row in rows:
        yield _stored_list(row)


def every_version(session: Session, uri: str) -> list[StoredList]:
    """Every version of one list that was anchored or waits, oldest first, without tokens."""
    columns = [column for column in _list.c if column.name != "token"]
    rows = session.execute(
        select(*columns)
        .where(_list.c.uri == uri, or_(_list.c.last_epoch.is_(None), _list.c.last_epoch != SKIPPED))
        .order_by(_list.c.id)
    )
    return [_stored_list(row) for row in rows]


def every_epoch(session: Session) -> list[Epoch]:
    """Every epoch in order."""
    return [_epoch_of(row) for row in session.execute(select(_epoch).order_by(_epoch.c.epoch))]


def every_trust_member(session: Session) -> list[Member]:
    """Every trust leaf that ever was, with its epochs."""
    return [
        Member(
            key=bytes(row.key),
            hash=leaf_hash(build_trust_leaf(TrustLeaf(bytes(row.key), bytes(row.digest)))),
            first_epoch=row.first_epoch,
            last_epoch=row.last_epoch,
        )
        for row in session.execute(select(_trust))
    ]


def drop_tokens_before(session: Session, epoch: int) -> None:
    """Let go of the bytes of lists that ended before this epoch; their digests stay."""
    session.execute(
        update(_list)
        .where(_list.c.last_epoch < epoch, _list.c.token.is_not(None))
        .values(token=None)
    )


def trust_of_epoch(session: Session, epoch: int) -> list[TrustLeaf]:
    """The trust leaves of an epoch, sorted by key."""
    rows = session.execute(select(_trust.c.key, _trust.c.digest).where(_within(_trust, epoch)))
    leaves = [TrustLeaf(key=bytes(row.key), digest=bytes(row.digest)) for row in rows]
    return sorted(leaves, key=lambda leaf: leaf.key)


def set_trust(session: Session, epoch: int, leaves: Sequence[TrustLeaf]) -> None:
    """Make these the trust leaves from this epoch on; unchanged ones are not touched."""
    before, after = set(trust_of_epoch(session, epoch - 1)), set(leaves)
    for leaf in before - after:
        session.execute(
            update(_trust)
            .where(_trust.c.key == leaf.key, _trust.c.last_epoch.is_(None))
            .values(last_epoch=epoch - 1)
        )
    for leaf in after - before:
        session.execute(insert(_trust).values(key=leaf.key, digest=leaf.digest, first_epoch=epoch))


def witness_size(session: Session, vkey: str) -> int:
    """The size of the last checkpoint that this witness cosigned, as far as we know."""
    found = select(_witness.c.size).where(_witness.c.vkey == vkey)
    return session.execute(found).scalar() or 0


def set_witness_size(session: Session, vkey: str, size: int) -> None:
    """Remember how far a witness is."""
    session.execute(delete(_witness).where(_witness.c.vkey == vkey))
    session.execute(insert(_witness).values(vkey=vkey, size=size))


def _within(table: Table, epoch: int) -> ColumnElement[bool]:
    ends = table.c.last_epoch
    return and_(table.c.first_epoch <= epoch, or_(ends.is_(None), ends >= epoch))


def _last(epochs: Select[tuple[int]]) -> Select[tuple[int]]:
    """The highest of some epochs; unlike max() with a condition it stops at the first row."""
    return epochs.order_by(_epoch.c.epoch.desc()).limit(1)


def _one_epoch(session: Session, number: object) -> Epoch | None:
    row = session.execute(select(_epoch).where(_epoch.c.epoch == number)).first()
    return _epoch_of(row) if row else None


def _epoch_of(row: Row[Any]) -> Epoch:
    return Epoch(
        leaf=parse_epoch_leaf(bytes(row.leaf)),
        root=bytes(row.root),
        checkpoint=row.checkpoint,
        witnessed=row.witnessed,
    )


def _stored_list(row: Row[Any]) -> StoredList:
    token = row._mapping.get("token")
    leaf = parse_list_leaf(bytes(row.leaf))
    if (row.uri, row.version, bytes(row.digest)) != (leaf.uri, leaf.version, leaf.token_digest):
        raise LogDamaged(f"a row of the list {row.uri} does not fit its leaf")
    return StoredList(
        leaf=leaf,
        token=bytes(token) if token is not None else None,
        media_type=row.media_type,
        first_epoch=row.first_epoch,
        last_epoch=row.last_epoch,
    )
