"""The mobile-facing API at its door: registration, DPoP, shapes and headers."""

import json
import re
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from openapi_spec_validator import validate

sys.path.insert(0, str(Path(__file__).parent))

from wallet_phone import Phone, new_key

from credentials.keys import parse_jwk
from credentials.x509 import build_authority_certificate
from runtime.clock import system_clock
from runtime.settings import Settings
from wallet_api.app import create_app

NOW = system_clock(0)
ROOT = build_authority_certificate(
    common_name="Demo",
    public_key=parse_jwk(dict((KEY := new_key()).public_jwk)),
    serial=1,
    valid_from=NOW() - timedelta(days=1),
    validity=timedelta(days=2),
)
CERTIFICATE = ROOT.sign(KEY.private_key, SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture
def app(tmp_path):
    environ = {"CITY_DATA_DIR": str(tmp_path), "CITY_BACKGROUND": "no"}
    return create_app(Settings.from_environment(environ, service="wallet_api"))


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def phone(client):
    return Phone(client, NOW).register(display_name="Sok Dara")


def test_a_phone_registers_and_lists_itself_as_its_only_device(phone):
    answer = phone.send("GET", "/api/v1/devices")

    assert answer.status_code == 200
    assert answer.get_json()["display_name"] == "Sok Dara"
    assert [device["is_this"] for device in answer.get_json()["devices"]] == [True]


def test_a_registered_key_opens_a_session_and_an_unknown_key_does_not(client, phone):
    phone.token = None
    opened = phone.send("POST", "/api/v1/sessions", {})
    stranger = Phone(client, NOW).send("POST", "/api/v1/sessions", {})

    assert opened.status_code == 200
    assert opened.get_json()["token_type"] == "DPoP"
    assert opened.get_json()["expires_in"] == 300
    assert stranger.status_code == 401
    assert stranger.get_json()["code"] == "unknown_device"


def test_a_removed_device_is_refused_at_once_with_a_token_that_has_not_expired(phone):
    device = phone.send("GET", "/api/v1/devices").get_json()["devices"][0]["id"]
    removed = phone.send("DELETE", f"/api/v1/devices/{device}")
    after = phone.send("GET", "/api/v1/credentials")

    assert removed.status_code == 204
    assert after.status_code == 401


def test_every_dpop_negative_is_refused_and_the_right_proof_still_works(client, phone):
    """S-109"""
    path = "/api/v1/credentials"
    used = phone.proof("GET", path)
    assert phone.send("GET", path, proof=used).status_code == 200
    other = Phone(client, NOW)
    other.token = phone.token
    header, payload, signature = phone.proof("GET", path).split(".")
    refused = {
        "replayed": used,
        "wrong method": phone.proof("POST", path),
        "wrong address": phone.proof("GET", "/api/v1/history"),
        "too old": phone.proof("GET", path, now=NOW() - timedelta(hours=1)),
        "from the future": phone.proof("GET", path, now=NOW() + timedelta(hours=1)),
        "without token hash": phone.proof("GET", path, access_token=None),
        "for another token": phone.proof("GET", path, access_token="other"),
        "by another key": other.proof("GET", path),
        "broken signature": ".".join([header, payload, signature[:-4] + "AAAA"]),
        "not a token": "nonsense",
    }
    statuses = {name: phone.send("GET", path, proof=proof) for name, proof in refused.items()}

    assert {name: answer.status_code for name, answer in statuses.items()} == dict.fromkeys(
        refused, 401
    )
    assert phone.send("GET", path).status_code == 200


def test_no_proof_two_proofs_and_a_bearer_downgrade_are_refused(client, phone):
    """S-109"""
    path = "/api/v1/credentials"
    token = {"Authorization": f"DPoP {phone.token}"}
    none = client.get(path, headers=token)
    two = client.get(
        path,
        headers=[
            *token.items(),
            ("DPoP", phone.proof("GET", path)),
            ("DPoP", phone.proof("GET", path)),
        ],
    )
    bearer = client.get(
        path,
        headers={"Authorization": f"Bearer {phone.token}", "DPoP": phone.proof("GET", path)},
    )
    nothing = client.get(path)

    assert [answer.status_code for answer in (none, two, bearer, nothing)] == [401] * 4
    assert nothing.headers["WWW-Authenticate"].startswith("DPoP")


def test_one_proof_works_once_also_at_another_worker(app, tmp_path, phone):
    """S-111: replay is remembered in the database, not in a process."""
    environ = {"CITY_DATA_DIR": str(tmp_path), "CITY_BACKGROUND": "no"}
    other = create_app(Settings.from_environment(environ, service="wallet_api"))
    proof = phone.proof("GET", "/api/v1/history")
    first = phone.send("GET", "/api/v1/history", proof=proof)
    phone.client = other.test_client()
    second = phone.send("GET", "/api/v1/history", proof=proof)

    assert first.status_code == 200
    assert second.status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"offer": 1}',
        b'{"offer": ""}',
        b'{"offer": "x", "offer": "y"}',
        b'{"offer": "\xff"}',
        b'{"offer": NaN}',
        b'{"offer": "' + b"x" * 20000 + b'"}',
        b"[" * 5000,
    ],
)
def test_a_body_of_the_wrong_shape_is_a_400_with_a_stable_code(phone, body):
    answer = phone.client.post(
        "/api/v1/offers",
        data=body,
        content_type="application/json",
        headers={
            "DPoP": phone.proof("POST", "/api/v1/offers"),
            "Authorization": f"DPoP {phone.token}",
        },
    )

    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] == "invalid_request"


