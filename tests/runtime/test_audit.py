"""The audit log is whole, or it says where it is not (I8)."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from runtime import audit
from runtime.database import Database

RECORD = """
import sys
from runtime import audit
from runtime.clock import system_clock
from runtime.database import Database
database = Database(sys.argv[1])
for number in range(20):
    with database.writing() as session:
        audit.record(session, clock=system_clock(0), actor="a", action="issue", subject=str(number))
"""


@pytest.fixture
def log(database, clock):
    for number, action in enumerate(("issue", "revoke", "issue")):
        with database.writing() as session:
            audit.record(
                session,
                clock=clock,
                actor="officer:1",
                action=action,
                subject=f"credential:{number}",
                detail={"reason": "lost"},
            )
    return database


def tamper(database, statement):
    """As someone with the file in hands would: without the triggers."""
    with database.writing() as session:
        for verb in ("UPDATE", "DELETE"):
            session.execute(text(f"DROP TRIGGER IF EXISTS runtime_audit_no_{verb}"))
        session.execute(text(statement))


def test_an_untouched_log_is_whole(log):
    assert audit.verify_chain(log) == []
    assert audit.head(log).count == 3


def test_rows_tell_who_did_what_when_newest_first(log):
    with log.reading() as session:
        entries = audit.load_entries(session, limit=2)
        revoked = audit.load_entries(session, limit=5, action="revoke", subject="credential:1")

    assert [entry.number for entry in entries] == [3, 2]
    assert revoked == (
        audit.Entry(
            number=2,
            at="2026-11-22T09:00:00.000+00:00",
            actor="officer:1",
            action="revoke",
            subject="credential:1",
            detail='{"reason":"lost"}',
        ),
    )


@pytest.mark.parametrize(
    ("statement", "breaches"),
    [
        ("UPDATE runtime_audit SET actor = 'x' WHERE number = 2", ["row 2 was changed"]),
        ("UPDATE runtime_audit SET at = 'x' WHERE number = 3", ["row 3 was changed"]),
        ("UPDATE runtime_audit SET digest = zeroblob(32) WHERE number = 1",
         ["row 1 was changed", "row 2 was changed"]),
        ("DELETE FROM runtime_audit WHERE number = 2", ["row 2 is missing before row 3"]),
        ("DELETE FROM runtime_audit WHERE number = 1", ["row 1 is missing before row 2"]),
    ],
)  # fmt: skip
def test_a_changed_or_missing_row_is_found(log, statement, breaches):
    tamper(log, statement)

    assert audit.verify_chain(log) == breaches


@pytest.mark.parametrize(
    "statement", ["UPDATE runtime_audit SET actor = 'x'", "DELETE FROM runtime_audit"]
)
def test_the_service_itself_cannot_change_a_row(log, statement):
    with pytest.raises(DBAPIError), log.writing() as session:
        session.execute(text(statement))

    assert audit.verify_chain(log) == []


def test_a_record_falls_with_the_act_it_tells_of(log, clock):
    with pytest.raises(ZeroDivisionError), log.writing() as session:  # noqa: PT012
        audit.record(session, clock=clock, actor="a", action="issue", subject="s")
        _ = 1 / 0

    assert audit.head(log).count == 3


def test_processes_that_record_together_make_one_chain(database, start_process):
    children = [start_process(RECORD, database.url) for _ in range(3)]
    for child in children:
        _, errors = child.communicate(timeout=60)
        assert child.returncode == 0, errors

    assert audit.verify_chain(database) == []
    assert audit.head(database).count == 60


def test_a_cut_tail_shows_against_a_head_kept_elsewhere(log):
    kept = audit.head(log)
    tamper(log, "DELETE FROM runtime_audit WHERE number = 3")

    assert audit.verify_chain(log) == []
    assert audit.head(log) != kept


def test_no_log_at_all_is_a_breach(tmp_path):
    assert audit.verify_chain(Database(f"sqlite:///{tmp_path}/empty.sqlite3")) == [
        "there is no audit log"
    ]


def test_long_logs_are_read_in_pages(log, clock, monkeypatch):
    monkeypatch.setattr(audit, "_PAGE", 2)

    assert audit.verify_chain(log) == []
