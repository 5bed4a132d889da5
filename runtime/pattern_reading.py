"""The text of a pattern as parts; see `patterns`. Anything that is not known is refused."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from encoding.errors import Malformed
from runtime.character_sets import ANY, CATEGORIES, CLASSES, CharacterSet, one_character

MAX_TEXT: Final = 1_024
MAX_DEPTH: Final = 32
MAX_COUNT: Final = 1_000
_CONTROLS: Final = {"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "0": "\0"}
_LENGTHS: Final = {"x": 2, "u": 4}
_COUNTS: Final[dict[str, tuple[int, int | None]]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_HEX: Final = frozenset("0123456789abcdefABCDEF")


class Place(StrEnum):
    """Where the text begins and ends."""

    BEGIN = "^"
    END = "$"


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One of these."""

    choices: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """So many times; `most` None is without end."""

    part: "Node"
    least: int
    most: int | None


Node = CharacterSet | Place | Sequence | Alternatives | Repeated


def parse_pattern_text(text: str) -> Node:
    """The parts of a pattern."""
    if len(text) > MAX_TEXT:
        raise _fault("a pattern is too long")
    reader = _Reader(text)
    node = reader.read_choices(depth=0)
    if not reader.is_over:
        raise _fault("a pattern closes a group that it did not open")
    return node


class _Reader:
    """Walks through the text once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    @property
    def is_over(self) -> bool:
        """Whether all was read."""
        return self._place >= len(self._text)

    def read_choices(self, *, depth: int) -> Node:
        """Alternatives, up to the end or the bracket that closes them."""
        if depth > MAX_DEPTH:
            raise _fault("a pattern is too deep")
        choices: list[Node] = []
        parts: list[Node] = []
        while not self.is_over and self._text[self._place] != ")":
            if self._accept("|"):
                choices.append(Sequence(tuple(parts)))
                parts = []
            else:
                parts.append(self._read_term(depth))
        choices.append(Sequence(tuple(parts)))
        return choices[0] if len(choices) == 1 else Alternatives(tuple(choices))

    def _read_term(self, depth: int) -> Node:
        character = self._next()
        if character in {"^", "$"}:
            return Place(character)
        if character == "(":
            if self._accept("?") and not self._accept(":"):
                raise _fault("a pattern looks around or names a group")
            part = self.read_choices(depth=depth + 1)
            self._expect(")")
        elif character == "[":
            part = self._read_class()
        elif character == "\\":
            part = self._read_escape()
        elif character in "*+?{}]":
            raise _fault("a pattern repeats nothing, or has a lone bracket")
        else:
            part = ANY if character == "." else one_character(character)
        return self._read_repetition(part)

    def _read_repetition(self, part: Node) -> Node:
        for sign, counts in _COUNTS.items():
            if self._accept(sign):
                self._accept("?")
                return Repeated(part, *counts)
        if not self._accept("{"):
            return part
        least = self._read_count()
        most: int | None = least
        if self._accept(","):
            most = None if self._text[self._place : self._place + 1] == "}" else self._read_count()
        self._expect("}")
        self._accept("?")
        if most is not None and most < least:
            raise _fault("a pattern counts backwards")
        return Repeated(part, least, most)

    def _read_count(self) -> int:
        digits = ""
        while not self.is_over and self._text[self._place] in "0123456789":
            digits += self._next()
        if not digits or len(digits) > 4 or int(digits) > MAX_COUNT:
            raise _fault("a count of a pattern is missing or too large")
        return int(digits)

    def _read_class(self) -> CharacterSet:
        is_negated = self._accept("^")
        ranges: list[tuple[int, int]] = []
        parts: list[CharacterSet] = []
        while not self._accept("]"):
            first = self._read_member()
            point = _point_of(first)
            if point is None:
                parts.append(first)
                continue
            last: int | None = point
            if self._text[self._place : self._place + 1] == "-" and not self._is_at("-]"):
                self._next()
                last = _point_of(self._read_member())
            if last is None or last < point:
                raise _fault("a range of a pattern has no order")
            ranges.append((point, last))
        return CharacterSet(tuple(ranges), (), tuple(parts), is_negated)

    def _read_member(self) -> CharacterSet:
        if self._is_at("\\b"):
            self._place += 2
            return one_character("\b")
        character = self._next()
        return self._read_escape() if character == "\\" else one_character(character)

    def _read_escape(self) -> CharacterSet:
        character = self._next()
        if character in CLASSES:
            return CLASSES[character]
        if character in {"p", "P"}:
            self._expect("{")
            name, found, rest = self._text[self._place :].partition("}")
            if not found or name not in CATEGORIES:
                raise _fault("a pattern names an unknown property")
            self._place = len(self._text) - len(rest)
            known = CharacterSet(categories=(name,))
            return known if character == "p" else known.negated()
        if character in _CONTROLS and not (character == "0" and self._next_is_digit()):
            return one_character(_CONTROLS[character])
        if character in _LENGTHS:
            return one_character(self._read_hex(_LENGTHS[character]))
        if not character.isascii() or character.isalnum():
            raise _fault("a pattern has an escape that is not known")
        return one_character(character)

    def _read_hex(self, length: int) -> str:
        digits = self._text[self._place : self._place + length]
        self._place += length
        if length == 4 and digits.startswith("{"):
            self._place -= length - 1
            digits, _, rest = self._text[self._place :].partition("}")
            self._place = len(self._text) - len(rest)
            length = len(digits)
        is_whole = 0 < len(digits) == length <= 6 and _HEX.issuperset(digits)
        point = int(digits, 16) if is_whole else -1
        if not 0 <= point <= 0x10FFFF or 0xD800 <= point <= 0xDFFF:
            raise _fault("a pattern names no character")
        return chr(point)

    def _next_is_digit(self) -> bool:
        return self._text[self._place : self._place + 1].isdigit()

    def _is_at(self, text: str) -> bool:
        return self._text.startswith(text, self._place)

    def _accept(self, character: str) -> bool:
        if not self._is_at(character):
            return False
        self._place += 1
        return True

    def _expect(self, character: str) -> None:
        if not self._accept(character):
            raise _fault("a pattern ends too early")

    def _next(self) -> str:
        if self.is_over:
            raise _fault("a pattern ends too early")
        self._place += 1
        return self._text[self._place - 1]


def _point_of(members: CharacterSet) -> int | None:
    """The code point of a set that is one character."""
    is_one = len(members.ranges) == 1 and not (members.categories or members.is_negated)
    first, last = members.ranges[0] if is_one else (0, 1)
    return first if first == last else None


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="unsupported_pattern")
