"""A wallet is asked by OpenID4VP 1.0: sessions, request objects, responses."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from city_papers import FOUR
from taxi_driver import Driver, read_link
from verifier_counter import VERIFIER_URL, Counter, reasons

from credentials.jose import parse_jws, verify_jws
from credentials.keys import parse_jwk
from encoding import base64url

DISCLOSED = {
    "driving_licence": ["driver_number", "family_name", "given_name", "categories"],
    "taxi_permit": ["driver_number", "plate", "category", "zone", "valid_until"],
    "vehicle_registration": ["plate", "category"],
    "insurance": ["plate"],
}
REFUSED = {"error": "invalid_request", "error_description": "the response was not accepted"}


@pytest.fixture
def counter(tmp_path):
    counter = Counter(tmp_path)
    counter.register()
    counter.driver.receive_taxi_cards()
    yield counter
    counter.close()


def present_four(driver, request, **others):
    """What a wallet would post; `others` puts other cards in."""
    cards = {query: driver.cards[type_name] for query, type_name in FOUR.items()}
    cards.update(others)
    return {
        query: driver.present(
            card,
            audience=request["client_id"],
            nonce=request["nonce"],
            disclose=DISCLOSED[query],
        )
        for query, card in cards.items()
    }


def see(counter, session, *, role="business"):
    return counter.get(f"/api/v1/sessions/{session['id']}", role=role).json


def test_four_credentials_are_asked_for_and_joined(counter):
    session = counter.ask()
    request = counter.fetch_request(session)

    answer = counter.respond(request, present_four(counter.driver, request))

    assert (answer.status_code, answer.json) == (200, {})
    seen = see(counter, session)
    assert seen["state"] == "answered"
    assert reasons(seen["verdict"]) == ("passed", [])
    assert seen["verdict"]["purpose"] == "taxi-inspection"
    assert {check["name"] for check in seen["verdict"]["checks"]} >= {"join", "query", "status"}
    assert set(seen["statuses"]) == set(FOUR)
    assert seen["statuses"]["insurance"][0]["uri"].endswith("/agencies/insurance/status/1")
    assert len(seen["holder_keys"]) == 4
    keys = {
        parse_jwk(dict(card.holder.public_jwk)).thumbprint
        for card in counter.driver.cards.values()
        if card.type != "taxi-inspection"
    }
    assert set(seen["holder_keys"]) == keys


def test_the_request_object_is_what_the_final_specification_wants(counter):
    """VP-V-01, VP-V-03, VP-V-05, VP-V-06, VP-V-07."""
    session = counter.ask()
    client_id, request_uri = read_link(session["request_uri"])
    answer = counter.client.get(request_uri.removeprefix(VERIFIER_URL))
    jws = parse_jws(answer.text, types=frozenset({"oauth-authz-req+jwt"}))
    claims = dict(jws.payload)

    assert answer.content_type == "application/oauth-authz-req+jwt"
    assert session["qr"] == session["request_uri"]
    assert "request_uri_method=post" in session["qr"]
    assert session["same_device_uri"].startswith("http://localhost:8402/authorize?")
    assert claims["client_id"] == client_id
    assert client_id.startswith("x509_hash:")
    assert claims["aud"] == "https://self-issued.me/v2"
    assert claims["response_mode"] == "direct_post"
    assert len(base64url.decode(claims["nonce"])) >= 16
    assert len(base64url.decode(claims["state"])) >= 16
    assert "redirect_uri" not in claims
    assert claims["exp"] - claims["iat"] <= 300
    assert "dc+sd-jwt" in claims["client_metadata"]["vp_formats_supported"]
    key = parse_jwk(counter.client.get("/api/v1/registration").json["public_jwk"])
    assert verify_jws(jws, key)


def test_a_request_may_be_fetched_again_also_by_post_with_a_nonce(counter):
    """VP-V-04, S-085: the same question, signed anew, with the wallet's nonce in it."""
    session = counter.ask()
    first = counter.fetch_request(session)
    path = read_link(session["request_uri"])[1].removeprefix(VERIFIER_URL)

    again = counter.client.post(path, data={"wallet_nonce": "from-the-wallet"})

    second = json.loads(base64url.decode(again.text.split(".")[1]))
    assert second["nonce"] == first["nonce"]
    assert second["wallet_nonce"] == "from-the-wallet"
    assert see(counter, session)["state"] == "fetched"


def test_a_response_counts_once_also_in_another_process(counter):
    """S-075."""
    session = counter.ask()
    request = counter.fetch_request(session)
    presentations = present_four(counter.driver, request)
    counter.respond(request, presentations)
    before = see(counter, session)

    again = counter.respond(request, presentations)
    elsewhere = counter.respond(request, presentations, client=counter.start().test_client())

    assert (again.status_code, again.json) == (400, REFUSED)
    assert (elsewhere.status_code, elsewhere.json) == (400, REFUSED)
    assert see(counter, session) == before


