"""What an agency publishes: metadata, keys, types and contexts, each at its address."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import BASE, accredited_city

from credentials.dids import did_web_url, parse_did_document
from credentials.keys import parse_jwk
from openid4vc.metadata import parse_issuer_metadata
from openid4vc.server_metadata import (
    parse_authorization_server_metadata,
    parse_jwt_vc_issuer_metadata,
)

city = accredited_city


ISSUER = f"{BASE}/agencies/transport"


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


def test_the_service_key_is_public(city):
    key = city.http.get("/api/v1/service-key").json

    assert (
        parse_jwk({name: key[name] for name in ("kty", "crv", "x", "y")}).thumbprint == key["kid"]
    )
    assert "d" not in key


def test_the_api_describes_itself(city):
    from openapi_spec_validator import validate

    document = city.http.get("/openapi.json").json

    validate(document)
