"""
Why a credential is asked for: a `Purpose` is query + policy + joins + title.

Each purpose is one file in `purposes/`. Types are named there as in the catalog and become the
issuer's identifiers when the file is read, so that the same file serves every city. A purpose
knows two ways of asking: online by DCQL (OpenID4VP 1.0 section 6), where the credentials
themselves are shown and joined, and offline by QR, where one narrow view is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from credentials.policy import (
    ClaimPath,
    CredentialRule,
    Join,
    Policy,
    StatusPolicy,
    StatusRule,
)
from encoding.strict_json import JsonValue, parse_object
from verifier.claim_values import DemandedValues
from verifier.errors import NoSuchPurpose, PurposeNotAllowed

QR_AUDIENCE = "urn:citywallet:qr:"
CLOCK_SKEW = timedelta(seconds=60)
ONLINE_FRESHNESS = timedelta(seconds=300)
"""Age of a key binding that answers a nonce of ours (security.md, Limits)."""


@dataclass(frozen=True, slots=True)
class OnlineQuery:
    """What OpenID4VP asks for, and what the answer must satisfy."""

    dcql: Mapping[str, JsonValue]
    policy: Policy


@dataclass(frozen=True, slots=True)
class ViewQuery:
    """What is shown as a QR: one credential, bound to an audience that OpenID4VP never uses."""

    type_name: str
    audience: str
    policy: Policy
    values: DemandedValues
    """Claims that must have one of these values, as `values` of a DCQL claim."""
    has_face: bool
    """Whether the phone looks for a face beside the code."""
    offline_status_age: timedelta
    """How old a status may be on a phone without signal before *valid* needs a second look."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """One reason to ask. `roles`: who may ask for it (S-087)."""

    id: str
    title: Mapping[str, str]
    roles: frozenset[str]
    online: OnlineQuery
    view: ViewQuery | None


@dataclass(frozen=True, slots=True)
class Purposes:
    """All purposes of this verifier, by id."""

    by_id: Mapping[str, Purpose]

    def find(self, purpose_id: str, *, role: str) -> Purpose:
        """The purpose, if this role may ask for it."""
        purpose = self.by_id.get(purpose_id)
        if purpose is None:
            raise NoSuchPurpose("no purpose has this name")
        if role not in purpose.roles:
            raise PurposeNotAllowed(f"the role {role} may not ask for {purpose.id}")
        return purpose


@dataclass(frozen=True, slots=True)
class TypeNames:
    """The identifiers under which a catalog type appears in credentials."""

    vct: str
    vcdm_type: str


def load_purposes(folder: Path, *, types: Mapping[str, TypeNames]) -> Purposes:
    """Read every file of the folder. A file that names an unknown type stops the start."""
    found = [
        parse_purpose(path.read_bytes(), types=types) for path in sorted(folder.glob("*.json"))
    ]
    return Purposes({purpose.id: purpose for purpose in found})


def parse_purpose(data: bytes, *, types: Mapping[str, TypeNames]) -> Purpose:
    """One purpose file as a value."""
    document = parse_object(data)
    status = _object(document["status"])
    joins = tuple(_parse_join(_object(item)) for item in _array(document.get("joins", [])))
    dcql = _expand_types(_object(document["dcql"]), types)
    rules = tuple(_build_rule(_object(item)) for item in _array(dcql["credentials"]))
    online = Policy(
        credentials=rules,
        joins=joins,
        status=_parse_status(status),
        require_holder_binding=True,
        freshness=ONLINE_FRESHNESS,
        skew=CLOCK_SKEW,
    )
    view = document.get("view")
    return Purpose(
        id=_text(document["id"]),
        title={language: _text(text) for language, text in _object(document["title"]).items()},
        roles=frozenset(_text(role) for role in _array(document["roles"])),
        online=OnlineQuery(dcql=dcql, policy=online),
        view=_parse_view(_object(view), online=online, types=types) if view is not None else None,
    )


def _parse_view(
    view: Mapping[str, JsonValue], *, online: Policy, types: Mapping[str, TypeNames]
) -> ViewQuery:
    name = _text(view["type"])
    names = types[name]
    claims = [_object(claim) for claim in _array(view["claims"])]
    rule = CredentialRule(
        id=name.replace("-", "_"),
        types=frozenset({names.vct, names.vcdm_type}),
        required_claims=tuple(_parse_path(claim["path"]) for claim in claims),
    )
    policy = replace(
        online,
        credentials=(rule,),
        joins=(),
        freshness=timedelta(seconds=_number(view["freshness_seconds"])),
    )
    return ViewQuery(
        type_name=name,
        audience=QR_AUDIENCE + name,
        policy=policy,
        values=tuple(
            (_parse_path(claim["path"]), tuple(_array(claim["values"])))
            for claim in claims
            if "values" in claim
        ),
        has_face=view.get("face") is True,
        offline_status_age=timedelta(seconds=_number(view["offline_status_age_seconds"])),
    )


def build_view_json(view: ViewQuery) -> dict[str, JsonValue]:
    """A view's question as the offline bundle carries it, with the age that offline allows."""
    status = replace(view.policy.status, max_age=view.offline_status_age)
    return {
        "type": view.type_name,
        "audience": view.audience,
        "policy": build_policy_json(replace(view.policy, status=status)),
        "values": [{"path": [*path], "values": [*values]} for path, values in view.values],
        "face": view.has_face,
    }


