"""
DCQL: what a verifier asks for, OpenID4VP 1.0 section 6.

Both sides read queries here. The wallet asks which of its holdings answer one; the verifier asks
again of what came back, since a wallet's filtering is never trusted (VP-V-13). Unknown members are
ignored, except that nothing which narrows a query may be misread: a wrong shape is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from credentials.policy import ClaimPath
from encoding.strict_json import JsonValue
from openid4vc.claims_path import parse_claims_path
from openid4vc.errors import InvalidRequest
from openid4vc.members import (
    optional_boolean,
    require_array,
    require_object,
    require_text,
    require_texts,
)

# security.md, "Limits"
MAX_CREDENTIALS = 16
MAX_CLAIMS = 64
MAX_VALUES = 64

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")

Scalar = str | int | bool


@dataclass(frozen=True, slots=True)
class ClaimQuery:
    """A claim that is asked for; `values` restricts it to these, kind and value alike."""

    path: ClaimPath
    id: str | None
    values: tuple[Scalar, ...] | None


@dataclass(frozen=True, slots=True)
class TrustedAuthority:
    """Who may stand behind the credential; `aki` is a base64url authority key identifier."""

    type: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CredentialQuery:
    """
    One credential that is asked for.

    Of the three kinds of type only the one that belongs to the format is filled. `claims` empty:
    nothing selectively disclosable is wanted.
    """

    id: str
    format: str
    vct_values: tuple[str, ...]
    type_values: tuple[tuple[str, ...], ...]
    doctype_value: str | None
    claims: tuple[ClaimQuery, ...]
    claim_sets: tuple[tuple[str, ...], ...]
    multiple: bool
    require_holder_binding: bool
    trusted_authorities: tuple[TrustedAuthority, ...]


@dataclass(frozen=True, slots=True)
class CredentialSet:
    """Alternatives, best first; each option names credential queries that belong together."""

    options: tuple[tuple[str, ...], ...]
    required: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole question. Without `credential_sets` every credential is wanted."""

    credentials: tuple[CredentialQuery, ...]
    credential_sets: tuple[CredentialSet, ...]

    @property
    def by_id(self) -> Mapping[str, CredentialQuery]:
        """The credential queries by their id."""
        return {credential.id: credential for credential in self.credentials}


def parse_query(value: JsonValue) -> Query:
    """Read a `dcql_query`."""
    members = require_object(value, what="dcql_query", refuse=InvalidRequest)
    items = _require_up_to(members.get("credentials"), what="credentials", limit=MAX_CREDENTIALS)
    credentials = tuple(_parse_credential(item) for item in items)
    ids = frozenset(credential.id for credential in credentials)
    if len(ids) != len(credentials):
        raise InvalidRequest("two credential queries have the same id")
    sets: tuple[CredentialSet, ...] = ()
    if "credential_sets" in members:
        sets = tuple(
            _parse_credential_set(item, known=ids)
            for item in _require_up_to(
                members["credential_sets"], what="credential_sets", limit=MAX_CREDENTIALS
            )
        )
    return Query(credentials=credentials, credential_sets=sets)


def build_query(query: Query) -> dict[str, JsonValue]:
    """The query as JSON; reading it again gives the same query."""
    message: dict[str, JsonValue] = {
        "credentials": [_build_credential(credential) for credential in query.credentials]
    }
    if query.credential_sets:
        message["credential_sets"] = [
            {"options": [list(option) for option in item.options], "required": item.required}
            for item in query.credential_sets
        ]
    return message


def find_required_ids(query: Query, available: frozenset[str]) -> tuple[str, ...] | None:
    """
    What has to be in an answer when only these ids can be answered; None when that is not enough.

    Each required set takes its first option that is wholly available (section 6.4.2).
    """
    if not query.credential_sets:
        ids = tuple(credential.id for credential in query.credentials)
        return ids if available.issuperset(ids) else None
    chosen: list[str] = []
    for item in query.credential_sets:
        option = find_option(item, available)
        if item.required and option is None:
            return None
        if item.required and option is not None:
            chosen.extend(option)
    return tuple(dict.fromkeys(chosen))


def find_option(item: CredentialSet, available: frozenset[str]) -> tuple[str, ...] | None:
    """The first option of a set that is wholly available."""
    return next((option for option in item.options if available.issuperset(option)), None)


def _parse_credential(value: JsonValue) -> CredentialQuery:
    members = require_object(value, what="a credential query", refuse=InvalidRequest)
    credential_format = require_text(members.get("format"), what="format", refuse=InvalidRequest)
    meta = require_object(members.get("meta"), what="meta", refuse=InvalidRequest)
    vct_values, type_values, doctype_value = _parse_meta(meta, credential_format)
    claims = _parse_claims(members)
    multiple = optional_boolean(members, "multiple", refuse=InvalidRequest)
    binding = optional_boolean(
        members, "require_cryptographic_holder_binding", refuse=InvalidRequest
    )
    return CredentialQuery(
        id=_parse_id(members.get("id")),
        format=credential_format,
        vct_values=vct_values,
        type_values=type_values,
        doctype_value=doctype_value,
        claims=claims,
        claim_sets=_parse_claim_sets(members, claims),
        multiple=multiple or False,
        require_holder_binding=binding is not False,
        trusted_authorities=_parse_authorities(members),
    )


