"""
A running city under hostile messages: nonsense at every door of its OpenAPI documents, addresses
that lead inside, and a look at what is left on the disk and in the logs afterwards.
"""

import http.client
import json
import re
import socket
import sqlite3
import stat
import threading
from contextlib import closing
from urllib.parse import quote, urlsplit

import pytest

from mobile_demo.device import open_device
from mobile_demo.errors import DemoError
from mobile_demo.people import agency_for
from mobile_demo.tour import FOUR, VIEW, example_of
from tests.support.cities import running_city

pytestmark = pytest.mark.slow

HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy", "cache-control")
BODIES = (
    b"",
    b"null",
    b'"x"',
    b'{"a":NaN}',
    b'{"name":1,"name":2}',
    b"\xff\xfe{}",
    b'{"a":"\\ud800"}',
    b"[" * 50_000,
    b'{"a":' * 40 + b"1" + b"}" * 40,
    b'{"a":' + b"9" * 5000 + b"}",
    b'{"purpose":"' + b"y" * 400_000 + b'"}',
    b"grant_type=a&grant_type=b",
)
IDS = ("x", "%00", "%ff", "..%2f..%2fetc", "a" * 3000, "-1")
PROTOCOL = {
    "issuer": [
        ("POST", f"/agencies/transport/{end}")
        for end in ("token", "nonce", "credential", "notification", "views")
    ],
    "witness": [("POST", "/add-checkpoint")],
}
INSIDE = (
    "http://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/",
    "https://[fe80::1]/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "http://0.0.0.0:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f.1:{port}/",
    "http://127.1:{port}/",
    "http://user@localhost:{port}/",
    "http://localhost:{port}\\@elsewhere",
    "http://localhost:22/",
    "gopher://localhost:{port}/_x",
    "file:///etc/passwd",
    "//localhost:{port}/",
)


@pytest.fixture(scope="module")
def desk():
    with running_city() as (_, desk):
        yield desk


@pytest.fixture(scope="module")
def device(desk, tmp_path_factory):
    return open_device(
        tmp_path_factory.mktemp("devices"),
        "resident",
        wallet_url=desk.urls["wallet_api"],
        fetcher=desk.fetcher,
        clock=desk.clock,
    )


def send(url, method, path, *, body=None, headers=()):
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)) as line:
        line.request(method, path, body=body, headers={"Host": parts.netloc, **dict(headers)})
        answer = line.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read()


def doors_of(desk, service):
    """Every method and path of the service's own document, and what wallets call."""
    document = json.loads(send(desk.urls[service], "GET", "/openapi.json")[2])
    found = [
        (method.upper(), path)
        for path, item in document.get("paths", {}).items()
        for method in item
        if method in ("get", "post", "put", "delete")
    ]
    return [*found, *PROTOCOL.get(service, [])]


def tokens_of(desk, service):
    if service not in ("register", "issuer", "verifier"):
        return [{}]
    token = desk.token(service=service, role="operator")
    return [{}, {"Authorization": f"Bearer {token}"}]


def is_in_order(answer):
    """No fault of ours, a stable code, and every header."""
    status, headers, body = answer
    if status >= 500 or not all(name in headers for name in HEADERS):
        return False
    if status < 400 or not body or "json" not in headers["content-type"]:
        return True
    problem = json.loads(body)
    return re.fullmatch(r"[a-z_]+", problem.get("code") or problem.get("error") or "") is not None


@pytest.mark.parametrize("service", ["register", "issuer", "wallet_api", "verifier"])
def test_nonsense_at_any_door_gets_a_stable_code_and_every_header(desk, service):
    """S-014, S-158, S-161, S-168, S-169."""
    url, odd = desk.urls[service], []

    def attempt(method, path, **more):
        answer = send(url, method, path, **more)
        if not is_in_order(answer):
            odd.append((method, path[:60], more.get("body", b"")[:40], answer[0], answer[2][:120]))

    for headers in tokens_of(desk, service):
        for method, door in doors_of(desk, service):
            for name in IDS if "{" in door else IDS[:1]:
                attempt(method, re.sub("{[^}]+}", name, door), headers=headers)
            path = re.sub("{[^}]+}", "x", door)
            for verb in ("TRACE", "FOO", "PATCH", "OPTIONS"):
                attempt(verb, path)
            attempt(method, f"{path}?{'a=b&' * 2000}")
            if method in ("POST", "PUT"):
                for body in BODIES:
                    sent = {"Content-Type": "application/json", **headers}
                    attempt(method, path, body=body, headers=sent)
                attempt(method, path, body=b"{}", headers={"Content-Type": "text/plain"})

    assert not odd


def test_an_address_that_leads_inside_is_never_called(device):
    """S-139, S-130: offers, issuers and requests, in many spellings."""
    called = []
    with closing(socket.create_server(("127.0.0.1", 0))) as trap:
        threading.Thread(target=wait_for_calls, args=(trap, called), daemon=True).start()
        port = trap.getsockname()[1]
        for pattern in INSIDE:
            url = pattern.format(port=port)
            by_value = {
                "credential_issuer": url,
                "credential_configuration_ids": ["x"],
                "grants": {
                    "urn:ietf:params:oauth:grant-type:pre-authorized_code": {
                        "pre-authorized_code": "x"
                    }
                },
            }
            offer = "openid-credential-offer://?credential_offer"
            client = "client_id=x509_san_dns%3Alocalhost"
            for path, body in [
                ("/api/v1/offers", {"offer": f"{offer}_uri={quote(url, safe='')}"}),
                ("/api/v1/offers", {"offer": f"{offer}={quote(json.dumps(by_value), safe='')}"}),
                (
                    "/api/v1/requests",
                    {"request": f"openid4vp://?{client}&request_uri={quote(url, safe='')}"},
                ),
            ]:
                with pytest.raises(DemoError) as refused:
                    device.call("POST", path, body)
                assert refused.value.code == "invalid_request", url

    assert called == []


def wait_for_calls(trap, called):
    while True:
        try:
            line, _ = trap.accept()
        except OSError:
            return
        called.append(line.recv(100))
        line.close()


def test_nothing_personal_and_no_secret_is_left_in_logs_or_in_the_wallets_database(desk, device):
    """S-172, S-182, S-184: after four papers and a view were received and shown."""
    secrets = []
    for type_name in FOUR:
        agency = agency_for(type_name)
        wish = {"agency": agency, "type": type_name, "claims": example_of(type_name)}
        officer = desk.letters("issuer", role="officer", agency=agency)
        offered = officer.post("/api/v1/offers", {**wish, "tx_code": True})
        device.receive(offered["offer_uri"], tx_code=offered["tx_code"])
        secrets += [offered["offer_uri"].rpartition("%2F")[2], officer.headers["Authorization"][7:]]
    device.fetch_view(VIEW)
    values = {
        value
        for type_name in FOUR
        for value in example_of(type_name).values()
        if isinstance(value, str) and len(value) > 5
    }
    folder = desk.data_dir
    with closing(sqlite3.connect(folder / "wallet_api.sqlite3")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    places = [*(folder / "logs").iterdir(), *folder.glob("wallet_api.sqlite3*")]
    texts = {place.name: place.read_bytes() for place in places}

    assert len(values) > 5
    for wanted in (*values, *secrets, device.access_token):
        assert [name for name, text in texts.items() if wanted.encode() in text] == [], wanted


def test_keys_and_databases_are_their_owners_only(desk):
    """S-184."""
    private = [
        path
        for path in desk.data_dir.rglob("*")
        if path.suffix in (".pem", ".kek", ".sqlite3") or path.name == "city.json"
    ]

    assert len(private) > 10
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
