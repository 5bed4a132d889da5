"""
The catalog: every document that the city's agencies issue.

A new agency document is a JSON file in `types/`, not code. Callers hand in the bytes of each
file; nothing here reads a folder. A type file is parsed strictly: an unknown member, a missing
label or an example that does not fit its own type is an error that names file member and reason.

`validate_claims` is the lint before the signature (S-105).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from credentials.claim_kinds import ITEM_KINDS, KINDS, check_kind
from credentials.errors import CredentialError, Malformed
from credentials.mdoc_mapping import MdocMapping, parse_mapping
from encoding import errors as encoding_errors
from encoding import strict_json
from encoding.strict_json import JsonValue

LANGUAGES = ("en", "km", "zh-Hans")

_TYPE_MEMBERS = frozenset({"name", "vcdm_type", "labels", "validity_days", "views", "claims"})
_TYPE_OPTIONAL = frozenset({"is_view", "mdoc"})
_CLAIM_MEMBERS = frozenset({"path", "kind", "labels"})
_CLAIM_OPTIONAL = frozenset({"items", "required", "disclosable", "example"})


class NoSuchType(CredentialError):
    """The catalog does not know this document."""

    kind = "not_found"
    code = "unknown_credential_type"


@dataclass(frozen=True, slots=True)
class ClaimType:
    """
    One claim of a type. `path` leads there by member names; `items` is the kind of an array's
    elements. A claim inside an object that is left out is not missed.
    """

    path: tuple[str, ...]
    labels: Mapping[str, str]
    kind: str
    items: str | None
    required: bool
    disclosable: bool
    example: JsonValue


@dataclass(frozen=True, slots=True)
class CredentialType:
    """
    A document of the city.

    `views` names the narrow views that may be made of it; `is_view` says that it is one itself,
    with every claim always visible. A claim of kind `face` is not in a view: it is signed beside
    it, and a view has one at most. `example` holds claims that fit the type and its neighbours.
    `mdoc`: how it is written as an mdoc, where it is.
    """

    name: str
    vct_path: str
    vcdm_type: str
    labels: Mapping[str, str]
    claims: tuple[ClaimType, ...]
    validity: timedelta
    views: tuple[str, ...]
    is_view: bool
    example: Mapping[str, JsonValue] = field(repr=False)
    mdoc: MdocMapping | None = None

    @property
    def disclosable_paths(self) -> tuple[tuple[str, ...], ...]:
        """What `issue_sd_jwt` hides: each path on its own, so an address can be shown in part."""
        return tuple(claim.path for claim in self.claims if claim.disclosable)

    @property
    def inner_claims(self) -> tuple[ClaimType, ...]:
        """The claims that stand in the credential."""
        return tuple(claim for claim in self.claims if claim is not self.face_beside)

    @property
    def face_beside(self) -> ClaimType | None:
        """The picture that is signed beside a view, so that its code stays small."""
        faces = (claim for claim in self.claims if claim.kind == "face")
        return next(faces, None) if self.is_view else None


@dataclass(frozen=True, slots=True)
class Catalog:
    """All types of the city, each name once."""

    types: tuple[CredentialType, ...]

    def __post_init__(self) -> None:
        for names in ([each.name for each in self.types], [each.vcdm_type for each in self.types]):
            if len(set(names)) != len(names):
                raise Malformed("two credential types share a name", detail="duplicate_type")
        known = {each.name for each in self.types}
        for each in self.types:
            if not known.issuperset(each.views):
                raise Malformed(f"{each.name} names an unknown view", detail="unknown_view")

    def by_name(self, name: str) -> CredentialType:
        """The type of this name, such as `taxi-permit`."""
        for each in self.types:
            if each.name == name:
                return each
        raise NoSuchType("the catalog has no type of this name")

    def by_identifier(self, identifier: str) -> CredentialType | None:
        """
        The type that a `vct` or a VCDM type speaks of, for labels on a screen.

        Any host's `vct` matches: whether an issuer may issue it is the trust registry's to say.
        """
        for each in self.types:
            if identifier == each.vcdm_type or identifier.endswith(each.vct_path):
                return each
        return None


def vct(name: str, base_url: str) -> str:
    """The `vct` of a type, which is also where its metadata stands."""
    return f"{base_url}/types/{name}"


def parse_credential_type(data: bytes) -> CredentialType:
    """Read one type file."""
    try:
        members = strict_json.parse_object(data)
    except encoding_errors.Malformed as error:
        raise Malformed(f"a type file is not JSON: {error}", detail=error.detail) from error
    _check_members(members, required=_TYPE_MEMBERS, optional=_TYPE_OPTIONAL, where="type")
    name = _text(members, "name", where="type")
    days = members["validity_days"]
    if type(days) is not int or not 0 < days <= 36525:
        raise _fault(name, "validity_days must be a number of days")
    claims = tuple(_parse_claim(claim, where=name) for claim in _array(members, "claims", name))
    if len({claim.path for claim in claims}) != len(claims) or not claims:
        raise _fault(name, "claims must be there, each path once")
    credential_type = CredentialType(
        name=name,
        vct_path=f"/types/{name}",
        vcdm_type=_text(members, "vcdm_type", where=name),
        labels=_parse_labels(members["labels"], where=name),
        claims=claims,
        validity=timedelta(days=days),
        views=tuple(str(view) for view in _array(members, "views", name)),
        is_view=_flag(members, "is_view", default=False, where=name),
        example=MappingProxyType(_build_example(claims)),
        mdoc=_parse_mdoc(members, claims, where=name),
    )
    _check_consistency(credential_type)
    return credential_type


def validate_claims(
    credential_type: CredentialType, claims: Mapping[str, JsonValue]
) -> tuple[str, ...]:
    """What is wrong with these claims, one line each; nothing when they may be signed."""
    problems: list[str] = []
    _validate_members(credential_type, (), claims, problems)
    return tuple(problems)


def _validate_members(
    credential_type: CredentialType,
    place: tuple[str, ...],
    members: Mapping[str, JsonValue],
    problems: list[str],
) -> None:
    expected = {
        claim.path[-1]: claim for claim in credential_type.claims if claim.path[:-1] == place
    }
    problems.extend(
        f"{'.'.join((*place, name))}: unknown claim" for name in members if name not in expected
    )
    for name, claim in expected.items():
        if name not in members:
            if claim.required:
                problems.append(f"{'.'.join(claim.path)}: missing")
            continue
        value = members[name]
        problem = check_kind(value, kind=claim.kind, items=claim.items)
        if problem is not None:
            problems.append(f"{'.'.join(claim.path)}: {problem}")
        elif isinstance(value, dict):
            _validate_members(credential_type, claim.path, value, problems)


def _parse_claim(value: JsonValue, *, where: str) -> ClaimType:
    if not isinstance(value, dict):
        raise _fault(where, "a claim must be an object")
    _check_members(value, required=_CLAIM_MEMBERS, optional=_CLAIM_OPTIONAL, where=where)
    path = tuple(_array(value, "path", where))
    if not path or not all(isinstance(step, str) and step for step in path):
        raise _fault(where, "a claim's path must hold names")
    steps = tuple(str(step) for step in path)
    where = f"{where}.{'.'.join(steps)}"
    kind, items = value["kind"], value.get("items")
    if not isinstance(kind, str) or kind not in KINDS:
        raise _fault(where, f"kind must be one of {', '.join(sorted(KINDS))}")
    if (isinstance(items, str) and items in ITEM_KINDS) != (kind == "array"):
        raise _fault(where, "items must name the kind of an array's elements")
    example = value.get("example")
    if example is not None and (problem := check_kind(example, kind=kind, items=str(items))):
        raise _fault(where, f"example {problem}")
    return ClaimType(
        path=steps,
        labels=_parse_labels(value["labels"], where=where),
        kind=kind,
        items=items if isinstance(items, str) else None,
        required=_flag(value, "required", default=True, where=where),
        disclosable=_flag(value, "disclosable", default=True, where=where),
        example=example,
    )


def _parse_mdoc(
    members: Mapping[str, JsonValue], claims: Iterable[ClaimType], *, where: str
) -> MdocMapping | None:
    if "mdoc" not in members:
        return None
    kinds = {claim.path[0]: claim.kind for claim in claims if len(claim.path) == 1}
    try:
        return parse_mapping(members["mdoc"], kinds=kinds)
    except Malformed as error:
        raise _fault(where, str(error)) from error


def _check_consistency(credential_type: CredentialType) -> None:
    """Parents are objects, views hide nothing, and the example may be issued."""
    kinds = {claim.path: claim.kind for claim in credential_type.claims}
    beside = credential_type.face_beside
    for claim in credential_type.claims:
        where = f"{credential_type.name}.{'.'.join(claim.path)}"
        if len(claim.path) > 1 and kinds.get(claim.path[:-1]) != "object":
            raise _fault(where, "its parent must be a claim of kind object")
        if credential_type.is_view and claim.disclosable:
            raise _fault(where, "a view's claims are always visible")
        if claim.kind == "face" and (claim.required or len(claim.path) > 1):
            raise _fault(where, "a face stands at the top and may be left out")
        if credential_type.is_view and claim.kind == "face" and claim != beside:
            raise _fault(where, "a view has one face at most")
    problems = validate_claims(credential_type, credential_type.example)
    if problems:
        raise _fault(credential_type.name, f"the example does not fit: {'; '.join(problems)}")


def _build_example(claims: Iterable[ClaimType]) -> dict[str, JsonValue]:
    example: dict[str, JsonValue] = {}
    for claim in claims:
        target: JsonValue = example
        for step in claim.path[:-1]:
            target = target.setdefault(step, {}) if isinstance(target, dict) else None
        if isinstance(target, dict) and claim.example is not None:
            target[claim.path[-1]] = claim.example
    return example


def _parse_labels(value: JsonValue, *, where: str) -> Mapping[str, str]:
    if not isinstance(value, dict) or set(value) != set(LANGUAGES):
        raise _fault(where, f"labels must be in {', '.join(LANGUAGES)}")
    if not all(isinstance(label, str) and label for label in value.values()):
        raise _fault(where, "a label must be text")
    return MappingProxyType({language: str(value[language]) for language in LANGUAGES})


def _check_members(
    members: Mapping[str, JsonValue],
    *,
    required: frozenset[str],
    optional: frozenset[str],
    where: str,
) -> None:
    for name in sorted(required - members.keys()):
        raise _fault(where, f"{name} is missing")
    for name in sorted(members.keys() - required - optional):
        raise _fault(where, f"{name} is not known")


def _text(members: Mapping[str, JsonValue], name: str, *, where: str) -> str:
    value = members[name]
    if not isinstance(value, str) or not value:
        raise _fault(where, f"{name} must be text")
    return value


def _array(members: Mapping[str, JsonValue], name: str, where: str) -> list[JsonValue]:
    value = members[name]
    if not isinstance(value, list):
        raise _fault(where, f"{name} must be an array")
    return value


def _flag(members: Mapping[str, JsonValue], name: str, *, default: bool, where: str) -> bool:
    value = members.get(name, default)
    if not isinstance(value, bool):
        raise _fault(where, f"{name} must be true or false")
    return value


def _fault(where: str, problem: str) -> Malformed:
    return Malformed(f"type file {where}: {problem}", detail="invalid_type_file")
