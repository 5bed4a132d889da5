"""
Who asks: presentation requests as a wallet takes them in, OpenID4VP 1.0 sections 5.8 to 5.10.

A signed request is verified in this order, and nothing of it counts before (VP-W-01):

1. shape     - `typ`, algorithm, no critical headers
2. client    - `client_id` in link and object are the same text, with a supported prefix
3. key       - found the way the prefix says: certificate or DID
4. signature
5. address   - `response_uri` is there and allowed for this client (`request_content`)
6. time      - `exp`, `iat`, and our own `wallet_nonce` came back
7. content   - nonce, query, formats, encryption; no transaction data

Nothing here fetches.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from credentials.dids import is_key_did, parse_key_did_url
from credentials.errors import CredentialError
from credentials.jose import Jws, parse_jws, verify_jws
from credentials.keys import PublicKey
from encoding import base64url
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_json
from openid4vc.client_id import ClientId, ClientIdPrefix, parse_client_id
from openid4vc.errors import InvalidRequest
from openid4vc.members import require_text, split_url
from openid4vc.request_content import Claims, read_request
from openid4vc.request_object import REQUEST_OBJECT_TYPE, PresentationRequest, RequestLink
from openid4vc.verifier_certificate import VerifierCertificate, read_certificate

_JSON_PARAMETERS = frozenset({"dcql_query", "client_metadata", "transaction_data"})


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
    jws = _parse(text)
    client_id, certificate = _verify_client(
        jws, link=link, now=now, anchors=anchors, did_keys=did_keys
    )
    request = read_request(
        jws.payload,
        client_id=client_id,
        now=now,
        wallet_nonce=wallet_nonce,
        request_uri=link.request_uri,
        supported_formats=supported_formats,
        allow_http_loopback=allow_http_loopback,
    )
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
    """Read the parameters of an unsigned request. Such a request has no time of its own."""
    client_id = _read_client_id(parameters)
    if client_id.prefix is not ClientIdPrefix.REDIRECT_URI:
        raise InvalidRequest("a request of this client must be signed")
    return read_request(
        parameters,
        client_id=client_id,
        now=None,
        wallet_nonce=None,
        request_uri=None,
        supported_formats=supported_formats,
        allow_http_loopback=allow_http_loopback,
    )


def _parse(text: str) -> Jws:
    try:
        return parse_jws(text, types=frozenset({REQUEST_OBJECT_TYPE}))
    except CredentialError as error:
        raise InvalidRequest(f"the request object cannot be read: {error}") from error


def _read_client_id(claims: Claims) -> ClientId:
    return parse_client_id(
        require_text(claims.get("client_id"), what="client_id", refuse=InvalidRequest)
    )


def _verify_client(
    jws: Jws,
    *,
    link: RequestLink,
    now: datetime,
    anchors: Collection[bytes],
    did_keys: Mapping[str, PublicKey],
) -> tuple[ClientId, VerifierCertificate | None]:
    # 2
    client_id = _read_client_id(jws.payload)
    if client_id.text != link.client_id:
        raise InvalidRequest("the request object is of another client than the link")
    # 3
    certificate: VerifierCertificate | None = None
    if client_id.prefix is ClientIdPrefix.REDIRECT_URI:
        raise InvalidRequest("a client of the prefix redirect_uri cannot sign requests")
    if client_id.prefix is ClientIdPrefix.DECENTRALIZED_IDENTIFIER:
        key = _find_did_key(jws, client_id, did_keys)
    else:
        certificate = _find_certificate(jws, client_id, anchors=anchors, now=now)
        key = certificate.key
    # 4
    if not verify_jws(jws, key):
        raise InvalidRequest("the request object is not signed by its client")
    return client_id, certificate


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
