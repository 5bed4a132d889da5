"""
What a request of the issuing counter costs: SQL statements, commits, outgoing calls.

Raising a number here needs a reason in the commit.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "services"))

from issuing_city import IssuingCity, StandInRegister, build_settings, read_offer_url


@pytest.fixture(scope="module")
def register():
    register = StandInRegister()
    yield register
    register.close()


@pytest.fixture(scope="module")
def city(tmp_path_factory, register):
    settings = build_settings(tmp_path_factory.mktemp("city"), register_url=register.url)
    city = IssuingCity(settings)
    city.open_agency("transport")
    city.issued()
    yield city
    city.close()


def cost(city, act):
    """(statements, commits, outgoing calls) of one request that succeeds."""
    before = sum(city.office.fetcher.counter.values())
    with city.office.database.count() as counter:
        answer = act()
    assert answer.status_code < 300, answer.text
    calls = sum(city.office.fetcher.counter.values()) - before
    return counter["statements"], counter["commits"], calls


def test_an_offer_costs_one_commit(city):
    assert cost(city, city.offer) == (5, 1, 0)


def test_reading_an_offer_costs_two_statements(city):
    path = read_offer_url(city.offer().json).removeprefix("http://localhost:8401")

    assert cost(city, lambda: city.http.get(path)) == (2, 0, 0)


def test_a_token_costs_one_commit(city):
    made = city.offer().json

    assert cost(city, lambda: city.wallet().redeem(made)) == (3, 1, 0)


def test_a_nonce_costs_one_commit(city):
    assert cost(city, lambda: city.http.post("/agencies/transport/nonce")) == (3, 1, 0)


@pytest.mark.parametrize("copies", [1, 20])
def test_a_credential_costs_two_commits_however_many_copies(city, copies):
    """Promise and record; the ledger is not on the way."""
    wallet = city.wallet()
    token = wallet.redeem(city.offer().json).json["access_token"]
    nonce = wallet.nonce()
    body = {
        "credential_configuration_id": "taxi-permit.dc+sd-jwt",
        "proofs": {"jwt": [wallet.prove(nonce=nonce) for _ in range(copies)]},
    }

    assert cost(city, lambda: wallet.ask(token, body)) == (19, 2, 0)


def test_a_notification_costs_one_commit(city):
    wallet = city.wallet()
    token = wallet.redeem(city.offer().json).json["access_token"]
    body = {
        "credential_configuration_id": "taxi-permit.dc+sd-jwt",
        "proofs": {"jwt": [wallet.prove(nonce=wallet.nonce())]},
    }
    notification = wallet.ask(token, body).json["notification_id"]

    def notify():
        return city.http.post(
            "/agencies/transport/notification",
            json={"notification_id": notification, "event": "credential_accepted"},
            headers={"Authorization": f"Bearer {token}"},
        )

    assert cost(city, notify) == (3, 1, 0)


def test_a_revocation_costs_four_commits_and_one_call(city):
    """Decide, publish, note that the register has it, keep the receipt before it is shown."""
    credential, _ = city.issued()
    city.clock.move(minutes=1)

    assert cost(city, lambda: city.change_status(credential, "revoked")) == (20, 4, 3)


@pytest.mark.parametrize(
    ("path", "statements"),
    [
        ("/agencies/transport/status/1", 1),
        ("/agencies/transport/status/1/revocation", 1),
        ("/.well-known/openid-credential-issuer/agencies/transport", 1),
        ("/agencies/transport/did.json", 1),
        ("/types/taxi-permit", 0),
    ],
)
def test_a_public_read_costs_next_to_nothing(city, path, statements):
    city.http.get(path)

    assert cost(city, lambda: city.http.get(path)) == (statements, 0, 0)
