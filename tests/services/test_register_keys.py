"""Keys in the trust registry: states are published, a theft is not taken back (S-186, S-188)."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from registered_city import DID, NOON, new_signer, open_city

from credentials.key_states import KeyState, key_state
from credentials.keys import parse_jwk
from credentials.trust import find_issuer
from credentials.trust_document import read_trust_registry

city = open_city
DAY = timedelta(days=1)


def at(time):
    return int(time.timestamp())


def listed(city):
    keys = [parse_jwk(key) for key in city.client.get("/trust/keys").json["keys"]]
    return find_issuer(read_trust_registry(city.client.get("/trust").text, keys=keys), DID).keys


def entry(city, *more, **changes):
    """The agency's entry with other times for its credential key, and further keys."""
    first, *others = city.entry()["keys"]
    return {"keys": [{**first, **changes}, *others, *more]}


def put(city, keys):
    return city.post("/api/v1/issuers", {"issuer": city.entry(**keys)})


def test_s_186_the_times_of_a_rotation_are_published(city):
    new = {
        "jwk": dict(new_signer().public_jwk),
        "use": "credential",
        "announced_at": at(NOON),
        "valid_from": at(NOON + 7 * DAY),
    }
    city.admit()
    old_times = {"sign_until": at(NOON + 7 * DAY), "valid_until": at(NOON + 400 * DAY)}
    answer = put(city, entry(city, new, **old_times))
    old, _, announced = listed(city)

    assert answer.status_code == 201
    assert (old.sign_until, old.valid_until) == (NOON + 7 * DAY, NOON + 400 * DAY)
    assert announced.announced_at == NOON
    assert [key_state(key, now=NOON) for key in (old, announced)] == [
        KeyState.ACTIVE,
        KeyState.ANNOUNCED,
    ]
    assert [key_state(key, now=NOON + 8 * DAY) for key in (old, announced)] == [
        KeyState.VERIFY_ONLY,
        KeyState.ACTIVE,
    ]


@pytest.mark.parametrize(
    "after",
    [
        {},
        {"compromised_at": at(NOON)},
        {"compromised_at": at(NOON - DAY + timedelta(seconds=1))},
        None,
    ],
)
def test_s_188_a_theft_is_not_taken_back(city, after):
    city.admit(**entry(city, compromised_at=at(NOON - DAY)))
    keys = entry(city, **after) if after is not None else {"keys": city.entry()["keys"][1:]}
    answer = put(city, keys)

    assert (answer.status_code, answer.json["code"]) == (409, "key_state")
    assert listed(city)[0].compromised_at == NOON - DAY


def test_s_188_a_theft_may_turn_out_to_be_older(city):
    city.admit(**entry(city, compromised_at=at(NOON - DAY)))

    assert put(city, entry(city, compromised_at=at(NOON - 9 * DAY))).status_code == 201
    assert listed(city)[0].compromised_at == NOON - 9 * DAY


def test_a_retired_key_does_not_come_back(city):
    city.admit(**entry(city, valid_until=at(NOON)))

    assert put(city, entry(city)).status_code == 409
    assert put(city, entry(city, valid_until=at(NOON))).status_code == 201
