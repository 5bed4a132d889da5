"""
Public bytes as a reader meets them: as they are, and behind every coding that needs no key.

A piece is opened layer by layer: hexadecimal and base64 runs at every alignment, zlib and gzip,
JSON texts, CBOR. What a layer yields is opened again, up to a depth; the work is bounded by the
bytes of all layers.
"""

import binascii
import re
from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from encoding import compression
from encoding.cbor import parse_cbor
from encoding.errors import EncodingError
from encoding.strict_json import parse_json

DEPTH: Final = 5
MAX_BYTES: Final = 96 << 20
"""Of all layers together: some 20,000 list tokens of a small city."""
MAX_UNPACKED: Final = 1 << 20
WINDOW: Final = 8
MAX_MEMBERS: Final = 1_000_000
_LEAST_RUN: Final = 12
_HEX: Final = re.compile(rb"(?:0x)?([0-9a-fA-F]{%d,})" % _LEAST_RUN)
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{%d,}" % _LEAST_RUN)
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


class TooMuch(Exception):
    """More public bytes than one scan holds; scan fewer epochs at a time."""

    code = "too_much"


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that somebody outside can read, and where."""

    place: str
    data: bytes


@dataclass(frozen=True, slots=True)
class View:
    """
    A layer, and all places where it is met. `is_text`: it reads as printable UTF-8 from end to end.
    """

    places: list[str]
    data: bytes
    is_text: bool


@dataclass(slots=True)
class Views:
    """Every layer of all pieces, each content once, and an index of all runs of eight bytes."""

    by_content: dict[bytes, View] = field(default_factory=dict)
    windows: set[int] = field(default_factory=set)
    values: dict[bytes, None] = field(default_factory=dict)
    """Texts and numbers that stand for themselves in JSON and CBOR: what may serve as a salt."""
    _bytes: int = 0

    @classmethod
    def of(cls, pieces: Iterable[Piece]) -> "Views":
        """All layers of these pieces."""
        views = cls()
        for piece in pieces:
            views.add(piece.place, piece.data, depth=0)
        return views

    def add(self, place: str, data: bytes, *, depth: int) -> None:
        """One layer and those below it."""
        if len(data) < 2:
            return
        self._bytes += len(data)
        if self._bytes > MAX_BYTES:
            raise TooMuch("these are more public bytes than one scan holds")
        view = self.by_content.get(data)
        if view is None:
            view = self.by_content[data] = View([], data, _is_text(data))
            self._index(data)
        view.places.append(place)
        if depth < DEPTH:
            for name, inner in self._open(data):
                self.add(f"{place} > {name}", inner, depth=depth + 1)

    def holds_start_of(self, needle: bytes) -> bool:
        """Whether the first eight bytes stand together somewhere."""
        return int.from_bytes(needle[:WINDOW], "little") in self.windows

    @property
    def views(self) -> Collection[View]:
        """All layers."""
        return self.by_content.values()

    def places_of(self, needle: bytes) -> Iterator[str]:
        """Where the bytes stand."""
        return (place for view in self.views if needle in view.data for place in view.places)

    def _index(self, data: bytes) -> None:
        for offset in range(WINDOW):
            usable = (len(data) - offset) // WINDOW * WINDOW
            if usable > 0:
                self.windows.update(array("Q", data[offset : offset + usable]))

    def _open(self, data: bytes) -> Iterator[tuple[str, bytes]]:
        for run in _HEX.finditer(data):
            digits = run[1]
            for start in (0, 1):
                even = digits[start : start + (len(digits) - start) // 2 * 2]
                yield "hex", bytes.fromhex(even.decode())
        for run in _BASE64.finditer(data):
            yield from (("base64", inner) for inner in _decode_base64(run[0]))
        yield from (("unpacked", inner) for inner in _unpack(data))
        for value in _leaves(_parse(data)):
            if len(self.values) < 1 << 16:
                self.values.setdefault(value)
            yield "value", value


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character.isspace() for character in text)


def _decode_base64(run: bytes) -> Iterator[bytes]:
    """Each alignment; a stray last character is left out."""
    standard = run.translate(_TO_STANDARD)
    for start in range(4):
        part = standard[start:]
        whole = part[: len(part) - (len(part) % 4 == 1)]
        yield binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def _unpack(data: bytes) -> Iterator[bytes]:
    try:
        if data[:2] == b"\x1f\x8b":
            yield compression.inflate_gzip(data, max_bytes=MAX_UNPACKED)
        elif data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0:
            yield compression.inflate_zlib(data, max_bytes=MAX_UNPACKED)
    except EncodingError:
        return


def _parse(data: bytes) -> object:
    if data[:1] in b'{["':
        try:
            return parse_json(data, max_bytes=len(data), max_members=MAX_MEMBERS)
        except EncodingError:
            pass
    try:
        return parse_cbor(data, max_bytes=len(data), max_depth=16)
    except EncodingError:
        return None


def _leaves(value: object) -> Iterator[bytes]:
    """Texts and numbers of a parsed value, and the names of its members."""
    if isinstance(value, str):
        yield value.encode()
    elif isinstance(value, bytes):
        yield value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value).encode()
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _leaves(name)
            yield from _leaves(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _leaves(member)
