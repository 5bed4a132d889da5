"""Answering verifiers: the way as it should be, and every verifier that asks wrongly."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from wallet_city import open_city, phone_with_licence
from wallet_metadata import BUSINESS, LICENCE
from wallet_peers import one_question
from wallet_phone import new_key

from credentials.reading import read_credential, read_presentation
from credentials.sd_jwt import SD_JWT_TYPES, parse_sd_jwt
from runtime.errors import FetchError

city, phone = open_city, phone_with_licence

RESPONSE = "POST /response/r"


def presented(city):
    """The presentations of the last answer, by query id."""
    token = json.loads(city.peers.received[-1]["vp_token"])
    return {name: texts[0] for name, texts in token.items()}


def test_a_request_shows_who_asks_for_what_and_nothing_is_sent(city, phone):
    opened = phone.open(city.peers.ask()).get_json()
    (question,) = opened["credentials"]
    (candidate,) = question["candidates"]

    assert opened["verifier"] == {
        "id": city.peers.client_id,
        "name": {"en": "Inspection"},
        "registered": True,
    }
    assert opened["satisfiable"] is True
    assert question["required"] is True
    assert [(claim["label"]["en"], claim["value"]) for claim in candidate["claims"]] == [
        ("Family name", "Sok"),
        ("Driver number", "D-104417"),
    ]
    assert city.peers.received == []


def test_only_the_asked_claims_leave_signed_by_the_holder_for_this_verifier(city, phone):
    """VP-W-04, S-230"""
    answer = phone.answer(city.peers.ask())
    (credential,) = read_presentation(presented(city)["licence"])

    assert answer.get_json() == {"accepted": True, "redirect_uri": None}
    assert city.peers.received[-1]["state"] == "a-state-of-the-verifier-00001"
    assert dict(credential.claims) == {
        "family_name": "Sok",
        "driver_number": "D-104417",
    }
    assert credential.key_binding.audience == city.peers.client_id
    assert credential.key_binding.nonce == "a-nonce-of-the-verifier-0001"
    assert credential.key_binding.covers_presentation
    assert LICENCE["birth_date"] not in presented(city)["licence"]


def test_the_history_tells_what_was_shared_with_whom(city, phone):
    phone.answer(city.peers.ask())
    newest = phone.history()[0]

    assert newest["happening"] == "presented"
    assert newest["detail"]["party"]["id"] == city.peers.client_id
    assert newest["detail"]["shared"] == [
        {
            "label": {"en": "Driving licence"},
            "claims": [{"en": "Family name"}, {"en": "Driver number"}],
        }
    ]


def test_each_presentation_takes_the_copy_that_was_used_least(city, phone):
    """S-090: two verifiers see two keys, two signatures, two status entries."""
    seen = set()
    for _ in range(3):
        phone.answer(city.peers.ask())
        sd_jwt = parse_sd_jwt(presented(city)["licence"], types=SD_JWT_TYPES)
        seen.add((sd_jwt.jws.signature, sd_jwt.jws.payload["cnf"]["jwk"]["x"]))

    assert len(seen) == 3


def test_a_question_without_claims_discloses_nothing_selective(city, phone):
    """VP-W-04"""
    query = one_question(city.peers.url)
    del query["credentials"][0]["claims"]
    phone.answer(city.peers.ask(query=query))

    assert dict(read_presentation(presented(city)["licence"])[0].claims) == {}


@pytest.mark.parametrize("form", ["vc+jwt", "jwt_vc_json"])
def test_a_w3c_credential_is_presented_in_an_envelope(city, phone, form):
    phone.receive(city.peers.offer(f"driving-licence.{form}"), copies=2)
    query = {
        "credentials": [
            {
                "id": "w3c",
                "format": form,
                "meta": {"type_values": [["DrivingLicence"]]},
                "claims": [{"path": ["credentialSubject", "family_name"]}],
            }
        ]
    }
    opened = phone.open(city.peers.ask(query=query)).get_json()
    shown = opened["credentials"][0]["candidates"][0]["claims"]
    answer = phone.answer(city.peers.ask(query=query))
    (credential,) = read_presentation(presented(city)["w3c"])

    assert answer.status_code == 200
    assert {claim["path"][-1]: claim["required"] for claim in shown} == {
        "family_name": True,
        "driver_number": False,
        "given_name": False,
        "birth_date": False,
    }
    assert credential.format == form
    assert credential.key_binding.audience == city.peers.client_id
    assert credential.claims["family_name"] == "Sok"


def test_what_the_resident_does_not_hold_cannot_be_consented_to(city, phone):
    """VP-W-04, VP-W-09: no vp_token at all; the refusal goes out only with the resident's no."""
    query = one_question(city.peers.url, meta={"vct_values": ["https://a.example/types/passport"]})
    opened = phone.open(city.peers.ask(query=query))
    path, consent = phone.consent(opened, {"licence": "x"})
    before = list(city.peers.received)
    declined = phone.send("POST", f"{path}/decline")

    assert opened.get_json()["satisfiable"] is False
    assert consent.status_code == 403
    assert consent.get_json()["code"] == "nothing_matches"
    assert before == []
    assert declined.status_code == 200
    assert city.peers.received[-1]["error"] == "access_denied"
    assert "vp_token" not in city.peers.received[-1]


