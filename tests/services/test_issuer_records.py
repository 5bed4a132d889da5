"""What an officer writes down: claims, records, and bodies that are refused."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import IssuingCity, accredited_city, build_settings

city = accredited_city


@pytest.mark.parametrize(
    "change",
    [
        {"plate": 5},
        {"plate": ""},
        {"plate": "x" * 301},
        {"unknown": "x"},
        {"valid_until": "tomorrow"},
        {"plate": None},
    ],
)
def test_claims_that_do_not_fit_are_refused_before_anything_is_signed(city, change):
    """S-105."""
    claims = {**city.example("taxi-permit"), **change}

    answer = city.offer(claims=claims)

    assert answer.status_code == 400
    assert answer.json["code"] == "invalid_claims"


def test_a_missing_claim_is_named_and_no_value_is(city):
    claims = city.example("taxi-permit")
    del claims["plate"]

    answer = city.offer(claims=claims)

    assert "plate" in answer.json["detail"]
    assert claims["family_name"] not in answer.text


def test_an_idempotency_key_gives_one_credential(city):
    """S-213: the link is fresh, the credential is the same."""
    headers = {"Idempotency-Key": "request-1"}

    first, second = (city.offer(headers=headers).json for _ in "ab")
    other = city.offer("driving-licence", headers=headers)
    old = city.wallet().redeem(first)

    assert first["credential_id"] == second["credential_id"]
    assert first["offer_uri"] != second["offer_uri"]
    assert other.status_code == 409
    assert old.json["error"] == "invalid_grant"
    assert len(city.wallet().receive(second)) == 1


def test_records_are_paged_and_filtered(tmp_path):
    city = IssuingCity(build_settings(tmp_path))
    city.open_agency("transport")
    ids = [city.offer().json["credential_id"] for _ in range(5)]
    licence = city.offer("driving-licence").json["credential_id"]
    city.change_status(ids[0], "suspended")
    officer = city.as_role("officer", agency="transport")

    def listed(query):
        answer = city.http.get(f"/api/v1/credentials?{query}", headers=officer).json
        return [each["credential_id"] for each in answer["credentials"]], answer["next"]

    first, cursor = listed("limit=4")
    rest, end = listed(f"limit=4&cursor={cursor}")

    assert set(first) | set(rest) == {*ids, licence}
    assert len(first) == 4
    assert end is None
    assert listed("type=driving-licence") == ([licence], None)
    assert listed("status=suspended") == ([ids[0]], None)
    assert city.http.get("/api/v1/credentials?cursor=x", headers=officer).status_code == 400
    assert city.http.get("/api/v1/credentials?limit=101", headers=officer).status_code == 400
    city.close()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'"{}"',
        b"{",
        b'{"agency":"transport","agency":"transport"}',
        b'{"agency":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"agency":1e999}',
        b"\xff",
    ],
)
def test_a_body_that_is_not_a_strict_object_is_refused(city, data):
    """S-012, S-014."""
    answer = city.http.post(
        "/api/v1/offers",
        data=data,
        headers=city.as_role("officer", agency="transport", **{"Content-Type": "application/json"}),
    )

    assert answer.status_code == 400
    assert answer.json["code"] == "invalid_request"


def test_a_body_beyond_64_kilobytes_is_refused(city):
    """S-240."""
    answer = city.http.post(
        "/api/v1/offers",
        data=b" " * 65_537,
        headers=city.as_role("officer", agency="transport", **{"Content-Type": "application/json"}),
    )

    assert answer.status_code in (400, 413)
