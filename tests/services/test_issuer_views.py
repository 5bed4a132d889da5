"""A resident asks for a narrow view; the verifier's answer decides."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import BASE, IssuingCity, build_settings, new_key

from credentials.jose import join_signature
from credentials.keys import parse_jwk
from credentials.packing import build_qr_text, packed_size
from credentials.reading import read_credential
from credentials.sd_jwt import build_key_binding_input
from issuer.store import check
from openid4vc.oauth import verify_service_token

SHOWN = {
    "driving_licence": {
        "driver_number": "D-104417",
        "family_name": "Sok",
        "given_name": "Dara",
        "categories": ["B"],
    },
    "taxi_permit": {
        "driver_number": "D-104417",
        "plate": "2A-4417",
        "category": "taxi",
        "zone": "Phnom Penh",
        "valid_until": "2027-06-30",
    },
    "vehicle_registration": {"plate": "2A-4417", "category": "sedan"},
    "insurance": {"plate": "2A-4417"},
}
LISTS = {
    "driving_licence": ("transport", 4711),
    "taxi_permit": ("transport", 815),
    "vehicle_registration": ("registry", 42),
    "insurance": ("insurance", 131_071),
}


class StandInVerifier:
    """Answers sessions as the verifier's API does; the test says what the wallet presented."""

    def __init__(self):
        self.sessions = {}
        self.asked = []
        verifier = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                session = f"session-{len(verifier.sessions)}"
                verifier.asked.append((body["purpose"], self.headers["Authorization"]))
                verifier.sessions[session] = {"id": session, "state": "requested"}
                self.answer(201, {"id": session, "request_uri": f"openid4vp://?s={session}"})

            def do_GET(self):
                self.answer(200, verifier.sessions[self.path.rsplit("/", 1)[1]])

            def answer(self, status, value):
                data = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://localhost:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def present(self, key, *, outcome="passed", shown=SHOWN, lists=LISTS):
        """The wallet answered the newest session."""
        session = self.sessions[f"session-{len(self.sessions) - 1}"]
        session.update(
            {
                "state": "answered",
                "verdict": {"outcome": outcome, "checks": [], "claims": shown},
                "statuses": {
                    query: [
                        {
                            "uri": f"{BASE}/agencies/{agency}/status/1",
                            "index": index,
                            "purpose": "both",
                        }
                    ]
                    for query, (agency, index) in lists.items()
                },
                "holder_keys": [parse_jwk(dict(key.public_jwk)).thumbprint],
            }
        )


@pytest.fixture(scope="module")
def verifier():
    verifier = StandInVerifier()
    yield verifier
    verifier.close()


@pytest.fixture(scope="module")
def city(tmp_path_factory, verifier):
    settings = build_settings(tmp_path_factory.mktemp("city"), CITY_VERIFIER_URL=verifier.url)
    city = IssuingCity(settings)
    city.open_agency("transport")
    city.open_agency("residency")
    yield city
    assert check(city.office.database) == []
    city.close()


@pytest.fixture
def device_key():
    return new_key()


def ask(city, view="taxi-inspection", agency="transport"):
    return city.http.post(f"/agencies/{agency}/views", json={"view": view})


def poll(city, asked):
    return city.http.get(asked.json["status_uri"].removeprefix(BASE)).json


def offer_of(city, answer):
    from urllib.parse import parse_qs, urlsplit

    url = parse_qs(urlsplit(answer["offer_uri"]).query)["credential_offer_uri"][0]
    offer = city.http.get(url.removeprefix(BASE)).json
    from openid4vc.offer import build_offer_uri, parse_offer

    value = build_offer_uri(parse_offer(json.dumps(offer), allow_http_loopback=True))
    return {"offer_uri_by_value": value}


