"""
Answers to presentation requests, OpenID4VP 1.0 sections 7 and 8, from both sides.

`vp_token` is an object of arrays (section 8.1); it travels in a form (`direct_post`) or encrypted
in one (`direct_post.jwt`). The verifier reads shapes here; whether a presentation holds is for
`credentials.verification`, and whether it was asked for is for `matching.verify_answer`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import NoReturn

from credentials.errors import CredentialError
from credentials.jwe import DecryptionKey, decrypt_jwe, encrypt_jwe
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, build_json, parse_object
from openid4vc.dcql import Query, find_required_ids
from openid4vc.errors import InvalidRequest, ReplyAddress
from openid4vc.members import (
    is_secure,
    optional_text,
    require_array,
    require_object,
    require_text,
    split_url,
)
from openid4vc.request_object import PresentationRequest

MAX_PRESENTATION = 262_144
"""security.md, "Limits"."""
MAX_ANSWER = 1_048_576
MAX_PRESENTATIONS = 16


@dataclass(frozen=True, slots=True)
class WalletAnswer:
    """What a wallet presents: for each credential query its presentations."""

    presentations: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class WalletRefusal:
    """What a wallet says instead, such as `access_denied`. Both texts are untrusted."""

    error: str
    description: str | None


# Wallet


def build_vp_token(presentations: Mapping[str, Sequence[str]]) -> dict[str, JsonValue]:
    """The `vp_token`; a credential query that is not answered has no entry (VP-W-04)."""
    if not presentations or not all(presentations.values()):
        raise InvalidRequest("a vp_token must hold at least one presentation for each entry")
    return {name: list(items) for name, items in presentations.items()}


def build_response_form(
    request: PresentationRequest, vp_token: Mapping[str, JsonValue]
) -> dict[str, str]:
    """The form to post to `response_uri`, encrypted when the request asks for that."""
    members: dict[str, JsonValue] = {"vp_token": dict(vp_token)}
    if request.state is not None:
        members["state"] = request.state
    if request.encryption is None:
        return _build_plain_form(members)
    text = encrypt_jwe(
        build_json(members), key=request.encryption.key, method=request.encryption.method
    )
    return {"response": text}


def build_error_form(
    to: PresentationRequest | ReplyAddress, *, error: str, description: str = ""
) -> dict[str, str]:
    """
    The form that says no, for the `response_uri` of `to` (section 8.5).

    A refusal says nothing personal, so it goes plain even where answers are encrypted.
    """
    form = {"error": error}
    if description:
        form["error_description"] = description
    if to.state is not None:
        form["state"] = to.state
    return form


def parse_response_receipt(body: bytes) -> str | None:
    """
    Where the verifier wants the resident's browser to go on, if anywhere (VP-W-08).

    Only https, or http on the resident's own machine, is passed on: never a script or a file.
    """
    try:
        redirect_uri = parse_object(body).get("redirect_uri")
    except EncodingError:
        return None
    parts = split_url(redirect_uri) if isinstance(redirect_uri, str) else None
    if parts is None or not is_secure(parts, allow_http_loopback=True):
        return None
    return parts.geturl()


# Verifier


def parse_response_form(
    form: Mapping[str, str],
    *,
    query: Query,
    expected_state: str | None,
    decryption: DecryptionKey | None,
) -> WalletAnswer | WalletRefusal:
    """
    Read what a wallet posted.

    `expected_state`: the state of the request, which must come back (VP-V-11). `decryption`: the
    key of this transaction, when the request asked for `direct_post.jwt`: a plain presentation is
    refused then, a plain refusal is not (VP-V-10).
    """
    if "error" in form:
        members: dict[str, JsonValue] = dict(form)
    elif decryption is not None:
        members = _decrypt(form, decryption)
    else:
        members = _read_plain(form)
    _require_state(members.get("state"), expected_state)
    if "error" in members:
        return _read_refusal(members)
    return WalletAnswer(presentations=parse_vp_token(members.get("vp_token"), query=query))


def parse_vp_token(value: JsonValue, *, query: Query) -> dict[str, tuple[str, ...]]:
    """Read a `vp_token` and hold its shape against the query (VP-V-09)."""
    token = require_object(value, what="vp_token", refuse=InvalidRequest)
    by_id = query.by_id
    presentations: dict[str, tuple[str, ...]] = {}
    for name, items in token.items():
        wanted = by_id.get(name)
        if wanted is None:
            raise InvalidRequest("the vp_token answers a credential query that was not asked")
        texts = tuple(
            _read_presentation(item, is_object_format=wanted.format == "ldp_vc")
            for item in require_array(items, what="a vp_token entry", refuse=InvalidRequest)
        )
        limit = MAX_PRESENTATIONS if wanted.multiple else 1
        if len(texts) > limit:
            raise InvalidRequest(f"a vp_token entry must hold at most {limit} presentations")
        presentations[name] = texts
    if not presentations or find_required_ids(query, frozenset(presentations)) is None:
        raise InvalidRequest("the vp_token lacks a required credential")
    return presentations


def build_response_receipt(redirect_uri: str | None = None) -> dict[str, JsonValue]:
    """The body of the 200 that answers a wallet (VP-V-15)."""
    return {} if redirect_uri is None else {"redirect_uri": redirect_uri}


def _build_plain_form(members: Mapping[str, JsonValue]) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else build_json(value).decode("utf-8")
        for name, value in members.items()
    }


def _read_refusal(members: Mapping[str, JsonValue]) -> WalletRefusal:
    """No and yes at once is neither."""
    if not {"vp_token", "response"}.isdisjoint(members):
        raise InvalidRequest("the answer holds both an error and a presentation")
    return WalletRefusal(
        error=require_text(members["error"], what="error", refuse=InvalidRequest, limit=128),
        description=optional_text(members, "error_description", refuse=InvalidRequest),
    )


def _read_plain(form: Mapping[str, str]) -> dict[str, JsonValue]:
    if "response" in form:
        raise InvalidRequest("no encrypted answer was asked for")
    members: dict[str, JsonValue] = dict(form)
    text = form.get("vp_token")
    if text is None:
        raise InvalidRequest("the answer lacks vp_token")
    try:
        members["vp_token"] = dict(parse_object(text, max_bytes=MAX_ANSWER))
    except EncodingError as error:
        _refuse(f"the vp_token cannot be read: {error}", error)
    return members


def _decrypt(form: Mapping[str, str], key: DecryptionKey) -> dict[str, JsonValue]:
    text = form.get("response")
    if text is None:
        raise InvalidRequest("the answer must be encrypted")
    try:
        return parse_object(decrypt_jwe(text, key=key, max_bytes=MAX_ANSWER), max_bytes=MAX_ANSWER)
    except (CredentialError, EncodingError) as error:
        _refuse(f"the encrypted answer cannot be read: {error}", error)


def _refuse(message: str, cause: Exception) -> NoReturn:
    raise InvalidRequest(message) from cause


def _require_state(given: JsonValue, expected: str | None) -> None:
    if expected is None:
        return
    if not isinstance(given, str) or not compare_digest(given.encode(), expected.encode()):
        raise InvalidRequest("the answer carries another state than the request")


def _read_presentation(value: JsonValue, *, is_object_format: bool) -> str:
    """A string; a JSON-LD presentation is an object, kept as its JSON text."""
    if is_object_format and isinstance(value, dict):
        return build_json(value).decode("utf-8")
    return require_text(value, what="a presentation", refuse=InvalidRequest, limit=MAX_PRESENTATION)
