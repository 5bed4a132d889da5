"""
Credential offers, OpenID4VCI 1.0 section 4: what an issuer shows and a wallet takes in.

An offer comes by value or by reference in a link. It is untrusted until the wallet has compared
its `credential_issuer` with fetched metadata; nothing here fetches anything (VCI-W-01).
"""

from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import parse_qsl, quote

from encoding.strict_json import JsonValue, build_json
from openid4vc.errors import InvalidRequest
from openid4vc.members import (
    optional_count,
    optional_text,
    present,
    read_object,
    require_object,
    require_text,
    require_texts,
    require_url,
    split_url,
)

OFFER_ENDPOINT = "openid-credential-offer://"
OFFER_MEDIA_TYPE = "application/json"
PRE_AUTHORIZED_CODE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
MAX_DESCRIPTION = 300
"""OpenID4VCI 1.0 section 4.1.1."""
MAX_LINK = 16_384
_SCHEMES = frozenset({"openid-credential-offer", "haip-vci", "https", "http"})

InputMode = Literal["numeric", "text"]


@dataclass(frozen=True, slots=True)
class TxCode:
    """What the wallet must ask the resident for. Present, even empty, it means a code is needed."""

    input_mode: InputMode = "numeric"
    length: int | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class PreAuthorizedGrant:
    """The clerk has identified the resident already; the code stands for that."""

    code: str
    tx_code: TxCode | None
    authorization_server: str | None = None


@dataclass(frozen=True, slots=True)
class AuthorizationCodeGrant:
    """The resident will log in at the authorization server. `issuer_state` is untrusted input."""

    issuer_state: str | None
    authorization_server: str | None = None


@dataclass(frozen=True, slots=True)
class CredentialOffer:
    """What is offered, and by which grants it may be had."""

    credential_issuer: str
    configuration_ids: tuple[str, ...]
    pre_authorized: PreAuthorizedGrant | None
    authorization_code: AuthorizationCodeGrant | None = None


@dataclass(frozen=True, slots=True)
class OfferReference:
    """Where the offer stands; ask the resident before fetching it."""

    url: str


def build_offer(offer: CredentialOffer) -> dict[str, JsonValue]:
    """The offer as JSON."""
    message: dict[str, JsonValue] = {
        "credential_issuer": offer.credential_issuer,
        "credential_configuration_ids": list(offer.configuration_ids),
    }
    grants: dict[str, JsonValue] = {}
    if offer.authorization_code is not None:
        grants["authorization_code"] = present(
            issuer_state=offer.authorization_code.issuer_state,
            authorization_server=offer.authorization_code.authorization_server,
        )
    if offer.pre_authorized is not None:
        grant = present(authorization_server=offer.pre_authorized.authorization_server)
        grant["pre-authorized_code"] = offer.pre_authorized.code
        tx_code = offer.pre_authorized.tx_code
        if tx_code is not None:
            grant["tx_code"] = present(
                input_mode=tx_code.input_mode,
                length=tx_code.length,
                description=tx_code.description,
            )
        grants[PRE_AUTHORIZED_CODE] = grant
    if grants:
        message["grants"] = grants
    return message


def build_offer_uri(offer: CredentialOffer, *, endpoint: str = OFFER_ENDPOINT) -> str:
    """The link that carries the offer itself. Spaces become %20: a plus breaks some wallets."""
    text = build_json(build_offer(offer)).decode("utf-8")
    return f"{endpoint}{_separator(endpoint)}credential_offer={quote(text, safe='')}"


def build_offer_reference_uri(url: str, *, endpoint: str = OFFER_ENDPOINT) -> str:
    """The link that says where the offer is to be fetched."""
    return f"{endpoint}{_separator(endpoint)}credential_offer_uri={quote(url, safe='')}"


