"""
CBOR-LD 1.0: JSON-LD documents in CBOR, their words and values as numbers that contexts give.

Tag 51997 around the number of a registry entry and the payload. Reading is strict: deterministic
CBOR only (`encoding.cbor`), contexts that are handed in only, and what was read must be written as
the same bytes again, so a document has one form. Work is bounded by bytes, values and depth, and
for contexts by the same budget as JSON-LD (S-033, BAR-01).

What comes out is a document as somebody wrote it: nothing is checked, and nothing is believed.
"""

from collections.abc import Callable, Mapping
from typing import Final

from credentials.cbor_ld_registry import BUILT_IN, CONTEXT_TABLE, Registry, RegistryEntry
from credentials.cbor_ld_terms import Terms, name_order
from credentials.cbor_ld_values import ValueCodec, build_plain, read_plain, table_of
from credentials.errors import Malformed
from credentials.json_ld_context import EMPTY, ActiveContext, Budget
from credentials.json_ld_walk import MAX_VALUES
from credentials.pinned_contexts import Contexts, bundled_contexts
from encoding import cbor
from encoding import errors as encoding_errors
from encoding.cbor import CborKey, CborValue, Tagged
from encoding.strict_json import JsonValue

TAG: Final = 51_997
MAX_DEPTH: Final = 13
"""Of a document: tag and array are two more."""

_CONTEXT, _CONTEXTS = 0, 1


def decode_cbor_ld(
    data: bytes, *, contexts: Contexts | None = None, registry: Registry = BUILT_IN
) -> JsonValue:
    """The document, or the array of documents, that these bytes stand for and no other do."""
    entry, payload = _open(data, registry)
    known = contexts if contexts is not None else bundled_contexts()
    document = Reader(entry, known).read(payload) if entry.is_compressed else read_plain(payload)
    if encode_cbor_ld(document, entry=entry, contexts=known) != data:
        raise Malformed("CBOR-LD is not in its only form", detail="not_deterministic")
    return document


def encode_cbor_ld(
    document: JsonValue, *, entry: RegistryEntry, contexts: Contexts | None = None
) -> bytes:
    """A document, or an array of documents, as CBOR-LD under a registry entry."""
    known = contexts if contexts is not None else bundled_contexts()
    writer = Writer(entry, known)
    payload = writer.write(document) if entry.is_compressed else writer.write_plain(document)
    try:
        return cbor.build_cbor(Tagged(TAG, [entry.number, payload]))
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error


def _open(data: bytes, registry: Registry) -> tuple[RegistryEntry, CborValue]:
    try:
        value = cbor.parse_cbor(data)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    match value:
        case Tagged(tag=tag, value=[int(number), payload]) if tag == TAG:
            if isinstance(number, bool) or number not in registry:
                raise Malformed("no such registry entry is known", detail="unknown_registry_entry")
            return registry[number], payload
    raise Malformed("this is not CBOR-LD 1.0", detail="not_cbor_ld")


class _Walk:
    """What reading and writing have in common: one document, its terms, and what it may cost."""

    def __init__(self, entry: RegistryEntry, contexts: Contexts) -> None:
        self.terms = Terms(contexts, Budget())
        self.entry = entry
        self.codec = ValueCodec(entry, self.terms)
        self._values = 0

    def count(self, depth: int, values: int = 1) -> None:
        """Take note of so many values at this depth."""
        self._values += values
        if self._values > MAX_VALUES:
            raise Malformed(f"a document has more than {MAX_VALUES} values", detail="too_complex")
        if depth > MAX_DEPTH:
            raise Malformed("a document is nested too deeply", detail="too_deep")

    def typed(self, active: ActiveContext, read_word: Callable[[str], JsonValue]) -> ActiveContext:
        """What is in force inside an object, its types considered."""
        types: list[str] = []
        for word in active.type_words:
            found = read_word(word)
            types += [each for each in _as_list(found) if isinstance(each, str)]
        return self.terms.of_types(active, types)


