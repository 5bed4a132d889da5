"""A verifier asks: client identifiers, request objects and links (OpenID4VP 1.0 section 5)."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from credentials.jose import parse_jws, verify_jws
from credentials.jwe import generate_decryption_key
from credentials.keys import SoftwareSigner, parse_jwk
from openid4vc.client_id import (
    ClientIdPrefix,
    build_client_id_did,
    build_client_id_redirect_uri,
    build_client_id_x509_hash,
    build_client_id_x509_san_dns,
    parse_client_id,
)
from openid4vc.dcql import parse_query
from openid4vc.errors import InvalidRequest, InvalidRequestUriMethod
from openid4vc.request_object import (
    RequestLink,
    build_request_claims,
    build_request_link,
    build_request_object,
    parse_request_link,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SIGNER = SoftwareSigner(ec.derive_private_key(31, ec.SECP256R1()))
LICENCE = {"id": "licence", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:licence"]}}
QUERY = parse_query({"credentials": [LICENCE]})


@pytest.mark.parametrize(
    ("text", "prefix", "value"),
    [
        (
            build_client_id_redirect_uri("https://v.example/r"),
            "redirect_uri",
            "https://v.example/r",
        ),
        (build_client_id_x509_san_dns("v.example"), "x509_san_dns", "v.example"),
        (
            build_client_id_x509_hash(b"certificate"),
            "x509_hash",
            "A9Zt0Ig1wco_EozOrNHzGslBYwlrIPRFroQoW8CDLXI",
        ),
        (build_client_id_did("did:web:v.example"), "decentralized_identifier", "did:web:v.example"),
    ],
)
def test_a_client_identifier_says_how_it_is_made_sure_of(text, prefix, value):
    """VP-V-05."""
    client_id = parse_client_id(text)

    assert (client_id.prefix, client_id.value, client_id.text) == (
        ClientIdPrefix(prefix),
        value,
        f"{prefix}:{value}",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "verifier",
        "x509_san_dns:",
        "https://verifier.example/resp",
        "did:web:verifier.example",
        "origin:https://verifier.example",
        "openid_federation:https://verifier.example",
        "verifier_attestation:verifier",
        "x509_san_uri:https://verifier.example",
        "X509_HASH:abc",
        "redirect_uri:https://" + "x" * 2048,
    ],
)
def test_other_client_identifiers_are_refused(text):
    """VP-W-01: unknown prefixes, none at all, and `origin:`."""
    with pytest.raises(InvalidRequest):
        parse_client_id(text)


def claims(**changes):
    words = {
        "client_id": "x509_san_dns:v.example",
        "response_uri": "https://v.example/response/1",
        "nonce": "n-0S6_WzA2Mj",
        "state": "s-1",
        "query": QUERY,
        "now": NOW,
        "lifetime": timedelta(minutes=5),
        **changes,
    }
    return build_request_claims(**words)


def test_a_request_says_everything_a_wallet_needs():
    """VP-V-01, VP-V-03, VP-V-06, VP-V-07."""
    assert claims() == {
        "iss": "x509_san_dns:v.example",
        "aud": "https://self-issued.me/v2",
        "iat": 1795338000,
        "exp": 1795338300,
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "client_id": "x509_san_dns:v.example",
        "response_uri": "https://v.example/response/1",
        "nonce": "n-0S6_WzA2Mj",
        "state": "s-1",
        "dcql_query": {"credentials": [LICENCE]},
        "client_metadata": {
            "vp_formats_supported": {
                "dc+sd-jwt": {
                    "sd-jwt_alg_values": ["ES256", "EdDSA"],
                    "kb-jwt_alg_values": ["ES256", "EdDSA"],
                }
            }
        },
    }


def test_a_request_for_an_encrypted_answer_offers_a_key_and_both_methods():
    """VP-V-06, HAIP-05, S-016."""
    key = generate_decryption_key("k1")
    built = claims(encryption_jwk=key.public_jwk)
    metadata = built["client_metadata"]

    assert built["response_mode"] == "direct_post.jwt"
    assert metadata["encrypted_response_enc_values_supported"] == ["A256GCM", "A128GCM"]
    assert metadata["jwks"] == {"keys": [key.public_jwk]}
    assert sorted(key.public_jwk) == ["alg", "crv", "kid", "kty", "use", "x", "y"]


def test_every_format_names_its_algorithms_in_its_own_way():
    query = parse_query(
        {
            "credentials": [
                {"id": "a", "format": "vc+jwt", "meta": {"type_values": [["A"]]}},
                {"id": "b", "format": "mso_mdoc", "meta": {"doctype_value": "b"}},
            ]
        }
    )

    assert claims(query=query)["client_metadata"]["vp_formats_supported"] == {
        "vc+jwt": {"alg_values": ["ES256", "EdDSA"]},
        "mso_mdoc": {},
    }


def test_the_nonce_of_the_wallet_goes_back():
    """VP-V-04."""
    assert claims(wallet_nonce="w-1")["wallet_nonce"] == "w-1"


def test_without_holder_binding_a_state_is_needed():
    """VP-V-02."""
    unbound = parse_query(
        {"credentials": [{**LICENCE, "require_cryptographic_holder_binding": False}]}
    )

    assert "state" not in claims(state=None)
    with pytest.raises(InvalidRequest):
        claims(state=None, query=unbound)


def test_a_request_object_is_signed_and_carries_its_certificates():
    """VP-V-03."""
    text = build_request_object(claims(), signer=SIGNER, x5c=[b"leaf", b"authority"])
    jws = parse_jws(text, types=frozenset({"oauth-authz-req+jwt"}))

    assert jws.payload == claims()
    assert jws.header["x5c"] == [
        base64.b64encode(b"leaf").decode(),
        base64.b64encode(b"authority").decode(),
    ]
    assert "kid" not in jws.header
    assert verify_jws(jws, parse_jwk(dict(SIGNER.public_jwk)))


def test_a_request_object_of_a_did_names_its_key():
    text = build_request_object(claims(), signer=SIGNER, key_id="did:web:v.example#1")
    jws = parse_jws(text, types=frozenset({"oauth-authz-req+jwt"}))

    assert (jws.key_id, "x5c" in jws.header) == ("did:web:v.example#1", False)


def test_a_link_leads_to_the_request_object():
    link = build_request_link(
        client_id="x509_san_dns:v.example", request_uri="https://v.example/request/1"
    )

    assert link == (
        "openid4vp://?client_id=x509_san_dns%3Av.example"
        "&request_uri=https%3A%2F%2Fv.example%2Frequest%2F1"
    )
    assert parse_request_link(link, allow_http_loopback=False) == RequestLink(
        client_id="x509_san_dns:v.example",
        request_uri="https://v.example/request/1",
        use_post=False,
        parameters={
            "client_id": "x509_san_dns:v.example",
            "request_uri": "https://v.example/request/1",
        },
    )


def test_a_link_may_lead_to_a_wallet_of_ones_own_and_ask_for_post():
    """VP-V-08."""
    link = build_request_link(
        client_id="x509_san_dns:localhost",
        request_uri="http://localhost:8403/request/1",
        endpoint="https://wallet.example/authorize?lang=km",
        use_post=True,
    )
    parameters = parse_qs(urlsplit(link).query)
    read = parse_request_link(link, allow_http_loopback=True)

    assert parameters["lang"] == ["km"]
    assert parameters["request_uri_method"] == ["post"]
    assert (read.use_post, read.request_uri) == (True, "http://localhost:8403/request/1")
    with pytest.raises(InvalidRequest):
        parse_request_link(link, allow_http_loopback=False)


def test_a_link_may_hold_the_request_itself():
    read = parse_request_link(
        "openid4vp://?client_id=redirect_uri%3Ahttps%3A%2F%2Fv%2Fr&nonce=n",
        allow_http_loopback=False,
    )

    assert read.request_uri is None
    assert read.parameters["nonce"] == "n"


@pytest.mark.parametrize(
    "link",
    [
        "",
        "mailto:?client_id=a",
        "openid4vp://?request_uri=https%3A%2F%2Fv",
        "openid4vp://?client_id=&request_uri=https%3A%2F%2Fv",
        "openid4vp://?client_id=a&client_id=b",
        "openid4vp://?client_id=%FF",
        "openid4vp://?client_id=a&request=eyJ",
        "openid4vp://?client_id=a&request_uri=http%3A%2F%2Fv.example",
        "openid4vp://?client_id=a&request_uri=file%3A%2F%2F%2Fetc%2Fpasswd",
        "openid4vp://?client_id=a&request_uri=https%3A%2F%2Fu%40v.example",
        "openid4vp://?client_id=a&request_uri_method=post",
        "openid4vp://?client_id=a&x=" + "y" * 16_400,
        "openid4vp://[::?client_id=a",
    ],
)
def test_a_link_that_is_no_request_is_refused(link):
    """VP-W-01, VP-V-08."""
    with pytest.raises(InvalidRequest):
        parse_request_link(link, allow_http_loopback=True)


@pytest.mark.parametrize("method", ["", "PUT", "POST", "Get"])
def test_only_get_and_post_fetch_a_request(method):
    """VP-V-08, VP-W-09."""
    link = f"openid4vp://?client_id=a&request_uri=https%3A%2F%2Fv&request_uri_method={method}"
    with pytest.raises(InvalidRequestUriMethod):
        parse_request_link(link, allow_http_loopback=False)


def test_get_may_be_named():
    link = "openid4vp://?client_id=a&request_uri=https%3A%2F%2Fv&request_uri_method=get"

    assert not parse_request_link(link, allow_http_loopback=False).use_post
