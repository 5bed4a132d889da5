"""Which characters a pattern's `.`, `\\d`, `[a-z]` or `\\p{L}` stands for (ECMA-262 22.2.1)."""

import unicodedata
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """Ranges of code points, Unicode general categories and further sets; or all but those."""

    ranges: tuple[tuple[int, int], ...] = ()
    categories: tuple[str, ...] = ()
    parts: tuple["CharacterSet", ...] = ()
    is_negated: bool = False

    def has(self, character: str) -> bool:
        """Whether the character is one of them."""
        point = ord(character)
        found = any(first <= point <= last for first, last in self.ranges)
        if not found and self.categories:
            found = unicodedata.category(character).startswith(self.categories)
        return (found or any(part.has(character) for part in self.parts)) != self.is_negated

    def negated(self) -> "CharacterSet":
        """All other characters."""
        return CharacterSet(self.ranges, self.categories, self.parts, not self.is_negated)

    @property
    def size(self) -> int:
        """How many comparisons one character may take."""
        return 1 + len(self.ranges) + len(self.categories) + sum(each.size for each in self.parts)


_LINE_ENDS: Final = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))
ANY: Final = CharacterSet(_LINE_ENDS, is_negated=True)
DIGITS: Final = CharacterSet(((0x30, 0x39),))
WORDS: Final = CharacterSet(((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)))
SPACES: Final = CharacterSet(
    ((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x2028, 0x2029), (0xFEFF, 0xFEFF)), ("Zs",)
)
_FAMILIES: Final = {"L": "ultmo", "M": "nce", "N": "dlo", "P": "cdseifo", "S": "mcko", "Z": "slp"}
CATEGORIES: Final = frozenset(
    [*_FAMILIES, *(name + each for name, kinds in _FAMILIES.items() for each in kinds)]
)
CLASSES: Final = {
    "d": DIGITS,
    "D": DIGITS.negated(),
    "w": WORDS,
    "W": WORDS.negated(),
    "s": SPACES,
    "S": SPACES.negated(),
}


def one_character(character: str) -> CharacterSet:
    """The character itself."""
    return CharacterSet(((ord(character), ord(character)),))
