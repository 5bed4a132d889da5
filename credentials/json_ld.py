"""
JSON-LD documents to RDF statements, with pinned contexts only: the one door to pyoxigraph.

A document is read twice, by two programs that share nothing: by our own walk, which refuses what
JSON-LD would silently drop (`json_ld_walk`), and by pyoxigraph, with every context written into
the document. Only if both find the same dataset is it used. The second reading is made once for
each shape of document (its contexts, words, types and kinds of values); later documents of that
shape take the same way through the same contexts and are walked only. See docs/decisions/0028.

An inline context may not rename: a word must be the last part of its own IRI. Otherwise somebody
could exchange two words of a signed credential and their definitions, and leave the statements,
and so the signature, as they were (S-033). Nothing is ever fetched.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

import orjson
import pyoxigraph

from credentials.errors import Malformed
from credentials.json_ld_context import KEYWORDS, Budget
from credentials.json_ld_scopes import ContextReader
from credentials.json_ld_walk import MAX_DEPTH, Walk
from credentials.pinned_contexts import Contexts, bundled_contexts
from credentials.rdf_canonical import canonicalize
from encoding.strict_json import JsonValue

MAX_SHAPES = 1_000
MAX_INLINED_BYTES = 524_288
MAX_COMPARING = 4_500
"""Hashes for each of the two readings when they are compared."""


def to_n_quads(
    document: Mapping[str, JsonValue], *, contexts: Contexts | None = None
) -> tuple[str, ...]:
    """
    The statements of a document, one N-Quads line each, with its newline.

    Blank nodes have names of no meaning. `contexts` None: the bundled ones alone.
    """
    return _reader_of(contexts if contexts is not None else bundled_contexts()).read(document)


def demand_contexts(
    document: Mapping[str, JsonValue], lists: Mapping[str, Collection[Sequence[str]]]
) -> None:
    """S-033: for each type in `lists`, the document's `@context` is exactly one of its lists."""
    written = document.get("@context")
    types = document.get("type")
    for each in types if isinstance(types, list) else [types]:
        if isinstance(each, str) and each in lists and written not in [*map(list, lists[each])]:
            raise Malformed("a type has another list of contexts", detail="unexpected_context")


@lru_cache(maxsize=16)
def _reader_of(contexts: Contexts) -> "_Reader":
    return _Reader(contexts)


class _Reader:
    """What is known of one set of contexts: how they read, and which shapes are proven."""

    def __init__(self, contexts: Contexts) -> None:
        self._reader = ContextReader(contexts)
        self._inliner = _Inliner(contexts)
        self._proven: OrderedDict[tuple[object, ...], None] = OrderedDict()

    def read(self, document: Mapping[str, JsonValue]) -> tuple[str, ...]:
        walk = Walk(self._reader, Budget())
        walk.document(document)
        lines = tuple(walk.lines)
        shape = tuple(walk.shape)
        if shape not in self._proven:
            self._prove(document, lines)
            self._proven[shape] = None
            if len(self._proven) > MAX_SHAPES:
                self._proven.popitem(last=False)
        return lines

    def _prove(self, document: Mapping[str, JsonValue], lines: tuple[str, ...]) -> None:
        """Refuse the document unless pyoxigraph reads the same."""
        check_names(document)
        whole = self._inliner.write(document)
        ours = canonicalize(lines, max_hashes=MAX_COMPARING)
        try:
            read = pyoxigraph.parse(whole, format=pyoxigraph.RdfFormat.JSON_LD)
            quads = [f"{quad} .\n" for quad in read]
        except (SyntaxError, ValueError) as error:
            raise Malformed("a document is not JSON-LD", detail="invalid_json_ld") from error
        if canonicalize(quads, max_hashes=MAX_COMPARING).lines != ours.lines:
            raise Malformed("two readings of a document differ", detail="ambiguous_json_ld")


