"""
What a request of the wallet's counter costs: SQL statements, commits, outgoing calls.

Every request that carries a token pays two statements and a commit for its DPoP proof (S-111) and
one statement to find its device. Raising a number here needs a reason in the commit.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "services"))

from wallet_city import WalletCity


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    city = WalletCity(tmp_path_factory.mktemp("city"))
    yield city
    city.close()


@pytest.fixture(scope="module")
def phone(city):
    phone = city.phone()
    phone.receive(city.peers.offer(), copies=2)
    phone.cards()
    return phone


def cost(city, act):
    """(statements, commits, outgoing calls) of one request that succeeds."""
    fetcher = city.counters.receiving.client.fetcher
    before = sum(fetcher.counter.values())
    with city.counters.residents.store.database.count() as counter:
        answer = act()
    assert answer.status_code < 300, answer.text
    return counter["statements"], counter["commits"], sum(fetcher.counter.values()) - before


def test_a_session_costs_two_commits(city, phone):
    token, phone.token = phone.token, None
    spent = cost(city, lambda: phone.send("POST", "/api/v1/sessions", {}))
    phone.token = token

    assert spent == (4, 2, 0)


def test_reading_the_cards_costs_nothing_outside(city, phone):
    assert cost(city, lambda: phone.send("GET", "/api/v1/credentials")) == (5, 1, 0)


def test_the_views_for_offline_use_cost_nothing_outside(city, phone):
    assert cost(city, lambda: phone.send("GET", "/api/v1/views")) == (5, 1, 0)


def test_a_preview_asks_the_issuer_twice(city, phone):
    assert cost(city, lambda: phone.preview(city.peers.offer())) == (5, 2, 2)


def test_accepting_asks_the_issuer_twice(city, phone):
    path = f"/api/v1/offers/{phone.preview(city.peers.offer()).get_json()['id']}"
    body = {"keys": phone.make_keys(2)}

    assert cost(city, lambda: phone.send("POST", f"{path}/accept", body)) == (5, 2, 2)


def test_receiving_two_copies_is_one_commit_beside_the_proof(city, phone):
    path, accepted = phone.accept(city.peers.offer(), copies=2)
    body = {"signatures": phone.sign(accepted.get_json()["signing_inputs"])}

    assert cost(city, lambda: phone.send("POST", f"{path}/proofs", body)) == (10, 2, 2)


def test_opening_a_request_asks_the_verifier_once(city, phone):
    link = city.peers.ask()

    assert cost(city, lambda: phone.open(link)) == (7, 2, 1)


def test_consent_and_presentation_cost_one_call(city, phone):
    opened = phone.open(city.peers.ask()).get_json()
    path = f"/api/v1/requests/{opened['id']}"
    choices = {"licence": opened["credentials"][0]["candidates"][0]["credential_id"]}
    answers = []

    def consent():
        answers.append(phone.send("POST", f"{path}/consent", {"choices": choices}))
        return answers[-1]

    consent_cost = cost(city, consent)
    body = {"signatures": phone.sign(answers[-1].get_json()["signing_inputs"])}

    assert consent_cost == (8, 2, 0)
    assert cost(city, lambda: phone.send("POST", f"{path}/presentation", body)) == (6, 2, 1)
