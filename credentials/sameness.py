"""
Remember results by identity of what they were made from.

Values of this package are frozen, so the very same objects stay the same values; hashing a trust
registry or a proof member by member would cost more than the work that is remembered. The memory
holds the objects too, so it never sees one address twice for two objects. Where objects are
large, it counts what they weigh: a few hostile ones must not fill the machine.
"""

from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")
R = TypeVar("R")


class Remembered(Generic[A, B, R]):
    """
    A bounded memory of a function of two objects and one plain value; emptied when full: after
    `limit` results, or when what `weigh` says of their first objects is more than `heaviest`.
    """

    __slots__ = ("_function", "_heaviest", "_kept", "_limit", "_weigh", "_weight")

    def __init__(
        self,
        function: Callable[[A, B, Hashable], R],
        *,
        limit: int,
        weigh: Callable[[A], int] | None = None,
        heaviest: int = 0,
    ) -> None:
        self._function = function
        self._limit = limit
        self._weigh = weigh
        self._heaviest = heaviest
        self._weight = 0
        self._kept: dict[tuple[int, int, Hashable], tuple[A, B, R]] = {}

    def __call__(self, first: A, second: B, value: Hashable) -> R:
        """The function's result, computed once."""
        key = (id(first), id(second), value)
        kept = self._kept.get(key)
        if kept is not None and kept[0] is first and kept[1] is second:
            return kept[2]
        result = self._function(first, second, value)
        if self._weigh is not None:
            self._weight += self._weigh(first)
        if len(self._kept) >= self._limit or self._weight > self._heaviest > 0:
            self._kept.clear()
            self._weight = self._weigh(first) if self._weigh is not None else 0
        self._kept[key] = (first, second, result)
        return result


class RememberedTexts(Generic[R]):
    """
    The same for a function of one text, compared as text; `weigh` is asked of the result. What is
    heavier than all that may be kept is not kept at all.
    """

    __slots__ = ("_function", "_heaviest", "_kept", "_limit", "_weigh", "_weight")

    def __init__(
        self,
        function: Callable[[str], R],
        *,
        limit: int,
        weigh: Callable[[R], int],
        heaviest: int,
    ) -> None:
        self._function = function
        self._limit = limit
        self._weigh = weigh
        self._heaviest = heaviest
        self._weight = 0
        self._kept: dict[str, R] = {}

    def __call__(self, text: str) -> R:
        """The function's result, computed once while it is remembered."""
        if text in self._kept:
            with suppress(KeyError):  # another thread may have emptied it
                return self._kept[text]
        result = self._function(text)
        weight = len(text) + self._weigh(result)
        if len(self._kept) >= self._limit or self._weight + weight > self._heaviest:
            self._kept.clear()
            self._weight = 0
        if weight <= self._heaviest:
            self._kept[text] = result
            self._weight += weight
        return result

    def cache_clear(self) -> None:
        """Forget everything; named as `functools` names it."""
        self._kept.clear()
        self._weight = 0