class Writer(_Walk):
    """Writes one document."""

    def write(self, document: JsonValue) -> CborValue:
        """The payload: a map, or an array of maps."""
        return _each(document, lambda each: self._node(each, EMPTY, 0))

    def write_plain(self, document: JsonValue) -> CborValue:
        """The payload without compression."""
        self._count_all(document, 0)
        return _each(document, build_plain)

    def _node(
        self, node: Mapping[str, JsonValue], active: ActiveContext, depth: int
    ) -> dict[CborKey, CborValue]:
        self.count(depth, 1 + len(node))
        written: dict[CborKey, CborValue] = {}
        if "@context" in node:
            local = node["@context"]
            self._count_all(local, depth + 1)
            active = self.terms.enter(active, local)
            if isinstance(local, list):
                written[_CONTEXTS] = [self._context(each) for each in local]
            else:
                written[_CONTEXT] = self._context(local)
        active = self.typed(active, node.get)
        words = [word for word in sorted(node, key=name_order) if word != "@context"]
        # All keys first: what a property brings into force gives no number to the word beside it.
        keys = [self._key(word, node[word]) for word in words]
        for word, key in zip(words, keys, strict=True):
            inner = self.terms.of_property(active, word)
            table = table_of(word, active.terms.get(word))
            written[key] = self._member(node[word], inner, table, depth)
        return written

    def _key(self, word: str, value: JsonValue) -> CborKey:
        number = self.terms.numbers.get(word)
        return word if number is None else number + isinstance(value, list)

    def _member(self, value: JsonValue, active: ActiveContext, table: str, depth: int) -> CborValue:
        if isinstance(value, list):
            self.count(depth + 1, len(value))
            return [self._value(each, active, table, depth + 1) for each in value]
        return self._value(value, active, table, depth)

    def _value(self, value: JsonValue, active: ActiveContext, table: str, depth: int) -> CborValue:
        if isinstance(value, dict):
            return self._node(value, active, depth + 1)
        if isinstance(value, list):
            if not self.codec.may_nest(table):
                raise Malformed("an array is inside an array", detail="not_encodable")
            return self._member(value, active, table, depth)
        return self.codec.encode(value, table)

    def _context(self, local: JsonValue) -> CborValue:
        if isinstance(local, str):
            number = self.entry.find_number(CONTEXT_TABLE, local)
            return local if number is None else number
        return build_plain(local)

    def _count_all(self, value: JsonValue, depth: int) -> None:
        self.count(depth)
        inner = list(value.values()) if isinstance(value, dict) else value
        for each in inner if isinstance(inner, list) else []:
            self._count_all(each, depth + 1)


class Reader(_Walk):
    """Reads one document. Its depth is that of the CBOR, which is bounded already."""

    def read(self, payload: CborValue) -> JsonValue:
        """The document, or the array of documents."""
        if isinstance(payload, list):
            return [self._node(_as_map(each), EMPTY, 0) for each in payload]
        return self._node(_as_map(payload), EMPTY, 0)

    def _node(
        self, node: Mapping[CborKey, CborValue], active: ActiveContext, depth: int
    ) -> dict[str, JsonValue]:
        self.count(depth, 1 + len(node))
        read: dict[str, JsonValue] = {}
        for key in (_CONTEXT, _CONTEXTS):
            if key in node:
                read["@context"] = self._contexts(node[key], is_array=key == _CONTEXTS)
                active = self.terms.enter(active, read["@context"])
        active = self.typed(active, lambda word: self._types(node, word))
        members = {
            key if isinstance(key, str) else self.terms.find_word(key): value
            for key, value in node.items()
            if key not in (_CONTEXT, _CONTEXTS)
        }
        for word in sorted(members, key=name_order):
            inner = self.terms.of_property(active, word)
            table = table_of(word, active.terms.get(word))
            is_plural = self.terms.numbers.get(word, 0) + 1 in node
            read[word] = self._member(
                members[word], inner, table, depth, is_plural=is_plural and word != "@context"
            )
        return read

    def _member(
        self, value: CborValue, active: ActiveContext, table: str, depth: int, *, is_plural: bool
    ) -> JsonValue:
        if is_plural and isinstance(value, list):
            self.count(depth + 1, len(value))
            return [self._value(each, active, table, depth + 1) for each in value]
        return self._value(value, active, table, depth)

    def _value(self, value: CborValue, active: ActiveContext, table: str, depth: int) -> JsonValue:
        if isinstance(value, dict):
            return self._node(value, active, depth + 1)
        if isinstance(value, list) and self.codec.may_nest(table):
            return self._member(value, active, table, depth, is_plural=True)
        return self.codec.decode(value, table)

    def _types(self, node: Mapping[CborKey, CborValue], word: str) -> JsonValue:
        """The types of an object under one of the words for them."""
        number = self.terms.numbers.get(word)
        if number is None:
            return []
        table = table_of("@type", None)
        one = [node[number]] if number in node else []
        several = node.get(number + 1)
        found = one + (several if isinstance(several, list) else [])
        return [self.codec.decode(each, table) for each in found if not isinstance(each, dict)]

    def _contexts(self, value: CborValue, *, is_array: bool) -> JsonValue:
        if not is_array:
            return self._context(value)
        if not isinstance(value, list):
            raise Malformed("several contexts are no array", detail="invalid_cbor_ld")
        return [self._context(each) for each in value]

    def _context(self, value: CborValue) -> JsonValue:
        if type(value) is int:
            url = self.entry.find_text(CONTEXT_TABLE, value)
            if url is None:
                raise Malformed("the registry has no such context", detail="unknown_context")
            return url
        return read_plain(value)


def _each(document: JsonValue, write: Callable[[dict[str, JsonValue]], CborValue]) -> CborValue:
    listed = [each for each in _as_list(document) if isinstance(each, dict)]
    if len(listed) != len(_as_list(document)):
        raise Malformed("a document must be an object", detail="not_encodable")
    return [write(each) for each in listed] if isinstance(document, list) else write(listed[0])


def _as_list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else [value]


def _as_map(value: CborValue) -> dict[CborKey, CborValue]:
    if not isinstance(value, dict):
        raise Malformed("a document is no map", detail="invalid_cbor_ld")
    return value
