"""
The keywords of JSON Schema 2020-12 as `jsonschema` has them, each of its steps counted.

Every keyword that is applied costs eight and the members that it looks at; patterns cost the steps
of their machine. Past the limit there is no answer: `encoding.errors.Malformed`.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from encoding.errors import Malformed
from encoding.strict_json import JsonValue
from runtime.patterns import Pattern

MAX_STEPS: Final = 100_000
MAX_DEPTH: Final = 64
KEYWORD_STEPS: Final = 8
_MESSAGE: Final = 16
"""Characters of a message that cost one step: the library writes what it refuses into it."""

Keyword = Callable[[Any, Any, Any, Any], Iterable[ValidationError] | None]


@dataclass(slots=True)
class Work:
    """What one judgement has cost so far, and the patterns of its schema."""

    patterns: Mapping[str, Pattern]
    steps: int = 0
    depth: int = 0

    def spend(self, steps: int) -> None:
        """Count; refuse when it is too much."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise Malformed("a schema asks for too much work", detail="too_much_work")

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One keyword inside another."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Malformed("a schema leads too deep", detail="too_deep")
        try:
            yield
        finally:
            self.depth -= 1


_WORK: ContextVar[Work] = ContextVar("json_schema_work")


@contextmanager
def working(work: Work) -> Iterator[None]:
    """Within it, keywords count here."""
    token = _WORK.set(work)
    try:
        yield
    finally:
        _WORK.reset(token)


def _counted(keyword: Keyword) -> Keyword:
    """At most the first error of a keyword: only whether there is one matters here."""

    @wraps(keyword)
    def count(validator: Any, value: Any, instance: Any, schema: Any) -> list[ValidationError]:
        work = _WORK.get()
        looked_at = [each for each in (value, instance) if isinstance(each, dict | list)]
        work.spend(KEYWORD_STEPS + sum(len(each) for each in looked_at))
        with work.deeper():
            error = next(iter(keyword(validator, value, instance, schema) or ()), None)
        if error is None:
            return []
        work.spend(len(error.message) // _MESSAGE)
        return [error]

    return count


def _matches(pattern: str, text: str) -> bool:
    work = _WORK.get()
    return work.patterns[pattern].is_found_in(text, spend=work.spend)


def _apply_pattern(_: Any, pattern: str, text: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(text, str) and not _matches(pattern, text):
        yield ValidationError("a text is not of its pattern")


def _apply_pattern_properties(
    validator: Any, patterns: Mapping[str, Any], instance: Any, _: Any
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    for pattern, part in patterns.items():
        for name, value in instance.items():
            if _matches(pattern, name):
                yield from validator.descend(value, part)


def _apply_additional_properties(
    validator: Any, part: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, value in instance.items():
        if name not in known and not any(_matches(pattern, name) for pattern in patterns):
            yield from validator.descend(value, part)


def _apply_enum(_: Any, values: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    if _freeze(instance) not in {_freeze(each) for each in values}:
        yield ValidationError("a value is none of those that are allowed")


def _apply_const(_: Any, value: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    if _freeze(instance) != _freeze(value):
        yield ValidationError("a value is not the one that is allowed")


def _apply_unique_items(_: Any, wanted: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    if not wanted or not isinstance(instance, list):
        return
    if len({_freeze(each) for each in instance}) < len(instance):
        yield ValidationError("a list says something twice")


def _freeze(value: JsonValue) -> Hashable:
    """A value that equals another one where JSON Schema says so: 1 and 1.0, but not true."""
    _WORK.get().spend(1)
    if isinstance(value, dict):
        return ("object", frozenset([(name, _freeze(each)) for name, each in value.items()]))
    if isinstance(value, list):
        return ("array", tuple([_freeze(each) for each in value]))
    return ("boolean", value) if isinstance(value, bool) else value


_OWN: Final[Mapping[str, Keyword]] = {
    "pattern": _apply_pattern,
    "patternProperties": _apply_pattern_properties,
    "additionalProperties": _apply_additional_properties,
    "enum": _apply_enum,
    "const": _apply_const,
    "uniqueItems": _apply_unique_items,
}

CountedValidator: Final[Any] = extend(
    Draft202012Validator,
    validators={
        name: _counted(keyword)
        for name, keyword in {**Draft202012Validator.VALIDATORS, **_OWN}.items()
    },
)
"""`jsonschema`'s validator of 2020-12; judges only within `working`."""