def test_a_form_is_not_json(phone):
    """S-117: a cross-site form cannot speak to the API."""
    answer = phone.client.post(
        "/api/v1/residents", data='{"a":1}', content_type="text/plain", headers={"DPoP": "x"}
    )

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "hello",
        "javascript:alert(1)",
        "openid-credential-offer://",
        "openid-credential-offer://?credential_offer=%7B%7D",
        "openid-credential-offer://?credential_offer_uri=http%3A%2F%2F169.254.169.254%2Foffer",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2F10.0.0.1%2Foffer",
        "openid-credential-offer://?credential_offer=x&credential_offer_uri=https%3A%2F%2Fa.example",
    ],
)
def test_a_hostile_offer_is_refused_and_nothing_is_sent_or_stored(app, phone, offer):
    answer = phone.send("POST", "/api/v1/offers", {"offer": offer})

    assert 400 <= answer.status_code < 500
    assert answer.get_json()["code"] == "invalid_request"
    assert phone.send("GET", "/api/v1/history").get_json() == {"entries": []}


@pytest.mark.parametrize(
    "request_link",
    [
        "x",
        "openid4vp://?client_id=x509_san_dns%3Aa.example",
        "openid4vp://?client_id=a&request_uri=http%3A%2F%2F192.168.1.1%2Fr",
        "openid4vp://?client_id=x509_hash%3Aa&request_uri=file%3A%2F%2F%2Fetc%2Fpasswd",
        "openid4vp://?client_id=a&request_uri=https%3A%2F%2Fu%3Ap%40a.example%2F",
    ],
)
def test_a_hostile_request_is_refused(phone, request_link):
    """S-083, S-130, S-139"""
    answer = phone.send("POST", "/api/v1/requests", {"request": request_link})

    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/offers/unknown"),
        ("GET", "/api/v1/requests/unknown"),
        ("GET", "/api/v1/views/unknown"),
        ("GET", "/api/v1/credentials/unknown"),
        ("DELETE", "/api/v1/credentials/unknown"),
        ("DELETE", "/api/v1/devices/unknown"),
    ],
)
def test_what_is_not_there_is_a_404(phone, method, path):
    answer = phone.send(method, path)

    assert answer.status_code == 404
    assert answer.get_json()["code"] == "not_found"


def test_the_openapi_document_is_valid_and_names_every_route(app, client):
    document = client.get("/openapi.json").get_json()
    described = {
        (path.replace("{id}", "<id>"), method.upper())
        for path, item in document["paths"].items()
        for method in item
        if path.startswith("/api/")
    }
    served = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    validate(document)
    assert described == served


def test_every_answer_carries_the_headers_of_the_table(client, phone):
    """S-161"""
    answers = {
        "page": client.get("/"),
        "link": client.get("/offer?credential_offer=x"),
        "api": phone.send("GET", "/api/v1/credentials"),
        "refused": client.get("/api/v1/credentials"),
        "missing": client.get("/nothing-here"),
        "odd verb": client.open("/api/v1/credentials", method="TRACE"),
    }
    policies = {name: answer.headers["Content-Security-Policy"] for name, answer in answers.items()}

    for answer in answers.values():
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert not answer.headers.get("Server")
    assert "script-src 'self' 'wasm-unsafe-eval'" in policies["page"]
    assert "unsafe-inline" not in policies["page"]
    assert policies["api"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert "camera=(self)" in answers["page"].headers["Permissions-Policy"]
    assert answers["api"].headers["Cache-Control"] == "no-store"
    assert answers["odd verb"].status_code == 405


def test_the_install_page_exists_only_where_a_demo_has_its_own_authority(tmp_path, client):
    authority = tmp_path / "ca.pem"
    authority.write_bytes(CERTIFICATE)
    environ = {
        "CITY_DATA_DIR": str(tmp_path / "other"),
        "CITY_BACKGROUND": "no",
        "CITY_CA_FILE": str(authority),
    }
    demo = create_app(Settings.from_environment(environ, service="wallet_api")).test_client()

    assert client.get("/install").status_code == 404
    assert client.get("/ca.pem").status_code == 404
    assert demo.get("/install").status_code == 200
    assert demo.get("/ca.pem").data == CERTIFICATE
    assert demo.get("/ca.pem").mimetype == "application/x-x509-ca-cert"


def test_the_service_worker_keeps_every_file_that_the_pages_name(client):
    worker = client.get("/service-worker.js").get_data(as_text=True)
    files = json.loads(worker.split("const FILES = ")[1].split(";\n")[0])
    answers = {file: client.get(file).status_code for file in files}

    assert worker.startswith("const VERSION = ")
    assert {
        "/",
        "/app/main.js",
        "/locales/km.json",
        "/wallet.json",
        "/modules/credentials/js/packing.js",
        "/modules/node_modules/zxing-wasm/dist/reader/zxing_reader.wasm",
    } <= set(files)
    assert set(answers.values()) == {200}
    assert "/service-worker.js" not in files


def test_the_words_exist_in_every_language_and_no_screen_asks_for_others():
    wallet = Path(create_app.__code__.co_filename).parents[1] / "mobile_demo" / "wallet"
    locales = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in (wallet / "locales").glob("*.json")
    }
    asked = {
        key
        for path in wallet.glob("app/**/*.js")
        for key in re.findall(r"""\bt\("([a-z0-9_.-]+)"[,)]""", path.read_text(encoding="utf-8"))
    }

    assert set(locales) == {"en", "km", "zh-Hans"}
    assert len({frozenset(words) for words in locales.values()}) == 1
    assert asked - set(locales["en"]) == set()
    for key, text in locales["en"].items():
        places = sorted(re.findall(r"\{\w+\}", text))
        assert all(sorted(re.findall(r"\{\w+\}", one[key])) == places for one in locales.values())