def test_the_view_is_made_of_what_was_presented(city, verifier, device_key):
    asked = ask(city)
    waiting = poll(city, asked)
    verifier.present(device_key)
    offered = poll(city, asked)
    wallet = city.wallet()
    nonce = wallet.nonce()
    token = wallet.redeem(offer_of(city, offered)).json["access_token"]

    answer = wallet.ask(
        token,
        {
            "credential_configuration_id": "taxi-inspection.dc+sd-jwt",
            "proofs": {
                "jwt": [
                    wallet.prove(nonce=nonce, key=device_key),
                    *(wallet.prove(nonce=nonce) for _ in range(4)),
                ]
            },
        },
    )
    views = [read_credential(each["credential"]) for each in answer.json["credentials"]]

    assert waiting == {"state": "waiting"}
    assert offered["state"] == "offered"
    assert "claims" not in offered["verdict"]
    assert len(views) == 5
    assert views[0].claims == {
        "name": "Sok Dara",
        "plate": "2A-4417",
        "category": "taxi",
        "zone": "Phnom Penh",
        "until": "2027-06-30",
    }
    assert {link.type: link.reference.index for link in views[0].links} == {
        "taxi-permit": 815,
        "driving-licence": 4711,
        "vehicle-registration": 42,
        "insurance-certificate": 131_071,
    }
    assert (views[0].valid_until - city.clock.now).total_seconds() <= 72 * 3600
    assert views[0].key_hint.x5c == ()
    assert views[0].key_hint.key_id is not None


def test_the_view_fits_into_one_code_of_400_bytes(city, verifier, device_key):
    asked = ask(city)
    verifier.present(device_key)
    wallet = city.wallet()
    token = wallet.redeem(offer_of(city, poll(city, asked))).json["access_token"]
    proof = wallet.prove(nonce=wallet.nonce(), key=device_key)
    text = wallet.ask(
        token,
        {
            "credential_configuration_id": "taxi-inspection.dc+sd-jwt",
            "proofs": {"jwt": [proof]},
        },
    ).json["credentials"][0]["credential"]
    signing_input = build_key_binding_input(
        text, audience="urn:citywallet:qr:taxi-inspection", nonce="AAECAwQFBgc", now=city.clock.now
    )

    shown = text + join_signature(signing_input, device_key.sign(signing_input.encode()))

    assert packed_size(build_qr_text(shown)) <= 400


def test_a_view_is_issued_only_to_a_key_that_presented(city, verifier, device_key):
    asked = ask(city)
    verifier.present(device_key)
    wallet = city.wallet()
    token = wallet.redeem(offer_of(city, poll(city, asked))).json["access_token"]
    body = {
        "credential_configuration_id": "taxi-inspection.dc+sd-jwt",
        "proofs": {"jwt": [wallet.prove(nonce=wallet.nonce())]},
    }

    assert wallet.ask(token, body).json["error"] == "invalid_proof"


def test_every_poll_gives_the_same_offer(city, verifier, device_key):
    asked = ask(city)
    verifier.present(device_key)

    first, second = poll(city, asked), poll(city, asked)

    assert first == second


@pytest.mark.parametrize("outcome", ["failed", "indeterminate"])
def test_a_verdict_that_did_not_pass_gives_no_view(city, verifier, device_key, outcome):
    asked = ask(city)
    verifier.present(device_key, outcome=outcome)

    answer = poll(city, asked)
    again = poll(city, asked)

    assert answer["state"] == "refused"
    assert answer["verdict"] == {"outcome": outcome, "checks": []}
    assert "offer_uri" not in answer
    assert again == answer


@pytest.mark.parametrize("state", ["declined", "expired"])
def test_a_resident_who_declines_gets_no_view(city, verifier, state):
    asked = ask(city)
    verifier.sessions[f"session-{len(verifier.sessions) - 1}"]["state"] = state

    assert poll(city, asked)["state"] == "refused"


def test_a_permit_that_is_over_gives_no_view(city, verifier, device_key):
    asked = ask(city)
    over = {**SHOWN, "taxi_permit": {**SHOWN["taxi_permit"], "valid_until": "2026-11-21"}}
    verifier.present(device_key, shown=over)

    assert poll(city, asked)["state"] == "refused"


