"""A database in a file, a clock that stands still, and other processes of the same program."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runtime.database import Database, migrate

PROJECT = Path(__file__).resolve().parents[2]
MIGRATION = """
from alembic import op

from runtime.database import create_runtime_tables

revision = "0001"
down_revision = None


def upgrade():
    create_runtime_tables(op)
    op.execute("CREATE TABLE paper (name TEXT PRIMARY KEY, writer TEXT)")
"""


class SettableClock:
    """Stands still until it is told otherwise."""

    def __init__(self):
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def forward(self, **duration):
        self.now += timedelta(**duration)


@pytest.fixture
def clock():
    return SettableClock()


@pytest.fixture
def migrations(tmp_path):
    folder = tmp_path / "counter" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_first.py").write_text(MIGRATION)
    return folder


@pytest.fixture
def database(tmp_path, migrations):
    made = Database(f"sqlite:///{tmp_path}/counter.sqlite3")
    migrate(made, migrations)
    yield made
    made.close()


@pytest.fixture
def start_process():
    """Start `code` in another process; its standard output is read with `.communicate()`."""
    started = []

    def start(code, *arguments, **environment):
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
            cwd=PROJECT,
            env={"PATH": "/usr/bin:/bin", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
