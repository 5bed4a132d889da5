"""PostgreSQL keeps the same promises as SQLite. Needs the server's programs and psycopg."""

import os
import shutil
import subprocess
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from runtime import audit
from runtime.database import Database, migrate
from runtime.errors import DatabaseUnavailable
from runtime.once import Limiter, Once
from runtime.web_sessions import WebSessions

COUNT_UP = """
import sys
from sqlalchemy import text
from runtime.database import Database
database = Database(sys.argv[1])
for _ in range(25):
    with database.writing() as session:
        number = session.execute(text("SELECT count(*) FROM paper")).scalar_one()
        session.execute(text("INSERT INTO paper VALUES (:name, '')"), {"name": str(number)})
"""
CLAIM = """
import sys
from datetime import UTC, datetime, timedelta
from runtime.clock import system_clock
from runtime.database import Database
from runtime.once import Once
once = Once(Database(sys.argv[1]), system_clock(0))
until = datetime.now(UTC) + timedelta(minutes=5)
print(sum(once.claim("nonce", str(key), until=until) for key in range(50)))
"""
MIGRATE = """
import sys
from pathlib import Path
from runtime.database import Database, migrate
migrate(Database(sys.argv[1]), Path(sys.argv[2]))
"""


def find_programs():
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@pytest.fixture(scope="module")
def cluster():
    """A throw-away server on a socket of its own; PostgreSQL refuses to run as root."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="city-postgresql-"))
    user = {}
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        user = {"user": "postgres", "group": "postgres", "extra_groups": []}
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **user}
    initdb = [programs / "initdb", "--auth=trust", "--username=city", "--encoding=UTF8", data]
    subprocess.run(initdb, check=True, **quiet)
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses="], **quiet
    )
    yield f"postgresql://city@/postgres?host={folder}"
    server.terminate()
    server.wait(timeout=60)
    shutil.rmtree(folder)


@pytest.fixture
def database(cluster, migrations):
    made = Database(cluster)
    wait_for(made)
    with made.writing() as session:
        session.execute(text("DROP SCHEMA public CASCADE"))
        session.execute(text("CREATE SCHEMA public"))
    migrate(made, migrations)
    yield made
    made.close()


def wait_for(database):
    deadline = time.monotonic() + 60
    while True:
        try:
            with database.reading() as session:
                session.execute(text("SELECT 1"))
                return
        except DatabaseUnavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def run_all(start_process, cluster, code, *arguments, times):
    environment = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    started = [start_process(code, cluster, *arguments, **environment) for _ in range(times)]
    outputs = []
    for process in started:
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        outputs.append(output)
    return outputs


def test_writers_in_four_processes_take_turns(database, cluster, start_process):
    run_all(start_process, cluster, COUNT_UP, times=4)
    with database.reading() as session:
        names = session.execute(text("SELECT name FROM paper")).scalars().all()

    assert sorted(map(int, names)) == list(range(100))


def test_each_key_is_claimed_by_one_of_four_processes(database, cluster, start_process):
    claimed = run_all(start_process, cluster, CLAIM, times=4)

    assert sum(map(int, claimed)) == 50


def test_processes_that_start_together_migrate_once(database, cluster, migrations, start_process):
    with database.writing() as session:
        session.execute(text("DROP SCHEMA public CASCADE"))
        session.execute(text("CREATE SCHEMA public"))
    run_all(start_process, cluster, MIGRATE, migrations, times=4)

    assert audit.verify_chain(database) == []


def test_limits_and_claims_end_with_their_time(database, clock):
    limiter, once = Limiter(database, clock), Once(database, clock)
    per = timedelta(seconds=60)
    allowed = [limiter.allow("code", "a", limit=2, per=per) for _ in range(3)]
    first = once.claim("nonce", "a", until=clock() + per)
    second = once.claim("nonce", "a", until=clock() + per)
    clock.forward(seconds=60)

    assert allowed == [True, True, False]
    assert (first, second) == (True, False)
    assert limiter.allow("code", "a", limit=2, per=per)
    assert once.claim("nonce", "a", until=clock() + per)


def test_the_audit_log_is_whole_and_cannot_be_changed(database, clock):
    for _ in range(3):
        with database.writing() as session:
            audit.record(session, clock=clock, actor="a", action="issue", subject="s")
    for statement in ("UPDATE runtime_audit SET actor = 'x'", "DELETE FROM runtime_audit"):
        with pytest.raises(DBAPIError), database.writing() as session:
            session.execute(text(statement))

    assert audit.verify_chain(database) == []
    assert audit.head(database).count == 3


def test_a_block_that_fails_leaves_no_trace(database):
    with pytest.raises(ZeroDivisionError), database.writing() as session:  # noqa: PT012
        session.execute(text("INSERT INTO paper VALUES ('permit', '')"))
        _ = 1 / 0

    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM paper")).scalar_one() == 0


def test_a_session_begins_and_ends(database, clock):
    sessions = WebSessions(database, clock, cookie_name="__Host-portal")
    session = sessions.create(subject="officer:1", content={})
    renewed = sessions.rotate(session)
    sessions.destroy(renewed)

    with database.reading() as reading:
        count = reading.execute(text("SELECT count(*) FROM runtime_web_session")).scalar_one()
    assert count == 0


def test_a_server_that_is_away_is_unavailable(tmp_path):
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    database = Database(f"postgresql://city@/postgres?host={tmp_path}")
    with pytest.raises(DatabaseUnavailable), database.writing():
        pass
