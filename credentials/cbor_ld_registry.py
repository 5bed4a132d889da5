"""
Entries of the CBOR-LD registry: which values of which types are written as numbers.

CBOR-LD 1.0, "CBOR-LD Registry". An entry is named by its number in the data itself. Entry 0 is
plain CBOR, entry 1 compresses with no tables at all; these two are known here. Every other entry
belongs to somebody, and whoever reads such data hands the entry in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from credentials.errors import Malformed
from encoding.strict_json import JsonValue

UNCOMPRESSED = 0
DEFAULT = 1
MAX_NUMBER = 2**32 - 1

CONTEXT_TABLE = "context"
URL_TABLE = "url"
NO_TYPE_TABLE = "none"

_XSD = "http://www.w3.org/2001/XMLSchema#"
_NATIVE = frozenset(f"{_XSD}{name}" for name in ("integer", "double", "boolean"))


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """`tables`: a type, or `context`, `url`, `none`, to its values and their numbers."""

    number: int
    tables: Mapping[str, Mapping[str, int]]
    _texts: Mapping[str, Mapping[int, str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        reversed_tables = {}
        for name, table in self.tables.items():
            if name in _NATIVE:
                raise _fault("a number or a boolean has no table")
            texts = {number: text for text, number in table.items()}
            if len(texts) != len(table):
                raise _fault("two values have one number")
            reversed_tables[name] = texts
        object.__setattr__(self, "_texts", reversed_tables)

    @property
    def is_compressed(self) -> bool:
        """Whether words and values are written as numbers at all."""
        return self.number != UNCOMPRESSED

    def has_table(self, name: str) -> bool:
        """Whether values of this type may be written as numbers."""
        return name in self.tables

    def find_number(self, name: str, text: str) -> int | None:
        """What stands for this value of this type."""
        return self.tables.get(name, {}).get(text)

    def find_text(self, name: str, number: int) -> str | None:
        """Which value of this type a number stands for."""
        return self._texts.get(name, {}).get(number)


Registry = Mapping[int, RegistryEntry]
"""The entries that a reader knows, by their number."""

BUILT_IN: Registry = {number: RegistryEntry(number, {}) for number in (UNCOMPRESSED, DEFAULT)}


def parse_registry_entry(number: int, tables: JsonValue) -> RegistryEntry:
    """An entry from its published tables: `{type: {value: number}}`."""
    if not isinstance(tables, dict) or not 0 <= number <= MAX_NUMBER:
        raise _fault("a registry entry has a number and tables")
    return RegistryEntry(number, {name: _read_table(table) for name, table in tables.items()})


def _read_table(table: JsonValue) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for text, number in table.items() if isinstance(table, dict) else [("", None)]:
        if type(number) is not int or not 0 <= number <= MAX_NUMBER:
            raise _fault("a table gives each value a number")
        numbers[text] = number
    return numbers


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="invalid_registry_entry")
