"""Receiving credentials: the way as it should be, and every issuer that is careless or worse."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from wallet_city import new_phone, open_city
from wallet_metadata import LICENCE
from wallet_phone import new_key

from credentials.jose import parse_jws
from credentials.keys import parse_jwk

city, phone = open_city, new_phone

CREDENTIAL = "POST /agencies/transport/credential"


def test_an_offer_is_previewed_accepted_proved_and_kept(city, phone):
    preview = phone.preview(city.peers.offer()).get_json()
    received = phone.receive(city.peers.offer(), copies=3)
    (card,) = received.get_json()["credentials"]

    assert preview["issuer"] == {
        "id": city.peers.issuer,
        "name": {"en": "Department of Transport", "km": "ដឹកជញ្ជូន"},
        "registered": True,
    }
    assert preview["credentials"][0]["label"] == {"en": "Driving licence"}
    assert preview["tx_code"] is None
    assert preview["batch_size"] == 5
    assert received.status_code == 200
    assert card["type"] == "driving-licence"
    assert card["status"] == "valid"
    assert card["copies"] == 3
    assert card["claims"][0] == {
        "path": ["family_name"],
        "label": {"en": "Family name"},
        "value": "Sok",
    }
    assert {claim["path"][-1]: claim["value"] for claim in card["claims"]} == LICENCE
    assert city.peers.notified == ["credential_accepted"]
    assert [line["happening"] for line in phone.history()] == ["received"]


def test_receiving_asks_the_issuer_three_times_and_tells_it_once(city, phone):
    path, accepted = phone.accept(city.peers.offer())
    signatures = phone.sign(accepted.get_json()["signing_inputs"])
    phone.send("POST", f"{path}/proofs", {"signatures": signatures})

    assert [line for line in city.peers.asked if line.startswith("POST")] == [
        "POST /agencies/transport/token",
        "POST /agencies/transport/nonce",
        "POST /agencies/transport/credential",
        "POST /agencies/transport/notification",
    ]


def test_a_transaction_code_is_described_asked_for_and_passed_on(city, phone):
    offer = city.peers.offer(tx_code={"length": 6, "description": "In the letter"})
    preview = phone.preview(offer).get_json()
    _, without = phone.accept(offer)
    _, unneeded = phone.accept(city.peers.offer(), tx_code="123456")
    received = phone.receive(offer, tx_code="123456")

    assert preview["tx_code"] == {
        "input_mode": "numeric",
        "length": 6,
        "description": "In the letter",
    }
    assert without.status_code == 400
    assert unneeded.status_code == 400
    assert received.status_code == 200


def test_a_wrong_transaction_code_says_so_and_may_be_tried_again(city, phone):
    offer = city.peers.offer(tx_code={})
    good = city.peers.answers["POST /agencies/transport/token"]
    city.peers.answers["POST /agencies/transport/token"] = lambda _: (
        400,
        "application/json",
        b'{"error": "invalid_grant"}',
    )
    path, refused = phone.accept(offer, tx_code="000000")
    city.peers.answers["POST /agencies/transport/token"] = good
    body = {"keys": phone.make_keys(1), "tx_code": "123456"}
    again = phone.send("POST", f"{path}/accept", body)

    assert refused.status_code == 403
    assert refused.get_json()["code"] == "invalid_grant"
    assert again.status_code == 200


def test_credentials_in_reverse_order_are_matched_by_key(city, phone):
    """S-107, VCI-W-06"""
    issue = city.peers.issue

    def reversed_issue(asked):
        answer = issue(asked)
        answer["credentials"].reverse()
        return answer

    city.peers.answers[CREDENTIAL] = reversed_issue
    received = phone.receive(city.peers.offer("taxi-inspection.dc+sd-jwt"), copies=4)
    views = phone.send("GET", "/api/v1/views").get_json()["views"]

    assert received.status_code == 200
    assert len(views) == 4
    for view in views:
        payload = parse_jws(view["credential"].split("~")[0], types={"dc+sd-jwt"}).payload
        assert parse_jwk(payload["cnf"]["jwk"]).thumbprint == view["key"]


def test_a_stale_nonce_asks_the_device_to_sign_once_more(city, phone):
    """VCI-W-05"""
    path, accepted = phone.accept(city.peers.offer())
    first = accepted.get_json()["signing_inputs"]
    city.peers.nonce = "nonce-2"
    again = phone.send("POST", f"{path}/proofs", {"signatures": phone.sign(first)}).get_json()
    second = phone.send(
        "POST", f"{path}/proofs", {"signatures": phone.sign(again["signing_inputs"])}
    )

    assert again["credentials"] == []
    assert again["signing_inputs"][0]["key"] == first[0]["key"]
    assert again["signing_inputs"][0]["input"] != first[0]["input"]
    assert len(second.get_json()["credentials"]) == 1


def test_a_repeated_last_step_answers_the_same_card(city, phone):
    path, accepted = phone.accept(city.peers.offer())
    body = {"signatures": phone.sign(accepted.get_json()["signing_inputs"])}
    first = phone.send("POST", f"{path}/proofs", body).get_json()
    second = phone.send("POST", f"{path}/proofs", body).get_json()

    assert second == first
    assert len(phone.cards()) == 1
    assert len(city.peers.issued) == 1


@pytest.mark.parametrize("form", ["vc+jwt", "jwt_vc_json"])
def test_a_w3c_credential_is_bound_by_did_jwk_and_kept(city, phone, form):
    offer = city.peers.offer("driving-licence.dc+sd-jwt", f"driving-licence.{form}")
    received = phone.receive(offer, copies=2, format=form)

    assert received.status_code == 200, received.text
    (card,) = received.get_json()["credentials"]
    assert card["format"] == form
    assert card["copies"] == 2
    assert {claim["path"][-1]: claim["value"] for claim in card["claims"]} == LICENCE


BAD = {
    "signed by somebody else": {"signer": new_key()},
    "bound to another key": {"cnf": {"jwk": dict(new_key().public_jwk)}},
    "bound to no key": {"cnf": None},
    "of another type": {"vct": "https://elsewhere.example/types/driving-licence"},
    "of another issuer": {"iss": "https://elsewhere.example"},
    "expired": {"exp": 1_700_000_000},
    "not yet valid": {"nbf": 1_900_000_000},
}


@pytest.mark.parametrize("fault", BAD)
def test_a_credential_that_does_not_hold_is_refused_told_and_not_kept(city, phone, fault):
    """VCI-W-07"""
    make = city.peers.make
    city.peers.make = lambda configuration, header: make(configuration, header, **BAD[fault])
    refused = phone.receive(city.peers.offer())

    assert refused.status_code == 403
    assert refused.get_json()["code"] == "credential_refused"
    assert city.peers.notified == ["credential_failure"]
    assert phone.cards() == []
    assert phone.history() == []


@pytest.mark.parametrize("text", ["", "nonsense", "a.b.c~", "a.b.c~kb.kb.kb"])
def test_something_that_is_no_credential_is_refused(city, phone, text):
    city.peers.answers[CREDENTIAL] = lambda _: {"credentials": [{"credential": text or "x"}]}
    refused = phone.receive(city.peers.offer())

    assert refused.status_code == 403
    assert phone.cards() == []


def test_a_credential_with_a_key_binding_is_refused(city, phone):
    """SD-H-01: an issuer has no business holding a proof of the holder."""
    make = city.peers.make
    proof = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImtiK2p3dCJ9.e30." + "A" * 86
    city.peers.make = lambda *given: make(*given) + proof
    refused = phone.receive(city.peers.offer())

    assert refused.status_code == 403
    assert phone.cards() == []


def test_one_bad_copy_refuses_the_whole_batch(city, phone):
    make = city.peers.make
    made = []

    def careless(configuration, header):
        made.append(1)
        return make(configuration, header, **(BAD["expired"] if len(made) == 2 else {}))

    city.peers.make = careless
    refused = phone.receive(city.peers.offer(), copies=3)

    assert refused.status_code == 403
    assert phone.cards() == []


def test_the_same_copy_twice_is_refused(city, phone):
    issue = city.peers.issue

    def doubled(asked):
        answer = issue(asked)
        answer["credentials"] = [answer["credentials"][0]] * 2
        return answer

    city.peers.answers[CREDENTIAL] = doubled
    refused = phone.receive(city.peers.offer(), copies=2)

    assert refused.status_code == 403
    assert phone.cards() == []


def test_an_agency_that_is_not_accredited_for_the_type_is_refused(city, phone):
    city.peers.trust_version = 2
    city.peers.trust = city.peers.build_trust(types=("taxi-inspection",))
    refused = phone.receive(city.peers.offer())

    assert refused.status_code == 403
    assert "issuer_not_authorised_for_type" in refused.get_json()["detail"]
    assert phone.cards() == []


def test_metadata_of_another_issuer_ends_it(city, phone):
    """VCI-W-02, S-099"""
    path = next(name for name in city.peers.answers if "openid-credential-issuer" in name)
    city.peers.answers[path] = lambda _: city.peers.metadata(
        credential_issuer="https://elsewhere.example"
    )
    refused = phone.preview(city.peers.offer())

    assert refused.status_code == 403
    assert refused.get_json()["code"] == "invalid_issuer_metadata"


def test_an_issuer_that_is_away_is_a_503_and_the_offer_can_be_tried_again(city, phone):
    offer = city.peers.offer()
    token = city.peers.answers.pop("POST /agencies/transport/token")
    city.peers.answers["POST /agencies/transport/token"] = lambda _: (500, "text/plain", b"")
    path, away = phone.accept(offer)
    city.peers.answers["POST /agencies/transport/token"] = token
    again = phone.send("POST", f"{path}/accept", {"keys": phone.make_keys(1)})

    assert away.status_code == 503
    assert away.headers["Retry-After"]
    assert again.status_code == 200


def test_an_offer_that_was_used_up_is_no_longer_there(city, phone):
    offer = f"openid-credential-offer://?credential_offer_uri={city.peers.issuer}/offers/used"

    answer = phone.preview(offer)

    assert answer.status_code == 404
    assert answer.get_json()["code"] == "not_found"
    assert "used" in answer.get_json()["detail"]


def test_a_signature_by_another_key_or_over_another_text_is_refused(city, phone):
    path, accepted = phone.accept(city.peers.offer())
    (asked,) = accepted.get_json()["signing_inputs"]
    stranger = new_key()
    phone.keys["stranger"] = stranger
    cases = [
        phone.sign([{**asked, "input": asked["input"] + "x"}]),
        [{**phone.sign([{"key": "stranger", "input": asked["input"]}])[0], "key": asked["key"]}],
        [{"key": "unknown", "signature": "AAAA"}],
        [{"key": asked["key"], "signature": "not base64url!"}],
    ]
    answers = [phone.send("POST", f"{path}/proofs", {"signatures": case}) for case in cases]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert {answer.get_json()["code"] for answer in answers} == {"bad_signature"}
    assert city.peers.issued == []


def test_keys_that_cannot_be_holder_keys_are_refused(city, phone):
    offer = city.peers.offer()
    path = f"/api/v1/offers/{phone.preview(offer).get_json()['id']}"
    (key,) = phone.make_keys(1)
    cases = [
        [{**key, "d": "AAAA"}],
        [key, key],
        [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}],
        [{**key, "x": key["y"]}],
        phone.make_keys(6),
    ]
    answers = [phone.send("POST", f"{path}/accept", {"keys": case}) for case in cases]

    assert [answer.status_code for answer in answers] == [400] * 5
    assert "POST /agencies/transport/token" not in city.peers.asked


def test_two_phones_of_two_residents_do_not_share_an_offer(city, phone):
    path, _ = phone.accept(city.peers.offer())
    other = city.phone()

    assert other.send("GET", path).status_code == 404


def test_a_previewed_offer_expires(city, phone):
    path = f"/api/v1/offers/{phone.preview(city.peers.offer()).get_json()['id']}"
    city.clock.move(minutes=31)
    phone.token = None
    phone.token = phone.send("POST", "/api/v1/sessions", {}).get_json()["access_token"]
    answer = phone.send("POST", f"{path}/accept", {"keys": phone.make_keys(1)})

    assert answer.status_code == 404


def test_an_older_trust_registry_is_never_believed_again(city, phone):
    """I5"""
    city.peers.trust_version = 5
    city.peers.trust = city.peers.build_trust(types=("taxi-inspection",))
    assert phone.receive(city.peers.offer()).status_code == 403
    city.peers.trust_version = 4
    city.peers.trust = city.peers.build_trust()
    city.clock.move(minutes=2)

    assert phone.receive(city.peers.offer()).status_code == 403


def test_a_register_that_is_away_changes_nothing_until_the_registry_expires(city, phone):
    phone.receive(city.peers.offer())
    del city.peers.answers["GET /trust"]
    city.clock.move(minutes=2)
    restarted = city.phone(city.start())

    assert restarted.receive(city.peers.offer()).status_code == 200
    city.clock.move(hours=25)
    late = city.phone(city.start())
    assert late.preview(city.peers.offer()).status_code == 503
