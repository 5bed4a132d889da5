"""Authorization servers, SD-JWT VC issuers, and where their documents stand."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from credentials.keys import SoftwareSigner, parse_jwk
from openid4vc.errors import InvalidMetadata
from openid4vc.offer import PRE_AUTHORIZED_CODE
from openid4vc.server_metadata import (
    CREDENTIAL_ISSUER,
    JWT_VC_ISSUER,
    OAUTH_SERVER,
    AuthorizationServerMetadata,
    JwtVcIssuer,
    build_authorization_server_metadata,
    build_jwt_vc_issuer_metadata,
    parse_authorization_server_metadata,
    parse_jwks,
    parse_jwt_vc_issuer_metadata,
    well_known_url,
)

ISSUER = "https://issuer.example/agencies/transport"
P256 = parse_jwk(dict(SoftwareSigner(ec.derive_private_key(7, ec.SECP256R1())).public_jwk))
EDWARDS = parse_jwk(
    dict(SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)).public_jwk)
)
SERVER = AuthorizationServerMetadata(
    issuer=ISSUER,
    token_endpoint=f"{ISSUER}/token",
    grant_types=(PRE_AUTHORIZED_CODE,),
    allows_anonymous_pre_authorized=True,
    dpop_algorithms=("ES256", "EdDSA"),
)


@pytest.mark.parametrize(
    ("identifier", "name", "expected"),
    [
        (ISSUER, CREDENTIAL_ISSUER, "/.well-known/openid-credential-issuer/agencies/transport"),
        (ISSUER + "/", OAUTH_SERVER, "/.well-known/oauth-authorization-server/agencies/transport"),
        ("https://issuer.example", JWT_VC_ISSUER, "/.well-known/jwt-vc-issuer"),
        ("https://issuer.example/", JWT_VC_ISSUER, "/.well-known/jwt-vc-issuer"),
    ],
)
def test_the_well_known_part_stands_between_host_and_path(identifier, name, expected):
    """VCI-I-01."""
    assert well_known_url(identifier, name) == "https://issuer.example" + expected


@pytest.mark.parametrize("identifier", ["issuer.example", "https://[::", "https://a b"])
def test_what_is_no_url_has_no_well_known_document(identifier):
    with pytest.raises(InvalidMetadata):
        well_known_url(identifier, CREDENTIAL_ISSUER)


def read_server(document, *, expected_issuer=ISSUER):
    return parse_authorization_server_metadata(
        json.dumps(document).encode(), expected_issuer=expected_issuer, allow_http_loopback=False
    )


def test_the_wallet_reads_what_an_authorization_server_writes():
    """VCI-I-10."""
    document = build_authorization_server_metadata(SERVER)

    assert document == {
        "issuer": ISSUER,
        "token_endpoint": f"{ISSUER}/token",
        "grant_types_supported": [PRE_AUTHORIZED_CODE],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["none"],
        "pre-authorized_grant_anonymous_access_supported": True,
        "authorization_details_types_supported": ["openid_credential"],
        "dpop_signing_alg_values_supported": ["ES256", "EdDSA"],
    }
    assert read_server(document) == SERVER


def test_a_server_with_an_authorization_endpoint_says_so():
    full = AuthorizationServerMetadata(
        issuer=ISSUER,
        token_endpoint=f"{ISSUER}/token",
        grant_types=("authorization_code",),
        allows_anonymous_pre_authorized=False,
        authorization_endpoint=f"{ISSUER}/authorize",
        jwks_uri=f"{ISSUER}/jwks",
    )
    document = build_authorization_server_metadata(full)

    assert document["response_types_supported"] == ["code"]
    assert read_server(document) == full


def test_what_a_server_leaves_out_has_the_default_of_the_rfc():
    """RFC 8414 section 2."""
    server = read_server({"issuer": ISSUER, "token_endpoint": f"{ISSUER}/token", "x": 1})

    assert server.grant_types == ("authorization_code", "implicit")
    assert not server.allows_anonymous_pre_authorized
    assert server.dpop_algorithms == ()


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"issuer": ISSUER},
        {"issuer": ISSUER + "/", "token_endpoint": f"{ISSUER}/token"},
        {"issuer": ISSUER, "token_endpoint": "http://issuer.example/token"},
        {"issuer": ISSUER, "token_endpoint": f"{ISSUER}/token", "grant_types_supported": []},
        {
            "issuer": ISSUER,
            "token_endpoint": f"{ISSUER}/token",
            "pre-authorized_grant_anonymous_access_supported": "yes",
        },
    ],
)
def test_malformed_server_metadata_is_refused(document):
    """S-099: the issuer is the one that was asked, byte for byte."""
    with pytest.raises(InvalidMetadata):
        read_server(document)


def read_issuer(document):
    return parse_jwt_vc_issuer_metadata(
        json.dumps(document).encode(), expected_issuer=ISSUER, allow_http_loopback=False
    )


def test_the_keys_of_an_sd_jwt_vc_issuer_are_published():
    """SDVC-M-01."""
    document = build_jwt_vc_issuer_metadata(issuer=ISSUER, keys=[P256, EDWARDS])

    assert document["jwks"]["keys"][0] == {
        **P256.jwk,
        "kid": P256.thumbprint,
        "alg": "ES256",
        "use": "sig",
    }
    assert read_issuer(document) == JwtVcIssuer(ISSUER, (P256, EDWARDS), None)


def test_keys_may_stand_elsewhere():
    assert read_issuer({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}) == JwtVcIssuer(
        ISSUER, (), f"{ISSUER}/jwks"
    )


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks", "jwks": {"keys": [P256.jwk]}},
        {"issuer": "https://other.example", "jwks": {"keys": [P256.jwk]}},
        {"issuer": ISSUER, "jwks_uri": "http://issuer.example/jwks"},
        {"issuer": ISSUER, "jwks": []},
        {"issuer": ISSUER, "jwks": {}},
        {"issuer": ISSUER, "jwks": {"keys": []}},
        {"issuer": ISSUER, "jwks": {"keys": [{"kty": "RSA"}]}},
        {"issuer": ISSUER, "jwks": {"keys": [P256.jwk] * 33}},
        {"issuer": ISSUER, "jwks": {"keys": [P256.jwk, {**P256.jwk, "d": "AAAA"}]}},
    ],
)
def test_malformed_issuer_metadata_is_refused(document):
    """SDVC-M-01, S-019: exactly one of jwks and jwks_uri, and no private key."""
    with pytest.raises(InvalidMetadata):
        read_issuer(document)


def test_keys_of_other_kinds_are_passed_over():
    value = {
        "keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}, {**P256.jwk, "use": "enc"}, P256.jwk]
    }

    assert parse_jwks(value) == (P256,)
