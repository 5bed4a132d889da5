"""
The numbers that CBOR-LD gives to the words of JSON-LD contexts, and which words are in force where.

CBOR-LD 1.0, "Context Loading". Keywords have fixed even numbers, the terms of each context get the
next ones in the order of their names, when that context first comes into force: a type-scoped
context of a type that a document does not use gives no numbers. The odd number behind says that a
word has an array. What words mean is told by the same reader of contexts as for JSON-LD itself.
"""

from collections.abc import Iterable
from functools import lru_cache

from credentials.errors import Malformed
from credentials.json_ld_context import EMPTY, ActiveContext, Budget, Term
from credentials.json_ld_scopes import ContextReader
from credentials.pinned_contexts import Contexts
from encoding.strict_json import JsonValue

FIRST_TERM = 100
KEYWORDS = (
    *("@context", "@type", "@id", "@value", "@direction", "@graph", "@included", "@index"),
    *("@json", "@language", "@list", "@nest", "@reverse", "@base", "@container", "@default"),
    *("@embed", "@explicit", "@none", "@omitDefault", "@prefix", "@preserve", "@protected"),
    *("@requireAll", "@set", "@version", "@vocab", "@propagate"),
)
_KEYWORD_NUMBERS = {word: 2 * place for place, word in enumerate(KEYWORDS)}
_NO_TERM = Term(iri=None)


class Terms:
    """Words to numbers and back, as one document brings contexts into force."""

    def __init__(self, contexts: Contexts, budget: Budget) -> None:
        self._contexts = contexts
        self._budget = budget
        self._reader = _reader_of(contexts)
        self._seen: dict[int, object] = {}
        self._words = {number: word for word, number in _KEYWORD_NUMBERS.items()}
        self._next = FIRST_TERM
        self.numbers = dict(_KEYWORD_NUMBERS)

    def find_word(self, number: int) -> str:
        """The word with this number, or the even number before."""
        try:
            return self._words[number & ~1]
        except KeyError as error:
            raise Malformed("no context has such a term", detail="unknown_term") from error

    def enter(self, active: ActiveContext, local: JsonValue) -> ActiveContext:
        """What is in force inside an object with this `@context`."""
        if active is EMPTY:
            entered = self._reader.root(local, self._budget)[1]
        else:
            entered = self._reader.enter(active, local, self._budget)[1]
        self._number(local)
        return entered

    def of_types(self, active: ActiveContext, types: Iterable[str]) -> ActiveContext:
        """What is in force inside an object of these types."""
        outer = active
        for each in sorted(set(types), key=name_order):
            term = outer.terms.get(each)
            if term is not None and term.has_context:
                active = self._reader.of_type(active, term, self._budget)
                self._number(term.context)
        return active

    def of_property(self, active: ActiveContext, word: str) -> ActiveContext:
        """What is in force inside the values of this word; type-scoped contexts end there."""
        term = active.terms.get(word, _NO_TERM)
        inner = active.previous if active.previous is not None else active
        if term.has_context:
            inner = self._reader.of_property(inner, term, self._budget)
            self._number(term.context)
        return inner

    def _number(self, local: object) -> None:
        """Give numbers to the terms of a context, the first time that it is in force."""
        if isinstance(local, list):
            for each in local:
                self._number(each)
        elif isinstance(local, str):
            self._number(self._contexts.get(local))
        elif isinstance(local, dict) and id(local) not in self._seen:
            self._seen[id(local)] = local
            self._budget.spend(1 + len(local) // 8)
            for word in sorted(local, key=name_order):
                if word not in self.numbers and local[word] is not None:
                    self.numbers[word] = self._next
                    self._words[self._next] = word
                    self._next += 2


def name_order(word: str) -> bytes:
    """By UTF-16 code units, as JSON canonicalization and the reference implementation sort."""
    return word.encode("utf-16-be", errors="surrogatepass")


@lru_cache(maxsize=16)
def _reader_of(contexts: Contexts) -> ContextReader:
    return ContextReader(contexts)
