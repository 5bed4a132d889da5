"""
Presentation requests as a wallet takes them in, OpenID4VP 1.0 sections 5.2 to 5.10.

A signed request is verified in this order, and nothing of it counts before (VP-W-01):

1. shape     - `typ`, algorithm, no critical headers
2. client    - `client_id` in link and object are the same text, with a supported prefix
3. key       - found the way the prefix says: certificate or DID
4. signature
5. address   - `response_uri` is there and allowed for this client
6. time      - `exp`, `iat`, and our own `wallet_nonce` came back
7. content   - nonce, query, formats, encryption; no transaction data

From step 6 on a refusal knows where it may be sent (`reply_to`). Nothing here fetches.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from credentials.dids import is_key_did, parse_key_did_url
from credentials.errors import CredentialError
from credentials.instants import parse_numeric_date
from credentials.jose import Jws, parse_jws, verify_jws
from credentials.jwe import METHODS, EncryptionKey, parse_encryption_jwk
from credentials.keys import PublicKey
from encoding import base64url
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_json
from openid4vc.client_id import ClientId, ClientIdPrefix, parse_client_id
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
    REQUEST_OBJECT_TYPE,
    RESPONSE_TYPE,
    STATIC_AUDIENCE,
    AnswerEncryption,
    PresentationRequest,
    RequestLink,
    ResponseMode,
)
from openid4vc.verifier_certificate import VerifierCertificate, read_certificate

SKEW = timedelta(seconds=60)
"""security.md, "Limits"."""
_NONCE = re.compile(r"[A-Za-z0-9\-._~]{1,1024}")  # section 5.2: ASCII URL-safe characters
_JSON_PARAMETERS = frozenset({"dcql_query", "client_metadata", "transaction_data"})

Claims = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """
    A request that its client signed.

    `is_certificate_anchored`: its certificates lead to one of the anchors that were given, and
    name the host of `response_uri`. Always so for `x509_san_dns`; for `x509_hash` the hash itself
    may be what is trusted.
    """

    request: PresentationRequest
    certificates: tuple[bytes, ...]
    is_certificate_anchored: bool


@dataclass(frozen=True, slots=True)
class RequestHint:
    """What a request object says of itself, unverified: enough to fetch a DID document."""

    client_id: ClientId
    key_id: str | None


def peek_request_object(text: str) -> RequestHint:
    """Read whose request it claims to be. Believe nothing of it."""
    jws = _parse(text)
    return RequestHint(client_id=_read_client_id(jws.payload), key_id=jws.key_id)


def verify_request_object(
    text: str,
    *,
    link: RequestLink,
    now: datetime,
    wallet_nonce: str | None,
    anchors: Collection[bytes],
    did_keys: Mapping[str, PublicKey],
    supported_formats: Collection[str],
    allow_http_loopback: bool,
) -> VerifiedRequest:
    """
    Verify a fetched request object.

    `wallet_nonce`: what was posted to `request_uri`, else None. `anchors`: roots (DER) of
    verifiers' certificates. `did_keys`: the authentication keys of the verifier's DID document by
    DID URL, where one was fetched.
    """
    # 1 and 2
    jws = _parse(text)
    client_id = _read_client_id(jws.payload)
    if client_id.text != link.client_id:
        raise InvalidRequest("the request object is of another client than the link")
    # 3
    certificate: VerifierCertificate | None = None
    match client_id.prefix:
        case ClientIdPrefix.X509_HASH | ClientIdPrefix.X509_SAN_DNS:
            certificate = _find_certificate(jws, client_id, anchors=anchors, now=now)
            key = certificate.key
        case ClientIdPrefix.DECENTRALIZED_IDENTIFIER:
            key = _find_did_key(jws, client_id, did_keys)
        case ClientIdPrefix.REDIRECT_URI:
            raise InvalidRequest("a client of the prefix redirect_uri cannot sign requests")
    # 4
    if not verify_jws(jws, key):
        raise InvalidRequest("the request object is not signed by its client")
    # 5
    response_uri = _read_response_uri(
        jws.payload, client_id, allow_http_loopback=allow_http_loopback
    )
    try:
        # 6 and 7
        expires_at = _check_time(jws.payload, now=now)
        if wallet_nonce is not None and jws.payload.get("wallet_nonce") != wallet_nonce:
            raise InvalidRequest("the request object does not return the wallet_nonce")
        request = _read_content(
            jws.payload,
            client_id=client_id,
            response_uri=response_uri,
            expires_at=expires_at,
            supported_formats=supported_formats,
        )
    except ProtocolError as error:
        error.reply_to = _build_reply_address(jws.payload, response_uri)
        raise
    return VerifiedRequest(
        request=request,
        certificates=certificate.chain if certificate is not None else (),
        is_certificate_anchored=certificate is not None and certificate.is_anchored,
    )


def read_unsigned_request(
    link: RequestLink, *, supported_formats: Collection[str], allow_http_loopback: bool
) -> PresentationRequest:
    """Read a request whose parameters stand in the link: the prefix `redirect_uri` only."""
    parameters: dict[str, JsonValue] = {}
    for name, text in link.parameters.items():
        try:
            parameters[name] = parse_json(text) if name in _JSON_PARAMETERS else text
        except EncodingError as error:
            raise InvalidRequest(f"{name} cannot be read: {error}") from error
    return read_unsigned_parameters(
        parameters, supported_formats=supported_formats, allow_http_loopback=allow_http_loopback
    )


def read_unsigned_parameters(
    parameters: Claims, *, supported_formats: Collection[str], allow_http_loopback: bool
) -> PresentationRequest:
    """Read the parameters of an unsigned request."""
    client_id = _read_client_id(parameters)
    if client_id.prefix is not ClientIdPrefix.REDIRECT_URI:
        raise InvalidRequest("a request of this client must be signed")
    response_uri = _read_response_uri(
        parameters, client_id, allow_http_loopback=allow_http_loopback
    )
    try:
        return _read_content(
            parameters,
            client_id=client_id,
            response_uri=response_uri,
            expires_at=None,
            supported_formats=supported_formats,
        )
    except ProtocolError as error:
        error.reply_to = _build_reply_address(parameters, response_uri)
        raise


# Steps 1 to 4: who signed


def _parse(text: str) -> Jws:
    try:
        return parse_jws(text, types=frozenset({REQUEST_OBJECT_TYPE}))
    except CredentialError as error:
        raise InvalidRequest(f"the request object cannot be read: {error}") from error


def _read_client_id(claims: Claims) -> ClientId:
    return parse_client_id(
        require_text(claims.get("client_id"), what="client_id", refuse=InvalidRequest)
    )


def _find_certificate(
    jws: Jws, client_id: ClientId, *, anchors: Collection[bytes], now: datetime
) -> VerifierCertificate:
    """The client identifier must be what the certificate says (VP-V-05)."""
    if client_id.prefix is ClientIdPrefix.X509_SAN_DNS:
        certificate = read_certificate(jws.header, host=client_id.value, anchors=anchors, now=now)
        # Anybody can write any host into a certificate of his own.
        if not certificate.is_anchored:
            raise InvalidRequest("no trusted root says that the certificate is of the client_id")
        return certificate
    response_uri = jws.payload.get("response_uri")
    parts = split_url(response_uri) if isinstance(response_uri, str) else None
    host = parts.hostname if parts is not None else None
    certificate = read_certificate(jws.header, host=host or "", anchors=anchors, now=now)
    if base64url.encode(sha256(certificate.chain[0]).digest()) != client_id.value:
        raise InvalidRequest("the client_id is not the hash of the certificate")
    return certificate


def _find_did_key(jws: Jws, client_id: ClientId, did_keys: Mapping[str, PublicKey]) -> PublicKey:
    key_id = jws.key_id
    if key_id is None or key_id.partition("#")[0] != client_id.value:
        raise InvalidRequest("the kid is not a DID URL of the client_id")
    if key_id in did_keys:
        return did_keys[key_id]
    if not is_key_did(key_id):
        raise InvalidRequest("the key of the client's DID is not known")
    try:
        return parse_key_did_url(key_id)
    except CredentialError as error:
        raise InvalidRequest(f"the client's DID cannot be read: {error}") from error


# Steps 5 and 6: where to answer, and until when


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


def _check_time(claims: Claims, *, now: datetime) -> datetime | None:
    """When the request ends, if it says so."""
    audience = claims.get("aud", STATIC_AUDIENCE)
    if audience not in (STATIC_AUDIENCE, [STATIC_AUDIENCE]):
        raise InvalidRequest("the request object is for another audience")
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


# Step 7: what is asked


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
