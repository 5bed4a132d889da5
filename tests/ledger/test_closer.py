"""Epochs are closed, signed once, witnessed, served; and the log stays whole."""

import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

sys.path.insert(0, str(Path(__file__).parent))

from ledgers import NOON, City, MemoryWitness

from ledger import log, store
from ledger.anchor import verify_anchor
from ledger.errors import (
    AnchorError,
    ClockWentBack,
    LogDamaged,
    NoSuchEntry,
    OlderList,
    WitnessIsAhead,
    WitnessUnavailable,
)
from ledger.note import parse_checkpoint_text, parse_note, verify_checkpoint
from runtime.errors import RuntimeServiceError

LIST = "https://issuer.example/agencies/transport/status/1"


@pytest.fixture
def city(tmp_path):
    return City(tmp_path)


def test_a_list_is_anchored_in_the_next_epoch(city):
    city.submit(LIST, 1)
    city.close()
    found = city.anchored(LIST)

    anchor = verify_anchor(found.proof, policy=city.policy, uri=LIST, token=found.stored.token)

    assert (anchor.epoch, anchor.version, anchor.bits, anchor.size) == (1, 1, 2, 1024)
    assert anchor.time == NOON + timedelta(seconds=60)
    assert city.check() == []


def test_a_list_that_waits_is_not_served_yet(city):
    city.close()
    city.submit(LIST, 1)

    with pytest.raises(NoSuchEntry):
        city.anchored(LIST)


def test_an_epoch_closes_with_no_change_at_all(city):
    first, second = city.close(), city.close()

    assert (first.size, second.size) == (1, 2)
    assert first.leaf.lists_root == second.leaf.lists_root
    assert city.check() == []


def test_three_hundred_epochs_fill_tiles_and_stay_whole(city):
    for version in range(1, 301):
        if version % 7 == 0:
            city.submit(LIST, version)
        city.close()
    found = city.anchored(LIST)

    assert (
        verify_anchor(found.proof, policy=city.policy, uri=LIST, token=found.stored.token).epoch
        == 300
    )
    assert city.check() == []


def test_many_lists_of_many_versions_each_have_their_proof(city):
    uris = [f"https://issuer.example/status/{number}" for number in range(13)]
    for version in range(1, 4):
        for uri in uris[version:]:
            city.submit(uri, version)
        city.close()

    for uri in uris[1:]:
        found = city.anchored(uri)
        anchor = verify_anchor(found.proof, policy=city.policy, uri=uri, token=found.stored.token)
        assert anchor.epoch == 3
    assert city.check() == []


def test_i5_an_older_version_is_refused(city):
    city.submit(LIST, 5)
    city.close()

    with pytest.raises(OlderList):
        city.submit(LIST, 4)


def test_i5_of_two_lists_of_one_second_the_first_never_comes_back(city):
    city.submit(LIST, 5, token=b"first")
    city.submit(LIST, 5, token=b"second")
    city.close()
    city.submit(LIST, 5, token=b"third")

    for gone in (b"first", b"second"):
        with pytest.raises(OlderList):
            city.submit(LIST, 5, token=gone)
    city.close()
    assert city.anchored(LIST).stored.token == b"third"
    assert city.check() == []


def test_the_same_bytes_again_change_nothing(city):
    assert city.submit(LIST, 5) is True
    assert city.submit(LIST, 5) is False
    city.close()
    assert city.submit(LIST, 5) is False
    assert city.check() == []


def test_a_version_that_waits_gives_way_to_a_newer_one(city):
    city.submit(LIST, 1)
    city.submit(LIST, 2)
    city.close()

    assert city.anchored(LIST).stored.leaf.version == 2
    assert city.check() == []


def test_without_its_witness_an_epoch_closes_and_is_not_served(city):
    city.submit(LIST, 1)
    city.close()
    city.witnesses[0].is_away = True
    city.submit(LIST, 2)

    with pytest.raises(WitnessUnavailable):
        city.close()

    assert city.anchored(LIST).stored.leaf.version == 1
    assert city.check() == []

    city.witnesses[0].is_away = False
    city.close()

    assert city.anchored(LIST).stored.leaf.version == 2
    assert city.check() == []


def test_three_of_four_witnesses_are_enough_and_two_are_not(tmp_path):
    witnesses = [MemoryWitness(seed=seed) for seed in (2, 3, 4, 5)]
    city = City(tmp_path, witnesses, threshold=3)
    witnesses[0].is_away = True
    epoch = city.close()

    assert len(verify_checkpoint(epoch.witnessed, city.policy).cosignatures) == 3

    witnesses[1].is_away = True
    with pytest.raises(WitnessUnavailable):
        city.close()


