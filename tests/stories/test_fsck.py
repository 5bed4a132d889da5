"""
`./city fsck` on a stored city: green after the whole tour, and red for each of twelve corruptions
planted in a copy of it (S-208). A corruption is what a disk, a restored backup or an intruder with
a database shell could do.
"""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from cityhall.command_line import main
from cityhall.commands.demo import open_temporary_city
from cityhall.desk import desk_of
from cityhall.fsck import check_city
from mobile_demo.tour import build_tour
from tests.support.cities import free_base_port

# (service, what happens to its database)
CORRUPTIONS = {
    "an issued credential's record is gone": (
        "issuer",
        "DELETE FROM issuer_credential WHERE id = "
        "(SELECT credential FROM issuer_status_entry LIMIT 1)",
    ),
    "a revocation is taken back in the records": (
        "issuer",
        "UPDATE issuer_credential SET status = 'valid' WHERE status = 'revoked'",
    ),
    "a status index belongs to another credential": (
        "issuer",
        "UPDATE issuer_status_entry SET credential = 'nobody' WHERE rowid = "
        "(SELECT min(rowid) FROM issuer_status_entry)",
    ),
    "an index was given beyond the count": (
        "issuer",
        "UPDATE issuer_status_list SET allocated = allocated + 1 WHERE agency = 'transport'",
    ),
    "the published list is an older one": (
        "issuer",
        "UPDATE issuer_publication SET version = version - 1 WHERE agency = 'insurance'",
    ),
    "an entry of the issuer's audit log was rewritten": (
        "issuer",
        "UPDATE runtime_audit SET actor = 'nobody' WHERE number = 3",
    ),
    "a closed epoch was rewritten": (
        "register",
        "UPDATE ledger_epoch SET root = zeroblob(32) WHERE epoch = 1",
    ),
    "an epoch is missing": ("register", "DELETE FROM ledger_epoch WHERE epoch = 1"),
    "a tile of the log lost a byte": (
        "register",
        "UPDATE ledger_tile SET data = zeroblob(length(data)) WHERE level = 0 AND tile = 0",
    ),
    "an anchored list has other bytes": (
        "register",
        "UPDATE ledger_list SET token = CAST(token || 'x' AS BLOB) WHERE token IS NOT NULL "
        "AND last_epoch IS NULL",
    ),
    "a version of the trust registry is missing": (
        "register",
        "DELETE FROM register_trust WHERE version = 2",
    ),
    "the witness remembers another head": ("witness", "UPDATE witness_log SET root = zeroblob(32)"),
    "a sealed credential lost a byte": (
        "wallet_api",
        "UPDATE wallet_copy SET text_sealed = zeroblob(length(text_sealed)) WHERE rowid = "
        "(SELECT min(rowid) FROM wallet_copy)",
    ),
    "a resident's key is gone": (
        "wallet_api",
        "UPDATE wallet_resident SET wrapped_key = zeroblob(length(wrapped_key))",
    ),
    "a session is answered without a result": (
        "verifier",
        "UPDATE verifier_session SET result = NULL WHERE state = 'answered'",
    ),
}


@pytest.fixture(scope="module")
def stored_city(tmp_path_factory):
    """The data of a city that went through the whole tour and was stopped."""
    data_dir = tmp_path_factory.mktemp("city")
    supervisor, city = open_temporary_city(data_dir, base_port=free_base_port(), tls=False)
    try:
        tour = build_tour(desk_of(city), data_dir, resident="fsck", report=lambda step: None)
        assert tour.run(), tour.steps[-1]
    finally:
        supervisor.stop()
    return data_dir


def test_fsck_is_green_after_the_tour(stored_city, capsys):
    code = main(["fsck", "--json", "--data-dir", str(stored_city)])

    report = json.loads(capsys.readouterr().out)
    assert (code, report["breaches"]) == (0, [])
    assert set(report["checked"]) >= {"register", "issuer", "wallet_api", "verifier", "witness"}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_fsck_finds_a_planted_corruption_s208(stored_city, tmp_path, name):
    service, statement = CORRUPTIONS[name]
    copy = tmp_path / "city"
    shutil.copytree(stored_city, copy)
    plant(copy / f"{service}.sqlite3", statement)

    report = check_city(copy)

    assert report[service] or report["issuer and register"], name


def plant(path, statement):
    """Change rows behind the service's back; triggers do not stop an intruder with a shell."""
    with closing(sqlite3.connect(path)) as connection, connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (trigger,) in triggers.fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        changed = connection.execute(statement).rowcount
    assert changed > 0, "the corruption hit nothing"
