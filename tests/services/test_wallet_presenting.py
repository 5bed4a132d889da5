"""Answering verifiers: the way as it should be, and every verifier that asks wrongly."""

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from wallet_city import BUSINESS, LICENCE, WalletCity, new_key, one_question

from credentials.dids import build_did_document
from credentials.keys import parse_jwk
from credentials.reading import read_credential, read_presentation
from credentials.sd_jwt import SD_JWT_TYPES, parse_sd_jwt
from runtime.errors import FetchError

RESPONSE = "POST /response/r"


@pytest.fixture
def city(tmp_path):
    city = WalletCity(tmp_path)
    yield city
    city.close()


@pytest.fixture
def phone(city):
    phone = city.phone()
    phone.receive(city.peers.offer(), copies=3)
    city.peers.asked.clear()
    return phone


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


def test_a_request_by_post_gets_its_wallet_nonce_back(city, phone):
    """VP-W-03"""
    good = phone.answer(city.peers.ask(use_post=True))
    bad = phone.open(city.peers.ask(use_post=True, wallet_nonce="another"))

    assert good.status_code == 200
    assert bad.status_code == 400


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


BAD = {
    "no nonce": {"nonce": None},
    "a redirect_uri beside direct_post": {"redirect_uri": "https://a.example/"},
    "no response_uri": {"response_uri": None},
    "another client": {"client_id": "x509_hash:AAAA"},
    "an unknown prefix": {"client_id": "who_knows:a"},
    "expired": {"exp": 1_700_000_000},
    "transaction data": {"transaction_data": ["e30"]},
    "no query": {"dcql_query": None},
    "a broken query": {"dcql_query": {"credentials": []}},
    "another response type": {"response_type": "code"},
    "another response mode": {"response_mode": "fragment"},
    "a format that this wallet does not know": {
        "dcql_query": {
            "credentials": [
                {
                    "id": "m",
                    "format": "mso_mdoc",
                    "meta": {"doctype_value": "org.iso.18013.5.1.mDL"},
                }
            ]
        }
    },
    "signed by somebody else": {"signer": new_key()},
}


@pytest.mark.parametrize("fault", BAD)
def test_a_request_that_breaks_the_rules_is_refused_and_gets_nothing(city, phone, fault):
    """VP-W-01, VP-W-02, S-072"""
    answer = phone.open(city.peers.ask(**BAD[fault]))

    assert 400 <= answer.status_code < 500
    assert all("vp_token" not in one for one in city.peers.received)


def test_a_verifier_that_is_sure_of_itself_hears_what_was_wrong(city, phone):
    """S-072: the registered error, and never a vp_token; who cannot be trusted hears nothing."""
    phone.open(city.peers.ask(transaction_data=["e30"]))
    heard = list(city.peers.received)
    phone.open(city.peers.ask(signer=new_key(), transaction_data=["e30"]))

    assert [one["error"] for one in heard] == ["invalid_transaction_data"]
    assert heard[0]["state"] == "a-state-of-the-verifier-00001"
    assert city.peers.received == heard


def test_a_verifier_with_a_did_is_verified_by_its_document_and_not_registered(city, phone):
    host = urlsplit(city.peers.url).netloc.replace(":", "%3A")
    did = f"did:web:{host}:shop"
    key = parse_jwk(dict(city.peers.verifier_key.public_jwk))
    document = build_did_document(did, [key])
    city.peers.answers["GET /shop/did.json"] = lambda _: document
    city.peers.client_id = f"decentralized_identifier:{did}"
    link = city.peers.ask(x5c=(), key_id=f"{did}#{key.thumbprint}")
    opened = phone.open(link)
    stranger = city.peers.ask(x5c=(), key_id=f"{did}#{key.thumbprint}", signer=new_key())

    assert opened.status_code == 201, opened.text
    assert opened.get_json()["verifier"]["registered"] is False
    assert phone.open(stranger).status_code == 400


def test_what_naive_hardening_breaks_goes_through(city, phone):
    """S-073: unknown parameters, `iss` of somebody else, long nonce and state."""
    link = city.peers.ask(
        iss="https://somebody.example", unknown={"a": 1}, nonce="n" * 500, state="s" * 500
    )

    assert phone.answer(link).status_code == 200


def test_an_unregistered_verifier_is_shown_as_such(city, phone):
    city.peers.trust_version = 2
    city.peers.trust = city.peers.build_trust(verifiers=False)
    city.clock.move(minutes=2)
    opened = phone.open(city.peers.ask()).get_json()

    assert opened["verifier"] == {
        "id": city.peers.client_id,
        "name": {},
        "registered": False,
    }


def test_a_request_that_is_gone_says_so(city, phone):
    link = city.peers.ask()
    city.peers.answers["GET /request/r"] = lambda _: (404, "application/json", b"{}")

    assert phone.open(link).get_json()["code"] == "verifier_refused"


@pytest.mark.parametrize(
    "answer",
    [
        (302, "text/html", b""),
        (200, "text/html", b"<html>"),
        (200, "application/oauth-authz-req+jwt", b"x" * 200_000),
        (200, "application/oauth-authz-req+jwt", b"\xff\xfe"),
        (500, "application/json", b"{}"),
    ],
)
def test_a_verifier_that_answers_nonsense_is_refused(city, phone, answer):
    """S-083: no redirect is followed, no large body is read."""
    link = city.peers.ask()
    city.peers.answers["GET /request/r"] = lambda _: answer

    assert phone.open(link).status_code in (400, 503)


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


def test_a_request_expires_while_the_resident_thinks(city, phone):
    opened = phone.open(city.peers.ask()).get_json()
    city.clock.move(minutes=4, seconds=50)
    consent = phone.send(
        "POST",
        f"/api/v1/requests/{opened['id']}/consent",
        {"choices": {"licence": phone.cards()[0]["id"]}},
    )
    city.clock.move(seconds=30)
    phone.token = None
    phone.token = phone.send("POST", "/api/v1/sessions", {}).get_json()["access_token"]
    late = phone.send("POST", f"/api/v1/requests/{opened['id']}/consent", {"choices": {}})

    assert consent.status_code == 200
    assert late.status_code == 404


def test_another_resident_cannot_touch_the_request(city, phone):
    opened = phone.open(city.peers.ask()).get_json()
    other = city.phone()
    path = f"/api/v1/requests/{opened['id']}"

    assert other.send("GET", path).status_code == 404
    assert other.send("POST", f"{path}/decline").status_code == 404


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