def test_another_drivers_licence_in_their_midst_does_not_join(counter):
    other = Driver(counter.city).receive("driving-licence", claims={"driver_number": "D-999"})
    session = counter.ask()
    request = counter.fetch_request(session)

    answer = counter.respond(request, present_four(counter.driver, request, driving_licence=other))

    assert answer.status_code == 200
    verdict = see(counter, session)["verdict"]
    assert verdict["outcome"] == "failed"
    assert verdict["reasons"] == ["join_failed"]


def test_a_revoked_card_is_delivered_and_named(counter):
    counter.city.revoke(counter.driver.cards["vehicle-registration"])
    session = counter.ask()
    request = counter.fetch_request(session)

    answer = counter.respond(request, present_four(counter.driver, request))

    assert answer.status_code == 200
    verdict = see(counter, session)["verdict"]
    assert reasons(verdict) == ("failed", [("revoked", "vehicle_registration")])


def test_a_card_for_another_nonce_is_refused_and_shown_as_such(counter):
    session = counter.ask()
    request = counter.fetch_request(session)
    presentations = present_four(counter.driver, {**request, "nonce": "another"})

    answer = counter.respond(request, presentations)

    assert (answer.status_code, answer.json) == (400, REFUSED)
    seen = see(counter, session)
    assert seen["state"] == "answered"
    assert seen["verdict"]["reasons"] == ["wrong_nonce"]
    assert seen["verdict"]["claims"] is None
    assert "holder_keys" not in seen


def test_each_sin_of_a_wallet_is_refused(counter):
    """VP-V-12: every one of them gets the same 4xx."""
    driver = counter.driver
    licence = driver.cards["driving-licence"]
    hour = 3600

    def wrong(**details):
        def build(request):
            good = present_four(driver, request)
            settings = {
                "audience": request["client_id"],
                "nonce": request["nonce"],
                "disclose": DISCLOSED["driving_licence"],
                **details,
            }
            if "move" in settings:
                settings["at"] = counter.clock() + settings.pop("move")
            good["driving_licence"] = driver.present(licence, **settings)
            return good

        return build

    from datetime import timedelta

    sins = {
        "wrong_audience": wrong(audience="x509_hash:other"),
        "holder_not_bound": wrong(signer=driver.key()),
        "stale_code": wrong(move=timedelta(seconds=-hour)),
        "claim_missing": wrong(disclose=["driver_number"]),
    }
    for reason, build in sins.items():
        session = counter.ask()
        request = counter.fetch_request(session)
        answer = counter.respond(request, build(request))
        assert (answer.status_code, answer.json) == (400, REFUSED), reason
        assert reason in see(counter, session)["verdict"]["reasons"]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"vp_token": ""},
        {"vp_token": "not json"},
        {"vp_token": "[]"},
        {"vp_token": '"text"'},
        {"vp_token": '{"driving_licence": "not a list"}'},
        {"vp_token": '{"driving_licence": []}'},
        {"vp_token": '{"unknown": ["a~"]}'},
        {"vp_token": '{"driving_licence": ["a~"]}'},
        {"vp_token": '{"driving_licence": ["a~", "b~"]}'},
        {"vp_token": "{}", "state": "another"},
        {"vp_token": '{"a":1,"a":2}'},
        {"response": "a.b.c.d.e"},
    ],
)
def test_a_response_that_cannot_be_read_changes_nothing(counter, form):
    session = counter.ask()
    request = counter.fetch_request(session)
    path = request["response_uri"].removeprefix(VERIFIER_URL)

    answer = counter.client.post(path, data={"state": request["state"], **form})

    assert (answer.status_code, answer.json) == (400, REFUSED)
    assert see(counter, session)["state"] == "fetched"
    assert counter.respond(request, present_four(counter.driver, request)).status_code == 200


def test_a_response_to_nobodys_question_reads_the_same(counter):
    answer = counter.client.post("/response/nobody", data={"vp_token": "{}"})
    odd = counter.client.post("/response/nobody", json={"vp_token": {}})

    assert (answer.status_code, answer.json) == (400, REFUSED)
    assert (odd.status_code, odd.json) == (400, REFUSED)


def test_a_response_needs_a_request_that_was_fetched(counter):
    session = counter.ask()
    with counter.desk.database.reading() as database:
        row = database.connection().exec_driver_sql("SELECT * FROM verifier_session").mappings()
        kept = dict(row.one())
    request = {
        "response_uri": f"{VERIFIER_URL}/response/{kept['request_id']}",
        "client_id": kept["client_id"],
        "nonce": kept["nonce"],
        "state": kept["wallet_state"],
    }

    answer = counter.respond(request, present_four(counter.driver, request))

    assert answer.status_code == 400
    assert see(counter, session)["state"] == "requested"


