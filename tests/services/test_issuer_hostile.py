"""Hostile input at every door: a 4xx with a stable code, never a 5xx, and nothing stored."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import BASE, IssuingCity, build_settings

from issuer.store import check
from issuer.store.rows import NonceRow, OfferRow, StatusEntryRow

BODIES = {
    "nothing": b"",
    "text": b"hello",
    "not utf-8": b"\xff\xfe\x00",
    "an array": b"[]",
    "a string that holds an object": b'"{\\"a\\":1}"',
    "a number": b"1",
    "null": b"null",
    "an open brace": b"{",
    "something trailing": b"{}{}",
    "NaN": b'{"a":NaN}',
    "a huge integer": b'{"a":' + b"9" * 5000 + b"}",
    "depth 33": b'{"a":' * 33 + b"1" + b"}" * 33,
    "depth 5000": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "twice": b'{"proofs":{"jwt":["a"]},"proofs":{"jwt":["b"]}}',
    "a lone surrogate": b'{"a":"\\ud800"}',
    "wrong kinds": (
        b'{"agency":1,"type":[],"claims":"x","status":true,"view":{},"name":null,'
        b'"credential_configuration_id":5,"proofs":[],"notification_id":{},"event":7}'
    ),
    "a form": b"grant_type=x&grant_type=y",
    "too large": b" " * 70_000,
}
POSTS = [
    "/agencies/transport/token",
    "/agencies/transport/credential",
    "/agencies/transport/notification",
    "/agencies/transport/views",
    "/api/v1/agencies",
    "/api/v1/agencies/transport/officers",
    "/api/v1/offers",
    "/api/v1/credentials/x/status",
]
PATHS = [
    "/agencies/%00/did.json",
    "/agencies/" + "a" * 3000 + "/did.json",
    "/agencies/..%2f..%2fetc/did.json",
    "/agencies/transport/status/99999999999999999999999999",
    "/agencies/transport/status/-1",
    "/agencies/transport/status/1%00",
    "/agencies/transport/offers/%F0%9F%9A%95",
    "/agencies/transport/views/' OR 1=1 --",
    "/.well-known/openid-credential-issuer/agencies/transport/",
    "/.well-known/openid-credential-issuer/agencies/%E1%9E%9F",
    "/types/..%2f..%2fapp.py",
    "/types/%F0%9F%9A%95",
    "/contexts/taxi-permit%00",
    "/api/v1/credentials/%00",
    "/api/v1/credentials?limit=9999999999999999999999",
    "/api/v1/credentials?cursor=%00",
    "/api/v1/credentials?type=%F0%9F%9A%95",
    "/nothing",
]


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    city = IssuingCity(build_settings(tmp_path_factory.mktemp("city")))
    city.open_agency("transport")
    city.offer()
    yield city
    assert check(city.office.database) == []
    city.close()


def stored(city):
    with city.office.database.reading() as session:
        return [session.query(row).count() for row in (OfferRow, StatusEntryRow, NonceRow)]


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_a_hostile_body_is_refused_everywhere(city, name, content_type):
    before = stored(city)
    token = city.wallet().redeem(city.offer().json).json["access_token"]
    after_offer = stored(city)

    for path in POSTS:
        role = "officer" if "offers" in path or "credentials" in path else "operator"
        headers = city.as_role(role, agency="transport" if role == "officer" else None)
        if path.startswith("/agencies/"):
            headers = {"Authorization": f"Bearer {token}"}
        answer = city.http.post(
            path, data=BODIES[name], headers={**headers, "Content-Type": content_type}
        )

        assert 400 <= answer.status_code < 500, (path, answer.text)
        body = answer.get_json(force=True)
        assert body.get("error") or body.get("code"), path
    assert stored(city) == after_offer
    assert after_offer[0] == before[0] + 1


@pytest.mark.parametrize("path", PATHS)
def test_an_odd_address_is_answered_calmly(city, path):
    answer = city.http.get(path, headers=city.as_role("officer", agency="transport"))

    assert 200 <= answer.status_code < 500, answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW"])
@pytest.mark.parametrize(
    "path", ["/agencies/transport/token", "/api/v1/offers", "/types/residency"]
)
def test_odd_verbs_are_not_allowed(city, method, path):
    """S-169."""
    assert city.http.open(path, method=method).status_code == 405


def test_private_parts_get_private_headers_and_public_ones_public(city):
    """S-161."""
    private = city.http.get(
        "/api/v1/credentials", headers=city.as_role("officer", agency="transport")
    )
    public = city.http.get("/agencies/transport/did.json")

    assert private.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in private.headers
    assert "default-src 'none'" in private.headers["Content-Security-Policy"]
    assert public.headers["Access-Control-Allow-Origin"] == "*"
    for answer in (private, public):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert not answer.headers.get("Server")
        assert "Set-Cookie" not in answer.headers


def test_addresses_do_not_follow_the_host_header(city):
    """S-122."""
    answer = city.http.get(
        "/.well-known/openid-credential-issuer/agencies/transport",
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )

    assert answer.json["credential_issuer"] == f"{BASE}/agencies/transport"
    assert "evil" not in answer.text


def test_an_error_page_tells_nothing_of_the_inside(city):
    """S-168."""
    answer = city.http.get("/api/v1/credentials/transport.x")

    assert answer.content_type == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "detail", "code", "request_id"}
    assert "Traceback" not in answer.text
