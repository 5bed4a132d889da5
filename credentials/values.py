"""
`value`: a frozen dataclass that is made in a third of the time.

Python writes each member of a frozen dataclass through `object.__setattr__`; for what is made
anew with every credential that costs more than reading it. For the type checker, which looks at
every line of ours, `value` is `dataclasses.dataclass`: assigning to a frozen member is an error.
At run time nothing stands in the way, so only types that are made for each credential use it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

__all__ = ["value"]

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen: bool, slots: bool) -> object:
        """As `dataclass(frozen=..., slots=...)`: equal by members, hashable when frozen."""
        return dataclass(slots=slots, unsafe_hash=frozen)
