"""
From a JSON-LD document to statements, in one walk (JSON-LD API 5.1, 7.2 and 8.1 together).

Safe mode, and stricter: every key and every type must stand for an absolute IRI, every `id` must
be one, and nothing may be there that the statements would not carry, such as null, an empty array
or an index. What no signature covers could have been added by anybody (DI-04).

Whoever reads the signed document reads its words, not its statements. So one statement may have
one place and one word only: a key is a plain word, never an IRI (else `validUntil` could be
written as its IRI, and be overlooked), a node is described in one place of its graph, and a value
has one form: no `@set`, no array in an array, no object around a plain value, nothing twice.

The walk also notes the `shape` of what it saw: which words, which types, which kinds of values.
Two documents of one shape take the same way through the contexts.
"""

from collections.abc import Mapping
from typing import cast

from credentials.errors import Malformed
from credentials.iris import is_absolute_iri
from credentials.json_ld_context import ActiveContext, Budget, Term
from credentials.json_ld_literals import write_boolean, write_json, write_number, write_text
from credentials.json_ld_scopes import ContextReader
from encoding.strict_json import JsonValue

MAX_VALUES = 3_000
"""Of a presentation with 16 credentials of 64 claims each, and as much again."""
MAX_DEPTH = 40

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_RDF_TYPE = f"<{_RDF}type>"
_VALUE_KEYWORDS = frozenset({"@value", "@type", "@language"})
_RDF_NIL = f"<{_RDF}nil>"
# What JSON has a form of its own for.
_NATIVE = frozenset(
    {None, *(f"{_XSD}{name}" for name in ("string", "boolean", "integer", "double"))}
)
_REFERENCES = frozenset({"@id", "@vocab"})
_NO_TERM = Term(iri=None)