def test_values_are_compared_with_their_kind(city, phone):
    """VP-W-04: `values` are type-strict."""
    claims = [{"path": ["family_name"], "values": ["Chan"]}]
    other = phone.open(city.peers.ask(query=one_question(city.peers.url, claims=claims)))
    claims = [{"path": ["family_name"], "values": ["Chan", "Sok"]}]
    same = phone.open(city.peers.ask(query=one_question(city.peers.url, claims=claims)))

    assert other.get_json()["satisfiable"] is False
    assert same.get_json()["satisfiable"] is True


def test_an_optional_question_may_be_left_out(city, phone):
    query = one_question(city.peers.url)
    extra = {**query["credentials"][0], "id": "extra", "claims": [{"path": ["birth_date"]}]}
    query["credentials"].append(extra)
    query["credential_sets"] = [
        {"options": [["licence"]]},
        {"options": [["extra"]], "required": False},
    ]
    opened = phone.open(city.peers.ask(query=query))
    questions = {one["query_id"]: one["required"] for one in opened.get_json()["credentials"]}
    card = phone.cards()[0]["id"]
    path, consented = phone.consent(opened, {"licence": card})
    inputs = consented.get_json()["signing_inputs"]
    phone.send("POST", f"{path}/presentation", {"signatures": phone.sign(inputs)})

    assert questions == {"licence": True, "extra": False}
    assert set(presented(city)) == {"licence"}


def test_declining_is_told_and_is_the_end(city, phone):
    """S-088"""
    opened = phone.open(city.peers.ask()).get_json()
    path = f"/api/v1/requests/{opened['id']}"
    declined = phone.send("POST", f"{path}/decline")
    again = phone.send("POST", f"{path}/decline")
    consent = phone.send("POST", f"{path}/consent", {"choices": {}})

    assert declined.get_json() == {"accepted": False, "redirect_uri": None}
    assert again.status_code == 200
    assert consent.status_code == 409
    assert len(city.peers.received) == 1
    assert phone.history()[0]["happening"] == "declined"


def test_a_choice_must_be_a_candidate_of_the_question(city, phone):
    opened = phone.open(city.peers.ask())
    other = city.phone()
    other.receive(city.peers.offer())
    foreign = other.cards()[0]["id"]
    _, unknown_card = phone.consent(opened, {"licence": foreign})
    _, unknown_question = phone.consent(opened, {"other": phone.cards()[0]["id"]})

    assert unknown_card.status_code == 404
    assert unknown_question.status_code == 400


def test_a_signature_over_another_text_never_leaves(city, phone):
    """Each signing input is bound to what was consented."""
    path, consented = phone.consent(phone.open(city.peers.ask()))
    (asked,) = consented.get_json()["signing_inputs"]
    forged = phone.sign([{**asked, "input": asked["input"] + "x"}])
    answer = phone.send("POST", f"{path}/presentation", {"signatures": forged})

    assert answer.status_code == 403
    assert answer.get_json()["code"] == "bad_signature"
    assert city.peers.received == []


