"""
The database of one service: SQLite in a file, or PostgreSQL.

Promises, the same on both:

- `writing()` is one transaction, all or nothing, and there is one writer at a time: on SQLite
  BEGIN IMMEDIATE, on PostgreSQL an advisory lock. So what a writer reads stays true until it
  commits, also between processes.
- `write_together()` is the same for one piece of work; pieces that wait at the same time share one
  transaction, and so one wait for the disk. Each is kept or leaves no trace by itself.
- `reading()` sees one consistent state and never waits for a writer.
- What was committed survives kill -9 and power loss (WAL with synchronous=FULL).
- A database that stays locked or away is `DatabaseUnavailable`; then nothing was written.

In-memory databases are refused: they keep no promise.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from runtime.errors import DatabaseUnavailable, SettingsError
from runtime.shared_writes import Piece, SharedWrites
from runtime.tables import create_runtime_tables

__all__ = ["Database", "Session", "create_runtime_tables", "migrate"]

BUSY_MILLISECONDS: Final = 10_000
"""How long a writer waits for the one before it."""

_WRITER_LOCK: Final = 0x63697479
"""Key of the PostgreSQL advisory lock that all writers take; it reads "city"."""

_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    # What was deleted is overwritten: forgotten claims do not lie on in free pages.
    "PRAGMA secure_delete=ON",
)
_SQLITE_FAULTS: Final = frozenset((5, 6, 8, 10, 13, 14))
"""Result codes BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN; all else is a bug of ours."""

_MIGRATION_ENVIRONMENT: Final = Path(__file__).parent / "migration_environment"
CONNECTIONS: Final = 40
"""More than a service has threads, so that none waits for another's connection."""

T = TypeVar("T")

_migrating: Final = threading.Lock()
"""Alembic keeps its `op` in a global, so one thread migrates at a time."""


class Database:
    """Opens no connection until it is used."""

    def __init__(self, url: str) -> None:
        self.url = _checked_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._thread = threading.local()
        self._turn = threading.Lock()
        self._shared = SharedWrites(self._write_all)
        self.engine = _build_sqlite(self.url) if self.is_sqlite else _build_postgresql(self.url)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that commits at the end of the block, or leaves no trace."""
        with (
            self._one_writer(),
            _faults_named("database did not take the write"),
            self.engine.connect() as connection,
            _begin_writing(connection),
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session
            session.flush()

    def write_together(self, work: Callable[[Session], T]) -> T:
        """
        Do a short piece of work in a transaction that others may share; returns when it is
        committed. It may run in another thread, and again when one beside it failed: it must do
        nothing but read and write through the session.
        """
        self._refuse_writer_in_writer()
        return self._shared.do(work)

    def _write_all(self, pieces: list[Piece[Any]]) -> None:
        with self.writing() as session:
            for piece in pieces:
                piece.run(session)

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        """One at a time: SQLite would let the others ask again and again, with growing pauses."""
        self._refuse_writer_in_writer()
        if not self._turn.acquire(timeout=BUSY_MILLISECONDS / 1000):
            raise DatabaseUnavailable("database did not take the write")
        self._thread.is_writing = True
        try:
            yield
        finally:
            self._thread.is_writing = False
            self._turn.release()

    def _refuse_writer_in_writer(self) -> None:
        """A writer inside a writer would wait for itself; that is a bug, told at once."""
        if getattr(self._thread, "is_writing", False):
            raise RuntimeError("this thread is writing already: pass the session on")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view. Whatever the block changes is forgotten."""
        with (
            _faults_named("database did not answer"),
            self.engine.connect() as connection,
            Session(connection, expire_on_commit=False, autoflush=False) as session,
        ):
            yield session

    @contextmanager
    def count(self) -> Iterator[Counter[str]]:
        """Counts `statements` and `commits` of all threads while the block runs."""
        counter: Counter[str] = Counter()

        def on_statement(*arguments: Any) -> None:
            if not str(arguments[2]).startswith(("BEGIN", "PRAGMA")):
                counter["statements"] += 1

        def on_commit(_connection: Connection) -> None:
            counter["commits"] += 1

        event.listen(self.engine, "before_cursor_execute", on_statement)
        event.listen(self.engine, "commit", on_commit)
        try:
            yield counter
        finally:
            event.remove(self.engine, "before_cursor_execute", on_statement)
            event.remove(self.engine, "commit", on_commit)

    def close(self) -> None:
        """Let go of every connection. The database can be used again afterwards."""
        self.engine.dispose()


def migrate(database: Database, migrations_folder: Path) -> None:
    """
    Bring the tables of one service to their newest form, in one transaction.

    Processes that start together do it one after the other; the later ones find nothing to do.
    """
    versions = migrations_folder / "versions"
    config = Config()
    config.set_main_option("script_location", str(_MIGRATION_ENVIRONMENT).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    folder = versions if versions.is_dir() else migrations_folder
    config.set_main_option("version_locations", str(folder).replace("%", "%%"))
    config.attributes["version_table"] = f"{migrations_folder.parent.name}_{migrations_folder.name}"
    with _migrating, database.writing() as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")


@contextmanager
def _faults_named(message: str) -> Iterator[None]:
    """Turn what is the machine's fault into `DatabaseUnavailable` and let bugs through."""
    try:
        yield
    except (InterfaceError, PoolTimeoutError) as error:
        raise DatabaseUnavailable(message) from error
    except OperationalError as error:
        code = getattr(error.orig, "sqlite_errorcode", None)
        if code is None or code & 0xFF in _SQLITE_FAULTS:
            raise DatabaseUnavailable(message) from error
        raise


@contextmanager
def _begin_writing(connection: Connection) -> Iterator[None]:
    connection.execution_options(city_begin="BEGIN IMMEDIATE")
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"))
        yield


def _checked_url(url: str) -> URL:
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or ":memory:" in parsed.database:
            raise SettingsError("database must be a file, not memory")
        return parsed
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise SettingsError("database must be sqlite or postgresql")


def _build_sqlite(url: URL) -> Engine:
    path = Path(url.database or "").absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Created here, so that only its owner can read it; SQLite's side files follow its mode.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=CONNECTIONS,
        connect_args={"timeout": BUSY_MILLISECONDS / 1000},
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN comes too late and is never IMMEDIATE; we say it ourselves.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("city_begin", "BEGIN"))

    return engine


def _build_postgresql(url: URL) -> Engine:
    return create_engine(
        url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 5}
    )