def test_a_witness_that_missed_epochs_catches_up(city):
    city.close()
    away = city.witnesses[0]
    away.is_away = True
    for _ in range(3):
        with pytest.raises(WitnessUnavailable):
            city.close()
    away.is_away = False
    city.close()

    assert away.asked[-1] == (1, 5)


def test_a_restart_asks_the_witness_where_it_stands(city):
    city.close()
    with city.database.writing() as session:
        session.execute(text("DELETE FROM ledger_witness"))
    city.closer = city.new_closer()
    city.close()

    assert city.witnesses[0].asked[-2:] == [(0, 2), (1, 2)]
    assert city.witnesses[0].size == 2


def test_i4_a_database_restored_from_an_old_copy_signs_nothing(tmp_path):
    witness = MemoryWitness()
    city = City(tmp_path, [witness])
    city.close()
    city.database.close()
    old = (tmp_path / "register.sqlite3").read_bytes()
    wal = tmp_path / "register.sqlite3-wal"
    city.close()
    city.close()
    city.database.close()
    wal.unlink(missing_ok=True)
    (tmp_path / "register.sqlite3").write_bytes(old)
    restored = City(tmp_path, [witness])
    restored.now = city.now

    with pytest.raises(WitnessIsAhead):
        restored.close()

    with restored.database.reading() as session:
        assert store.signed_size(session) == 1


def test_the_clock_may_not_go_back(city):
    city.close()
    city.now -= timedelta(hours=1)

    with pytest.raises(ClockWentBack):
        city.close()


def test_a_corrected_clock_keeps_the_time_of_the_epoch_before(city):
    first = city.close()
    city.now -= timedelta(seconds=63)
    second = city.close()

    assert second.leaf.time == first.leaf.time
    assert city.check() == []


def test_ticks_close_one_epoch_a_minute(city):
    for _ in range(5):
        city.closer.tick()
        city.now += timedelta(seconds=30)
        city.witnesses[0].clock = city.now

    with city.database.reading() as session:
        assert store.newest_epoch(session).size == 3


def test_s203_two_closers_at_once_never_split_the_log(city):
    failures = []

    def work():
        closer = city.new_closer()
        for _ in range(5):
            try:
                closer.close()
                closer.settle()
            except WitnessUnavailable:
                pass
            except (LogDamaged, RuntimeServiceError, SQLAlchemyError) as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    city.closer.settle()

    assert failures == []
    assert city.check() == []
    with city.database.reading() as session:
        assert log.published(session).size == 15


def test_one_size_is_signed_once(city):
    city.witnesses[0].is_away = True
    city.closer._is_reconciled = True
    with pytest.raises(WitnessUnavailable):
        city.close()
    with city.database.reading() as session:
        signed = store.newest_epoch(session).checkpoint
    city.witnesses[0].is_away = False
    city.closer = city.new_closer()
    epoch = city.closer.settle()

    assert epoch.checkpoint == signed
    assert parse_checkpoint_text(parse_note(epoch.witnessed).text).root == epoch.root


def test_the_bytes_of_a_proof_fit_no_other_list(city):
    other = LIST + "0"
    city.submit(LIST, 1)
    city.submit(other, 1)
    city.close()
    found = city.anchored(LIST)
    policy = city.policy

    with pytest.raises(AnchorError) as wrong_list:
        verify_anchor(found.proof, policy=policy, uri=other, token=found.stored.token)
    with pytest.raises(AnchorError) as wrong_token:
        verify_anchor(found.proof, policy=policy, uri=LIST, token=b"other")

    assert wrong_list.value.detail == "wrong_list"
    assert wrong_token.value.detail == "wrong_token"


def test_a_change_of_the_trust_registry_is_part_of_the_next_epoch(city):
    first = city.close()
    city.trust = [*city.trust, type(city.trust[0])(b"verifier/x", bytes(32))]
    second = city.close()
    city.trust = city.trust[1:]
    third = city.close()

    assert len({first.leaf.trust_root, second.leaf.trust_root, third.leaf.trust_root}) == 3
    assert city.check() == []


def test_the_bytes_of_replaced_lists_are_let_go_after_a_day(city, monkeypatch):
    monkeypatch.setattr(log, "KEEP_TOKENS", 2)
    for version in range(1, 7):
        city.submit(LIST, version)
        city.close()

    with city.database.reading() as session:
        kept = [stored.token is not None for stored in store.every_list(session, with_tokens=True)]
    assert kept == [False, False, True, True, True, True]
    assert city.check() == []


def test_of_two_processes_that_see_an_epoch_due_one_closes_it(city):
    other = city.new_closer()
    first_look = city.closer._is_due

    def look(session):
        is_due = first_look(session)
        if is_due:
            city.closer._is_due = first_look
            other.tick()
        return is_due

    city.closer._is_due = look
    city.closer.tick()

    with city.database.reading() as session:
        assert store.newest_epoch(session).size == 1
