"""Every registered code has a class, and says nothing that a header or a body cannot carry."""

import pytest

from openid4vc import errors
from openid4vc.errors import (
    ErrorResponse,
    InvalidProof,
    InvalidToken,
    ProtocolError,
    build_challenge,
    parse_error_response,
)

REGISTERED = {
    "invalid_request": "malformed",
    "invalid_client": "refused",
    "invalid_grant": "refused",
    "unsupported_grant_type": "refused",
    "invalid_scope": "refused",
    "invalid_token": "unauthenticated",
    "insufficient_scope": "refused",
    "invalid_dpop_proof": "refused",
    "use_dpop_nonce": "refused",
    "invalid_credential_request": "malformed",
    "unknown_credential_configuration": "refused",
    "unknown_credential_identifier": "refused",
    "invalid_proof": "refused",
    "invalid_nonce": "refused",
    "invalid_encryption_parameters": "refused",
    "credential_request_denied": "refused",
    "invalid_transaction_id": "refused",
    "invalid_notification_id": "refused",
    "invalid_notification_request": "malformed",
    "access_denied": "refused",
    "invalid_transaction_data": "refused",
    "vp_formats_not_supported": "refused",
    "invalid_request_uri_method": "refused",
    "wallet_unavailable": "unavailable",
    "invalid_issuer_metadata": "refused",
}


def test_every_code_has_one_class_and_a_kind():
    """VCI-I-29, VP-W-09."""
    direct = {cls.code: cls.kind for cls in reversed(ProtocolError.__subclasses__())}

    assert direct == REGISTERED


def test_the_401_variants_keep_their_code():
    assert errors.InvalidDpopProofAtResource.code == "invalid_dpop_proof"
    assert errors.InvalidDpopProofAtResource.kind == "unauthenticated"
    assert errors.UseDpopNonceAtResource.code == "use_dpop_nonce"
    assert errors.UseDpopNonceAtResource.kind == "unauthenticated"


def test_a_message_has_the_charset_of_an_error_description():
    """VCI-I-29: neither quote nor backslash, nothing but ASCII, no line break."""
    assert str(InvalidProof('a "b" \\ ក\r\nSet-Cookie: x')) == "a 'b' ' '''Set-Cookie: x"


def test_a_refused_token_always_carries_a_challenge():
    """VCI-I-29."""
    challenge = 'DPoP error="invalid_token", error_description="it is over", algs="ES256 EdDSA"'

    assert InvalidToken("it is over").headers == {"WWW-Authenticate": challenge}
    assert InvalidToken("no", headers={"WWW-Authenticate": "Bearer"}).headers == {
        "WWW-Authenticate": "Bearer"
    }
    assert build_challenge("Bearer") == "Bearer"
    assert InvalidProof("no").headers == {}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"error":"invalid_nonce"}', ErrorResponse("invalid_nonce", None)),
        (
            b'{"error":"invalid_grant","error_description":"spent \\"code\\""}',
            ErrorResponse("invalid_grant", "spent 'code'"),
        ),
        (b'{"error":"x","error_description":7}', ErrorResponse("x", None)),
        (b'{"error":7}', None),
        (b'{"error":""}', None),
        (b'{"error":"a\\nb"}', None),
        (b"{}", None),
        (b"<html>", None),
        (b"[]", None),
    ],
)
def test_a_peers_error_is_read_as_untrusted_text(body, expected):
    assert parse_error_response(body) == expected


def test_a_peers_description_is_cut_short():
    body = b'{"error":"x","error_description":"' + b"y" * 600 + b'"}'

    assert parse_error_response(body).description == "y" * 512
