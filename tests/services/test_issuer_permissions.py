"""Who may do what at the counter (S-148, S-151): operator, officers, and nobody else."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import AGENCIES, BASE, IssuingCity, accredited_city, build_settings, new_key

city = accredited_city


# Who may do what (S-151): the operator founds, officers issue, nobody else does either.
PERMITTED = {
    ("GET", "/api/v1/agencies"): {"operator"},
    ("POST", "/api/v1/agencies"): {"operator"},
    ("GET", "/api/v1/agencies/{agency}"): {"operator", "officer"},
    ("PUT", "/api/v1/agencies/{agency}/certificates"): {"operator"},
    ("POST", "/api/v1/agencies/{agency}/publish"): {"operator"},
    ("POST", "/api/v1/agencies/{agency}/officers"): {"operator"},
    ("GET", "/api/v1/types"): {"officer"},
    ("POST", "/api/v1/offers"): {"officer"},
    ("POST", "/api/v1/credentials/{credential_id}/offer"): {"officer"},
    ("GET", "/api/v1/credentials"): {"officer"},
    ("GET", "/api/v1/receipts"): {"officer"},
    ("GET", "/api/v1/credentials/{credential_id}"): {"officer"},
    ("POST", "/api/v1/credentials/{credential_id}/status"): {"officer"},
}


OPEN = {("GET", "/api/v1/service-key")}


def bodies(city):
    chain = ["AAAA"]
    return {
        "/api/v1/agencies": {
            "name": "transport",
            "types": AGENCIES["transport"],
            "label": {"en": "x"},
        },
        "/api/v1/agencies/{agency}/certificates": {"credential_x5c": chain, "status_x5c": chain},
        "/api/v1/agencies/{agency}/officers": {"name": "Somebody"},
        "/api/v1/offers": {
            "agency": "transport",
            "type": "taxi-permit",
            "claims": city.example("taxi-permit"),
        },
        "/api/v1/credentials/{credential_id}/status": {"status": "valid", "reason": "x"},
    }


def call(city, method, template, *, headers, credential):
    path = template.format(agency="transport", credential_id=credential)
    body = bodies(city).get(template, {}) if method != "GET" else None
    return city.http.open(path, method=method, json=body, headers=headers)


def documented(city):
    paths = city.http.get("/openapi.json").json["paths"]
    return {
        (method.upper(), path)
        for path, operations in paths.items()
        for method in operations
        if path.startswith("/api/")
    }


def test_the_permission_table_covers_the_whole_api(city):
    assert documented(city) == set(PERMITTED) | OPEN


@pytest.mark.parametrize("role", ["operator", "officer", "inspector", "business", "service"])
def test_each_role_may_exactly_what_the_table_says(city, role):
    """S-151."""
    for (method, path), roles in PERMITTED.items():
        credential = city.offer().json["credential_id"]
        agency = "transport" if role == "officer" else None
        headers = city.as_role(role, agency=agency)

        answer = call(city, method, path, headers=headers, credential=credential)

        is_let_in = answer.status_code != 403
        assert is_let_in == (role in roles), (method, path, answer.text)


def test_another_agencys_things_do_not_exist(city):
    """S-148: generated from the table, 404 for all and not a byte of data."""
    made = city.offer().json
    stranger = city.as_role("officer", agency="residency")
    ours = [key for key, roles in PERMITTED.items() if "officer" in roles and "{" in key[1]]
    ours.append(("POST", "/api/v1/offers"))

    for method, path in ours:
        answer = call(city, method, path, headers=stranger, credential=made["credential_id"])

        assert answer.status_code == 404, (method, path, answer.text)
        assert "taxi" not in answer.text
    listed = city.http.get("/api/v1/credentials", headers=stranger)
    assert made["credential_id"] not in listed.text
    assert city.record(made["credential_id"])["status"] == "valid"


def test_an_unknown_credential_reads_like_another_agencys(city):
    made = city.offer().json
    stranger = city.as_role("officer", agency="residency")

    others = city.http.get(f"/api/v1/credentials/{made['credential_id']}", headers=stranger)
    unknown = city.http.get("/api/v1/credentials/transport.unknown", headers=stranger)

    assert {**others.json, "request_id": ""} == {**unknown.json, "request_id": ""}


@pytest.mark.parametrize("fault", ["none", "other_key", "other_audience", "late", "not_a_token"])
def test_a_caller_without_a_good_token_is_turned_away(city, fault):
    from datetime import timedelta

    from openid4vc.oauth import issue_service_token

    headers = {}
    if fault == "not_a_token":
        headers = {"Authorization": "Bearer x.y.z"}
    elif fault != "none":
        token = issue_service_token(
            signer=new_key() if fault == "other_key" else city.operator,
            issuer="desk",
            subject="x",
            audience="http://localhost:8400" if fault == "other_audience" else BASE,
            role="officer",
            agency="transport",
            now=city.clock.now - timedelta(minutes=20 if fault == "late" else 0),
            lifetime=timedelta(minutes=15),
            token_id="x",
        )
        headers = {"Authorization": f"Bearer {token}"}

    for method, path in PERMITTED:
        answer = call(city, method, path, headers=headers, credential="x")
        assert answer.status_code == 401, (method, path)
        assert "WWW-Authenticate" in answer.headers


def test_a_counters_key_does_not_speak_for_an_officer(tmp_path):
    import json

    city = IssuingCity(build_settings(tmp_path))
    bound = {**city.operator.public_jwk, "roles": ["service"]}
    city.settings.operator_jwks.write_text(json.dumps({"keys": [bound]}))

    answer = city.http.get(
        "/api/v1/credentials", headers=city.as_role("officer", agency="transport")
    )

    assert answer.status_code == 401
    city.close()