class Walk:
    """One walk through one document. `lines`: its statements; `shape`: what kind it is."""

    __slots__ = (
        "_blanks",
        "_budget",
        "_counted",
        "_described",
        "_end",
        "_reader",
        "lines",
        "shape",
    )

    def __init__(self, reader: ContextReader, budget: Budget) -> None:
        self._reader = reader
        self._budget = budget
        self._counted = 0
        self._blanks = 0
        self._end = " .\n"
        self._described: set[tuple[str, str]] = set()
        self.lines: list[str] = []
        self.shape: list[object] = []

    def document(self, document: Mapping[str, JsonValue]) -> None:
        """The whole document: one node object with its `@context`."""
        if "@context" not in document:
            raise Malformed("a document has no @context", detail="invalid_context")
        name, active = self._reader.root(document["@context"], self._budget)
        self.shape.append(name)
        self._node(document, active, depth=0, is_root=True)
        if not self.lines:
            raise Malformed("a document states nothing", detail="nothing_stated")
        if len(set(self.lines)) != len(self.lines):
            raise Malformed("a document says the same twice", detail="stated_twice")

    def _node(
        self,
        node: Mapping[str, JsonValue],
        active: ActiveContext,
        *,
        depth: int,
        is_root: bool = False,
    ) -> str:
        """State what a node object says; its own name."""
        self._count(depth, len(node))
        if "@context" in node and not is_root:
            written, active = self._reader.enter(active, node["@context"], self._budget)
            self.shape.append(written)
        outer, types = active, _read_types(node, active)
        for each in sorted(types) if len(types) > 1 else types:
            term = outer.terms.get(each)
            if term is not None and term.has_context:
                active = self._reader.of_type(active, term, self._budget)
        name, members = _read_members(node, active, has_type=bool(types))
        if name is None:
            subject = self._blank()
        else:
            subject = f"<{name}>"
            if members or types:
                self._describe(subject)
        for each in types:
            self.lines.append(f"{subject} {_RDF_TYPE} <{_type_iri(outer, each)}>{self._end}")
        self.shape.append((*types, subject[0]))
        for key, iri in members:
            self.shape.append(key)
            self._values(f"{subject} <{iri}> ", key, node[key], active, depth)
        self.shape.append(None)
        return subject

    def _values(
        self,
        start: str,
        key: str,
        value: JsonValue,
        active: ActiveContext,
        depth: int,
    ) -> None:
        """State what a property says. `start`: subject and predicate."""
        term = active.terms.get(key, _NO_TERM)
        if term.type == "@json":
            literal = write_json(value)
            self.shape.append(literal)
            self.lines.append(f"{start}{literal}{self._end}")
        elif "@language" in term.containers:
            self._language_map(start, value)
        elif "@list" in term.containers:
            if isinstance(value, dict) and "@list" in value:
                value = _only(value, "@list")
            listed: list[JsonValue] = value if isinstance(value, list) else [value]
            head = self._list(listed, key, active, depth)
            self.lines.append(f"{start}{head}{self._end}")
        elif isinstance(value, list):
            self._count(depth, len(value))
            if not value:
                raise Malformed("an empty array states nothing", detail="unsigned_member")
            self.shape.append(list)
            for each in value:
                if isinstance(each, list):
                    raise Malformed("an array is inside an array", detail="unsupported_json_ld")
                self._values(start, key, each, active, depth + 1)
            self.shape.append(None)
        elif "@graph" in term.containers:
            self._graph(start, key, value, active, depth)
        else:
            self.lines.append(f"{start}{self._one(key, value, active, depth)}{self._end}")

    def _one(self, key: str, value: JsonValue, active: ActiveContext, depth: int) -> str:
        """One value that is no array: a literal, a node's name or a list's head."""
        term = active.terms.get(key, _NO_TERM)
        if isinstance(value, dict):
            if "@value" not in value and active.previous is not None:
                is_reference = len(value) == 1 and active.expand(next(iter(value))) == "@id"
                active = active if is_reference else active.previous
            if term.has_context:
                active = self._reader.of_property(active, term, self._budget)
            if "@value" in value:
                return self._value_object(value, active)
            if "@list" in value:
                listed = _only(value, "@list")
                items: list[JsonValue] = listed if isinstance(listed, list) else [listed]
                return self._list(items, key, active, depth)
            return self._node(value, active, depth=depth + 1)
        if term.has_context:
            active = self._reader.of_property(active, term, self._budget)
            term = active.terms.get(key, _NO_TERM)
        self.shape.append(value.__class__)
        if isinstance(value, str):
            return self._text(value, term, active)
        datatype = term.type if term.type and term.type[0] != "@" else None
        if term.type in _REFERENCES or value is None or isinstance(value, list):
            raise Malformed("a value states nothing", detail="unsigned_member")
        if isinstance(value, bool):
            return write_boolean(value, datatype=datatype)
        return write_number(value, datatype=datatype)

    def _text(self, text: str, term: Term, active: ActiveContext) -> str:
        """A string, as its term coerces it (value expansion)."""
        if term.type is None or term.type == "@none":
            language = term.language if term.has_language else active.language
            if language is not None:
                self.shape.append(language)
            return write_text(text, language=cast("str | None", language))
        if term.type == "@id":
            return f"<{_read_iri(text, active)}>"
        if term.type == "@vocab":
            self.shape.append(text)
            iri = active.expand(text)
            if iri is None or iri[0] == "@":
                raise Malformed("a value is defined by no context", detail="undefined_term")
            return f"<{iri}>"
        return write_text(text, datatype=term.type)

    def _value_object(self, value: Mapping[str, JsonValue], active: ActiveContext) -> str:
        """`@value` with a type or a language. A direction has no standard form in RDF."""
        if not _VALUE_KEYWORDS.issuperset(value) or ("@type" in value and "@language" in value):
            raise Malformed("a value object is not supported", detail="unsupported_json_ld")
        content, language, kind = value["@value"], value.get("@language"), value.get("@type")
        self._count(0)
        self.shape.append((content.__class__, str(kind), str(language)))
        if kind == "@json":
            literal = write_json(content)
            self.shape.append(literal)
            return literal
        datatype = None
        if "@type" in value:
            datatype = active.expand(kind) if isinstance(kind, str) else None
            if datatype is None or datatype[0] == "@":
                raise Malformed("a value's type is not defined", detail="type_not_mapped")
        if datatype in _NATIVE and language is None:
            raise Malformed("a plain value is written as an object", detail="unsupported_json_ld")
        if isinstance(content, str):
            if "@language" in value and not isinstance(language, str):
                raise Malformed("a language tag is malformed", detail="invalid_language")
            return write_text(content, datatype=datatype, language=cast("str | None", language))
        if "@language" in value or content is None or isinstance(content, dict | list):
            raise Malformed("a value object is not supported", detail="unsupported_json_ld")
        if isinstance(content, bool):
            return write_boolean(content, datatype=datatype)
        return write_number(content, datatype=datatype)

    def _list(self, items: list[JsonValue], key: str, active: ActiveContext, depth: int) -> str:
        """An ordered list as RDF writes it; the name of its head."""
        self.shape.append((list, len(items)))
        self._count(depth, 1 + len(items))
        if not items:
            return _RDF_NIL
        cells = [self._blank() for _ in items]
        for cell, following, item in zip(cells, [*cells[1:], _RDF_NIL], items, strict=True):
            if isinstance(item, list):
                raise Malformed("a list is inside a list", detail="unsupported_json_ld")
            found = self._one(key, item, active, depth + 1)
            self.lines.append(f"{cell} <{_RDF}first> {found}{self._end}")
            self.lines.append(f"{cell} <{_RDF}rest> {following}{self._end}")
        return cells[0]

    def _graph(
        self,
        start: str,
        key: str,
        value: JsonValue,
        active: ActiveContext,
        depth: int,
    ) -> None:
        """A node in a graph of its own, as embedded credentials and proofs are."""
        if not isinstance(value, dict):
            raise Malformed("a graph holds a node", detail="unsigned_member")
        name = self._blank()
        stated, outside = len(self.lines), self._end
        self._end = f" {name} .\n"
        self._one(key, value, active, depth)
        self._end = outside
        if len(self.lines) == stated:
            raise Malformed("a graph states nothing", detail="unsigned_member")
        self.lines.append(f"{start}{name}{self._end}")

    def _language_map(self, start: str, value: JsonValue) -> None:
        """Texts by language, as `{"en": "Permit", "km": "..."}`."""
        if not isinstance(value, dict) or not value:
            raise Malformed("a language map must be an object", detail="unsupported_json_ld")
        for language, texts in value.items():
            for text in texts if isinstance(texts, list) else [texts]:
                if not isinstance(text, str):
                    raise Malformed("a language map holds text", detail="unsupported_json_ld")
                self._count(0)
                self.shape.append(language)
                self.lines.append(f"{start}{write_text(text, language=language)}{self._end}")

    def _describe(self, subject: str) -> None:
        """Every named node has one place where it is described."""
        place = (subject, self._end)
        if place in self._described:
            raise Malformed("a node is described twice", detail="described_twice")
        self._described.add(place)

    def _blank(self) -> str:
        self._blanks += 1
        return f"_:b{self._blanks}"

    def _count(self, depth: int, values: int = 1) -> None:
        self._counted += values
        if self._counted > MAX_VALUES:
            raise Malformed("a document has too many values", detail="too_many_members")
        if depth > MAX_DEPTH:
            raise Malformed("a document is nested too deeply", detail="too_deep")


