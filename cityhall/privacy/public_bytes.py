"""
Every byte that the city shows the world or writes to a chain, from the stored city.

Tables of the register and of the witness count as public unless they are named here as private, so
a table that somebody adds later is scanned before anybody thinks of it. To them come the answers
that are made from the tables: the snapshot, proofs, and staples of given entries.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import MetaData, inspect, select

from cityhall.privacy.views import Piece
from credentials.model import StatusReference
from encoding.strict_json import build_json
from ledger.errors import NoSuchEntry
from register.publications import Publications
from runtime.database import Database

PRIVATE_TABLES: Final = frozenset({"alembic_version"})
PRIVATE_PREFIX: Final = "runtime_"
"""Audit log, sessions, replay memory: they never leave the operator's machine."""


def collect(
    *,
    register: Database,
    witness: Database | None,
    staples: Iterable[StatusReference],
    files: Iterable[Path],
) -> list[Piece]:
    """All public pieces; `staples`: entries to show, `files`: receipts, memos, `.ots`, calldata."""
    pieces = [*stored_pieces("register", register)]
    if witness is not None:
        pieces += stored_pieces("witness", witness)
    pieces += shown_pieces(register, staples)
    pieces += [Piece(path.name, path.read_bytes()) for path in files]
    return pieces


def stored_pieces(service: str, database: Database) -> Iterator[Piece]:
    """Every column of every public table, row by row."""
    with database.reading() as session:
        connection = session.connection()
        tables = MetaData()
        names = [name for name in inspect(connection).get_table_names() if is_public(name)]
        tables.reflect(connection, only=names)
        for table in tables.sorted_tables:
            for number, row in enumerate(session.execute(select(table)).mappings()):
                for column, value in row.items():
                    if isinstance(value, str | bytes):
                        data = value.encode() if isinstance(value, str) else value
                        yield Piece(f"{service} {table.name}.{column} row {number}", data)


def is_public(table: str) -> bool:
    """Whether its rows leave the machine."""
    return table not in PRIVATE_TABLES and not table.startswith(PRIVATE_PREFIX)


def shown_pieces(register: Database, staples: Iterable[StatusReference]) -> Iterator[Piece]:
    """What the register answers: the snapshot with its proofs, and staples."""
    publications = Publications(register)
    try:
        yield Piece("snapshot", publications.snapshot(since=0)[1])
    except NoSuchEntry:
        return
    for number, reference in enumerate(staples):
        try:
            staple = publications.proof(reference.uri, index=reference.index)
        except NoSuchEntry:
            continue  # its list is not in the published epoch yet
        yield Piece(f"staple {number}", build_json(staple))
