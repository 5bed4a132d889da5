"""What a resident holds: cards and their status, views that agencies make, and what is deleted."""

import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from wallet_city import new_phone, open_city
from wallet_phone import new_key

city, phone = open_city, new_phone


def test_the_cards_tell_that_they_were_revoked_suspended_or_cannot_be_known(city, phone):
    phone.receive(city.peers.offer())
    seen = [phone.cards()[0]["status"]]
    for status in ("suspended", "revoked"):
        city.peers.set_status(1, status)
        city.clock.move(seconds=61)
        seen.append(phone.cards()[0]["status"])

    assert seen == ["valid", "suspended", "revoked"]


def test_a_status_list_by_another_key_says_nothing(city, phone):
    city.peers.status_key = new_key()
    phone.receive(city.peers.offer())

    assert phone.cards()[0]["status"] == "unknown"


def test_a_status_list_is_fetched_once_a_minute_whoever_asks(city, phone):
    """S-226: the issuer cannot tell who looks at what."""
    phone.receive(city.peers.offer())
    other = city.phone()
    other.receive(city.peers.offer())
    for _ in range(5):
        phone.cards()
        other.cards()

    assert city.peers.asked.count("GET /agencies/transport/status/1") == 1


def test_a_deleted_card_is_gone_with_its_copies(city, phone):
    phone.receive(city.peers.offer("taxi-inspection.dc+sd-jwt"), copies=2)
    (card,) = phone.cards()
    removed = phone.send("DELETE", f"/api/v1/credentials/{card['id']}")

    assert removed.status_code == 204
    assert phone.cards() == []
    assert phone.send("GET", "/api/v1/views").get_json() == {"views": []}
    assert [line["happening"] for line in phone.history()] == ["deleted", "received"]


def test_a_view_session_is_started_polled_and_ends_in_an_offer(city, phone):
    started = phone.send("POST", "/api/v1/views", {"view": "taxi-inspection"}).get_json()
    path = f"/api/v1/views/{started['id']}"
    waiting = phone.send("GET", path).get_json()
    offer = city.peers.offer("taxi-inspection.dc+sd-jwt")
    city.peers.answers["GET /agencies/transport/views/v"] = lambda _: {
        "state": "offered",
        "offer_uri": offer,
    }
    offered = phone.send("GET", path).get_json()

    assert waiting["state"] == "waiting"
    assert offered == {"id": started["id"], "state": "offered", "offer_uri": offer}
    assert phone.send("GET", path).get_json() == offered
    assert phone.receive(offered["offer_uri"]).status_code == 200


def test_a_view_that_nobody_issues_is_not_found(phone):
    assert phone.send("POST", "/api/v1/views", {"view": "unheard-of"}).status_code == 404


def test_one_resident_cannot_use_up_what_an_agency_grants_to_all(city, phone):
    answers = [phone.send("POST", "/api/v1/views", {"view": "taxi-inspection"}) for _ in range(11)]
    other = city.phone().send("POST", "/api/v1/views", {"view": "taxi-inspection"})

    assert [answer.status_code for answer in answers] == [201] * 10 + [429]
    assert other.status_code == 201


def test_an_agency_that_points_elsewhere_for_the_state_of_a_view_is_refused(city, phone):
    city.peers.answers["POST /agencies/transport/views"] = lambda _: {
        "request_uri": "x",
        "status_uri": "http://localhost:1/elsewhere",
    }

    assert phone.send("POST", "/api/v1/views", {"view": "taxi-inspection"}).status_code == 503


def test_tokens_last_five_minutes(city, phone):
    city.clock.move(**{"seconds": timedelta(minutes=5).seconds + 61})

    assert phone.send("GET", "/api/v1/credentials").status_code == 401
