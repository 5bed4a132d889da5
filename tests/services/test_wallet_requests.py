"""Requests of verifiers: those that break the rules, and those that only look as if."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from wallet_city import open_city, phone_with_licence
from wallet_phone import new_key

from credentials.dids import build_did_document
from credentials.keys import parse_jwk

city, phone = open_city, phone_with_licence


def test_a_request_by_post_gets_its_wallet_nonce_back(city, phone):
    """VP-W-03"""
    good = phone.answer(city.peers.ask(use_post=True))
    bad = phone.open(city.peers.ask(use_post=True, wallet_nonce="another"))

    assert good.status_code == 200
    assert bad.status_code == 400


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
