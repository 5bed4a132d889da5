"""
Patterns of JSON Schema that are matched in counted steps: steps <= states * characters.

A subset of ECMA-262 section 22.2 with the `u` flag: characters, classes, `\\p` of general
categories, groups, alternatives, counted and endless repetition, `^` and `$`. What a machine
without memory cannot decide (references back, looking around) and what we do not know is refused,
never guessed. All states are followed at once, so no pattern makes a search go back and try again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from encoding.errors import Malformed
from runtime.character_sets import CharacterSet
from runtime.pattern_reading import (
    Alternatives,
    Node,
    Place,
    Repeated,
    Sequence,
    parse_pattern_text,
)

MAX_STATES: Final = 2_000
MAX_PARTS: Final = 10 * MAX_STATES
"""That are built, each as often as it is repeated: groups within groups may be no state at all."""


class _Kind(StrEnum):
    """What an instruction does."""

    TAKE = "take"
    SPLIT = "split"
    BEGIN = "begin"
    END = "end"
    MATCH = "match"


@dataclass(frozen=True, slots=True)
class _State:
    """Takes a character of the set and goes on; or goes on at once to each of `to`."""

    kind: _Kind
    to: tuple[int, ...] = ()
    taken: CharacterSet | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A machine; state 0 is the last, which says that the pattern matches."""

    states: tuple[_State, ...]
    first: int
    parts: int
    """What it took to build it."""

    def is_found_in(self, text: str, *, spend: Callable[[int], None]) -> bool:
        """Whether a part of the text matches. `spend` is told of every step, and may refuse."""
        here: set[int] = set()
        for place in range(len(text) + 1):
            here = self._reach({self.first, *here}, text, place, spend)
            if 0 in here:
                return True
            if place < len(text):
                here = self._take(here, text[place], spend)
        return False

    def _take(self, here: set[int], character: str, spend: Callable[[int], None]) -> set[int]:
        after: set[int] = set()
        for number in here:
            state = self.states[number]
            if state.taken is not None:
                spend(state.taken.size)
                if state.taken.has(character):
                    after.update(state.to)
        return after

    def _reach(
        self, starts: set[int], text: str, place: int, spend: Callable[[int], None]
    ) -> set[int]:
        """Where one can be without taking a character."""
        seen, waiting = set(starts), list(starts)
        while waiting:
            state = self.states[waiting.pop()]
            is_open = {
                _Kind.SPLIT: True,
                _Kind.BEGIN: place == 0,
                _Kind.END: place == len(text),
            }.get(state.kind, False)
            further = [each for each in state.to if is_open and each not in seen]
            seen.update(further)
            waiting += further
        spend(len(seen))
        return seen


def compile_pattern(text: str) -> Pattern:
    """The machine of a pattern, or Malformed with `unsupported_pattern`."""
    builder = _Builder()
    first = builder.build(parse_pattern_text(text), after=0)
    return Pattern(tuple(builder.states), first, builder.parts)


class _Builder:
    """Builds from the end: each part is told where to go on."""

    def __init__(self) -> None:
        self.states = [_State(_Kind.MATCH)]
        self.parts = 0

    def build(self, node: Node, *, after: int) -> int:
        """The first state of a part."""
        # Counted, since a part without states may be repeated as well: `(?:(?:){1000}){1000}`.
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise Malformed("a pattern has too many parts", detail="unsupported_pattern")
        match node:
            case CharacterSet():
                return self._add(_State(_Kind.TAKE, (after,), node))
            case Place.BEGIN:
                return self._add(_State(_Kind.BEGIN, (after,)))
            case Place.END:
                return self._add(_State(_Kind.END, (after,)))
            case Sequence():
                for each in reversed(node.parts):
                    after = self.build(each, after=after)
                return after
            case Alternatives():
                starts = tuple([self.build(each, after=after) for each in node.choices])
                return self._add(_State(_Kind.SPLIT, starts))
            case _:
                return self._repeat(node, after)

    def _repeat(self, node: Repeated, after: int) -> int:
        if node.most is None:
            loop = self._add(_State(_Kind.SPLIT))
            body = self.build(node.part, after=loop)
            self.states[loop] = _State(_Kind.SPLIT, (body, after))
            after = loop
        else:
            end = after
            for _ in range(node.most - node.least):
                body = self.build(node.part, after=after)
                after = self._add(_State(_Kind.SPLIT, (body, end)))
        for _ in range(node.least):
            after = self.build(node.part, after=after)
        return after

    def _add(self, state: _State) -> int:
        if len(self.states) >= MAX_STATES:
            raise Malformed("a pattern has too many states", detail="unsupported_pattern")
        self.states.append(state)
        return len(self.states) - 1
