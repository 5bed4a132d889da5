"""
Which credentials answer a DCQL query, OpenID4VP 1.0 section 6.4.

The wallet matches its holdings and learns the least it may disclose; the verifier holds what came
back against the same query (VP-V-13). A holding that is not bound to a key never answers a query
that wants holder binding (VP-W-05), and a claim is disclosed only when it was asked for (VP-W-04).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from credentials.model import Credential, Format
from credentials.policy import ClaimPath
from credentials.verdict import Check, Outcome, Reason
from encoding.strict_json import JsonValue
from openid4vc.claims_path import is_prefix, locate_claims, select_claims
from openid4vc.dcql import ClaimQuery, CredentialQuery, Query, find_option, find_required_ids
from openid4vc.errors import ClaimsPathError

CHECK_NAME = "query"
AUTHORITY_KEY_IDENTIFIER = "aki"


@dataclass(frozen=True, slots=True)
class Holding:
    """
    A credential as a query sees it.

    `types`: every name of its type (`vct`, doctype, VCDM types). `claims`: the whole document that
    claims paths point into, for `mso_mdoc` namespace to element to value. `disclosable`: where the
    selectively disclosable claims stand, without null.
    """

    id: str
    format: str
    types: frozenset[str]
    claims: Mapping[str, JsonValue]
    disclosable: frozenset[ClaimPath]
    authority_key_ids: frozenset[str]
    is_holder_bound: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A holding that answers a credential query, and how.

    `requested`: the paths of the claim set that is met. `disclose`: exactly the selectively
    disclosable claims to send with it.
    """

    holding: Holding
    requested: tuple[ClaimPath, ...]
    disclose: frozenset[ClaimPath]


@dataclass(frozen=True, slots=True)
class QueryMatch:
    """
    What a wallet can answer. `required_ids` None: not enough, so nothing at all may be sent.

    `optional_ids` may be added, if the resident likes.
    """

    candidates: Mapping[str, tuple[Candidate, ...]]
    required_ids: tuple[str, ...] | None
    optional_ids: tuple[str, ...]


def build_holding(
    credential: Credential,
    *,
    id: str,
    disclosable: Iterable[ClaimPath] = (),
    authority_key_ids: Iterable[str] = (),
    also_types: Iterable[str] = (),
) -> Holding:
    """A read credential as a query sees it, in the wallet and at the verifier alike."""
    return Holding(
        id=id,
        format=credential.format.value,
        types=frozenset({*credential.types, *also_types}),
        claims=_build_document(credential),
        disclosable=frozenset(disclosable),
        authority_key_ids=frozenset(authority_key_ids),
        is_holder_bound=credential.holder_key is not None,
    )


def match_query(query: Query, holdings: Iterable[Holding]) -> QueryMatch:
    """Find all candidates for each credential query, and what has to be in the answer."""
    held = tuple(holdings)
    candidates = {
        wanted.id: tuple(
            candidate
            for candidate in (match_credential(wanted, holding) for holding in held)
            if candidate is not None
        )
        for wanted in query.credentials
    }
    available = frozenset(name for name, found in candidates.items() if found)
    required = find_required_ids(query, available)
    optional = dict.fromkeys(
        name
        for item in query.credential_sets
        if not item.required
        for name in find_option(item, available) or ()
    )
    if required is not None and not required and not optional:
        required = None
    return QueryMatch(
        candidates=candidates,
        required_ids=required,
        optional_ids=tuple(name for name in optional if name not in (required or ())),
    )


def match_credential(wanted: CredentialQuery, holding: Holding) -> Candidate | None:
    """How this holding answers this query, or None."""
    if _find_mismatch(wanted, holding) is not None:
        return None
    claims = _find_claims(wanted, holding)
    if claims is None:
        return None
    located = [path for claim in claims for path in _locate(claim, holding, wanted.format) or ()]
    return Candidate(
        holding=holding,
        requested=tuple(claim.path for claim in claims),
        disclose=frozenset(
            path
            for path in holding.disclosable
            if any(is_prefix(path, of=found) or is_prefix(found, of=path) for found in located)
        ),
    )


def verify_answer(query: Query, presented: Mapping[str, Sequence[Holding]]) -> tuple[Check, ...]:
    """
    Hold what came back against the query: one check for each presentation, none ever left out.

    That required credentials are there is checked too, so an empty answer fails.
    """
    by_id = query.by_id
    checks: list[Check] = []
    for name, holdings in presented.items():
        wanted = by_id.get(name)
        if wanted is None or not holdings or (len(holdings) > 1 and not wanted.multiple):
            checks.append(_failed(Reason.MALFORMED, "unexpected_presentation", name))
            continue
        checks.extend(_verify_presentation(wanted, holding) for holding in holdings)
    if not presented or find_required_ids(query, frozenset(presented)) is None:
        checks.append(_failed(Reason.CLAIM_MISSING, "required_credential_missing", None))
    return tuple(checks)


