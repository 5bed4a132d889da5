"""S-206, S-208: a damaged log is found, and nothing is built on it."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent))

from ledgers import City

from ledger import log, store
from ledger.epoch import EpochLeaf, build_epoch_leaf, trust_root
from ledger.errors import LogDamaged, NoSuchEntry
from ledger.merkle import EMPTY_ROOT, leaf_hash

LIST = "https://issuer.example/agencies/transport/status/1"


@pytest.fixture
def city(tmp_path):
    return City(tmp_path)


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("a tile", "UPDATE ledger_tile SET data = zeroblob(length(data))"),
        ("a short tile", "UPDATE ledger_tile SET data = substr(data, 1, 33)"),
        ("a lost tile", "DELETE FROM ledger_tile"),
        ("a root", "UPDATE ledger_epoch SET root = zeroblob(32) WHERE epoch = 3"),
    ],
)
def test_s206_a_damaged_log_is_found_and_not_extended(city, name, statement):
    for version in range(1, 4):
        city.submit(LIST, version)
        city.close()
    with city.database.writing() as session:
        session.execute(text(statement))

    assert city.check() != []
    with pytest.raises(LogDamaged):
        city.closer.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledger_epoch WHERE epoch = 2",
        "UPDATE ledger_epoch SET leaf = (SELECT leaf FROM ledger_epoch WHERE epoch = 1)"
        " WHERE epoch = 2",
        "UPDATE ledger_epoch SET leaf = zeroblob(10) WHERE epoch = 2",
        "UPDATE ledger_epoch SET checkpoint = (SELECT checkpoint FROM ledger_epoch WHERE epoch = 1)"
        " WHERE epoch = 2",
        "UPDATE ledger_epoch SET witnessed = (SELECT witnessed FROM ledger_epoch WHERE epoch = 1)"
        " WHERE epoch = 2",
        "UPDATE ledger_list SET token = zeroblob(10) WHERE version = 3",
        "UPDATE ledger_list SET token = NULL WHERE version = 3",
        "DELETE FROM ledger_list WHERE version = 2",
        "UPDATE ledger_list SET leaf = (SELECT leaf FROM ledger_list WHERE version = 1)"
        " WHERE version = 2",
        "UPDATE ledger_list SET last_epoch = NULL WHERE version = 1",
        "UPDATE ledger_trust SET digest = zeroblob(31)",
        "DELETE FROM ledger_trust",
        "INSERT INTO ledger_tile VALUES (3, 0, x'00')",
    ],
)
def test_s208_fsck_finds_a_planted_corruption(city, statement):
    for version in range(1, 4):
        city.submit(LIST, version)
        city.close()
    before = city.check()
    with city.database.writing() as session:
        session.execute(text(statement))

    assert before == []
    assert city.check() != []


def test_a_list_under_another_address_is_damage(city):
    city.submit(LIST, 1)
    city.close()
    with city.database.writing() as session:
        session.execute(text("UPDATE ledger_list SET uri = 'https://elsewhere.example/'"))

    with pytest.raises(NoSuchEntry):
        city.anchored(LIST)
    assert city.check() != []


def test_a_snapshot_that_does_not_give_its_root_is_not_proved(city):
    city.submit(LIST, 1)
    city.submit(LIST + "0", 1)
    city.close()
    with city.database.writing() as session:
        session.execute(text(f"DELETE FROM ledger_list WHERE uri = '{LIST}0'"))

    with pytest.raises(LogDamaged):
        city.anchored(LIST)


def test_a_tile_of_the_wrong_length_stops_the_log(city):
    city.close()
    with city.database.writing() as session:
        session.execute(text("UPDATE ledger_tile SET data = CAST(data || zeroblob(32) AS BLOB)"))

    with pytest.raises(LogDamaged):
        city.closer.close()


def test_an_epoch_that_went_back_in_time_is_found(city):
    city.close()
    city.now -= timedelta(hours=2)
    with city.database.writing() as session:
        number = store.newest_epoch(session).size + 1
        leaf = EpochLeaf(number, city.now, 0, EMPTY_ROOT, trust_root(city.trust))
        log._append_hash(session, index=number - 1, value=leaf_hash(build_epoch_leaf(leaf)))
        store.insert_epoch(
            session,
            leaf=build_epoch_leaf(leaf),
            number=number,
            root=log.root_of(session, number),
        )

    assert city.check() == ["epoch 2 is older than the one before it"]
