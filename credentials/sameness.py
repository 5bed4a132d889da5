"""
Remember results by identity of what they were made from.

Values of this package are frozen, so the very same objects stay the same values; hashing a trust
registry or a proof member by member would cost more than the work that is remembered. The memory
holds the objects too, so it never sees one address twice for two objects.
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")
R = TypeVar("R")


class Remembered(Generic[A, B, R]):
    """A bounded memory of a function of two objects and one plain value; emptied when full."""

    __slots__ = ("_function", "_kept", "_limit")

    def __init__(self, function: Callable[[A, B, Hashable], R], *, limit: int) -> None:
        self._function = function
        self._limit = limit
        self._kept: dict[tuple[int, int, Hashable], tuple[A, B, R]] = {}

    def __call__(self, first: A, second: B, value: Hashable) -> R:
        """The function's result, computed once."""
        key = (id(first), id(second), value)
        kept = self._kept.get(key)
        if kept is not None and kept[0] is first and kept[1] is second:
            return kept[2]
        result = self._function(first, second, value)
        if len(self._kept) >= self._limit:
            self._kept.clear()
        self._kept[key] = (first, second, result)
        return result
