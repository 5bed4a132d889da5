"""What a request costs at the verifier: SQL statements, commits, outbound calls."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "services"))

from city_papers import FOUR
from taxi_driver import read_link
from verifier_counter import VERIFIER_URL, Counter


@pytest.fixture
def counter(tmp_path):
    counter = Counter(tmp_path)
    counter.register()
    counter.view = counter.driver.receive_taxi_cards()
    counter.check(counter.driver.show(counter.view))
    yield counter
    counter.close()


def measure(counter, act):
    """(statements, commits, outbound calls) of one act."""
    calls = len(counter.city.shelf.asked)
    with counter.desk.database.count() as counted:
        act()
    return counted["statements"], counted["commits"], len(counter.city.shelf.asked) - calls


def test_a_check_with_fresh_material_calls_nobody_and_commits_once(counter):
    """Claim (purge, insert) and record, in one transaction."""
    code = counter.driver.show(counter.view)

    assert measure(counter, lambda: counter.check(code)) == (3, 1, 0)


def test_a_check_asks_each_issuer_once_when_its_list_may_be_older(counter):
    counter.clock.move(seconds=1)
    code = counter.driver.show(counter.view)

    assert measure(counter, lambda: counter.check(code)) == (3, 1, 3)


def test_a_code_that_cannot_be_read_costs_nothing(counter):
    def act():
        counter.post("/api/v1/checks", {"qr": "HELLO", "purpose": "taxi-inspection"})

    assert measure(counter, act) == (0, 0, 0)


def test_a_session_costs_one_commit_a_step(counter):
    session = {}

    def start():
        session.update(counter.ask())

    def fetch():
        session["request"] = counter.fetch_request(session)

    def respond():
        request = session["request"]
        shown = {
            query: counter.driver.present(
                counter.driver.cards[name], audience=request["client_id"], nonce=request["nonce"]
            )
            for query, name in FOUR.items()
        }
        assert counter.respond(request, shown).status_code == 200

    def poll():
        counter.get(f"/api/v1/sessions/{session['id']}", role="business")

    assert measure(counter, start) == (2, 1, 0)
    assert measure(counter, fetch) == (3, 1, 0)
    assert measure(counter, fetch) == (2, 0, 0)
    assert measure(counter, respond) == (3, 1, 0)
    assert measure(counter, poll) == (1, 0, 0)


def test_the_bundle_is_made_beforehand(counter):
    counter.client.get("/api/v1/bundle")

    assert measure(counter, lambda: counter.client.get("/api/v1/bundle")) == (0, 0, 0)


def test_the_question_fits_a_code_that_phones_read(counter):
    """qr-and-screens.md 3.1 C: about 160 bytes by design; ours names a whole hash."""
    link = counter.ask()["qr"]

    assert len(link) <= 220
    assert json.dumps(read_link(link))
    assert VERIFIER_URL.split("//")[1] in link.replace("%3A", ":").replace("%2F", "/")