def check_names(value: object, *, depth: int = 0) -> None:
    """Refuse an inline context, at the top or further inside, that renames a word."""
    if depth > MAX_DEPTH * 2:
        raise Malformed("a document is nested too deeply", detail="too_deep")
    if isinstance(value, list):
        for each in value:
            check_names(each, depth=depth + 1)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            if name == "@context":
                for context in member if isinstance(member, list) else [member]:
                    _check_inline(context, depth + 1)
            else:
                check_names(member, depth=depth + 1)


def _check_inline(context: JsonValue, depth: int) -> None:
    if depth > MAX_DEPTH * 2:
        raise Malformed("a document is nested too deeply", detail="too_deep")
    if isinstance(context, list):
        for each in context:
            _check_inline(each, depth + 1)
    if not isinstance(context, dict):
        return
    vocabulary = context.get("@vocab")
    if isinstance(vocabulary, str) and vocabulary[-1:].isalnum():
        raise Malformed("a vocabulary ends within a word", detail="renamed_term")
    for name, value in context.items():
        if name in KEYWORDS:
            continue
        iri = value.get("@id", name) if isinstance(value, dict) else value
        if not isinstance(iri, str) or not _is_own_name(name, iri):
            raise Malformed("an inline context renames a word", detail="renamed_term")
        if isinstance(value, dict) and "@context" in value:
            _check_inline(value["@context"], depth + 1)


def _is_own_name(name: str, iri: str) -> bool:
    """`givenName` for `https://schema.org/givenName`; `id` for `@id`; a prefix for `...#`."""
    if iri.startswith("@"):
        return iri in {"@id", "@type"} and iri[1:] == name
    tail = iri.replace("/", "#").replace(":", "#").rpartition("#")[2]
    return tail in {"", name.replace("/", ":").rpartition(":")[2]}


class _Inliner:
    """Writes a document with every context in place of its URL, also inside contexts."""

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts
        self._kept: dict[str, tuple[orjson.Fragment, ...]] = {}
        self._sizes: dict[str, int] = {}

    def write(self, document: Mapping[str, JsonValue]) -> bytes:
        """The document as JSON; its size is bounded before it is written."""
        left = [MAX_INLINED_BYTES]
        try:
            return orjson.dumps(self._inline(document, 0, left))
        except TypeError as error:  # orjson's own error is one
            raise Malformed("a document is not JSON", detail="invalid_json_ld") from error

    def _inline(self, value: object, depth: int, left: list[int]) -> object:
        if depth > MAX_DEPTH * 2:
            raise Malformed("a document is nested too deeply", detail="too_deep")
        if isinstance(value, list):
            return [self._inline(each, depth + 1, left) for each in value]
        if isinstance(value, Mapping):
            return {
                name: self._inline_context(member, depth + 1, left)
                if name == "@context"
                else self._inline(member, depth + 1, left)
                for name, member in value.items()
            }
        return value

    def _inline_context(self, local: object, depth: int, left: list[int]) -> object:
        if depth > MAX_DEPTH * 2:
            raise Malformed("contexts include each other", detail="invalid_context")
        if isinstance(local, str):
            parts = self._bundled(local, depth, left)
            return parts[0] if len(parts) == 1 else list(parts)
        if isinstance(local, list):
            flat: list[object] = []
            for each in local:
                if isinstance(each, str):
                    flat += self._bundled(each, depth, left)
                else:
                    flat.append(self._inline(each, depth + 1, left))
            return flat
        return self._inline(local, depth + 1, left)

    def _bundled(self, url: str, depth: int, left: list[int]) -> tuple[orjson.Fragment, ...]:
        """A bundled context, written once; one that is a list gives its parts."""
        if url not in self._kept:
            inlined = self._inline_context(self._contexts.get(url), depth + 1, [MAX_INLINED_BYTES])
            parts = [orjson.dumps(each) for each in _as_list(inlined)]
            self._sizes[url] = sum(map(len, parts))
            self._kept[url] = tuple(map(orjson.Fragment, parts))
        left[0] -= self._sizes[url]
        if left[0] < 0:
            raise Malformed("a document needs too much work", detail="too_complex")
        return self._kept[url]


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
