"""Work comes back although it failed."""

import logging
import threading
from datetime import timedelta

from runtime.jobs import Ticker


def test_work_that_fails_is_logged_and_comes_back(caplog):
    times, done = [], threading.Event()

    def work():
        times.append(None)
        if len(times) == 3:
            done.set()
        raise ValueError("not today")

    with caplog.at_level(logging.WARNING):
        ticker = Ticker("closer", timedelta(milliseconds=1), work).start()
        assert done.wait(30)
        ticker.stop()

    assert caplog.records[0].job == "closer"
    assert len(times) >= 3


def test_a_stopped_ticker_works_no_more_and_does_not_wait_for_its_hour():
    times, begun = [], threading.Event()

    def work():
        times.append(None)
        begun.set()

    ticker = Ticker("closer", timedelta(hours=1), work).start()
    assert begun.wait(30)
    ticker.stop()

    assert len(times) == 1
    assert not any(thread.name == "closer" for thread in threading.enumerate())


def test_a_ticker_that_is_started_twice_runs_once():
    begun = threading.Event()
    ticker = Ticker("twice", timedelta(hours=1), begun.set)

    assert ticker.start().start() is ticker
    assert sum(thread.name == "twice" for thread in threading.enumerate()) == 1
    ticker.stop()


def test_work_can_be_done_now():
    ticker = Ticker("closer", timedelta(hours=1), lambda: None)

    assert ticker.run_once()
    assert not Ticker("closer", timedelta(hours=1), lambda: 1 / 0).run_once()


def test_work_may_stop_its_own_ticker():
    stopped = threading.Event()

    def work():
        ticker.stop()
        stopped.set()

    ticker = Ticker("own", timedelta(milliseconds=1), work)
    ticker.start()

    assert stopped.wait(30)
