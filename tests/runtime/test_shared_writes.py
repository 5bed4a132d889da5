"""Writes that wait together share a commit, and nothing else."""

import sqlite3
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from runtime.errors import DatabaseUnavailable

INSERT = text("INSERT INTO paper VALUES (:name, '')")


def names(database):
    with database.reading() as session:
        return [row[0] for row in session.execute(text("SELECT name FROM paper ORDER BY name"))]


def adding(name):
    return lambda session: session.execute(INSERT, {"name": name}).rowcount


class Crowd:
    """Threads that come while a writer is at work, so that their pieces wait together."""

    def __init__(self, database):
        self.database = database
        self.outcomes = {}

    def write(self, works):
        threads = [
            threading.Thread(target=self._write_one, args=(key, work)) for key, work in works
        ]
        with self.database.count() as counter, self.database.writing():
            for thread in threads:
                thread.start()
            self._wait_for(len(threads))
        for thread in threads:
            thread.join()
        return counter["commits"]

    def _write_one(self, key, work):
        try:
            self.outcomes[key] = self.database.write_together(work)
        except (IntegrityError, DatabaseUnavailable) as error:
            self.outcomes[key] = type(error)

    def _wait_for(self, count):
        """The first has taken its own piece along, the others wait in the queue."""
        for _ in range(2000):
            if len(self.database._shared._waiting) >= count - 1:
                return
            threading.Event().wait(0.005)
        raise AssertionError("the pieces did not come")


def test_what_waits_together_is_committed_together(database):
    crowd = Crowd(database)
    commits = crowd.write([(name, adding(name)) for name in "abcdefgh"])

    assert crowd.outcomes == dict.fromkeys("abcdefgh", 1)
    assert names(database) == list("abcdefgh")
    assert commits <= 3


def test_a_piece_that_fails_takes_no_other_along(database):
    database.write_together(adding("a"))
    crowd = Crowd(database)
    crowd.write([("first", adding("b")), ("twice", adding("a")), ("last", adding("c"))])

    assert crowd.outcomes == {"first": 1, "twice": IntegrityError, "last": 1}
    assert names(database) == ["a", "b", "c"]


def test_a_piece_sees_what_the_one_before_it_wrote(database):
    """So of several claims that come at once, one is the first."""

    def claim(session):
        return session.execute(
            text("INSERT INTO paper VALUES ('once', '') ON CONFLICT DO NOTHING")
        ).rowcount

    crowd = Crowd(database)
    crowd.write([(number, claim) for number in range(6)])

    assert sorted(crowd.outcomes.values()) == [0, 0, 0, 0, 0, 1]


def test_a_database_that_is_away_is_told_to_all_who_wait(database):
    crowd = Crowd(database)

    def breaking(session):
        raise DatabaseUnavailable("the disk is gone")

    crowd.write([(number, breaking) for number in range(4)])

    assert set(crowd.outcomes.values()) == {DatabaseUnavailable}
    assert names(database) == []


def test_nobody_is_answered_before_the_commit(database):
    """What another connection cannot see yet has not been acknowledged."""
    seen = []
    database.write_together(adding("a"))
    other = sqlite3.connect(database.url.database)
    seen.append(other.execute("SELECT count(*) FROM paper").fetchone()[0])
    other.close()

    assert seen == [1]


def test_a_shared_write_inside_a_writer_is_told_at_once(database):
    with pytest.raises(RuntimeError), database.writing():
        database.write_together(adding("a"))

    assert names(database) == []
