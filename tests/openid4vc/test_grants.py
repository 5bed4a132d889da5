"""The token endpoint of the pre-authorised code flow (OpenID4VCI 1.0 section 6)."""

import json
from datetime import timedelta

import pytest

from openid4vc.errors import InvalidMetadata, InvalidRequest, UnsupportedGrantType
from openid4vc.grants import (
    TokenRequest,
    TokenResponse,
    build_token_request,
    build_token_response,
    check_tx_code,
    parse_token_request,
    parse_token_response,
)
from openid4vc.offer import PRE_AUTHORIZED_CODE, PreAuthorizedGrant

FORM = {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": "code-1"}
TOKEN = {"access_token": "t", "token_type": "DPoP", "expires_in": 300}


def details(*items):
    return {**FORM, "authorization_details": json.dumps(items)}


def test_the_issuer_reads_what_the_wallet_writes():
    form = build_token_request(
        PreAuthorizedGrant("code-1", None),
        tx_code="123456",
        client_id="wallet",
        configuration_ids=["licence", "permit"],
    )

    assert parse_token_request(form) == TokenRequest(
        code="code-1",
        tx_code="123456",
        client_id="wallet",
        configuration_ids=("licence", "permit"),
    )
    assert build_token_request(PreAuthorizedGrant("code-1", None), tx_code=None) == FORM


def test_unknown_parameters_are_ignored():
    """VCI-I-30, S-092."""
    plain = TokenRequest("code-1", None, None, ())
    without_value = {"tx_code": "", "client_id": "", "authorization_details": ""}

    assert parse_token_request({**FORM, "x_future": "1"}) == plain
    assert parse_token_request({**FORM, **without_value}) == plain


@pytest.mark.parametrize(
    "form",
    [
        {},
        {**FORM, "grant_type": ""},
        {"grant_type": PRE_AUTHORIZED_CODE},
        {**FORM, "pre-authorized_code": ""},
        {**FORM, "pre-authorized_code": "x" * 4097},
        {**FORM, "tx_code": "1" * 65},
        {**FORM, "authorization_details": "openid_credential"},
        {**FORM, "authorization_details": "{}"},
        details(),
        details("openid_credential"),
        details({"type": "other", "credential_configuration_id": "licence"}),
        details({"type": "openid_credential"}),
    ],
)
def test_a_malformed_token_request_is_refused(form):
    with pytest.raises(InvalidRequest):
        parse_token_request(form)


def test_another_grant_type_is_not_served():
    with pytest.raises(UnsupportedGrantType):
        parse_token_request({**FORM, "grant_type": "password"})


def test_a_tx_code_is_there_exactly_when_it_is_expected():
    """VCI-I-16: both ways an invalid_request."""
    check_tx_code(is_expected=True, given="")
    check_tx_code(is_expected=False, given=None)
    with pytest.raises(InvalidRequest, match="a tx_code is expected"):
        check_tx_code(is_expected=True, given=None)
    with pytest.raises(InvalidRequest, match="no tx_code is expected"):
        check_tx_code(is_expected=False, given="")


def test_details_are_returned_only_when_they_were_asked_for():
    """VCI-I-15, interop 5."""
    plain = build_token_response(access_token="t", token_type="DPoP", lifetime=timedelta(minutes=5))
    with_details = build_token_response(
        access_token="t",
        token_type="DPoP",
        lifetime=timedelta(minutes=5),
        identifiers={"licence": ["licence-1"]},
    )

    assert plain == TOKEN
    assert with_details == {
        **TOKEN,
        "authorization_details": [
            {
                "type": "openid_credential",
                "credential_configuration_id": "licence",
                "credential_identifiers": ["licence-1"],
            }
        ],
    }
    assert parse_token_response(json.dumps(with_details).encode()) == TokenResponse(
        access_token="t",
        token_type="DPoP",
        expires_in=300,
        identifiers={"licence": ("licence-1",)},
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"access_token": "t", "token_type": "bearer"}, TokenResponse("t", "Bearer", None, {})),
        ({**TOKEN, "token_type": "dpop"}, TokenResponse("t", "DPoP", 300, {})),
        (
            {**TOKEN, "authorization_details": [{"type": "other"}], "x": []},
            TokenResponse("t", "DPoP", 300, {}),
        ),
    ],
)
def test_the_wallet_reads_what_servers_say(message, expected):
    """FAPI2 client set: no expires_in, token_type in any case."""
    assert parse_token_response(json.dumps(message).encode()) == expected


@pytest.mark.parametrize(
    "message",
    [
        [],
        {"token_type": "DPoP"},
        {"access_token": "t"},
        {**TOKEN, "access_token": ""},
        {**TOKEN, "token_type": "mac"},
        {**TOKEN, "token_type": 1},
        {**TOKEN, "expires_in": 0},
        {**TOKEN, "expires_in": "300"},
        {**TOKEN, "authorization_details": {}},
        {**TOKEN, "authorization_details": ["x"]},
        {**TOKEN, "authorization_details": [{"type": "openid_credential"}]},
        {
            **TOKEN,
            "authorization_details": [
                {
                    "type": "openid_credential",
                    "credential_configuration_id": "licence",
                    "credential_identifiers": [],
                }
            ],
        },
    ],
)
def test_the_wallet_refuses_a_malformed_token_response(message):
    with pytest.raises(InvalidMetadata):
        parse_token_response(json.dumps(message).encode())