def parse_offer_uri(text: str, *, allow_http_loopback: bool) -> CredentialOffer | OfferReference:
    """Read a link: an offer by value, or by reference, never both (VCI-I-11)."""
    if len(text) > MAX_LINK:
        raise InvalidRequest(f"the offer link is longer than {MAX_LINK} characters")
    parts = split_url(text)
    if parts is None or parts.scheme not in _SCHEMES:
        raise InvalidRequest("the offer link has an unknown scheme")
    try:
        pairs = parse_qsl(parts.query, keep_blank_values=True, errors="strict", max_num_fields=16)
    except ValueError as error:
        raise InvalidRequest("the offer link has unreadable parameters") from error
    parameters = [
        (name, value)
        for name, value in pairs
        if name in {"credential_offer", "credential_offer_uri"}
    ]
    if len(parameters) != 1:
        raise InvalidRequest("the link must hold one credential_offer or credential_offer_uri")
    name, value = parameters[0]
    if name == "credential_offer":
        return parse_offer(value, allow_http_loopback=allow_http_loopback)
    url = require_url(
        value,
        what="credential_offer_uri",
        refuse=InvalidRequest,
        allow_http_loopback=allow_http_loopback,
    )
    return OfferReference(url=url)


def parse_offer(body: bytes | str, *, allow_http_loopback: bool) -> CredentialOffer:
    """Read an offer; unknown grants and parameters are ignored."""
    message = read_object(body, what="credential offer", refuse=InvalidRequest)
    issuer = parse_issuer_identifier(
        message.get("credential_issuer"), allow_http_loopback=allow_http_loopback
    )
    configuration_ids = require_texts(
        message.get("credential_configuration_ids"),
        what="credential_configuration_ids",
        refuse=InvalidRequest,
        are_unique=True,
    )
    grants = require_object(message.get("grants", {}), what="grants", refuse=InvalidRequest)
    return CredentialOffer(
        credential_issuer=issuer,
        configuration_ids=configuration_ids,
        pre_authorized=_parse_pre_authorized(grants[PRE_AUTHORIZED_CODE])
        if PRE_AUTHORIZED_CODE in grants
        else None,
        authorization_code=_parse_authorization_code(grants["authorization_code"])
        if "authorization_code" in grants
        else None,
    )


def parse_issuer_identifier(value: JsonValue, *, allow_http_loopback: bool) -> str:
    """A credential issuer identifier: an https URL without query or fragment (VCI-I-02)."""
    identifier = require_url(
        value,
        what="credential_issuer",
        refuse=InvalidRequest,
        allow_http_loopback=allow_http_loopback,
    )
    if "?" in identifier:
        raise InvalidRequest("credential_issuer must have no query")
    return identifier


def _parse_pre_authorized(value: JsonValue) -> PreAuthorizedGrant:
    grant = require_object(value, what="the pre-authorized grant", refuse=InvalidRequest)
    code = require_text(
        grant.get("pre-authorized_code"), what="pre-authorized_code", refuse=InvalidRequest
    )
    return PreAuthorizedGrant(
        code=code,
        tx_code=_parse_tx_code(grant["tx_code"]) if "tx_code" in grant else None,
        authorization_server=optional_text(grant, "authorization_server", refuse=InvalidRequest),
    )


def _parse_tx_code(value: JsonValue) -> TxCode:
    members = require_object(value, what="tx_code", refuse=InvalidRequest)
    input_mode = members.get("input_mode", "numeric")
    if input_mode not in ("numeric", "text"):
        raise InvalidRequest("tx_code input_mode must be numeric or text")
    return TxCode(
        input_mode=cast("InputMode", input_mode),
        length=optional_count(members, "length", refuse=InvalidRequest),
        description=optional_text(
            members, "description", refuse=InvalidRequest, limit=MAX_DESCRIPTION
        ),
    )


def _parse_authorization_code(value: JsonValue) -> AuthorizationCodeGrant:
    grant = require_object(value, what="the authorization_code grant", refuse=InvalidRequest)
    return AuthorizationCodeGrant(
        issuer_state=optional_text(grant, "issuer_state", refuse=InvalidRequest),
        authorization_server=optional_text(grant, "authorization_server", refuse=InvalidRequest),
    )


def _separator(endpoint: str) -> str:
    return "&" if "?" in endpoint else "?"
