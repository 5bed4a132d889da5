"""
The PDF417 barcode on a driver's licence as AAMVA writes it, and the elements that it holds.

AAMVA DL/ID Card Design Standard, annex D: a header, a directory of subfiles with offset and
length, and in each subfile elements of three letters and their data. Read strictly: subfiles lie
one behind the other and fill the text, and an element stands once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from credentials.errors import Malformed

MAX_LENGTH: Final = 2_710
"""What one PDF417 symbol can hold."""

MANDATORY: Final = (
    *("DAC", "DAD", "DAG", "DAI", "DAJ", "DAK", "DAQ", "DAU", "DAY", "DBA", "DBB"),
    *("DBC", "DBD", "DCA", "DCB", "DCD", "DCF", "DCG", "DCS", "DDE", "DDF", "DDG"),
)
"""The elements that every licence has, in the order of their names."""

_HEADER = re.compile(r"@\n\x1e\rANSI [0-9]{6}[0-9]{2}[0-9]{2}([0-9]{2})")
_ENTRY = re.compile(r"([A-Z]{2})([0-9]{4})([0-9]{4})")
_ELEMENT = re.compile(r"([A-Z]{3})([ -~\xa0-\xff]*)\Z")


@dataclass(frozen=True, slots=True)
class Pdf417:
    """The elements of each subfile, by the subfile's two letters."""

    subfiles: Mapping[str, Mapping[str, str]]

    @property
    def licence(self) -> Mapping[str, str]:
        """The elements of the licence (`DL`) or of the identification card (`ID`)."""
        found = [self.subfiles[name] for name in ("DL", "ID") if name in self.subfiles]
        if len(found) != 1:
            raise _fault("a barcode has one licence")
        return found[0]

    def element(self, name: str) -> str:
        """The data of one element, wherever it stands."""
        found = [each[name] for each in self.subfiles.values() if name in each]
        if len(found) != 1:
            raise _fault("a barcode has no such element")
        return found[0]


def parse_pdf417(text: str) -> Pdf417:
    """Read the text of a scanned barcode."""
    found = _HEADER.match(text) if len(text) <= MAX_LENGTH else None
    if found is None:
        raise _fault("this is no AAMVA barcode")
    position = found.end()
    expected = position + 10 * int(found[1])
    subfiles: dict[str, dict[str, str]] = {}
    for _ in range(int(found[1])):
        entry = _ENTRY.match(text, position)
        if entry is None or entry[1] in subfiles or int(entry[2]) != expected:
            raise _fault("a directory of subfiles is malformed")
        position = entry.end()
        expected += int(entry[3])
        subfiles[entry[1]] = _read_subfile(entry[1], text[int(entry[2]) : expected])
    if expected != len(text):
        raise _fault("subfiles do not fill the barcode")
    return Pdf417(subfiles)


def parse_elements(text: str) -> dict[str, str]:
    """Elements one a line."""
    elements: dict[str, str] = {}
    for line in text.split("\n"):
        found = _ELEMENT.match(line)
        if found is None or found[1] in elements:
            raise _fault("an element is malformed, or stands twice")
        elements[found[1]] = found[2]
    return elements


def _read_subfile(name: str, text: str) -> dict[str, str]:
    if not text.startswith(name) or not text.endswith("\r"):
        raise _fault("a subfile is malformed")
    return parse_elements(text[len(name) : -1])


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="invalid_optical_data")
