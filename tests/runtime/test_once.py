"""Once is once, in however many processes (nonces, replays, rate limits)."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from runtime.errors import TooManyRequests
from runtime.once import Limiter, Once

CLAIM = """
import sys
from datetime import UTC, datetime, timedelta
from runtime.clock import system_clock
from runtime.database import Database
from runtime.once import Once
once = Once(Database(sys.argv[1]), system_clock(0))
until = datetime.now(UTC) + timedelta(minutes=5)
print(sum(once.claim("nonce", str(key), until=until) for key in range(int(sys.argv[2]))))
"""
USE = """
import sys
from datetime import timedelta
from runtime.clock import system_clock
from runtime.database import Database
from runtime.once import Limiter
limiter = Limiter(Database(sys.argv[1]), system_clock(0))
print(sum(limiter.allow("code", "one", limit=25, per=timedelta(minutes=5)) for _ in range(20)))
"""


def outputs(processes):
    found = []
    for process in processes:
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        found.append(int(output))
    return found


@pytest.fixture
def once(database, clock):
    return Once(database, clock)


@pytest.fixture
def limiter(database, clock):
    return Limiter(database, clock)


def later(clock, seconds=60):
    return clock() + timedelta(seconds=seconds)


def test_the_first_claims_and_everyone_after_does_not(once, clock):
    assert once.claim("nonce", "a", until=later(clock))
    assert not once.claim("nonce", "a", until=later(clock))
    assert once.claim("nonce", "b", until=later(clock))
    assert once.claim("jti", "a", until=later(clock))


def test_each_key_is_claimed_by_one_of_four_processes(database, start_process):
    claimed = outputs([start_process(CLAIM, database.url, 50) for _ in range(4)])

    assert sum(claimed) == 50


def test_a_limit_holds_over_four_processes(database, start_process):
    allowed = outputs([start_process(USE, database.url) for _ in range(4)])

    assert sum(allowed) == 25


def test_a_claim_ends_with_its_time_and_is_cleared(once, clock, database):
    once.claim("nonce", "a", until=later(clock, 60))
    clock.forward(seconds=59)
    assert not once.claim("nonce", "a", until=later(clock))
    clock.forward(seconds=1)

    assert once.claim("nonce", "b", until=later(clock))
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM runtime_once")).scalar_one() == 1
    assert once.claim("nonce", "a", until=later(clock))


def test_a_claim_falls_with_the_transaction_that_made_it(once, clock, database):
    with pytest.raises(ZeroDivisionError), database.writing() as session:  # noqa: PT012
        assert once.claim("nonce", "a", until=later(clock), session=session)
        assert not once.claim("nonce", "a", until=later(clock), session=session)
        _ = 1 / 0

    assert once.claim("nonce", "a", until=later(clock))


def test_a_claim_survives_a_new_process(once, clock, database):
    once.claim("nonce", "a", until=later(clock))
    database.close()

    assert not Once(database, clock).claim("nonce", "a", until=later(clock))


def test_no_key_is_stored_readably(once, clock, database):
    once.claim("nonce", "very-secret-nonce", until=later(clock))
    with database.reading() as session:
        stored = session.execute(text("SELECT * FROM runtime_once")).all()

    assert "very-secret" not in repr(stored)


def test_the_use_after_the_limit_is_refused_until_the_window_ends(limiter, clock):
    tries = [limiter.allow("code", "a", limit=2, per=timedelta(seconds=60)) for _ in range(4)]
    clock.forward(seconds=59)
    just_before = limiter.allow("code", "a", limit=2, per=timedelta(seconds=60))
    clock.forward(seconds=1)
    after = limiter.allow("code", "a", limit=2, per=timedelta(seconds=60))

    assert tries == [True, True, False, False]
    assert (just_before, after) == (False, True)


def test_keys_and_scopes_have_limits_of_their_own(limiter):
    per = timedelta(seconds=60)

    assert limiter.allow("code", "a", limit=1, per=per)
    assert limiter.allow("code", "b", limit=1, per=per)
    assert limiter.allow("login", "a", limit=1, per=per)
    assert not limiter.allow("code", "a", limit=1, per=per)


def test_whoever_comes_too_often_is_told_when_to_come_back(limiter, clock):
    per = timedelta(seconds=60)
    limiter.require("code", "a", limit=1, per=per)
    clock.forward(seconds=18.5)
    with pytest.raises(TooManyRequests) as caught:
        limiter.require("code", "a", limit=1, per=per)

    assert caught.value.headers == {"Retry-After": "42"}


def test_a_right_answer_clears_the_tries(limiter):
    per = timedelta(seconds=60)
    limiter.allow("code", "a", limit=1, per=per)
    limiter.reset("code", "a")

    assert limiter.allow("code", "a", limit=1, per=per)