def test_nothing_is_presented_without_consent(city, phone):
    opened = phone.open(city.peers.ask()).get_json()
    signature = {"key": "k", "signature": "AAAA"}
    answer = phone.send(
        "POST", f"/api/v1/requests/{opened['id']}/presentation", {"signatures": [signature]}
    )

    assert answer.status_code == 409
    assert city.peers.received == []


def test_a_second_presentation_answers_the_same_and_is_not_sent_again(city, phone):
    path, consented = phone.consent(phone.open(city.peers.ask()))
    body = {"signatures": phone.sign(consented.get_json()["signing_inputs"])}
    city.peers.answers[RESPONSE] = _keep_and_answer(city, {"redirect_uri": "https://shop.example/"})
    first = phone.send("POST", f"{path}/presentation", body).get_json()
    second = phone.send("POST", f"{path}/presentation", body).get_json()

    assert first == {"accepted": True, "redirect_uri": "https://shop.example/"}
    assert second == first
    assert len(city.peers.received) == 1


def _keep_and_answer(city, answer):
    take = city.peers._take

    def both(asked):
        take(asked)
        return answer

    return both


def test_a_redirect_to_a_script_is_not_passed_on(city, phone):
    """VP-W-08"""
    city.peers.answers[RESPONSE] = _keep_and_answer(city, {"redirect_uri": "javascript:alert(1)"})

    assert phone.answer(city.peers.ask()).get_json()["redirect_uri"] is None


def test_a_verifier_that_refuses_the_answer_ends_the_request(city, phone):
    city.peers.answers[RESPONSE] = lambda _: (400, "application/json", b"{}")
    path, consented = phone.consent(phone.open(city.peers.ask()))
    body = {"signatures": phone.sign(consented.get_json()["signing_inputs"])}
    refused = phone.send("POST", f"{path}/presentation", body)
    again = phone.send("POST", f"{path}/presentation", body)

    assert refused.get_json()["code"] == "verifier_refused"
    assert again.status_code == 409
    assert phone.history()[0]["happening"] == "received"


def test_a_verifier_that_is_away_can_be_answered_later(city, phone, monkeypatch):
    path, consented = phone.consent(phone.open(city.peers.ask()))
    body = {"signatures": phone.sign(consented.get_json()["signing_inputs"])}
    fetcher = city.counters.presenting.client.fetcher

    def away(*_, **__):
        raise FetchError("nobody answers")

    with monkeypatch.context() as broken:
        broken.setattr(fetcher, "post_form", away)
        first = phone.send("POST", f"{path}/presentation", body)
    second = phone.send("POST", f"{path}/presentation", body)

    assert first.status_code == 503
    assert second.status_code == 200


def test_the_answer_is_encrypted_where_the_verifier_wants_it(city, phone):
    """VP-W-06, HAIP-05"""
    key = dict(new_key().public_jwk)
    metadata = {
        "jwks": {"keys": [{**key, "use": "enc", "alg": "ECDH-ES", "kid": "e"}]},
        "vp_formats_supported": {"dc+sd-jwt": {}},
    }
    link = city.peers.ask(response_mode="direct_post.jwt", client_metadata=metadata)
    answer = phone.answer(link)

    assert answer.status_code == 200, answer.text
    assert set(city.peers.received[-1]) == {"response"}
    assert city.peers.received[-1]["response"].count(".") == 4


def test_the_business_licence_is_kept_for_the_counter_with_three_claims_only(city, phone):
    """What the device keeps for a check at the counter cannot say more than the check asks."""
    phone.receive(city.peers.offer("business-licence.dc+sd-jwt"), copies=2)
    views = phone.send("GET", "/api/v1/views").get_json()["views"]
    read = [read_credential(view["credential"]) for view in views]

    assert [view["view"] for view in views] == ["business-licence"] * 2
    assert [set(one.claims) for one in read] == [
        {"licence_number", "business_name", "activity"}
    ] * 2
    assert [one.holder_key.thumbprint for one in read] == [view["key"] for view in views]
    assert BUSINESS["owner"] not in json.dumps(views)
