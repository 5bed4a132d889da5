"""What `check` must find: corruptions that a test plants, each in a database of its own (S-208)."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "services"))

from issuing_city import IssuingCity, build_settings
from sqlalchemy import text

from issuer.store import check
from runtime.database import Database


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A database with an open offer, an issued batch, a suspended and a revoked credential."""
    city = IssuingCity(build_settings(tmp_path_factory.mktemp("city")))
    city.open_agency("transport")
    city.open_agency("residency")
    city.offer()
    city.issued(copies=3)
    for status in ("suspended", "revoked"):
        city.change_status(city.issued()[0], status)
    path = Path(city.settings.database_url.removeprefix("sqlite:///"))
    assert check(city.office.database) == []
    with city.office.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    city.close()
    return path


ISSUED = "(SELECT id FROM issuer_credential WHERE copies = 3)"
OPEN = "(SELECT id FROM issuer_credential WHERE state = 'offered')"
REVOKED = "(SELECT id FROM issuer_credential WHERE status = 'revoked')"
TRANSPORT = "agency = 'transport' AND number = 1"
PLANTED = {
    "an offer without its record": (
        f"DELETE FROM issuer_credential WHERE id = {OPEN}",
        "has no record",
    ),
    "a record without its offer": (
        f"DELETE FROM issuer_offer WHERE credential = {ISSUED}",
        "has no offer",
    ),
    "a record that says it was not issued": (
        f"UPDATE issuer_credential SET state = 'offered' WHERE id = {ISSUED}",
        "but its offer is issued",
    ),
    "claims changed after approval": (
        f"UPDATE issuer_offer SET claims = '{{}}' WHERE credential = {OPEN}",
        "other claims than were approved",
    ),
    "claims that were not forgotten": (
        f"UPDATE issuer_offer SET claims = '{{}}' WHERE credential = {ISSUED}",
        "its claims are kept",
    ),
    "a lost index": (
        "DELETE FROM issuer_status_entry WHERE rowid = (SELECT min(rowid) FROM "
        f"issuer_status_entry WHERE credential = {ISSUED})",
        "copies, its record says otherwise",
    ),
    "an index given to nobody": (
        "INSERT INTO issuer_status_entry VALUES ('transport', 1, 5, 'transport.x', 'y', 0)",
        "of no or another agency",
    ),
    "an index of another agency": (
        f"UPDATE issuer_credential SET agency = 'residency' WHERE id = {ISSUED}",
        "of no or another agency",
    ),
    "an index outside of its list": (
        "UPDATE issuer_status_entry SET list_index = 131072 WHERE rowid = 1",
        "outside of itself",
    ),
    "a wrong tally": (
        f"UPDATE issuer_status_list SET allocated = 1 WHERE {TRANSPORT}",
        "but counts 1",
    ),
    "a revocation undone behind the counter's back": (
        f"UPDATE issuer_credential SET status = 'valid' WHERE id = {REVOKED}",
        "does not say what the records say",
    ),
    "a status without its audit row": (
        f"UPDATE issuer_credential SET status = 'suspended' WHERE id = {ISSUED}",
        "without an audit row",
    ),
    "another agency's list in the place of this one's": (
        "UPDATE issuer_publication SET token = (SELECT token FROM issuer_publication WHERE "
        "agency = 'residency') WHERE agency = 'transport'",
        "under another address",
    ),
    "a list that nobody can read": (
        f"UPDATE issuer_publication SET token = substr(token, 9) WHERE {TRANSPORT}",
        "cannot be read",
    ),
    "a signature that does not hold": (
        "UPDATE issuer_publication SET token = substr(token, 1, length(token) - 86) || "
        f"'{'A' * 86}' WHERE {TRANSPORT}",
        "signature that does not hold",
    ),
    "lists that disagree": (
        "UPDATE issuer_publication SET suspension = (SELECT suspension FROM issuer_publication "
        "WHERE agency = 'residency') WHERE agency = 'transport'",
        "suspension list disagree",
    ),
    "a version rolled back": (
        f"UPDATE issuer_status_list SET version = version - 1 WHERE {TRANSPORT}",
        "is published",
    ),
    "a time rolled back": (
        f"UPDATE issuer_status_list SET issued_at = issued_at - 60 WHERE {TRANSPORT}",
        "another time than is known",
    ),
    "a lost publication": (
        f"DELETE FROM issuer_publication WHERE {TRANSPORT}",
        "nothing is published",
    ),
    "a push that never was": (
        f"UPDATE issuer_status_list SET pushed_version = 99 WHERE {TRANSPORT}",
        "published further than it changed",
    ),
    "a lost agency": ("DELETE FROM issuer_agency WHERE id = 'transport'", "belongs to no agency"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_corruption_is_found(whole, tmp_path, name):
    statement, expected = PLANTED[name]
    path = tmp_path / "issuer.sqlite3"
    shutil.copy(whole, path)
    database = Database(f"sqlite:///{path}")
    with database.writing() as session:
        touched = session.execute(text(statement)).rowcount

    breaches = check(database)

    assert touched >= 1
    assert any(expected in breach for breach in breaches), breaches
    database.close()


def test_a_breach_names_no_person(whole, tmp_path):
    """Identifiers of records only."""
    path = tmp_path / "issuer.sqlite3"
    shutil.copy(whole, path)
    database = Database(f"sqlite:///{path}")
    with database.writing() as session:
        session.execute(text("DELETE FROM issuer_offer"))

    breaches = " ".join(check(database))

    assert "Sok" not in breaches
    database.close()
