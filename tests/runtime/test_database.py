"""What was committed is there, what was not is not, and there is one writer at a time."""

import os
import signal
import sqlite3
import stat
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from runtime.database import Database, migrate
from runtime.errors import DatabaseUnavailable, SettingsError

COUNT_UP = """
import sys
from sqlalchemy import text
from runtime.database import Database
database = Database(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with database.writing() as session:
        number = session.execute(text("SELECT count(*) FROM paper")).scalar_one()
        session.execute(text("INSERT INTO paper VALUES (:name, :writer)"),
                        {"name": str(number), "writer": sys.argv[3]})
"""
WRITE_AND_HANG = """
import sys, time
from sqlalchemy import text
from runtime.database import Database
database = Database(sys.argv[1])
with database.writing() as session:
    session.execute(text("INSERT INTO paper VALUES ('kept', 'child')"))
with database.writing() as session:
    session.execute(text("INSERT INTO paper VALUES ('lost', 'child')"))
    print("ready", flush=True)
    time.sleep(60)
"""
MIGRATE = """
import sys
from pathlib import Path
from runtime.database import Database, migrate
migrate(Database(sys.argv[1]), Path(sys.argv[2]))
"""


def names(database):
    with database.reading() as session:
        return session.execute(text("SELECT name FROM paper ORDER BY name")).scalars().all()


def add(database, name):
    with database.writing() as session:
        session.execute(text("INSERT INTO paper VALUES (:name, '')"), {"name": name})


def test_a_block_that_ends_well_is_kept(database):
    add(database, "permit")

    assert names(database) == ["permit"]


def test_a_block_that_fails_leaves_no_trace(database):
    with pytest.raises(ZeroDivisionError), database.writing() as session:  # noqa: PT012
        session.execute(text("INSERT INTO paper VALUES ('permit', '')"))
        _ = 1 / 0

    assert names(database) == []


def test_what_a_reader_changes_is_forgotten(database):
    with database.reading() as session:
        session.execute(text("INSERT INTO paper VALUES ('permit', '')"))

    assert names(database) == []


def test_a_reader_sees_one_state_while_a_writer_goes_on(database):
    add(database, "first")
    with database.reading() as session:
        before = session.execute(text("SELECT count(*) FROM paper")).scalar_one()
        add(database, "second")
        after = session.execute(text("SELECT count(*) FROM paper")).scalar_one()

    assert (before, after) == (1, 1)
    assert names(database) == ["first", "second"]


def test_writers_in_four_processes_take_turns(database, start_process):
    """Each reads the count and writes it: two at once would write the same number."""
    writers = [start_process(COUNT_UP, database.url, 25, writer) for writer in range(4)]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors

    assert sorted(map(int, names(database))) == list(range(100))


def test_writers_in_eight_threads_take_turns(database):
    def count_up():
        for _ in range(10):
            with database.writing() as session:
                number = session.execute(text("SELECT count(*) FROM paper")).scalar_one()
                session.execute(text("INSERT INTO paper VALUES (:name, '')"), {"name": str(number)})

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(int, names(database))) == list(range(80))


def test_a_killed_writer_leaves_what_it_committed_and_nothing_else(database, start_process):
    child = start_process(WRITE_AND_HANG, database.url)
    assert child.stdout.readline() == "ready\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()

    assert names(database) == ["kept"]
    add(database, "next")
    assert names(database) == ["kept", "next"]


def test_processes_that_start_together_migrate_once(tmp_path, migrations, start_process):
    url = f"sqlite:///{tmp_path}/fresh.sqlite3"
    children = [start_process(MIGRATE, url, migrations) for _ in range(4)]
    for child in children:
        _, errors = child.communicate(timeout=60)
        assert child.returncode == 0, errors

    assert names(Database(url)) == []


