"""
What the claims of credentials must be: present where a purpose needs them, equal where it joins.

Paths are claims path pointers (OpenID4VP 1.0 section 7). Equal means equal in type and value:
`1`, `1.0`, `true` and `"1"` are four values.
"""

from collections.abc import Mapping

from credentials.policy import ClaimPath, CredentialRule, Join
from credentials.verdict import Check, Reason, failed, passed
from encoding.strict_json import JsonValue

NAME = "claims"
JOIN = "join"


def judge_claims(rule: CredentialRule, claims: Mapping[str, JsonValue]) -> Check:
    """Whether every required claim is disclosed; the detail names the first that is not."""
    for path in rule.required_claims:
        if not select(claims, path):
            missing = f"missing: {_spell(path)}"
            return failed(NAME, Reason.CLAIM_MISSING, detail=missing, credential=rule.id)
    return passed(NAME, credential=rule.id)


def judge_join(join: Join, claims: Mapping[str, Mapping[str, JsonValue]]) -> Check:
    """Whether all sides hold the same values. `claims`: of each credential that was read."""
    if len(join.sides) < 2:
        return failed(JOIN, Reason.JOIN_FAILED, detail=f"{join.name}: nothing to compare")
    first, first_path = join.sides[0]
    expected = select(claims.get(first, {}), first_path)
    for other, path in join.sides:
        found = select(claims.get(other, {}), path)
        if not found:
            detail = f"{join.name}: {other} has no {_spell(path)}"
            return failed(JOIN, Reason.JOIN_FAILED, detail=detail, credential=other)
        if not _same(found, expected):
            detail = f"{join.name}: {first} and {other} differ"
            return failed(JOIN, Reason.JOIN_FAILED, detail=detail, credential=other)
    return passed(JOIN, detail=join.name)


def select(claims: Mapping[str, JsonValue], path: ClaimPath) -> list[JsonValue]:
    """The values at a path; none where the path leads nowhere, and none for an empty path."""
    if not path:
        return []
    if len(path) == 1 and isinstance(path[0], str):
        return [claims[path[0]]] if path[0] in claims else []
    values: list[JsonValue] = [dict(claims)]
    for step in path:
        values = [inner for value in values for inner in _step(value, step)]
    return values


def _step(value: JsonValue, step: str | int | None) -> list[JsonValue]:
    if isinstance(step, str):
        return [value[step]] if isinstance(value, dict) and step in value else []
    if not isinstance(value, list):
        return []
    if step is None:
        return value
    return [value[step]] if 0 <= step < len(value) else []


def _same(left: JsonValue, right: JsonValue) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[name], right[name]) for name in left)
    return left == right


def _spell(path: ClaimPath) -> str:
    return "/".join("*" if step is None else str(step) for step in path)
