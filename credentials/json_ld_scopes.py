"""
Which context is in force where: at the top of a document, inside a node, a type or a property.

JSON-LD API 4.1.2. What is learnt about a context is kept with it, so a second credential of a kind
costs look-ups only. Memory is bounded by `MAX_KEPT`, work by the caller's `Budget`. No context is
ever fetched: one that is not bundled is refused (S-033).
"""

from dataclasses import replace

import orjson

from credentials.errors import Malformed
from credentials.json_ld_context import (
    EMPTY,
    MAX_KEPT,
    MAX_NESTING,
    ActiveContext,
    Budget,
    Definition,
    Term,
)
from credentials.pinned_contexts import Contexts
from encoding.strict_json import JsonValue


class ContextReader:
    """Works out contexts over one set of bundled ones, and remembers."""

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts
        self._roots: dict[bytes, ActiveContext] = {}
        self._kept = 0

    def root(self, local: JsonValue, budget: Budget) -> tuple[bytes, ActiveContext]:
        """The context at the top of a document, and the bytes that name it."""
        name = name_context(local)
        known = self._roots.get(name)
        if known is None:
            known = self._process(EMPTY, local, budget)
            self._keep()
            self._roots[name] = known
        return name, known

    def enter(
        self, active: ActiveContext, local: JsonValue, budget: Budget
    ) -> tuple[bytes, ActiveContext]:
        """The context inside a node that has an `@context` of its own, and its name."""
        name = name_context(local)
        return name, self._derive(active, name, local, budget)

    def of_property(self, active: ActiveContext, term: Term, budget: Budget) -> ActiveContext:
        """The context inside the values of a property; it may override protected terms."""
        key = (id(term.context), "property")
        return self._derive(active, key, term.context, budget, override=True)

    def of_type(self, active: ActiveContext, term: Term, budget: Budget) -> ActiveContext:
        """The context inside a node of this type; it ends where the next node begins."""
        return self._derive(active, (id(term.context), "type"), term.context, budget, ends=True)

    def _derive(
        self,
        active: ActiveContext,
        key: object,
        local: object,
        budget: Budget,
        *,
        override: bool = False,
        ends: bool = False,
    ) -> ActiveContext:
        # The local context is kept beside the result: its id stays its own as long as it counts.
        known = active.kept.get(key)
        if known is not None:
            return known[1]
        derived = self._process(active, local, budget, override=override, ends=ends)
        self._keep()
        active.kept[key] = (local, derived)
        return derived

    def _keep(self) -> None:
        self._kept += 1
        if self._kept > MAX_KEPT:
            self._roots.clear()
            self._kept = 0

    def _process(
        self,
        active: ActiveContext,
        local: object,
        budget: Budget,
        *,
        override: bool = False,
        ends: bool = False,
        urls: tuple[str, ...] = (),
    ) -> ActiveContext:
        """Section 4.1.2. `ends`: does not propagate."""
        if isinstance(local, dict) and local.get("@propagate") is not None:
            ends = local["@propagate"] is not True
        result = active
        if ends and active.previous is None:
            result = replace(active, previous=active, kept={}, words={})
        for each in local if isinstance(local, list) else [local]:
            budget.spend(2)
            if each is None:
                if not override and any(term.is_protected for term in result.terms.values()):
                    raise _fault("a context takes protected terms away", "term_redefined")
                result = replace(EMPTY, previous=result if ends else None, kept={}, words={})
            elif isinstance(each, str):
                if each in urls or len(urls) > MAX_NESTING:
                    raise _fault("contexts include each other", "invalid_context")
                document = self._contexts.get(each)
                result = self._process(
                    result, document, budget, override=override, urls=(*urls, each)
                )
            elif isinstance(each, dict):
                result = Definition(result, each, budget, override=override).apply()
            else:
                raise _fault("a context must be a URL or an object", "invalid_context")
        return result


def name_context(local: object) -> bytes:
    """The bytes that a context is known by."""
    try:
        return orjson.dumps(local)
    except (TypeError, ValueError, RecursionError) as error:
        raise _fault("a context is not JSON", "invalid_context") from error


def _fault(message: str, detail: str) -> Malformed:
    return Malformed(message, detail=detail)
