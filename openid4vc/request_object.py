"""
Presentation requests, OpenID4VP 1.0 section 5: built and signed by a verifier.

A request travels as a signed object (RFC 9101) behind a link. The link only says where the object
is and whose it is; every parameter that counts stands in the object (VP-W-03). Reading one is in
`request_reading`.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import parse_qsl, quote

from credentials.jose import sign_jws
from credentials.jwe import METHODS, EncryptionKey
from credentials.keys import ALGORITHMS, Signer
from encoding.strict_json import JsonValue
from openid4vc.client_id import ClientId
from openid4vc.dcql import Query, build_query
from openid4vc.errors import InvalidRequest, InvalidRequestUriMethod
from openid4vc.members import require_url, split_url

REQUEST_ENDPOINT = "openid4vp://"
REQUEST_OBJECT_TYPE = "oauth-authz-req+jwt"
REQUEST_OBJECT_MEDIA_TYPE = "application/oauth-authz-req+jwt"
STATIC_AUDIENCE = "https://self-issued.me/v2"
"""Section 5.8: the audience when the verifier knows nothing of the wallet."""
RESPONSE_TYPE = "vp_token"
MAX_LINK = 16_384
_SCHEMES = frozenset({"openid4vp", "haip-vp", "haip", "https", "http"})
_ALGORITHM_LIST: list[JsonValue] = [*sorted(ALGORITHMS)]


class ResponseMode(StrEnum):
    """How the answer travels."""

    DIRECT_POST = "direct_post"
    DIRECT_POST_JWT = "direct_post.jwt"


@dataclass(frozen=True, slots=True)
class AnswerEncryption:
    """The key and the method that the wallet encrypts its answer with."""

    key: EncryptionKey
    method: str


@dataclass(frozen=True, slots=True)
class PresentationRequest:
    """A request as a wallet read it. `client_id.text` is the audience of every presentation."""

    client_id: ClientId
    response_mode: ResponseMode
    response_uri: str
    nonce: str
    state: str | None
    query: Query
    encryption: AnswerEncryption | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class RequestLink:
    """
    What a QR code or a same-device link says. `request_uri` None: the parameters are the request.
    """

    client_id: str
    request_uri: str | None
    use_post: bool
    parameters: Mapping[str, str]


def build_request_claims(
    *,
    client_id: str,
    response_uri: str,
    nonce: str,
    state: str | None,
    query: Query,
    now: datetime,
    lifetime: timedelta,
    wallet_nonce: str | None = None,
    encryption_jwk: Mapping[str, JsonValue] | None = None,
) -> dict[str, JsonValue]:
    """
    The parameters of a request; with `encryption_jwk` the answer has to come encrypted.

    `nonce` and `state` are fresh and of at least 128 bits; without holder binding `state` must
    be there (VP-V-01, VP-V-02).
    """
    if state is None and not all(item.require_holder_binding for item in query.credentials):
        raise InvalidRequest("a request without holder binding needs a state")
    mode = ResponseMode.DIRECT_POST if encryption_jwk is None else ResponseMode.DIRECT_POST_JWT
    claims: dict[str, JsonValue] = {
        "iss": client_id,
        "aud": STATIC_AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "response_type": RESPONSE_TYPE,
        "response_mode": mode.value,
        "client_id": client_id,
        "response_uri": response_uri,
        "nonce": nonce,
        "dcql_query": build_query(query),
        "client_metadata": _build_client_metadata(query, encryption_jwk),
    }
    if state is not None:
        claims["state"] = state
    if wallet_nonce is not None:
        claims["wallet_nonce"] = wallet_nonce
    return claims


def build_request_object(
    claims: Mapping[str, JsonValue],
    *,
    signer: Signer,
    x5c: Sequence[bytes] = (),
    key_id: str | None = None,
) -> str:
    """
    Sign a request. `x5c`: the certificates (DER), that of `signer` first, the anchor left out.

    `key_id`: the DID URL of the key, when the client identifier is a DID.
    """
    header: dict[str, JsonValue] = {}
    if x5c:
        header["x5c"] = [base64.b64encode(certificate).decode("ascii") for certificate in x5c]
    if key_id is not None:
        header["kid"] = key_id
    return sign_jws(claims, type=REQUEST_OBJECT_TYPE, signer=signer, header=header)


def build_request_link(
    *, client_id: str, request_uri: str, endpoint: str = REQUEST_ENDPOINT, use_post: bool = False
) -> str:
    """The link that leads a wallet to the request object; `endpoint` may be a wallet's own."""
    separator = "&" if "?" in endpoint else "?"
    method = "&request_uri_method=post" if use_post else ""
    return (
        f"{endpoint}{separator}client_id={quote(client_id, safe='')}"
        f"&request_uri={quote(request_uri, safe='')}{method}"
    )


def parse_request_link(text: str, *, allow_http_loopback: bool) -> RequestLink:
    """Read a link of any scheme that wallets listen to."""
    if len(text) > MAX_LINK:
        raise InvalidRequest(f"the request link is longer than {MAX_LINK} characters")
    parts = split_url(text)
    if parts is None or parts.scheme not in _SCHEMES:
        raise InvalidRequest("the request link has an unknown scheme")
    try:
        pairs = parse_qsl(parts.query, keep_blank_values=True, errors="strict", max_num_fields=64)
    except ValueError as error:
        raise InvalidRequest("the request link has unreadable parameters") from error
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise InvalidRequest("the request link holds a parameter twice")
    if not parameters.get("client_id"):
        raise InvalidRequest("the request link lacks client_id")
    if "request" in parameters:
        raise InvalidRequest("a request object inside the link is not supported")
    request_uri = None
    if "request_uri" in parameters:
        request_uri = require_url(
            parameters["request_uri"],
            what="request_uri",
            refuse=InvalidRequest,
            allow_http_loopback=allow_http_loopback,
        )
    return RequestLink(
        client_id=parameters["client_id"],
        request_uri=request_uri,
        use_post=_parse_method(parameters, has_uri=request_uri is not None),
        parameters=parameters,
    )


def _build_client_metadata(
    query: Query, encryption_jwk: Mapping[str, JsonValue] | None
) -> dict[str, JsonValue]:
    """The formats always (VP-V-06); both GCM sizes beside the key (HAIP-05)."""
    metadata: dict[str, JsonValue] = {
        "vp_formats_supported": {
            item.format: _build_format_support(item.format) for item in query.credentials
        }
    }
    if encryption_jwk is not None:
        metadata["jwks"] = {"keys": [dict(encryption_jwk)]}
        metadata["encrypted_response_enc_values_supported"] = [*METHODS]
    return metadata


def _parse_method(parameters: Mapping[str, str], *, has_uri: bool) -> bool:
    """`request_uri_method`: only beside `request_uri`, exactly `get` or `post` (VP-V-08)."""
    method = parameters.get("request_uri_method")
    if method is None:
        return False
    if not has_uri:
        raise InvalidRequest("request_uri_method must not be there without request_uri")
    if method not in {"get", "post"}:
        raise InvalidRequestUriMethod("request_uri_method must be get or post")
    return method == "post"


def _build_format_support(credential_format: str) -> dict[str, JsonValue]:
    """Appendix B: how each format names its algorithms."""
    if credential_format in {"dc+sd-jwt", "vc+sd-jwt"}:
        return {"sd-jwt_alg_values": _ALGORITHM_LIST, "kb-jwt_alg_values": _ALGORITHM_LIST}
    if credential_format in {"jwt_vc_json", "vc+jwt"}:
        return {"alg_values": _ALGORITHM_LIST}
    return {}
