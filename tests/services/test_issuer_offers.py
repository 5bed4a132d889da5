"""An offer from the counter: how it reads, who may redeem it, and with which transaction code."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import (
    BASE,
    IssuingCity,
    accredited_city,
    build_settings,
    read_offer_url,
    read_offer_value,
    visiting_wallet,
)

from credentials.reading import read_credential

city, wallet = accredited_city, visiting_wallet


def test_an_offer_by_reference_says_the_same_as_by_value(city, wallet):
    """VCI-I-11."""
    made = city.offer("taxi-permit").json

    answer = city.http.get(read_offer_url(made).removeprefix(BASE))

    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == read_offer_value(made)


def test_an_offer_link_holds_no_personal_data(city):
    made = city.offer("taxi-permit").json

    assert "Sok" not in made["offer_uri_by_value"]
    assert "Sok" not in made["offer_uri"]


def test_a_taken_offer_is_gone(city, wallet):
    made = city.offer("taxi-permit").json
    wallet.redeem(made)

    assert city.http.get(read_offer_url(made).removeprefix(BASE)).status_code == 404


def test_the_same_offer_is_not_redeemed_twice(city, wallet):
    """S-095."""
    made = city.offer("taxi-permit").json

    first, second = wallet.redeem(made), wallet.redeem(made)

    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-store"
    assert second.status_code == 400
    assert second.json["error"] == "invalid_grant"


def test_an_offer_runs_out_after_a_day(tmp_path):
    city = IssuingCity(build_settings(tmp_path))
    city.open_agency("transport")
    made = city.offer("taxi-permit").json
    city.clock.move(days=1, seconds=1)

    answer = city.wallet().redeem(made)

    assert answer.json["error"] == "invalid_grant"
    city.close()


def test_the_right_transaction_code_opens_the_offer(city, wallet):
    made = city.offer("taxi-permit", tx_code=True).json

    assert read_offer_value(made)["grants"].popitem()[1]["tx_code"] == {
        "input_mode": "numeric",
        "length": 6,
    }
    assert wallet.redeem(made, tx_code=made["tx_code"]).status_code == 200


def test_five_wrong_transaction_codes_lock_the_offer(city, wallet):
    """VCI-I-17."""
    made = city.offer("taxi-permit", tx_code=True).json
    wrong = "000000" if made["tx_code"] != "000000" else "000001"

    answers = [wallet.redeem(made, tx_code=wrong) for _ in range(5)]
    late = wallet.redeem(made, tx_code=made["tx_code"])

    assert {answer.json["error"] for answer in answers} == {"invalid_grant"}
    assert late.json["error"] == "invalid_grant"


def test_four_wrong_transaction_codes_do_not_lock_it(city, wallet):
    made = city.offer("taxi-permit", tx_code=True).json
    wrong = "000000" if made["tx_code"] != "000000" else "000001"

    for _ in range(4):
        wallet.redeem(made, tx_code=wrong)

    assert wallet.redeem(made, tx_code=made["tx_code"]).status_code == 200


@pytest.mark.parametrize(("asks", "given"), [(True, None), (False, "123456")])
def test_a_transaction_code_must_be_there_exactly_when_asked_for(city, wallet, asks, given):
    """VCI-I-16."""
    made = city.offer("taxi-permit", tx_code=asks).json

    answer = wallet.redeem(made, tx_code=given)

    assert answer.json["error"] == "invalid_request"
    assert wallet.redeem(made, tx_code=made.get("tx_code")).status_code == 200


def test_a_locked_offer_can_be_renewed_by_the_officer(city, wallet):
    made = city.offer("taxi-permit", tx_code=True).json
    wrong = "000000" if made["tx_code"] != "000000" else "000001"
    for _ in range(5):
        wallet.redeem(made, tx_code=wrong)

    renewed = city.http.post(
        f"/api/v1/credentials/{made['credential_id']}/offer",
        headers=city.as_role("officer", agency="transport"),
    ).json
    old = wallet.redeem(made, tx_code=made["tx_code"])
    [text] = wallet.receive(renewed, tx_code=renewed["tx_code"])

    assert old.json["error"] == "invalid_grant"
    assert read_credential(text).claims == city.example("taxi-permit")