def _verify_presentation(wanted: CredentialQuery, holding: Holding) -> Check:
    mismatch = _find_mismatch(wanted, holding)
    if mismatch is not None:
        return _failed(*mismatch, wanted.id)
    if _find_claims(wanted, holding) is None:
        return _failed(Reason.CLAIM_MISSING, "requested_claims_missing", wanted.id)
    return Check(name=CHECK_NAME, outcome=Outcome.PASSED, credential=wanted.id)


def _failed(reason: Reason, detail: str, credential: str | None) -> Check:
    return Check(
        name=CHECK_NAME,
        outcome=Outcome.FAILED,
        reason=reason,
        detail=detail,
        credential=credential,
    )


def _find_mismatch(wanted: CredentialQuery, holding: Holding) -> tuple[Reason, str] | None:
    """What of the credential itself, claims aside, does not fit the query."""
    if holding.format != wanted.format:
        return Reason.TYPE_NOT_ACCEPTED, "format_not_requested"
    if not _is_type_wanted(wanted, holding.types):
        return Reason.TYPE_NOT_ACCEPTED, "type_not_requested"
    if wanted.require_holder_binding and not holding.is_holder_bound:
        return Reason.HOLDER_NOT_BOUND, "no_holder_key"
    if wanted.trusted_authorities and not any(
        authority.type == AUTHORITY_KEY_IDENTIFIER
        and not holding.authority_key_ids.isdisjoint(authority.values)
        for authority in wanted.trusted_authorities
    ):
        return Reason.ISSUER_NOT_TRUSTED, "authority_not_requested"
    return None


def _is_type_wanted(wanted: CredentialQuery, types: frozenset[str]) -> bool:
    """Any `vct`, all types of any alternative, or the doctype. No type asked for meets nothing."""
    return (
        not types.isdisjoint(wanted.vct_values)
        or any(types.issuperset(alternative) for alternative in wanted.type_values)
        or wanted.doctype_value in types
    )


def _find_claims(wanted: CredentialQuery, holding: Holding) -> tuple[ClaimQuery, ...] | None:
    """The claims of the first claim set that the holding can meet (section 6.4.1)."""
    met = [claim for claim in wanted.claims if _locate(claim, holding, wanted.format) is not None]
    if not wanted.claim_sets:
        return wanted.claims if len(met) == len(wanted.claims) else None
    by_id = {claim.id: claim for claim in met}
    for names in wanted.claim_sets:
        if all(name in by_id for name in names):
            return tuple(by_id[name] for name in names)
    return None


def _locate(
    claim: ClaimQuery, holding: Holding, credential_format: str
) -> tuple[ClaimPath, ...] | None:
    """Where the claim stands in the holding, only those places whose value is wanted; or None."""
    if credential_format == "mso_mdoc" and not _is_mdoc_path(claim.path):
        return None
    document = dict(holding.claims)
    try:
        places = locate_claims(document, claim.path)
        values = select_claims(document, claim.path)
    except ClaimsPathError:
        return None
    if claim.values is None:
        return places
    wanted = {(type(value), value) for value in claim.values}
    return (
        tuple(
            place
            for place, value in zip(places, values, strict=True)
            # Kind and value: "3" is not 3, and true is not 1.
            if isinstance(value, str | int) and (type(value), value) in wanted
        )
        or None
    )


def _is_mdoc_path(path: ClaimPath) -> bool:
    """Section 7.2: a namespace and an element."""
    return len(path) >= 2 and isinstance(path[0], str) and isinstance(path[1], str)


def _build_document(credential: Credential) -> dict[str, JsonValue]:
    """The document of the format's own shape, registered members included."""
    times = {
        "valid_from": credential.valid_from,
        "valid_until": credential.valid_until,
    }
    if credential.format is Format.DC_SD_JWT:
        document: dict[str, JsonValue] = dict(credential.claims)
        document["iss"] = credential.issuer
        document["vct"] = credential.types[0]
        names = {"valid_from": "nbf", "valid_until": "exp"}
        for name, instant in times.items():
            if instant is not None:
                document[names[name]] = int(instant.timestamp())
        return document
    return {
        "issuer": credential.issuer,
        "type": ["VerifiableCredential", *credential.types],
        "credentialSubject": dict(credential.claims),
    }
