"""What an inspector's counter owes a resident: no needless question, no late answer, no trace."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from verifier_counter import Counter

ROOT = Path(__file__).parents[2]


@pytest.fixture
def counter(tmp_path):
    counter = Counter(tmp_path)
    yield counter
    counter.close()


def asked_lists(counter, act):
    """The status lists of issuers that were asked for while `act` ran."""
    counter.desk.gatherer.believe(max_age=None)
    counter.city.shelf.asked.clear()
    act()
    return [path for path in counter.city.shelf.asked if "/status/" in path]


def check(counter, card, **details):
    return lambda: counter.check(counter.driver.show(card, **details))


def test_tsl_v_01_the_status_of_what_does_not_hold_is_not_asked_for(counter):
    view = counter.driver.receive_taxi_cards()
    past = int(counter.clock().timestamp()) - 3600
    expired = counter.driver.receive("taxi-inspection", exp=past)
    wrong = "urn:citywallet:qr:over-18"

    assert asked_lists(counter, check(counter, expired)) == []
    assert asked_lists(counter, check(counter, view, signer=counter.driver.key())) == []
    assert asked_lists(counter, check(counter, view, audience=wrong)) == []
    assert asked_lists(counter, check(counter, view)) != []


def test_tsl_v_01_an_expired_card_is_expired_whatever_its_list_says(counter):
    past = int(counter.clock().timestamp()) - 3600
    card = counter.driver.receive("taxi-inspection", exp=past)

    verdict = counter.check(counter.driver.show(card))

    assert (verdict["outcome"], verdict["reasons"][0]) == ("failed", "expired")


def test_s_128_a_relayed_code_is_good_once_and_only_within_its_minute(counter):
    """
    A video of a live code reaches another place in seconds: within the minute the first to show it
    wins. What remains is written down, and answered by a face and a plate that a person compares.
    """
    view = counter.driver.receive_taxi_cards()
    shown, late = counter.driver.show(view), counter.driver.show(view)
    other = counter.start().test_client()
    wish = {"qr": shown, "purpose": "taxi-inspection"}

    counter.clock.move(seconds=20)
    assert counter.post("/api/v1/checks", wish, client=other).json["outcome"] == "passed"
    assert counter.check(shown)["reasons"] == ["replayed"]
    counter.clock.move(seconds=120)
    assert counter.check(late)["reasons"] == ["stale_code"]
    risks = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    assert "S-128" in risks
    assert "relayed" in risks


def test_s_135_what_the_counter_remembers_of_a_check_names_nobody(counter):
    view = counter.driver.receive_taxi_cards()
    verdict = counter.check(counter.driver.show(view))
    claims = verdict["claims"]["taxi_inspection"]
    words = [str(value) for value in claims.values() if len(str(value)) > 4]
    kept = b"".join(path.read_bytes() for path in counter.settings.data_dir.glob("verifier*"))

    assert verdict["outcome"] == "passed"
    assert len(words) == 2
    assert b"taxi-inspection" in kept
    assert [word for word in words if word.encode() in kept] == []