def test_a_resident_who_declines_is_heard(counter):
    """S-088: 200 for a wallet's error, and the session says declined."""
    session = counter.ask()
    request = counter.fetch_request(session)
    path = request["response_uri"].removeprefix(VERIFIER_URL)

    answer = counter.client.post(path, data={"state": request["state"], "error": "access_denied"})
    late = counter.respond(request, present_four(counter.driver, request))

    assert (answer.status_code, answer.json) == (200, {})
    assert late.status_code == 400
    assert see(counter, session)["state"] == "declined"


def test_a_session_expires_after_five_minutes(counter):
    """S-076."""
    session = counter.ask()
    request = counter.fetch_request(session)
    counter.clock.move(minutes=5)

    answer = counter.respond(request, present_four(counter.driver, request))

    assert answer.status_code == 400
    assert see(counter, session)["state"] == "expired"
    path = read_link(session["request_uri"])[1].removeprefix(VERIFIER_URL)
    assert counter.client.get(path).status_code == 404


def test_only_the_starter_sees_a_session(counter):
    """S-079, S-081: another's session reads like none."""
    session = counter.ask(role="business")
    path = f"/api/v1/sessions/{session['id']}"

    assert counter.get(path, role="business").status_code == 200
    other = counter.get(path, role="inspector")
    unknown = counter.get("/api/v1/sessions/unknown", role="inspector")
    assert (other.status_code, other.json["code"]) == (404, "no_such_session")
    assert (unknown.status_code, unknown.json["code"]) == (404, "no_such_session")
    assert counter.client.get(path).status_code == 401


def test_polling_an_unchanged_session_costs_no_body(counter):
    session = counter.ask()
    path = f"/api/v1/sessions/{session['id']}"
    first = counter.get(path, role="business")

    same = counter.get(path, role="business", headers={"If-None-Match": first.headers["ETag"]})
    counter.fetch_request(session)
    moved = counter.get(path, role="business", headers={"If-None-Match": first.headers["ETag"]})

    assert same.status_code == 304
    assert same.data == b""
    assert moved.json["state"] == "fetched"


def test_on_one_device_the_result_needs_the_code_that_came_back(counter):
    """S-078, VP-V-15, HAIP-07: one-time, and only for the starter."""
    session = counter.ask(same_device=True)
    request = counter.fetch_request(session)
    answer = counter.respond(request, present_four(counter.driver, request))
    code = answer.json["redirect_uri"].split("response_code=")[1]
    path = f"/api/v1/sessions/{session['id']}"

    assert answer.json["redirect_uri"].startswith(f"{VERIFIER_URL}/business")
    assert "verdict" not in see(counter, session)
    guessed = counter.get(f"{path}?response_code=guess", role="business")
    assert guessed.status_code == 404
    assert counter.get(f"{path}?response_code={code}", role="inspector").status_code == 404
    released = counter.get(f"{path}?response_code={code}", role="business")
    assert released.json["verdict"]["outcome"] == "passed"
    assert "verdict" in see(counter, session)


def test_a_verifier_without_certificate_cannot_ask(tmp_path):
    counter = Counter(tmp_path)
    answer = counter.post("/api/v1/sessions", {"purpose": "over-18"}, role="business")
    counter.close()

    assert answer.status_code == 503


def test_a_certificate_for_another_key_is_refused(counter):
    der = counter.city.certify(counter.driver.key().public_jwk, dns_names=["localhost"])
    text = base64url.encode(der).replace("-", "+").replace("_", "/")

    put = counter.client.put(
        "/api/v1/registration", json={"x5c": [text]}, headers=counter.headers("operator")
    )
    nobody = counter.client.put("/api/v1/registration", json={"x5c": [text]})

    assert put.status_code == 400
    assert put.json["code"] == "invalid_certificate"
    assert nobody.status_code == 401


def test_proof_of_age_by_dcql_needs_the_value(counter):
    """VP-V-13: the wallet's own filtering is never trusted."""
    child = counter.driver.receive("residency", claims={"age_over_18": False})
    session = counter.ask("over-18")
    request = counter.fetch_request(session)
    shown = counter.driver.present(
        child, audience=request["client_id"], nonce=request["nonce"], disclose=["age_over_18"]
    )

    answer = counter.respond(request, {"residency": shown})

    assert answer.status_code == 400
    assert see(counter, session)["verdict"]["outcome"] == "failed"


def test_no_presentation_stays_in_the_database(counter):
    """S-233: neither the vp_token nor, after a while, any claim."""
    session = counter.ask()
    request = counter.fetch_request(session)
    counter.respond(request, present_four(counter.driver, request))
    licence = counter.driver.cards["driving-licence"].text.split("~")[0]

    assert licence not in dump(counter)
    assert "Dara" in dump(counter)
    counter.clock.move(hours=1)
    from verifier import sessions

    sessions.forget_old_sessions(counter.desk)
    assert "Dara" not in dump(counter)


def dump(counter):
    with counter.desk.database.reading() as session:
        connection = session.connection().connection.driver_connection
        return "\n".join(connection.iterdump())