def test_a_view_does_not_outlive_the_permit(city, verifier, device_key):
    asked = ask(city)
    today = {**SHOWN, "taxi_permit": {**SHOWN["taxi_permit"], "valid_until": "2026-11-22"}}
    verifier.present(device_key, shown=today)
    wallet = city.wallet()
    token = wallet.redeem(offer_of(city, poll(city, asked))).json["access_token"]
    text = wallet.ask(
        token,
        {
            "credential_configuration_id": "taxi-inspection.dc+sd-jwt",
            "proofs": {"jwt": [wallet.prove(nonce=wallet.nonce(), key=device_key)]},
        },
    ).json["credentials"][0]["credential"]

    assert read_credential(text).valid_until.isoformat() == "2026-11-22T23:59:59+00:00"


def test_a_credential_without_status_gives_no_view(city, verifier, device_key):
    asked = ask(city)
    verifier.present(
        device_key, lists={name: at for name, at in LISTS.items() if name != "insurance"}
    )

    assert poll(city, asked)["state"] == "refused"


def test_over_18_is_made_of_residency(city, verifier, device_key):
    asked = ask(city, "over-18", "residency")
    verifier.present(
        device_key,
        shown={"residency": {"age_over_18": True}},
        lists={"residency": ("residency", 7)},
    )
    answer = poll(city, asked)
    wallet = city.wallet()
    token = wallet.redeem(offer_of(city, answer)).json["access_token"]
    text = wallet.ask(
        token,
        {
            "credential_configuration_id": "over-18.dc+sd-jwt",
            "proofs": {
                "jwt": [
                    wallet.prove(
                        nonce=wallet.nonce("residency"), agency="residency", key=device_key
                    )
                ]
            },
        },
        agency="residency",
    ).json["credentials"][0]["credential"]

    assert read_credential(text).claims == {"age_over_18": True}
    assert [link.type for link in read_credential(text).links] == ["residency"]


def test_the_counter_proves_itself_to_the_verifier(city, verifier):
    ask(city)
    purpose, header = verifier.asked[-1]
    key = city.http.get("/api/v1/service-key").json

    token = verify_service_token(
        header.removeprefix("Bearer "),
        keys=[parse_jwk({name: key[name] for name in ("kty", "crv", "x", "y")})],
        audience=verifier.url,
        now=city.clock.now,
    )

    assert purpose == "taxi-inspection-view"
    assert token.role == "service"


@pytest.mark.parametrize(
    ("agency", "view", "status", "code"),
    [
        ("transport", "nothing", 404, "no_such_view"),
        ("transport", "over-18", 403, "type_not_accredited"),
        ("nobody", "taxi-inspection", 404, "no_such_agency"),
    ],
)
def test_a_view_that_the_agency_does_not_make_is_refused(city, agency, view, status, code):
    answer = ask(city, view, agency)

    assert answer.status_code == status
    assert answer.json["code"] == code


def test_another_agency_does_not_know_the_request(city, verifier):
    asked = ask(city)

    assert city.http.get(f"/agencies/residency/views/{asked.json['id']}").status_code == 404


def test_a_verifier_that_is_away_is_told_as_such(tmp_path):
    city = IssuingCity(build_settings(tmp_path, CITY_VERIFIER_URL="http://localhost:9"))
    city.open_agency("transport")

    answer = ask(city)

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    city.close()


def test_one_caller_does_not_ask_without_end(tmp_path, verifier, monkeypatch):
    monkeypatch.setattr("issuer.views.ASKS_PER_MINUTE", 3)
    city = IssuingCity(build_settings(tmp_path, CITY_VERIFIER_URL=verifier.url))
    city.open_agency("transport")

    statuses = [ask(city).status_code for _ in range(4)]

    assert statuses == [201] * 3 + [429]
    city.close()
