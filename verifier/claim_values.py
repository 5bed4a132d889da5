"""
Claims that must have one of some values, as `values` of a DCQL claim (OpenID4VP 1.0 section 6.3).

A view is shown without anybody asking, so there is no query that could have been answered: what the
purpose demands of its claims is checked here, after the judgement.
"""

from collections.abc import Mapping, Sequence

from credentials.policy import ClaimPath
from credentials.verdict import Check, Outcome, Reason, Verdict
from encoding.strict_json import JsonValue, canonical_json
from openid4vc.claims_path import select_claims
from openid4vc.errors import ClaimsPathError

DemandedValues = tuple[tuple[ClaimPath, tuple[JsonValue, ...]], ...]


def check_values(verdict: Verdict, demanded: DemandedValues) -> list[Check]:
    """A failed check for every demanded value that is not there; nothing without claims."""
    if verdict.claims is None:
        return []
    return [
        Check(
            name="claims",
            outcome=Outcome.FAILED,
            reason=Reason.CLAIM_MISSING,
            detail=f"{path[-1]} has another value",
            credential=credential,
        )
        for credential, claims in verdict.claims.items()
        for path, values in demanded
        if not _has_value(claims, path, values)
    ]


def _has_value(
    claims: Mapping[str, JsonValue], path: ClaimPath, values: Sequence[JsonValue]
) -> bool:
    try:
        found = select_claims(dict(claims), path)
    except ClaimsPathError:
        return False
    wanted = {canonical_json(value) for value in values}
    return any(canonical_json(value) in wanted for value in found)
