"""Founding agencies, who may do what, and what the counter publishes about them."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import AGENCIES, BASE, IssuingCity, build_settings, new_key

from credentials.dids import did_web_url, parse_did_document
from credentials.keys import parse_jwk
from credentials.trust_document import parse_trust_registry
from openid4vc.metadata import parse_issuer_metadata
from openid4vc.server_metadata import (
    parse_authorization_server_metadata,
    parse_jwt_vc_issuer_metadata,
)

ISSUER = f"{BASE}/agencies/transport"


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    city = IssuingCity(build_settings(tmp_path_factory.mktemp("city")))
    city.open_agency("transport")
    city.open_agency("residency")
    yield city
    city.close()


def test_the_founded_agency_is_what_the_register_reads(city):
    founded = city.found("transport")

    registry = parse_trust_registry(
        {
            "version": 1,
            "iat": 0,
            "exp": 1,
            "issuers": [{**founded["trusted_issuer"], "x5c_anchors": []}],
            "verifiers": [],
        }
    )

    [issuer] = registry.issuers
    assert issuer.identifiers[:2] == (
        ISSUER,
        "did:web:localhost%3A8401:agencies:transport",
    )
    assert {trusted.use.value: trusted.key for trusted in issuer.keys} == {
        "credential": parse_jwk(founded["credential_jwk"]),
        "status": parse_jwk(founded["status_jwk"]),
    }
    assert f"{BASE}/types/taxi-permit" in issuer.accreditations[0].types
    assert "TaxiPermit" in issuer.accreditations[0].types


def test_founding_may_be_repeated(city):
    assert city.found("transport") == city.found("transport")


def test_an_agency_does_not_change_its_types_by_being_founded_again(city):
    answer = city.http.post(
        "/api/v1/agencies",
        json={"name": "transport", "types": ["residency"], "label": {"en": "x"}},
        headers=city.as_role("operator"),
    )

    assert answer.status_code == 409
    assert answer.json["code"] == "agency_exists"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "a b", "types": ["residency"], "label": {"en": "x"}}, "invalid_request"),
        ({"name": "../x", "types": ["residency"], "label": {"en": "x"}}, "invalid_request"),
        ({"name": "new", "types": ["no-such"], "label": {"en": "x"}}, "unknown_credential_type"),
        ({"name": "new", "types": [], "label": {"en": "x"}}, "invalid_request"),
        ({"name": "new", "types": ["residency"], "label": {}}, "invalid_request"),
        ({"name": "new", "types": "residency", "label": {"en": "x"}}, "invalid_request"),
        ({"name": "new", "label": {"en": "x"}}, "invalid_request"),
        (
            {"name": "new", "types": ["residency"], "label": {"en": "x"}, "odd": 1},
            "invalid_request",
        ),
    ],
)
def test_an_agency_that_makes_no_sense_is_refused(city, body, code):
    answer = city.http.post("/api/v1/agencies", json=body, headers=city.as_role("operator"))

    assert answer.status_code in (400, 404)
    assert answer.json["code"] == code
    assert answer.content_type == "application/problem+json"


def test_an_agency_without_certificates_cannot_offer(city):
    city.found("land", ["property-title"])

    answer = city.offer("property-title", agency="land")

    assert answer.status_code == 409
    assert answer.json["code"] == "agency_not_certified"


def test_a_certificate_for_another_key_is_refused(city):
    city.found("business", ["business-licence"])
    chain = city.authority.certify(dict(new_key().public_jwk), uri=f"{BASE}/agencies/business")

    for bad in (chain, ["AAAA"], ["not base64"], []):
        answer = city.http.put(
            "/api/v1/agencies/business/certificates",
            json={"credential_x5c": bad, "status_x5c": bad},
            headers=city.as_role("operator"),
        )
        assert answer.status_code == 400
        assert answer.json["code"] == "invalid_certificate"


def test_a_type_without_accreditation_is_refused(city):
    """A stable code, and no record."""
    answer = city.offer("residency", agency="transport")

    assert answer.status_code == 403
    assert answer.json["code"] == "type_not_accredited"


def test_issuer_metadata_is_what_a_wallet_reads(city):
    """VCI-I-01 to VCI-I-07."""
    answer = city.http.get("/.well-known/openid-credential-issuer/agencies/transport")

    metadata = parse_issuer_metadata(answer.data, expected_issuer=ISSUER, allow_http_loopback=True)
    assert metadata.credential_endpoint == f"{ISSUER}/credential"
    assert metadata.nonce_endpoint == f"{ISSUER}/nonce"
    assert metadata.batch_size == 20
    assert set(metadata.configurations) == {
        "driving-licence.dc+sd-jwt",
        "driving-licence.vc+sd-jwt",
        "driving-licence.vc+jwt",
        "driving-licence.jwt_vc_json",
        "taxi-permit.dc+sd-jwt",
        "taxi-permit.vc+sd-jwt",
        "taxi-permit.vc+jwt",
        "taxi-permit.jwt_vc_json",
        "taxi-inspection.dc+sd-jwt",
    }
    permit = metadata.configurations["taxi-permit.dc+sd-jwt"]
    assert permit.vct == f"{BASE}/types/taxi-permit"
    assert {display.locale for display in permit.display} == {"en", "km", "zh-Hans"}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_authorization_servers_metadata_names_the_same_issuer(city):
    """VCI-I-10, S-099."""
    answer = city.http.get("/.well-known/oauth-authorization-server/agencies/transport")

    metadata = parse_authorization_server_metadata(
        answer.data, expected_issuer=ISSUER, allow_http_loopback=True
    )
    assert metadata.token_endpoint == f"{ISSUER}/token"
    assert metadata.allows_anonymous_pre_authorized is True


def test_keys_are_published_in_both_ways(city):
    """interop 2.8: jwt-vc-issuer and did:web."""
    founded = city.found("transport")
    well_known = city.http.get("/.well-known/jwt-vc-issuer/agencies/transport")
    did = founded["did"]
    url = did_web_url(did, allow_http_loopback=True)
    document = city.http.get(url.removeprefix(BASE))

    [key] = parse_jwt_vc_issuer_metadata(
        well_known.data, expected_issuer=ISSUER, allow_http_loopback=True
    ).keys
    assert key == parse_jwk(founded["credential_jwk"])
    assert key.thumbprint in str(parse_did_document(document.json, did=did))


def test_type_metadata_stands_at_the_vct(city):
    document = city.http.get("/types/taxi-permit").json

    assert document["vct"] == f"{BASE}/types/taxi-permit"
    assert {"path": ["plate"], "sd": "always", "mandatory": True}.items() <= next(
        claim for claim in document["claims"] if claim["path"] == ["plate"]
    ).items()


def test_a_context_defines_the_type_and_redefines_nothing(city):
    """S-033."""
    terms = city.http.get("/contexts/taxi-inspection").json["@context"]

    assert terms["@protected"] is True
    assert terms["TaxiInspection"] == f"{BASE}/types/taxi-inspection#TaxiInspection"
    assert "name" not in terms
    assert "plate" in terms


def test_documents_are_conditional(city):
    answer = city.http.get("/types/taxi-permit")

    again = city.http.get("/types/taxi-permit", headers={"If-None-Match": answer.headers["ETag"]})

    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/openid-credential-issuer/agencies/nobody",
        "/.well-known/jwt-vc-issuer/agencies/nobody",
        "/agencies/nobody/did.json",
        "/types/nothing",
        "/contexts/nothing",
        "/agencies/transport/offers/nothing",
        "/agencies/transport/views/nothing",
        "/agencies/transport/status/1/approval",
    ],
)
def test_what_is_not_there_is_not_found(city, path):
    assert city.http.get(path).status_code == 404


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


def test_the_service_key_is_public(city):
    key = city.http.get("/api/v1/service-key").json

    assert (
        parse_jwk({name: key[name] for name in ("kty", "crv", "x", "y")}).thumbprint == key["kid"]
    )
    assert "d" not in key


def test_an_enrolment_link_works_once_and_for_one_agency(city):
    from issuer.officers import open_enrolment

    answer = city.http.post(
        "/api/v1/agencies/transport/officers",
        json={"name": "Chan Sopheap"},
        headers=city.as_role("operator"),
    )
    link = answer.json["enrolment_link"]

    assert answer.status_code == 201
    assert link.startswith(f"{BASE}/enrol/")
    enrolment = open_enrolment(city.office, link.rsplit("/", 1)[1])
    assert (enrolment.agency, enrolment.officer_name) == ("transport", "Chan Sopheap")


def test_the_api_describes_itself(city):
    from openapi_spec_validator import validate

    document = city.http.get("/openapi.json").json

    validate(document)
