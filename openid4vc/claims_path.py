"""
Claims path pointers: how a query names a claim, OpenID4VP 1.0 section 7.

A pointer is a non-empty array of strings (a member), whole numbers (an item) and null (every
item). Evaluating one never changes the document.
"""

from collections.abc import Iterable

from credentials.policy import ClaimPath
from encoding.strict_json import JsonValue
from openid4vc.errors import ClaimsPathError, InvalidRequest

MAX_PATH = 16
MAX_SELECTED = 4_096
"""Two nulls in a row over long arrays multiply; an answer never needs this many."""


def parse_claims_path(value: JsonValue) -> ClaimPath:
    """Read a pointer; `true` is no whole number."""
    if not isinstance(value, list) or not 0 < len(value) <= MAX_PATH:
        raise InvalidRequest(f"a claims path must be an array of 1 to {MAX_PATH} components")
    return tuple(_parse_component(component) for component in value)


def _parse_component(component: JsonValue) -> str | int | None:
    if component is None or isinstance(component, str):
        return component
    if isinstance(component, bool) or not isinstance(component, int) or component < 0:
        raise InvalidRequest("a claims path has a component of the wrong kind")
    return component


def select_claims(document: JsonValue, path: ClaimPath) -> tuple[JsonValue, ...]:
    """The values that the pointer selects; selecting nothing is an error (section 7.1)."""
    return tuple(value for _, value in _walk(document, path))


def locate_claims(document: JsonValue, path: ClaimPath) -> tuple[ClaimPath, ...]:
    """Where the selected values stand, as pointers without null."""
    return tuple(location for location, _ in _walk(document, path))


def is_prefix(path: ClaimPath, of: ClaimPath) -> bool:
    """Whether `path` leads to `of` or to something that `of` lies in."""
    return of[: len(path)] == path


_Selected = tuple[ClaimPath, JsonValue]


def _walk(document: JsonValue, path: ClaimPath) -> list[_Selected]:
    selected: list[_Selected] = [((), document)]
    for component in path:
        selected = _step(selected, component)
        if not selected:
            raise ClaimsPathError("a claims path selects nothing")
        if len(selected) > MAX_SELECTED:
            raise ClaimsPathError(f"a claims path selects more than {MAX_SELECTED} values")
    return selected


def _step(selected: Iterable[_Selected], component: str | int | None) -> list[_Selected]:
    """One component, as the three cases of section 7.1 have it."""
    found: list[_Selected] = []
    for location, value in selected:
        if isinstance(component, str):
            if not isinstance(value, dict):
                raise ClaimsPathError("a claims path names a member of what is no object")
            if component in value:
                found.append(((*location, component), value[component]))
            continue
        if not isinstance(value, list):
            raise ClaimsPathError("a claims path names an item of what is no array")
        if component is None:
            found.extend(((*location, index), item) for index, item in enumerate(value))
        elif component < len(value):
            found.append(((*location, component), value[component]))
    return found
