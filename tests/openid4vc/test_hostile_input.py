"""Whatever comes from outside, the answer is a refusal with a code, never a crash."""

import json
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.jose import sign_jws
from credentials.keys import SoftwareSigner, parse_jwk
from openid4vc.claims_path import parse_claims_path, select_claims
from openid4vc.client_id import parse_client_id
from openid4vc.dcql import parse_query
from openid4vc.dpop import verify_dpop
from openid4vc.errors import ProtocolError, parse_error_response
from openid4vc.grants import parse_token_request, parse_token_response
from openid4vc.issuance import (
    parse_credential_request,
    parse_credential_response,
    parse_nonce_response,
    parse_notification,
)
from openid4vc.key_proof import verify_key_proofs
from openid4vc.metadata import parse_issuer_metadata
from openid4vc.oauth import (
    parse_authorization,
    parse_form,
    verify_access_token,
    verify_service_token,
)
from openid4vc.offer import PRE_AUTHORIZED_CODE, parse_offer, parse_offer_uri
from openid4vc.presentation import parse_response_form, parse_response_receipt, parse_vp_token
from openid4vc.request_object import parse_request_link
from openid4vc.request_reading import (
    peek_request_object,
    read_unsigned_parameters,
    verify_request_object,
)
from openid4vc.server_metadata import (
    parse_authorization_server_metadata,
    parse_jwks,
    parse_jwt_vc_issuer_metadata,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
URL = "https://v.example/x"
SIGNER = SoftwareSigner(ec.derive_private_key(51, ec.SECP256R1()))
KEY = parse_jwk(dict(SIGNER.public_jwk))
QUERY = parse_query(
    {"credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:a"]}}]}
)
LINK = parse_request_link(
    "openid4vp://?client_id=x509_hash%3Aa&request_uri=https%3A%2F%2Fv.example",
    allow_http_loopback=False,
)

# Words that the protocols know lead the search deeper than letters would.
WORDS = st.sampled_from(
    [
        *("credential_issuer", "credential_configuration_ids", "grants", "credentials", "id"),
        *("credential_sets", "options", "format", "dc+sd-jwt", "vc+jwt", "meta", "vct_values"),
        *("type_values", "claims", "claim_sets", "path", "values", "multiple", "proofs", "proof"),
        *("jwt", "proof_type", "credential_configuration_id", "credential_identifier"),
        *("credential", "notification_id", "event", "credential_accepted", "type", "issuer"),
        *("authorization_details", "openid_credential", "access_token", "token_type", "DPoP"),
        *("c_nonce", "transaction_id", "interval", "token_endpoint", "jwks", "keys", "jwks_uri"),
        *("credential_endpoint", "credential_configurations_supported", "display", "name"),
        *("locale", "response_type", "vp_token", "response_mode", "direct_post", "client_id"),
        *("direct_post.jwt", "response_uri", "nonce", "state", "dcql_query", "client_metadata"),
        *(f"redirect_uri:{URL}", URL, "error", PRE_AUTHORIZED_CODE, "pre-authorized_code"),
        *("tx_code", "input_mode", "numeric", "grant_type"),
    ]
)


def json_values(numbers):
    leaves = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | numbers | st.text() | WORDS
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(), inner),
        max_leaves=24,
    )


JSON = json_values(st.floats())
"""With NaN and Infinity, as careless writers put them out."""
FINITE = json_values(st.floats(allow_nan=False, allow_infinity=False))
FORMS = st.dictionaries(WORDS | st.text(), WORDS | st.text(), max_size=8)


def refuses(function, *arguments, **words):
    """Runs it; only this package's errors may come out."""
    with suppress(ProtocolError):
        function(*arguments, **words)


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_any_json_body_is_read_or_refused(value):
    body = json.dumps(value).encode()
    refuses(parse_offer, body, allow_http_loopback=True)
    refuses(parse_token_response, body)
    refuses(parse_nonce_response, body)
    refuses(parse_credential_request, body, tolerate_single_proof=True)
    refuses(parse_credential_response, body)
    refuses(parse_notification, body)
    refuses(parse_error_response, body)
    refuses(parse_response_receipt, body)
    for parse in (
        parse_issuer_metadata,
        parse_authorization_server_metadata,
        parse_jwt_vc_issuer_metadata,
    ):
        refuses(parse, body, expected_issuer=URL, allow_http_loopback=True)


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_any_json_value_is_read_or_refused(value):
    refuses(parse_query, value)
    refuses(parse_jwks, value)
    refuses(parse_claims_path, value)
    refuses(parse_vp_token, value, query=QUERY)
    if isinstance(value, dict):
        refuses(
            read_unsigned_parameters,
            {"client_id": f"redirect_uri:{URL}", "response_uri": URL, **value},
            supported_formats={"dc+sd-jwt"},
            allow_http_loopback=True,
        )


@settings(max_examples=50, deadline=None)
@given(JSON, st.lists(st.none() | WORDS | st.integers(0, 9), min_size=1, max_size=4))
def test_any_path_over_any_document_selects_or_refuses(document, path):
    refuses(select_claims, document, tuple(path))


@settings(max_examples=60, deadline=None)
@given(st.text() | st.text(alphabet="eyJ.-_AZ09=~ "))
def test_any_text_is_read_or_refused(text):
    refuses(parse_offer_uri, text, allow_http_loopback=True)
    refuses(parse_offer_uri, "https://w.example/?" + text, allow_http_loopback=True)
    refuses(parse_request_link, "openid4vp://?client_id=a&" + text, allow_http_loopback=True)
    refuses(parse_client_id, text)
    refuses(parse_authorization, text)
    refuses(parse_authorization, "DPoP " + text)
    refuses(peek_request_object, text)
    verify_everything(text)


