"""
S-206, S-209: a full disk, a clock set back, two writers in two processes; SQLite and PostgreSQL.

After each fault the log is whole (`fsck`'s checks), what was stored before is there byte for byte,
and no size has two checkpoints.
"""

import os
import resource
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent.parent / "ledger"))
sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))

from ledgers import City, MemoryWitness
from test_postgresql import cluster, wait_for

from ledger import store
from ledger.errors import ClockWentBack, WitnessUnavailable
from runtime.database import Database
from runtime.errors import DatabaseUnavailable

LIST = "https://issuer.example/agencies/transport/status/1"
__all__ = ["cluster"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/register.sqlite3"
    url = request.getfixturevalue("cluster")
    database = Database(url)
    wait_for(database)
    with database.writing() as session:
        session.execute(text("DROP SCHEMA public CASCADE"))
        session.execute(text("CREATE SCHEMA public"))
    database.close()
    return url


def stored(city):
    """Every row of the log."""
    with city.database.reading() as session:
        return {
            table.name: sorted(map(repr, session.execute(table.select())))
            for table in store.metadata.sorted_tables
        }


def heads(city):
    with city.database.reading() as session:
        return {epoch.size: epoch.checkpoint for epoch in store.every_epoch(session)}


def in_child(work):
    """Run in a process of its own; its exit code, or the signal that ended it, negative."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = work()
        finally:
            os._exit(code)
    return child


def end_of(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_clock_set_back_is_refused_and_changes_nothing(url, tmp_path):
    city = City(tmp_path, url=url)
    for version in range(1, 4):
        city.submit(LIST, version)
        city.close()
    before = stored(city)
    city.now -= timedelta(hours=1)
    for _ in range(2):
        with pytest.raises(ClockWentBack):
            city.closer.close()

    assert stored(city) == before
    city.now += timedelta(hours=1)
    city.close()
    assert city.check() == []
    city.database.close()


def test_s203_two_closers_in_two_processes_never_fork_the_log(url, tmp_path):
    City(tmp_path, [], threshold=0, url=url).database.close()

    def work():
        city = City(tmp_path, [], threshold=0, url=url)
        for _ in range(8):
            city.closer.close()
            city.closer.settle()
        return 0

    children = [in_child(work) for _ in range(3)]
    ends = [end_of(child) for child in children]
    city = City(tmp_path, [], threshold=0, url=url)
    city.closer.settle()

    assert ends == [0, 0, 0]
    assert city.check() == []
    assert sorted(heads(city)) == list(range(1, 25))
    city.database.close()


@pytest.mark.parametrize("mode", ["kill-before", "kill-after"])
@pytest.mark.parametrize(
    "place", ["register.append", "register.sign", "register.keep_signature", "register.publish"]
)
def test_a_writer_killed_at_any_step_leaves_a_whole_log(url, tmp_path, place, mode):
    """The same on both databases: what was signed is signed still, and the next writer goes on."""

    def work():
        city = City(tmp_path, [], threshold=0, url=url)
        os.environ["CITY_FAILPOINT"] = f"{place}:{mode}:3"
        for version in range(1, 6):
            city.submit(LIST, version)
            city.close()
        return 0

    end = end_of(in_child(work))
    city = City(tmp_path, [], threshold=0, url=url)
    seen, breaches = heads(city), city.check()
    city.now += timedelta(hours=1)
    city.submit(LIST, 9)
    epoch = city.close()

    assert end == -signal.SIGKILL
    assert breaches == [] == city.check()
    assert {size: note for size, note in seen.items() if note}.items() <= heads(city).items()
    assert epoch.size >= 3
    city.database.close()


def test_a_full_disk_is_named_and_loses_nothing(tmp_path):
    """No file may grow any more: the epoch is refused, and goes through when there is room."""
    url = f"sqlite:///{tmp_path}/register.sqlite3"
    city = City(tmp_path, [], threshold=0, url=url)
    for version in range(1, 4):
        city.submit(LIST, version)
        city.close()
    before = stored(city)
    city.database.close()

    def work():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        full = City(tmp_path, [], threshold=0, url=url)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        try:
            full.submit(LIST, 4, token=os.urandom(200_000))
        except DatabaseUnavailable:
            return 0 if stored(full) == before else 3
        return 2

    end = end_of(in_child(work))
    city = City(tmp_path, [], threshold=0, url=url)

    assert end == 0
    assert stored(city) == before
    assert city.check() == []
    city.now += timedelta(hours=1)
    city.submit(LIST, 4)
    city.close()
    assert city.check() == []


def test_without_a_quorum_what_was_published_stays_as_it_was(url, tmp_path):
    city = City(tmp_path, [MemoryWitness()], url=url)
    city.close()
    with city.database.reading() as session:
        before = store.published_epoch(session)
    city.witnesses[0].is_away = True
    with pytest.raises(WitnessUnavailable):
        city.close()

    with city.database.reading() as session:
        assert store.published_epoch(session) == before
    assert city.check() == []
    city.database.close()
