"""
The token endpoint's messages for the pre-authorised code, OpenID4VCI 1.0 section 6, both sides.

Whether a code is live, how often a transaction code may be tried and whether it is right is the
issuer's store to say; here the messages are read and made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, build_json, parse_json
from openid4vc.errors import InvalidMetadata, InvalidRequest, UnsupportedGrantType
from openid4vc.members import (
    optional_count,
    read_object,
    require_array,
    require_object,
    require_text,
    require_texts,
)
from openid4vc.offer import PRE_AUTHORIZED_CODE, PreAuthorizedGrant

MAX_TX_CODE = 64
_AUTHORIZATION_DETAILS = "authorization_details"
_OPENID_CREDENTIAL = "openid_credential"

TokenType = Literal["DPoP", "Bearer"]


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request with a pre-authorised code. `configuration_ids`: asked for in details."""

    code: str
    tx_code: str | None
    client_id: str | None
    configuration_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """What the token endpoint gave. `identifiers`: configuration id to credential identifiers."""

    access_token: str
    token_type: TokenType
    expires_in: int | None
    identifiers: Mapping[str, tuple[str, ...]]


def parse_token_request(form: Mapping[str, str]) -> TokenRequest:
    """Read a token request of the pre-authorised code flow (`oauth.parse_form` made the form)."""
    grant_type = form.get("grant_type")
    if not grant_type:
        raise InvalidRequest("grant_type is missing")
    if grant_type != PRE_AUTHORIZED_CODE:
        raise UnsupportedGrantType("the grant type is not supported here")
    tx_code = form.get("tx_code") or None
    if tx_code is not None and len(tx_code) > MAX_TX_CODE:
        raise InvalidRequest(f"tx_code is longer than {MAX_TX_CODE} characters")
    return TokenRequest(
        code=require_text(
            form.get("pre-authorized_code"), what="pre-authorized_code", refuse=InvalidRequest
        ),
        tx_code=tx_code,
        client_id=form.get("client_id") or None,
        configuration_ids=_parse_requested_details(form.get(_AUTHORIZATION_DETAILS) or None),
    )


def check_tx_code(*, is_expected: bool, given: str | None) -> None:
    """
    Whether a transaction code is there exactly when one is expected (VCI-I-16).

    Comparing it, counting tries and refusing with `invalid_grant` is the issuer's.
    """
    if is_expected and given is None:
        raise InvalidRequest("a tx_code is expected")
    if not is_expected and given is not None:
        raise InvalidRequest("no tx_code is expected")


def build_token_request(
    grant: PreAuthorizedGrant,
    *,
    tx_code: str | None,
    client_id: str | None = None,
    configuration_ids: Sequence[str] = (),
) -> dict[str, str]:
    """The form that a wallet sends. Name `configuration_ids` only to get identifiers back."""
    form = {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": grant.code}
    if tx_code is not None:
        form["tx_code"] = tx_code
    if client_id is not None:
        form["client_id"] = client_id
    if configuration_ids:
        details = [
            {"type": _OPENID_CREDENTIAL, "credential_configuration_id": name}
            for name in configuration_ids
        ]
        form[_AUTHORIZATION_DETAILS] = build_json(details).decode("utf-8")
    return form


def build_token_response(
    *,
    access_token: str,
    token_type: TokenType,
    lifetime: timedelta,
    identifiers: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, JsonValue]:
    """The answer of the token endpoint; with `identifiers` only when details were asked for."""
    message: dict[str, JsonValue] = {
        "access_token": access_token,
        "token_type": token_type,
        "expires_in": int(lifetime.total_seconds()),
    }
    if identifiers:
        message[_AUTHORIZATION_DETAILS] = [
            {
                "type": _OPENID_CREDENTIAL,
                "credential_configuration_id": name,
                "credential_identifiers": list(values),
            }
            for name, values in identifiers.items()
        ]
    return message


def parse_token_response(body: bytes) -> TokenResponse:
    """Read the answer. `token_type` is compared without regard to case, `expires_in` may lack."""
    message = read_object(body, what="token response", refuse=InvalidMetadata)
    token_types: dict[str, TokenType] = {"dpop": "DPoP", "bearer": "Bearer"}
    token_type = token_types.get(
        require_text(message.get("token_type"), what="token_type", refuse=InvalidMetadata).lower()
    )
    if token_type is None:
        raise InvalidMetadata("the token type is unknown")
    return TokenResponse(
        access_token=require_text(
            message.get("access_token"), what="access_token", refuse=InvalidMetadata, limit=16_384
        ),
        token_type=token_type,
        expires_in=optional_count(message, "expires_in", refuse=InvalidMetadata),
        identifiers=_parse_granted_details(message),
    )


def _parse_requested_details(text: str | None) -> tuple[str, ...]:
    """The configuration ids of `authorization_details`, in the order asked for."""
    if text is None:
        return ()
    try:
        value = parse_json(text)
    except EncodingError as error:
        raise InvalidRequest(f"authorization_details cannot be read: {error}") from error
    ids = []
    for item in require_array(value, what=_AUTHORIZATION_DETAILS, refuse=InvalidRequest):
        details = require_object(item, what="an authorization detail", refuse=InvalidRequest)
        if details.get("type") != _OPENID_CREDENTIAL:
            raise InvalidRequest("only authorization details of type openid_credential are known")
        ids.append(
            require_text(
                details.get("credential_configuration_id"),
                what="credential_configuration_id",
                refuse=InvalidRequest,
            )
        )
    return tuple(dict.fromkeys(ids))


def _parse_granted_details(message: Mapping[str, JsonValue]) -> dict[str, tuple[str, ...]]:
    if _AUTHORIZATION_DETAILS not in message:
        return {}
    identifiers: dict[str, tuple[str, ...]] = {}
    for item in require_array(
        message[_AUTHORIZATION_DETAILS], what=_AUTHORIZATION_DETAILS, refuse=InvalidMetadata
    ):
        details = require_object(item, what="an authorization detail", refuse=InvalidMetadata)
        if details.get("type") != _OPENID_CREDENTIAL:
            continue
        name = require_text(
            details.get("credential_configuration_id"),
            what="credential_configuration_id",
            refuse=InvalidMetadata,
        )
        identifiers[name] = require_texts(
            details.get("credential_identifiers"),
            what="credential_identifiers",
            refuse=InvalidMetadata,
        )
    return identifiers
