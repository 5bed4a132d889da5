"""
A key for remembering results by identity: two keys are equal when they hold the very same object.

Values of this package are frozen, so the same object stays the same value; comparing and hashing
a trust registry or a proof member by member would cost more than the work that is remembered. A
key holds its object, so a cache never sees an address twice for two objects.
"""

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """Holds one object."""

    __slots__ = ("it",)

    def __init__(self, it: T) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.it is other.it