def test_a_later_migration_is_added_and_the_rows_stay(database, migrations):
    add(database, "permit")
    (migrations / "0002_second.py").write_text(
        'from alembic import op\nrevision = "0002"\ndown_revision = "0001"\n'
        'def upgrade():\n    op.execute("ALTER TABLE paper ADD COLUMN colour TEXT")\n'
    )
    migrate(database, migrations)

    with database.reading() as session:
        assert session.execute(text("SELECT name, colour FROM paper")).one() == ("permit", None)


def test_a_migration_that_fails_leaves_the_old_tables(database, migrations):
    (migrations / "0002_second.py").write_text(
        'from alembic import op\nrevision = "0002"\ndown_revision = "0001"\n'
        'def upgrade():\n    op.execute("DROP TABLE paper")\n    op.execute("NONSENSE")\n'
    )
    with pytest.raises(OperationalError):
        migrate(database, migrations)

    assert names(database) == []


def test_migrations_may_lie_in_a_folder_of_versions(tmp_path, migrations):
    versions = migrations / "versions"
    versions.mkdir()
    (migrations / "0001_first.py").rename(versions / "0001_first.py")
    database = Database(f"sqlite:///{tmp_path}/other.sqlite3")
    migrate(database, migrations)

    assert names(database) == []


def test_a_locked_database_is_unavailable_and_not_a_bug(database, monkeypatch):
    other = sqlite3.connect(database.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with database.reading() as session:
        session.execute(text("PRAGMA busy_timeout=50"))
    with pytest.raises(DatabaseUnavailable):
        add(database, "permit")
    other.execute("ROLLBACK")
    other.close()
    add(database, "permit")

    assert names(database) == ["permit"]


def test_a_full_disk_is_unavailable_and_keeps_what_was_there(database):
    add(database, "permit")
    with database.reading() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(DatabaseUnavailable), database.writing() as session:
        session.execute(text("INSERT INTO paper VALUES ('big', :big)"), {"big": "x" * 100_000})

    assert names(database) == ["permit"]


def test_a_mistake_in_the_statement_is_a_bug_and_not_an_outage(database):
    with pytest.raises(OperationalError), database.reading() as session:
        session.execute(text("SELECT * FROM nowhere"))


def test_an_error_names_no_value(database):
    add(database, "Sokha")
    with pytest.raises(IntegrityError) as caught:
        add(database, "Sokha")

    assert "Sokha" not in str(caught.value)


def test_a_writer_inside_a_writer_is_told_at_once(database):
    with pytest.raises(RuntimeError), database.writing():
        add(database, "permit")
    add(database, "permit")

    assert names(database) == ["permit"]


def test_every_connection_keeps_the_promises(database):
    found = {}
    with database.reading() as session:
        for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            found[pragma] = session.execute(text(f"PRAGMA {pragma}")).scalar_one()

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }


def test_only_the_owner_can_read_the_file(database):
    assert stat.S_IMODE(os.stat(database.url.database).st_mode) == 0o600


def test_statements_and_commits_are_counted(database):
    with database.count() as counter:
        add(database, "permit")
        names(database)

    assert counter == {"statements": 2, "commits": 1}
    add(database, "licence")
    assert counter["commits"] == 1


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y"])
def test_a_database_that_keeps_no_promise_is_refused(url):
    with pytest.raises(SettingsError):
        Database(url)


def test_what_was_deleted_does_not_lie_on_in_the_file(tmp_path):
    """S-233: forgotten is forgotten, on the disk as well."""
    path = tmp_path / "service.sqlite3"
    database = Database(f"sqlite:///{path}")
    with database.writing() as session:
        session.execute(text("CREATE TABLE secret (name TEXT)"))
        for number in range(50):
            session.execute(text(f"INSERT INTO secret VALUES ('Sok Dara {number:05}')"))
    with database.writing() as session:
        session.execute(text("UPDATE secret SET name = NULL WHERE name LIKE '%1'"))
        session.execute(text("DELETE FROM secret WHERE name IS NOT NULL"))
    database.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()

    assert b"Sok Dara" not in path.read_bytes()
