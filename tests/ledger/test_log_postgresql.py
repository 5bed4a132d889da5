"""The log keeps its promises on PostgreSQL too."""

import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))

from ledgers import City
from test_postgresql import cluster, wait_for

from ledger import log
from ledger.anchor import verify_anchor
from ledger.errors import LogDamaged, OlderList, WitnessUnavailable
from runtime.database import Database

LIST = "https://issuer.example/status/1"
__all__ = ["cluster"]


@pytest.fixture
def city(cluster, tmp_path):
    database = Database(cluster)
    wait_for(database)
    with database.writing() as session:
        session.execute(text("DROP SCHEMA public CASCADE"))
        session.execute(text("CREATE SCHEMA public"))
    database.close()
    city = City(tmp_path, url=cluster)
    yield city
    city.database.close()


def test_a_list_is_anchored_and_never_rolled_back(city):
    for version in range(1, 8):
        city.submit(LIST, version)
        city.submit(LIST.replace("1", "é"), version)
        city.close()
    found = city.anchored(LIST)

    assert (
        verify_anchor(found.proof, policy=city.policy, uri=LIST, token=found.stored.token).epoch
        == 7
    )
    with pytest.raises(OlderList):
        city.submit(LIST, 3)
    assert city.check() == []


def test_several_writers_never_split_the_log(city):
    def work():
        closer = city.new_closer()
        for _ in range(4):
            closer.close()
            try:
                closer.settle()
            except WitnessUnavailable:
                continue

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    city.closer.settle()

    assert city.check() == []
    with city.database.reading() as session:
        assert log.published(session).size == 12


def test_a_damaged_tile_stops_the_log(city):
    city.close()
    with city.database.writing() as session:
        session.execute(text("UPDATE ledger_tile SET data = decode(repeat('00', 32), 'hex')"))

    assert city.check() != []
    with pytest.raises(LogDamaged):
        city.closer.close()
