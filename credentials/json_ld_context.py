"""
JSON-LD 1.1 contexts: what each word means where it stands (JSON-LD API 4.1, 4.2 and 5.2).

Covers what credentials use: terms, vocabularies, coercions, containers, languages, protected
terms, type-scoped and property-scoped contexts. Refused, where JSON-LD would allow it: `@base`,
`@import`, `@direction`, `@reverse`, `@nest`, and any context that is not bundled (S-033).

Here a context object becomes definitions of terms; which context is in force where is told by
`json_ld_scopes`. Work is counted by the caller's `Budget`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from credentials.errors import Malformed
from credentials.iris import is_absolute_iri
from encoding.strict_json import JsonValue

MAX_WORK = 1_500
MAX_KEPT = 1_000
MAX_NESTING = 32

KEYWORDS = frozenset(
    {"@base", "@container", "@context", "@direction", "@graph", "@id", "@import", "@included"}
    | {"@index", "@json", "@language", "@list", "@nest", "@none", "@prefix", "@propagate"}
    | {"@protected", "@reverse", "@set", "@type", "@value", "@version", "@vocab"}
)
_COERCIONS = frozenset({"@id", "@vocab", "@json", "@none"})
_CONTAINERS = frozenset({"@set", "@list", "@graph", "@language"})
_TERM_MEMBERS = frozenset(
    {"@id", "@type", "@container", "@context", "@language", "@protected", "@prefix"}
)
_CONTEXT_MEMBERS = frozenset({"@version", "@vocab", "@language", "@propagate", "@protected"})
_GEN_DELIMS = (":", "/", "?", "#", "[", "]", "@")
_ABSENT = object()


class Budget:
    """Units of work that are left: about one for each term that is looked at in a context."""

    __slots__ = ("left",)

    def __init__(self, left: int = MAX_WORK) -> None:
        self.left = left

    def spend(self, units: int) -> None:
        """Take some; refuse the document when none are left."""
        self.left -= units
        if self.left < 0:
            raise Malformed("a document needs too much work", detail="too_complex")


@dataclass(frozen=True, slots=True)
class Term:
    """A term definition. `context` is `_ABSENT` where there is no scoped context."""

    iri: str | None
    type: str | None = None
    containers: frozenset[str] = frozenset()
    language: object = _ABSENT
    context: object = _ABSENT
    is_prefix: bool = False
    is_protected: bool = field(default=False, compare=False)

    @property
    def has_context(self) -> bool:
        """Whether the term brings a scoped context."""
        return self.context is not _ABSENT

    @property
    def has_language(self) -> bool:
        """Whether the term says what language its texts have; None means none at all."""
        return self.language is not _ABSENT


@dataclass(frozen=True, slots=True, eq=False)
class ActiveContext:
    """
    What words mean at one place. `kept`: the contexts that were derived from this one; `words`:
    what keys were found to stand for.
    """

    terms: Mapping[str, Term]
    vocabulary: str | None = None
    language: str | None = None
    previous: "ActiveContext | None" = None
    type_words: tuple[str, ...] = ("@type",)
    kept: dict[object, tuple[object, "ActiveContext"]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def expand_key(self, word: str) -> str:
        """What a key stands for. It must be a plain word: an IRI could hide what it says."""
        known = self.words.get(word)
        if known is None:
            known = self.expand(word)
            if known is None:
                raise _fault("a word is defined by no context", "undefined_term")
            if ":" in word or "/" in word or "#" in word:
                raise _fault("a key is written as an IRI", "compact_iri")
            if len(self.words) < MAX_KEPT:
                self.words[word] = known
        return known

    def expand(self, word: str) -> str | None:
        """What a key or a type stands for (IRI expansion): a keyword, an absolute IRI, nothing."""
        term = self.terms.get(word)
        if term is not None:
            return term.iri
        if word in KEYWORDS:
            return word
        if word.startswith("@"):
            return None
        expanded = self.expand_compact(word)
        if expanded is None and self.vocabulary is not None:
            expanded = self.vocabulary + word
        return expanded if expanded is not None and is_absolute_iri(expanded) else None

    def expand_compact(self, word: str) -> str | None:
        """A compact or absolute IRI; None for a word without a colon."""
        prefix, colon, suffix = word.partition(":")
        if not colon or not prefix:
            return None
        if prefix != "_" and not suffix.startswith("//"):
            term = self.terms.get(prefix)
            if term is not None and term.is_prefix and term.iri is not None:
                return term.iri + suffix
        return word if is_absolute_iri(word) else None


EMPTY = ActiveContext(terms={})


class Definition:
    """Section 4.2: one context object, its terms defined in whatever order they need each other."""

    def __init__(
        self, active: ActiveContext, local: dict[str, JsonValue], budget: Budget, *, override: bool
    ) -> None:
        self._before = active
        self._local = local
        self._budget = budget
        self._override = override
        self._terms = dict(active.terms)
        self._defined: dict[str, bool] = {}
        self._active = replace(active, terms=self._terms, kept={}, words={})

    def apply(self) -> ActiveContext:
        local = self._local
        self._budget.spend(1 + len(self._terms) // 8)
        unknown = {name for name in local if name in KEYWORDS} - _CONTEXT_MEMBERS
        if unknown:
            raise _fault("a context uses what is not allowed here", "unsupported_context")
        if local.get("@version", 1.1) != 1.1:
            raise _fault("a context has another version", "invalid_context")
        for name in ("@propagate", "@protected"):
            if not isinstance(local.get(name, False), bool):
                raise _fault("a context's switch is not a boolean", "invalid_context")
        if "@vocab" in local:
            self._active = replace(self._active, vocabulary=self._read_vocabulary(local["@vocab"]))
        if "@language" in local:
            language = local["@language"]
            if language is not None and not isinstance(language, str):
                raise _fault("a context's language is not text", "invalid_context")
            self._active = replace(self._active, language=language)
        for name in local:
            if name not in KEYWORDS:
                self._define(name, 0)
        words = [name for name, term in self._terms.items() if term.iri == "@type"]
        return replace(self._active, type_words=("@type", *words))

    def _read_vocabulary(self, value: JsonValue) -> str | None:
        if value is not None and not (isinstance(value, str) and is_absolute_iri(value)):
            raise _fault("a vocabulary must be an absolute IRI", "invalid_context")
        return value

    def _define(self, name: str, depth: int) -> None:
        if name in self._defined:
            if not self._defined[name]:
                raise _fault("a term is defined by itself", "invalid_context")
            return
        if depth > MAX_NESTING:
            raise _fault("terms build on each other too deeply", "too_deep")
        if not name or name.startswith("@"):
            raise _fault("a term may not look like a keyword", "invalid_context")
        self._budget.spend(1)
        self._defined[name] = False
        before = self._terms.pop(name, None)
        term = self._read_term(name, self._local[name], depth)
        if before is not None and before.is_protected and not self._override:
            if term != before:
                raise _fault("a context redefines a term", "term_redefined")
            term = before
        self._terms[name] = term
        self._defined[name] = True

    def _read_term(self, name: str, value: JsonValue, depth: int) -> Term:
        is_simple = isinstance(value, str)
        members = value if isinstance(value, dict) else {"@id": value}
        if not _TERM_MEMBERS.issuperset(members):
            raise _fault("a term uses what is not allowed here", "unsupported_context")
        iri = self._read_iri(name, members, depth)
        if iri == "@context" or (iri in KEYWORDS and iri not in {"@id", "@type"}):
            raise _fault("a term stands for a keyword", "unsupported_context")
        is_protected = members.get("@protected", self._local.get("@protected", False))
        prefix = members.get("@prefix", is_simple and _may_be_prefix(name, iri))
        language = members.get("@language", _ABSENT)
        if not isinstance(is_protected, bool) or not isinstance(prefix, bool):
            raise _fault("a term's switch is not a boolean", "invalid_context")
        if language is not _ABSENT and language is not None and not isinstance(language, str):
            raise _fault("a term's language is not text", "invalid_context")
        return Term(
            iri=iri,
            type=self._read_coercion(members, depth),
            containers=_read_containers(members.get("@container", [])),
            language=_ABSENT if "@type" in members else language,
            context=members.get("@context", _ABSENT),
            is_prefix=prefix,
            is_protected=is_protected,
        )

    def _read_iri(self, name: str, members: Mapping[str, JsonValue], depth: int) -> str | None:
        value = members.get("@id", name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise _fault("a term's @id is not text", "invalid_context")
        if value != name:
            expanded = self._expand(value, depth)
        elif ":" in name[1:]:
            prefix = name.partition(":")[0]
            if prefix in self._local:
                self._define(prefix, depth + 1)
            expanded = self._active.expand_compact(name)
        else:
            vocabulary = self._active.vocabulary
            expanded = vocabulary + name if vocabulary is not None else None
        if expanded is None or not (expanded in KEYWORDS or is_absolute_iri(expanded)):
            raise _fault("a term stands for no absolute IRI", "invalid_context")
        if ":" in name[1:-1] and self._active.expand_compact(name) != expanded:
            raise _fault("a compact name stands for another IRI", "invalid_context")
        return expanded

    def _expand(self, word: str, depth: int) -> str | None:
        """IRI expansion while terms are being defined: those it needs come first."""
        if word in KEYWORDS:
            return word
        for needed in (word, word.partition(":")[0]):
            if needed in self._local and self._defined.get(needed) is not True:
                self._define(needed, depth + 1)
        return self._active.expand(word)

    def _read_coercion(self, members: Mapping[str, JsonValue], depth: int) -> str | None:
        if "@type" not in members:
            return None
        value = members["@type"]
        expanded = self._expand(value, depth) if isinstance(value, str) else None
        if expanded is None or (expanded in KEYWORDS and expanded not in _COERCIONS):
            raise _fault("a term's type is no absolute IRI", "invalid_context")
        return expanded


def _read_containers(value: JsonValue) -> frozenset[str]:
    listed = value if isinstance(value, list) else [value]
    containers = frozenset(each for each in listed if isinstance(each, str))
    if len(containers) != len(listed) or not _CONTAINERS.issuperset(containers):
        raise _fault("a term's container is not allowed here", "unsupported_context")
    if "@list" in containers and len(containers) > 1:
        raise _fault("a list is no other container", "invalid_context")
    return containers


def _may_be_prefix(name: str, iri: str | None) -> bool:
    return iri is not None and ":" not in name and "/" not in name and iri.endswith(_GEN_DELIMS)


def _fault(message: str, detail: str) -> Malformed:
    return Malformed(message, detail=detail)