def _parse_meta(
    meta: Mapping[str, JsonValue], credential_format: str
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], str | None]:
    """Appendix B: the format says what `meta` holds; unknown formats may hold anything."""
    match credential_format:
        case "dc+sd-jwt":
            vct_values = require_texts(
                meta.get("vct_values"), what="vct_values", refuse=InvalidRequest
            )
            return vct_values, (), None
        case "jwt_vc_json" | "ldp_vc" | "vc+sd-jwt" | "vc+jwt":
            alternatives = require_array(
                meta.get("type_values"), what="type_values", refuse=InvalidRequest
            )
            type_values = tuple(
                require_texts(item, what="an item of type_values", refuse=InvalidRequest)
                for item in alternatives
            )
            return (), type_values, None
        case "mso_mdoc":
            doctype = require_text(
                meta.get("doctype_value"), what="doctype_value", refuse=InvalidRequest
            )
            return (), (), doctype
        case _:
            return (), (), None


def _parse_claims(members: Mapping[str, JsonValue]) -> tuple[ClaimQuery, ...]:
    if "claims" not in members:
        return ()
    items = _require_up_to(members["claims"], what="claims", limit=MAX_CLAIMS)
    claims = tuple(_parse_claim(item) for item in items)
    ids = [claim.id for claim in claims if claim.id is not None]
    if len(set(ids)) != len(ids):
        raise InvalidRequest("two claims queries have the same id")
    return claims


def _parse_claim(value: JsonValue) -> ClaimQuery:
    members = require_object(value, what="a claims query", refuse=InvalidRequest)
    path = parse_claims_path(members.get("path"))
    values: tuple[Scalar, ...] | None = None
    if "values" in members:
        items = _require_up_to(members["values"], what="values", limit=MAX_VALUES)
        scalars = tuple(item for item in items if isinstance(item, str | int))
        if len(scalars) != len(items):
            raise InvalidRequest("values must be strings, whole numbers, true or false")
        values = scalars
    return ClaimQuery(
        path=path, id=_parse_id(members["id"]) if "id" in members else None, values=values
    )


def _parse_claim_sets(
    members: Mapping[str, JsonValue], claims: tuple[ClaimQuery, ...]
) -> tuple[tuple[str, ...], ...]:
    if "claim_sets" not in members:
        return ()
    if not claims:
        raise InvalidRequest("claim_sets must not be there without claims")
    known = {claim.id for claim in claims}
    sets = tuple(
        require_texts(item, what="a claim set", refuse=InvalidRequest)
        for item in _require_up_to(members["claim_sets"], what="claim_sets", limit=MAX_CLAIMS)
    )
    if not all(known.issuperset(item) for item in sets):
        raise InvalidRequest("a claim set names an unknown claim")
    return sets


def _parse_authorities(members: Mapping[str, JsonValue]) -> tuple[TrustedAuthority, ...]:
    if "trusted_authorities" not in members:
        return ()
    authorities = []
    for item in require_array(
        members["trusted_authorities"], what="trusted_authorities", refuse=InvalidRequest
    ):
        entry = require_object(item, what="a trusted authority", refuse=InvalidRequest)
        authorities.append(
            TrustedAuthority(
                type=require_text(entry.get("type"), what="type", refuse=InvalidRequest),
                values=require_texts(entry.get("values"), what="values", refuse=InvalidRequest),
            )
        )
    return tuple(authorities)


def _parse_credential_set(value: JsonValue, *, known: frozenset[str]) -> CredentialSet:
    members = require_object(value, what="a credential set", refuse=InvalidRequest)
    options = tuple(
        require_texts(item, what="an option", refuse=InvalidRequest)
        for item in _require_up_to(members.get("options"), what="options", limit=MAX_CLAIMS)
    )
    if not all(known.issuperset(option) for option in options):
        raise InvalidRequest("a credential set names an unknown credential query")
    required = optional_boolean(members, "required", refuse=InvalidRequest)
    return CredentialSet(options=options, required=required is not False)


def _parse_id(value: JsonValue) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise InvalidRequest("an id must consist of letters, digits, _ and -")
    return value


def _require_up_to(value: JsonValue, *, what: str, limit: int) -> list[JsonValue]:
    items = require_array(value, what=what, refuse=InvalidRequest)
    if len(items) > limit:
        raise InvalidRequest(f"{what} must have at most {limit} items")
    return items


def _build_credential(credential: CredentialQuery) -> dict[str, JsonValue]:
    meta: dict[str, JsonValue] = {}
    if credential.vct_values:
        meta["vct_values"] = list(credential.vct_values)
    if credential.type_values:
        meta["type_values"] = [list(types) for types in credential.type_values]
    if credential.doctype_value is not None:
        meta["doctype_value"] = credential.doctype_value
    message: dict[str, JsonValue] = {
        "id": credential.id,
        "format": credential.format,
        "meta": meta,
    }
    if credential.multiple:
        message["multiple"] = True
    if not credential.require_holder_binding:
        message["require_cryptographic_holder_binding"] = False
    if credential.claims:
        message["claims"] = [_build_claim(claim) for claim in credential.claims]
    if credential.claim_sets:
        message["claim_sets"] = [list(item) for item in credential.claim_sets]
    if credential.trusted_authorities:
        message["trusted_authorities"] = [
            {"type": authority.type, "values": list(authority.values)}
            for authority in credential.trusted_authorities
        ]
    return message


def _build_claim(claim: ClaimQuery) -> dict[str, JsonValue]:
    message: dict[str, JsonValue] = {"path": list(claim.path)}
    if claim.id is not None:
        message["id"] = claim.id
    if claim.values is not None:
        message["values"] = list(claim.values)
    return message