def build_policy_json(policy: Policy) -> dict[str, JsonValue]:
    """A policy as the offline bundle carries it; `credentials/js` reads these names."""
    max_age = policy.status.max_age
    return {
        "credentials": [
            {
                "id": rule.id,
                "types": [*sorted(rule.types)],
                "required_claims": [list(path) for path in rule.required_claims],
            }
            for rule in policy.credentials
        ],
        "joins": [
            {
                "name": join.name,
                "sides": [[credential, list(path)] for credential, path in join.sides],
            }
            for join in policy.joins
        ],
        "status": {
            "rule": policy.status.rule.value,
            "max_age": int(max_age.total_seconds()) if max_age is not None else None,
            "require_anchor": policy.status.require_anchor,
        },
        "require_holder_binding": policy.require_holder_binding,
        "freshness": int(policy.freshness.total_seconds()),
        "skew": int(policy.skew.total_seconds()),
    }


def _expand_types(
    dcql: Mapping[str, JsonValue], types: Mapping[str, TypeNames]
) -> dict[str, JsonValue]:
    """The query with catalog names replaced by `vct` identifiers."""
    credentials: list[JsonValue] = []
    for item in _array(dcql["credentials"]):
        query = dict(_object(item))
        names = _array(_object(query["meta"])["vct_values"])
        query["meta"] = {"vct_values": [types[_text(name)].vct for name in names]}
        credentials.append(query)
    return {**dcql, "credentials": credentials}


def _build_rule(query: Mapping[str, JsonValue]) -> CredentialRule:
    return CredentialRule(
        id=_text(query["id"]),
        types=frozenset(_text(vct) for vct in _array(_object(query["meta"])["vct_values"])),
        required_claims=tuple(
            _parse_path(claim["path"])
            for claim in map(_object, _array(query["claims"]))
            if _is_in_every_set(claim, query)
        ),
    )


def _is_in_every_set(claim: Mapping[str, JsonValue], query: Mapping[str, JsonValue]) -> bool:
    """What one of the claim sets does without may be left out (OpenID4VP 1.0 section 6.4.1)."""
    return all(claim["id"] in _array(names) for names in _array(query.get("claim_sets", [])))


def _parse_join(join: Mapping[str, JsonValue]) -> Join:
    sides = tuple(
        (_text(_object(side)["credential"]), _parse_path(_object(side)["path"]))
        for side in _array(join["sides"])
    )
    return Join(name=_text(join["name"]), sides=sides)


def _parse_status(status: Mapping[str, JsonValue]) -> StatusPolicy:
    return StatusPolicy(
        rule=StatusRule(_text(status["rule"])),
        max_age=timedelta(seconds=_number(status["max_age_seconds"])),
        require_anchor=status["require_anchor"] is True,
    )


def _parse_path(path: JsonValue) -> ClaimPath:
    steps: list[str | int | None] = []
    for step in _array(path):
        if isinstance(step, bool) or not isinstance(step, str | int | None):
            raise TypeError("a step of a claims path is a name, an index or null")
        steps.append(step)
    return tuple(steps)


def _object(value: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise TypeError("an object is expected in a purpose file")
    return value


def _array(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise TypeError("an array is expected in a purpose file")
    return value


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is expected in a purpose file")
    return value


def _number(value: JsonValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("a whole number is expected in a purpose file")
    return value
