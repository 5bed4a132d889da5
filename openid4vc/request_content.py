"""
What a presentation request asks for and where the answer goes, OpenID4VP 1.0 sections 5.2 to 5.10.

Read by a wallet once it knows who asks (`request_reading`). A refusal from the time on knows where
it may be sent (`reply_to`): by then the response address belongs to the client. Parameters nobody
knows are ignored, except transaction data (VP-W-02).
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from credentials.errors import CredentialError
from credentials.instants import parse_numeric_date
from credentials.jwe import METHODS, EncryptionKey, parse_encryption_jwk
from encoding.strict_json import JsonValue
from openid4vc.client_id import ClientId, ClientIdPrefix
from openid4vc.dcql import Query, parse_query
from openid4vc.errors import (
    InvalidRequest,
    InvalidScope,
    InvalidTransactionData,
    ProtocolError,
    ReplyAddress,
    VpFormatsNotSupported,
)
from openid4vc.members import (
    optional_text,
    require_array,
    require_object,
    require_text,
    require_texts,
    require_url,
    split_url,
)
from openid4vc.request_object import (
    RESPONSE_TYPE,
    STATIC_AUDIENCE,
    AnswerEncryption,
    PresentationRequest,
    ResponseMode,
)

SKEW = timedelta(seconds=60)
"""security.md, "Limits"."""
_NONCE = re.compile(r"[A-Za-z0-9\-._~]{1,1024}")  # section 5.2: ASCII URL-safe characters

Claims = Mapping[str, JsonValue]


def read_request(
    claims: Claims,
    *,
    client_id: ClientId,
    now: datetime | None,
    wallet_nonce: str | None,
    request_uri: str | None,
    supported_formats: Collection[str],
    allow_http_loopback: bool,
) -> PresentationRequest:
    """The request of a client that is known to be who it says. `now` None: it has no times."""
    response_uri = _read_response_uri(claims, client_id, allow_http_loopback=allow_http_loopback)
    try:
        expires_at = None
        if now is not None:
            _check_purpose(claims, wallet_nonce=wallet_nonce, request_uri=request_uri)
            expires_at = _check_time(claims, now=now)
        return _read_content(
            claims,
            client_id=client_id,
            response_uri=response_uri,
            expires_at=expires_at,
            supported_formats=supported_formats,
        )
    except ProtocolError as error:
        error.reply_to = _build_reply_address(claims, response_uri)
        raise


def _read_response_uri(claims: Claims, client_id: ClientId, *, allow_http_loopback: bool) -> str:
    """Where the answer goes; it must belong to the client (VP-V-07)."""
    if "redirect_uri" in claims:
        raise InvalidRequest("redirect_uri must not be there with direct_post")
    response_uri = require_url(
        claims.get("response_uri"),
        what="response_uri",
        refuse=InvalidRequest,
        allow_http_loopback=allow_http_loopback,
    )
    if client_id.prefix is ClientIdPrefix.REDIRECT_URI and response_uri != client_id.value:
        raise InvalidRequest("response_uri is not the client_id")
    if client_id.prefix is ClientIdPrefix.X509_SAN_DNS:
        parts = split_url(response_uri)
        if parts is None or parts.hostname != client_id.value.lower():
            raise InvalidRequest("response_uri is not on the host of the client_id")
    return response_uri


def _build_reply_address(claims: Claims, response_uri: str) -> ReplyAddress:
    state = claims.get("state")
    return ReplyAddress(response_uri=response_uri, state=state if isinstance(state, str) else None)


def _check_purpose(claims: Claims, *, wallet_nonce: str | None, request_uri: str | None) -> None:
    """It must be made for this fetch, and for wallets or for being fetched here (section 5.8)."""
    if wallet_nonce is not None and claims.get("wallet_nonce") != wallet_nonce:
        raise InvalidRequest("the request object does not return the wallet_nonce")
    audience = claims.get("aud", STATIC_AUDIENCE)
    audiences = audience if isinstance(audience, list) else [audience]
    # Some verifiers (openid4vc-ts) name the request_uri: it ties the object to its link as well.
    if STATIC_AUDIENCE not in audiences and (request_uri is None or request_uri not in audiences):
        raise InvalidRequest("the request object is for another audience")


def _check_time(claims: Claims, *, now: datetime) -> datetime | None:
    """When the request ends, if it says so."""
    issued_at = _read_instant(claims, "iat")
    if issued_at is not None and issued_at > now + SKEW:
        raise InvalidRequest("the request object is from the future")
    expires_at = _read_instant(claims, "exp")
    if expires_at is not None and expires_at <= now - SKEW:
        raise InvalidRequest("the request object has expired")
    return expires_at


def _read_instant(claims: Claims, name: str) -> datetime | None:
    if name not in claims:
        return None
    try:
        return parse_numeric_date(claims[name], name=name)
    except CredentialError as error:
        raise InvalidRequest(str(error)) from error


def _read_content(
    claims: Claims,
    *,
    client_id: ClientId,
    response_uri: str,
    expires_at: datetime | None,
    supported_formats: Collection[str],
) -> PresentationRequest:
    if claims.get("response_type") != RESPONSE_TYPE:
        raise InvalidRequest("response_type must be vp_token")
    if not {"request", "request_uri", "request_uri_method"}.isdisjoint(claims):
        raise InvalidRequest("a request must not point to another request")
    modes = {mode.value: mode for mode in ResponseMode}
    mode = modes.get(
        require_text(claims.get("response_mode"), what="response_mode", refuse=InvalidRequest)
    )
    if mode is None:
        raise InvalidRequest("response_mode must be direct_post or direct_post.jwt")
    nonce = require_text(claims.get("nonce"), what="nonce", refuse=InvalidRequest)
    if not _NONCE.fullmatch(nonce):
        raise InvalidRequest("the nonce holds characters that are not URL-safe")
    # VP-W-02: the one parameter that must not be ignored when it is not understood.
    if "transaction_data" in claims:
        raise InvalidTransactionData("transaction data is not supported")
    state = optional_text(claims, "state", refuse=InvalidRequest)
    query = _read_query(claims, supported_formats=supported_formats)
    if state is None and not all(item.require_holder_binding for item in query.credentials):
        raise InvalidRequest("a request without holder binding needs a state")
    return PresentationRequest(
        client_id=client_id,
        response_mode=mode,
        response_uri=response_uri,
        nonce=nonce,
        state=state,
        query=query,
        encryption=_read_encryption(claims) if mode is ResponseMode.DIRECT_POST_JWT else None,
        expires_at=expires_at,
    )


def _read_query(claims: Claims, *, supported_formats: Collection[str]) -> Query:
    if ("dcql_query" in claims) == ("scope" in claims):
        raise InvalidRequest("exactly one of dcql_query and scope is needed")
    if "scope" in claims:
        raise InvalidScope("no scope is known here, ask with dcql_query")
    query = parse_query(claims["dcql_query"])
    if not any(item.format in supported_formats for item in query.credentials):
        raise VpFormatsNotSupported("none of the formats asked for is supported")
    return query


def _read_encryption(claims: Claims) -> AnswerEncryption:
    """The first key that can be used; others are passed over (VP-W-06)."""
    metadata = require_object(
        claims.get("client_metadata"), what="client_metadata", refuse=InvalidRequest
    )
    jwks = require_object(metadata.get("jwks"), what="jwks", refuse=InvalidRequest)
    keys = [
        key
        for key in map(
            _parse_key, require_array(jwks.get("keys"), what="keys", refuse=InvalidRequest)
        )
        if key is not None
    ]
    name = "encrypted_response_enc_values_supported"
    # Section 8.3: A128GCM when the verifier says nothing.
    offered = (
        require_texts(metadata[name], what=name, refuse=InvalidRequest)
        if name in metadata
        else ("A128GCM",)
    )
    methods = [method for method in METHODS if method in offered]
    if not keys or not methods:
        raise InvalidRequest("client_metadata holds no key to encrypt the answer with")
    return AnswerEncryption(key=keys[0], method=methods[0])


def _parse_key(value: JsonValue) -> EncryptionKey | None:
    try:
        return parse_encryption_jwk(value)
    except CredentialError:
        return None
