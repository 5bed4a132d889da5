"""What we publish and send passes the schemas of the OpenID Foundation's conformance suite."""

import json

import jsonschema
import pytest

from openid4vc.dcql import build_query, parse_query
from openid4vc.issuance import build_credential_request
from openid4vc.metadata import (
    ClaimDescription,
    CredentialConfiguration,
    Display,
    IssuerMetadata,
    build_issuer_metadata,
)
from openid4vc.offer import (
    PRE_AUTHORIZED_CODE,
    AuthorizationCodeGrant,
    CredentialOffer,
    PreAuthorizedGrant,
    TxCode,
    build_offer,
)
from openid4vc.server_metadata import (
    AuthorizationServerMetadata,
    build_authorization_server_metadata,
)

ISSUER = "https://issuer.example/agencies/transport"


@pytest.fixture(scope="module")
def check(vectors):
    """Holds a message against a schema of the suite; gives what it complains about."""

    def complaints(message, name):
        file = vectors / "oidf-conformance" / "json-schemas" / f"{name}.json"
        schema = json.loads(file.read_text())
        validator = jsonschema.validators.validator_for(schema)(schema)
        return [error.message for error in validator.iter_errors(json.loads(json.dumps(message)))]

    return complaints


def test_issuer_metadata(check):
    """[OIDF metadata-test]"""
    configuration = CredentialConfiguration(
        id="driving-licence.dc+sd-jwt",
        format="dc+sd-jwt",
        scope="driving-licence",
        vct="https://issuer.example/types/driving-licence",
        types=(),
        contexts=(),
        doctype=None,
        binding_methods=("jwk",),
        signing_algorithms=("ES256",),
        proof_algorithms={"jwt": ("ES256", "EdDSA")},
        display=(
            Display(
                "Driving licence",
                "en",
                description="To drive",
                logo_uri="https://issuer.example/logo.svg",
                background_color="#12107c",
                text_color="#ffffff",
            ),
        ),
        claims=(ClaimDescription(("name",), True, (Display("Name", "en"),)),),
    )
    metadata = IssuerMetadata(
        credential_issuer=ISSUER,
        credential_endpoint=f"{ISSUER}/credential",
        nonce_endpoint=f"{ISSUER}/nonce",
        notification_endpoint=f"{ISSUER}/notification",
        authorization_servers=(ISSUER,),
        batch_size=20,
        display=(Display("Transport agency", "en"),),
        configurations={configuration.id: configuration},
    )
    document = build_issuer_metadata(metadata)

    assert check(document, "oid4vci/credential_issuer_metadata-1_0") == []
    assert check({**document, "credential_endpoint": 7}, "oid4vci/credential_issuer_metadata-1_0")


def test_authorization_server_metadata(check):
    document = build_authorization_server_metadata(
        AuthorizationServerMetadata(
            issuer=ISSUER,
            token_endpoint=f"{ISSUER}/token",
            grant_types=(PRE_AUTHORIZED_CODE,),
            allows_anonymous_pre_authorized=True,
            dpop_algorithms=("ES256", "EdDSA"),
        )
    )

    assert check(document, "rfc8414/oauth_authorization_server_metadata") == []


def test_credential_offers(check):
    full = CredentialOffer(
        ISSUER,
        ("driving-licence.dc+sd-jwt",),
        PreAuthorizedGrant("code", TxCode("text", 8, "Ask the clerk"), ISSUER),
        AuthorizationCodeGrant("state", ISSUER),
    )

    assert check(build_offer(full), "oid4vci/credential_offer-1_0") == []
    assert check(build_offer(CredentialOffer(ISSUER, (), None)), "oid4vci/credential_offer-1_0")


def test_credential_requests(check):
    name = "oid4vci/credential_request-1_0"

    assert check(build_credential_request(configuration_id="a", proofs=["x.y.z"]), name) == []
    assert check(build_credential_request(identifier="a", proofs=[]), name) == []


def test_queries(check):
    query = {
        "credentials": [
            {
                "id": "licence",
                "format": "dc+sd-jwt",
                "meta": {"vct_values": ["urn:licence"]},
                "multiple": True,
                "require_cryptographic_holder_binding": False,
                "claims": [
                    {"id": "a", "path": ["categories", None], "values": ["B"]},
                    {"id": "b", "path": ["name"]},
                ],
                "claim_sets": [["a"], ["b"]],
                "trusted_authorities": [{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}],
            }
        ],
        "credential_sets": [{"options": [["licence"]], "required": False}],
    }

    assert check(build_query(parse_query(query)), "oid4vp/dcql_request") == []