@settings(max_examples=50, deadline=None)
@given(FORMS, st.binary())
def test_any_form_is_read_or_refused(form, body):
    refuses(parse_token_request, form)
    refuses(parse_response_form, form, query=QUERY, expected_state=None, decryption=None)
    refuses(parse_form, body)


def verify_everything(text):
    """The five readers of signed texts in this package."""
    refuses(
        verify_dpop,
        [text],
        method="POST",
        url=URL,
        now=NOW,
        window=timedelta(seconds=60),
        access_token="t",
        bound_to=KEY.thumbprint,
        nonce_rule=None,
        claim=lambda proof: True,
    )
    refuses(
        verify_key_proofs,
        [text],
        audience=URL,
        now=NOW,
        window=timedelta(seconds=300),
        accepts_nonce=lambda nonce: True,
        algorithms={"ES256"},
        binding_methods={"jwk"},
        batch_size=1,
        client_id=None,
    )
    refuses(verify_access_token, text, keys=[KEY], issuer=URL, audience=URL, now=NOW)
    refuses(verify_service_token, text, keys=[KEY], audience=URL, now=NOW)
    refuses(
        verify_request_object,
        text,
        link=LINK,
        now=NOW,
        wallet_nonce=None,
        anchors=set(),
        did_keys={},
        supported_formats={"dc+sd-jwt"},
        allow_http_loopback=False,
    )


CLAIMS = [
    *("iss", "aud", "sub", "iat", "exp", "nbf", "jti", "cnf"),
    *("htm", "htu", "ath", "nonce", "role", "client_id"),
]


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(
        ["dpop+jwt", "openid4vci-proof+jwt", "at+jwt", "oauth-authz-req+jwt", "kb+jwt", "JWT"]
    ),
    st.dictionaries(st.sampled_from(CLAIMS), FINITE),
    st.dictionaries(st.sampled_from(["jwk", "kid", "x5c"]), FINITE),
)
def test_any_signed_claims_are_read_or_refused(token_type, claims, header):
    text = sign_jws(claims, type=token_type, signer=SIGNER, header=header)
    verify_everything(text)


TYPES = [
    "dc+sd-jwt",
    "kb+jwt",
    "vc+jwt",
    "vp+jwt",
    "statuslist+jwt",
    "oauth-authz-req+jwt",
    "openid4vci-proof+jwt",
    "dpop+jwt",
    "at+jwt",
    "oauth-client-attestation+jwt",
    "oauth-client-attestation-pop+jwt",
    "key-attestation+jwt",
    "openidvci-issuer-metadata+jwt",
]


def accepts(function, *arguments, **words):
    try:
        function(*arguments, **words)
    except ProtocolError:
        return False
    return True


def test_only_its_own_type_of_token_is_taken_at_each_door():
    """S-010: one token that would pass everywhere, were it not for its `typ`."""
    client_id = "decentralized_identifier:did:web:v.example"
    claims = {
        "iss": URL,
        "aud": URL,
        "sub": "s",
        "jti": "j",
        "role": "operator",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 300,
        "nonce": "n",
        "htm": "POST",
        "htu": URL,
        "client_id": client_id,
    }
    request = {
        **claims,
        "aud": "https://self-issued.me/v2",
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "response_uri": URL,
        "dcql_query": {
            "credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:a"]}}]
        },
    }
    link = parse_request_link(
        f"openid4vp://?client_id={client_id}&request_uri=https%3A%2F%2Fv.example",
        allow_http_loopback=False,
    )
    taken = {"dpop": [], "proof": [], "access": [], "service": [], "request": []}
    for token_type in TYPES:
        jwk = {"jwk": dict(SIGNER.public_jwk)}
        text = sign_jws(claims, type=token_type, signer=SIGNER, header=jwk)
        asking = sign_jws(
            request, type=token_type, signer=SIGNER, header={"kid": "did:web:v.example#1"}
        )
        doors = {
            "dpop": accepts(
                verify_dpop,
                [text],
                method="POST",
                url=URL,
                now=NOW,
                window=timedelta(seconds=60),
                access_token=None,
                bound_to=None,
                nonce_rule=None,
                claim=lambda proof: True,
            ),
            "proof": accepts(
                verify_key_proofs,
                [text],
                audience=URL,
                now=NOW,
                window=timedelta(seconds=300),
                accepts_nonce=lambda nonce: True,
                algorithms={"ES256"},
                binding_methods={"jwk"},
                batch_size=1,
                client_id=URL,
            ),
            "access": accepts(
                verify_access_token, text, keys=[KEY], issuer=URL, audience=URL, now=NOW
            ),
            "service": accepts(verify_service_token, text, keys=[KEY], audience=URL, now=NOW),
            "request": accepts(
                verify_request_object,
                asking,
                link=link,
                now=NOW,
                wallet_nonce=None,
                anchors=set(),
                did_keys={"did:web:v.example#1": KEY},
                supported_formats={"dc+sd-jwt"},
                allow_http_loopback=False,
            ),
        }
        for door, is_taken in doors.items():
            taken[door] += [token_type] if is_taken else []

    assert taken == {
        "dpop": ["dpop+jwt"],
        "proof": ["openid4vci-proof+jwt"],
        "access": ["at+jwt"],
        "service": ["at+jwt"],
        "request": ["oauth-authz-req+jwt"],
    }


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 33,
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"[" + b"0," * 20_000 + b"0]",
        b'"' + b"x" * 65_536 + b'"',
        b'{"n":' + b"9" * 5_000 + b"}",
    ],
)
def test_a_bomb_is_refused_at_once(body):
    """S-014."""
    started = time.perf_counter()
    with pytest.raises(ProtocolError):
        parse_credential_request(body, tolerate_single_proof=True)

    assert time.perf_counter() - started < 0.5
