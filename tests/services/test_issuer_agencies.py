"""Founding agencies: what the register reads of them, and what makes no sense."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import BASE, accredited_city, new_key

from credentials.keys import parse_jwk
from credentials.trust_document import parse_trust_registry

city = accredited_city


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
        f"{BASE}/agencies/transport",
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
