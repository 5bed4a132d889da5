"""
Whether a JSON document is valid under a JSON Schema of draft 2020-12, in counted work.

`jsonschema` decides, with its class for 2020-12, and with nothing to fetch from: a reference that
does not lead into the schema itself is refused. Formats assert nothing, as the draft's default
says. A schema is looked through once, before it judges anything: its size, its depth, its shape by
the draft's own schema, its references and its patterns. `encoding.errors.Malformed` says why a
schema or a document is beyond this; such a pair has no answer. Decision 29 says what is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import referencing
import referencing.jsonschema
from jsonschema import Draft202012Validator
from referencing.exceptions import Unresolvable

from encoding.errors import Malformed
from encoding.strict_json import JsonValue, build_json, parse_json
from runtime.json_schema_work import CountedValidator, Work, working
from runtime.patterns import Pattern, compile_pattern

MAX_SCHEMA_BYTES: Final = 65_536
MAX_DOCUMENT_BYTES: Final = 262_144
MAX_SCHEMA_DEPTH: Final = 32
MAX_SCHEMA_NODES: Final = 1_000
MAX_PATTERN_PARTS: Final = 40_000
"""Of all patterns of a schema together."""
REMEMBERED: Final = 32
_NEGATIVE: Final = re.compile(r"/-[0-9]")
_DRAFT: Final = referencing.jsonschema.DRAFT202012
# What their evaluation costs is known to nobody before it is done.
_UNSUPPORTED: Final = (
    *("unevaluatedItems", "unevaluatedProperties"),
    *("$dynamicRef", "$dynamicAnchor", "$vocabulary"),
)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A schema that was looked through, ready to judge."""

    validator: Any
    patterns: Mapping[str, Pattern]


def is_valid_document(schema: Mapping[str, JsonValue], document: Mapping[str, JsonValue]) -> bool:
    """The answer; Malformed where there is none."""
    compiled = _compile(build_json(dict(schema)))
    if len(build_json(dict(document))) > MAX_DOCUMENT_BYTES:
        raise Malformed("a document is too large for a schema", detail="too_large")
    with working(Work(patterns=compiled.patterns)):
        return bool(compiled.validator.is_valid(document))


@lru_cache(maxsize=REMEMBERED)
def _compile(data: bytes) -> _Compiled:
    """The schema in these bytes, looked through."""
    schema = parse_json(data, max_bytes=MAX_SCHEMA_BYTES, max_depth=MAX_SCHEMA_DEPTH)
    if not isinstance(schema, dict):
        raise _fault("a schema is an object")
    if _count_nodes(schema) > MAX_SCHEMA_NODES:
        raise Malformed("a schema has too many values", detail="too_large")
    # The dialect is settled. A validator that meets its name would choose its class by it.
    schema.pop("$schema", None)
    nowhere: referencing.Registry[Any] = referencing.Registry()
    shape = Draft202012Validator(Draft202012Validator.META_SCHEMA, registry=nowhere)
    if not shape.is_valid(schema):
        raise _fault("a schema is not as its draft demands")
    resource = _DRAFT.create_resource(schema)
    try:
        registry = nowhere.with_resource(resource.id() or "", resource).crawl()
        patterns = _look_through(resource, registry)
    except ValueError as error:  # a name like `http://[`, which is no URI
        raise _fault("a part of a schema has a name that is no URI") from error
    return _Compiled(CountedValidator(schema, registry=registry), patterns)


def _look_through(
    root: "referencing.Resource[Any]", registry: "referencing.Registry[Any]"
) -> dict[str, Pattern]:
    """The patterns in it; refused for what cannot be resolved, read or bounded."""
    parts = list(_walk(root, registry.resolver_with_root(root)))
    known = {id(part) for part, _ in parts}
    named: set[str] = set()
    patterns: dict[str, Pattern] = {}
    built = 0
    for part, resolver in parts:
        for name in ("$id", "$anchor"):
            if name in part and part[name] in named:
                raise _fault("two parts of a schema have one name")
            named.update([part[name]] if name in part else [])
        if "$schema" in part or not part.keys().isdisjoint(_UNSUPPORTED):
            raise Malformed("a schema uses what we do not decide", detail="unsupported_schema")
        if "$ref" in part and not _leads_to(part["$ref"], resolver, known):
            raise Malformed("a reference leads nowhere", detail="unresolvable_reference")
        texts = [*part.get("patternProperties", {})]
        texts += [part["pattern"]] if "pattern" in part else []
        for text in texts:
            patterns[text] = patterns.get(text) or compile_pattern(text)
            built += patterns[text].parts
            if built > MAX_PATTERN_PARTS:
                raise Malformed("a schema has too many patterns", detail="unsupported_pattern")
    return patterns


def _walk(root: "referencing.Resource[Any]", resolver: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Every part that is a schema of its own, with what resolves its references."""
    waiting = [(root, resolver)]
    while waiting:
        part, above = waiting.pop()
        if isinstance(part.contents, dict):
            within = above.in_subresource(part)
            yield part.contents, within
            waiting += [(each, within) for each in part.subresources()]


def _leads_to(reference: str, resolver: Any, known: set[int]) -> bool:
    if _NEGATIVE.search(reference):
        return False  # RFC 6901 counts from the beginning only; the library would from the end
    try:
        target = resolver.lookup(reference).contents
    except (Unresolvable, ValueError, TypeError):
        # The last two are what the library raises for a pointer through a list or a plain value.
        return False
    return isinstance(target, bool) or id(target) in known


def _count_nodes(value: JsonValue) -> int:
    waiting: list[JsonValue] = [value]
    count = 0
    while waiting:
        each = waiting.pop()
        count += 1
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return count


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="invalid_schema")