def _read_types(node: Mapping[str, JsonValue], active: ActiveContext) -> list[str]:
    """The types as they are written. Where `@type` has a name of its own, only that is read."""
    words = [word for word in active.type_words if word in node]
    if not words:
        return []
    value = node[words[0]]
    types = value if isinstance(value, list) else [value]
    if words[0] != active.type_words[-1] or len(words) > 1 or not types:
        raise Malformed(
            "a node's type is written twice, in another way, or empty", detail="invalid_type"
        )
    for each in types:
        if not isinstance(each, str):
            raise Malformed("a type must be text", detail="invalid_type")
    return cast("list[str]", types)


def _read_members(
    node: Mapping[str, JsonValue], active: ActiveContext, *, has_type: bool
) -> tuple[str | None, list[tuple[str, str]]]:
    """The node's id, and each key that is a word, with its IRI. Every key must be something."""
    name: str | None = None
    members = []
    for key in node:
        iri = active.expand_key(key)
        if iri[0] != "@":
            members.append((key, iri))
        elif iri == "@id" and name is None and (key != "@id" or "id" not in active.terms):
            name = _read_iri(node[key], active)
        elif not (iri == "@context" or (iri == "@type" and has_type)):
            raise Malformed("a keyword is not allowed here", detail="unsupported_json_ld")
    return name, members


def _type_iri(active: ActiveContext, name: str) -> str:
    iri = active.expand(name)
    if iri is None or iri[0] == "@":
        raise Malformed("a type is defined by no context", detail="type_not_mapped")
    return iri


def _read_iri(value: JsonValue, active: ActiveContext) -> str:
    """An absolute IRI that means what it says: no prefix may turn it into another."""
    if not isinstance(value, str) or not is_absolute_iri(value):
        raise Malformed("an identifier is no absolute IRI", detail="relative_iri")
    if active.expand_compact(value) != value:
        raise Malformed("an identifier is abbreviated", detail="compact_iri")
    return value


def _only(value: Mapping[str, JsonValue], keyword: str) -> JsonValue:
    if len(value) != 1:
        raise Malformed(f"{keyword} stands alone", detail="unsupported_json_ld")
    return value[keyword]
