"""
CW1: a CWT presentation as the text of one QR code, without loss.

    text   = "CW1:" dictionary-id base45(packed)
    packed = uvarint(n) deflated(n bytes) blobs
    lifted = inflate(deflated, preset dictionary)          RFC 1951, raw

It is for CBOR what `packing` is for JOSE. The lifted form is the origin of the first URL, a byte
0xFF, and the CBOR item with its random bytes taken out to the blobs, in order:

    byte strings   the head stays, the bytes go
    numbers        of 4 and 8 bytes: the head stays, the bytes go; of 3 bytes: 0x1C stays for them
    0x5F           a byte string that holds one further item, which follows (COSE headers, claims)
    0x7F .. 0xFF   a text, in which 0xFE stands for the origin

Only what is core deterministic CBOR can be packed, since the bytes are built anew on the other
side; nothing else does a COSE message of this house contain. Dictionaries are in `dictionaries`,
published and immutable. Unpacking refuses what it cannot read with `Malformed`, unfolds no more
than 16 kB, and believes nothing.
"""

import re
from collections.abc import Iterator
from typing import Final

from credentials.dictionaries import CWT_DICTIONARIES, CWT_NEWEST
from credentials.errors import Malformed
from credentials.lifting import read_uvarint, write_uvarint
from encoding import base45, compression
from encoding import errors as encoding_errors
from encoding.cbor import CborKey, CborValue, Tagged, build_cbor, parse_cbor

PREFIX: Final = "CW1:"
MAX_QR_TEXT: Final = 4_296
MAX_UNFOLDED: Final = 16_384
MAX_ORIGIN: Final = 64
MAX_NESTING: Final = 24

_ORIGIN = re.compile(r"https?://[^/\x00]{1,53}")
_UNSIGNED, _NEGATIVE, _BYTES, _, _ARRAY, _MAP, _TAG = range(7)
_THREE_BYTES: Final = 0x1C
_NESTED: Final = 0x5F
_TEXT_BEGINS: Final = 0x7F
_ORIGIN_HERE: Final = b"\xfe"
_ENDS: Final = b"\xff"
_SIMPLE_SIZES: Final = {0xF4: 0, 0xF5: 0, 0xF6: 0, 0xF9: 2, 0xFA: 4, 0xFB: 8}
"""What follows the head of a truth value, null or a floating-point number."""


def build_cwt_qr_text(presentation: bytes) -> str:
    """The text of the QR code."""
    return PREFIX + CWT_NEWEST + base45.encode(pack_cwt(presentation))


def read_cwt_qr_text(text: str) -> bytes:
    """The presentation in a scanned QR text, or Malformed."""
    if not text.startswith(PREFIX) or len(text) > MAX_QR_TEXT:
        raise Malformed("this is no code of a city wallet", detail="not_a_city_code")
    dictionary_id, body = text[len(PREFIX) : len(PREFIX) + 1], text[len(PREFIX) + 1 :]
    if dictionary_id not in CWT_DICTIONARIES:
        raise Malformed("the code needs a newer reader", detail="unknown_dictionary")
    try:
        packed = base45.decode(body)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    return unpack_cwt(packed, dictionary_id=dictionary_id)


def pack_cwt(data: bytes) -> bytes:
    """The packed form, with the newest dictionary."""
    try:
        value = parse_cbor(data, max_bytes=MAX_UNFOLDED)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    lifted, blobs = lift_cbor(value)
    deflated = compression.deflate_raw(lifted, dictionary=CWT_DICTIONARIES[CWT_NEWEST])
    return write_uvarint(len(deflated)) + deflated + blobs


def unpack_cwt(packed: bytes, *, dictionary_id: str = CWT_NEWEST) -> bytes:
    """Undo `pack_cwt`, or refuse with Malformed."""
    count, start = read_uvarint(packed, 0)
    deflated, blobs = packed[start : start + count], packed[start + count :]
    try:
        lifted = compression.inflate_raw(
            deflated, max_bytes=MAX_UNFOLDED, dictionary=CWT_DICTIONARIES[dictionary_id]
        )
        return build_cbor(lower_cbor(lifted, blobs))
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error


def lift_cbor(value: CborValue) -> tuple[bytes, bytes]:
    """The lifted form of an item, and its blobs."""
    found = next((match for text in _texts(value) if (match := _ORIGIN.match(text))), None)
    origin = found[0].encode() if found is not None else b""
    if len(origin) > MAX_ORIGIN:
        origin = b""
    lifted, blobs = bytearray(origin + _ENDS), bytearray()
    _lift(value, origin, lifted, blobs)
    return bytes(lifted), bytes(blobs)


def _texts(value: CborValue) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bytes():
            inner = _nested_item(value)
            if inner is not None:
                yield from _texts(inner)
        case list():
            for item in value:
                yield from _texts(item)
        case dict():
            for item in value.values():
                yield from _texts(item)
        case Tagged():
            yield from _texts(value.value)


def _nested_item(data: bytes) -> list[CborValue] | dict[CborKey, CborValue] | Tagged | None:
    """The structure that a byte string is the encoding of, if it is: headers, claims, messages."""
    if not data or data[0] >> 5 not in (_ARRAY, _MAP, _TAG):
        return None
    try:
        value = parse_cbor(data, max_bytes=MAX_UNFOLDED)
    except encoding_errors.Malformed:
        return None
    return value if isinstance(value, list | dict | Tagged) and build_cbor(value) == data else None


def _lift(value: CborValue, origin: bytes, lifted: bytearray, blobs: bytearray) -> None:
    match value:
        case None | bool() | float():
            lifted += build_cbor(value)
        case int():
            _lift_number(value, lifted, blobs)
        case bytes():
            inner = _nested_item(value)
            if inner is not None:
                lifted.append(_NESTED)
                _lift(inner, origin, lifted, blobs)
                return
            lifted += _head(_BYTES, len(value))
            blobs += value
        case str():
            text = value.encode()
            lifted.append(_TEXT_BEGINS)
            lifted += (text.replace(origin, _ORIGIN_HERE) if origin else text) + _ENDS
        case list():
            lifted += _head(_ARRAY, len(value))
            for item in value:
                _lift(item, origin, lifted, blobs)
        case dict():
            lifted += _head(_MAP, len(value))
            for key, item in value.items():
                _lift(key, origin, lifted, blobs)
                _lift(item, origin, lifted, blobs)
        case Tagged():
            lifted += _head(_TAG, value.tag)
            _lift(value.value, origin, lifted, blobs)


def _lift_number(number: int, lifted: bytearray, blobs: bytearray) -> None:
    if 1 << 16 <= number < 1 << 24:
        lifted.append(_THREE_BYTES)
        blobs += number.to_bytes(3, "big")
        return
    encoded = build_cbor(number)
    if len(encoded) <= 3:
        lifted += encoded
    else:
        lifted.append(encoded[0])
        blobs += encoded[1:]


def _head(major: int, argument: int) -> bytes:
    """A CBOR head: that of a number, under another major type."""
    encoded = build_cbor(argument)
    return bytes([major << 5 | encoded[0]]) + encoded[1:]


def lower_cbor(lifted: bytes, blobs: bytes) -> CborValue:
    """Undo `lift_cbor`, or refuse with Malformed."""
    origin, mark, items = lifted.partition(_ENDS)
    if not mark or len(origin) > MAX_ORIGIN:
        raise _damaged()
    reader = _Reader(items, blobs, origin)
    try:
        value = reader.read_item(MAX_NESTING)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    if reader.position != len(items) or reader.blob != len(blobs):
        raise _damaged()
    return value


class _Reader:
    """A position in each of the two streams. Every read checks that the bytes are there."""

    def __init__(self, items: bytes, blobs: bytes, origin: bytes) -> None:
        self.items, self.blobs, self.origin = items, blobs, origin
        self.position = self.blob = self.unfolded = 0

    def take(self, size: int) -> bytes:
        taken = self.items[self.position : self.position + size]
        if len(taken) != size:
            raise _damaged()
        self.position += size
        return taken

    def take_blob(self, size: int) -> bytes:
        taken = self.blobs[self.blob : self.blob + size]
        if len(taken) != size:
            raise _damaged()
        self.blob += size
        return taken

    def read_argument(self, head: int) -> int:
        """The argument of a head that stands whole in the stream."""
        extra = head & 0x1F
        if extra < 24:
            return extra
        if extra > 27:
            raise _damaged()
        return int.from_bytes(self.take(1 << extra - 24), "big")

    def read_number(self, head: int) -> int:
        extra = head & 0x1F
        if head == _THREE_BYTES:
            return int.from_bytes(self.take_blob(3), "big")
        if extra in (26, 27):
            number = int.from_bytes(self.take_blob(1 << extra - 24), "big")
        else:
            number = self.read_argument(head)
        return number if head >> 5 == _UNSIGNED else -1 - number

    def read_text(self) -> str:
        end = self.items.find(_ENDS, self.position)
        if end < 0:
            raise _damaged()
        raw = self.items[self.position : end]
        self.position = end + 1
        self.unfolded += len(raw) + raw.count(_ORIGIN_HERE) * len(self.origin)
        if self.unfolded > MAX_UNFOLDED:
            raise Malformed(f"a code unfolds beyond {MAX_UNFOLDED} bytes", detail="too_large")
        try:
            return raw.replace(_ORIGIN_HERE, self.origin).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed("the text is not Unicode", detail="invalid_utf8") from error

    def read_item(self, depth: int) -> CborValue:
        if depth == 0:
            raise Malformed("a code is nested too deeply", detail="too_deep")
        head = self.take(1)[0]
        if head == _TEXT_BEGINS:
            return self.read_text()
        if head in _SIMPLE_SIZES:
            return parse_cbor(bytes([head]) + self.take(_SIMPLE_SIZES[head]))
        major = head >> 5
        if major in (_UNSIGNED, _NEGATIVE):
            return self.read_number(head)
        if head == _NESTED:
            return build_cbor(self.read_item(depth - 1))
        if major == _BYTES:
            return self.take_blob(self.read_argument(head))
        return self.read_structure(major, self.read_argument(head), depth - 1)

    def read_structure(self, major: int, argument: int, depth: int) -> CborValue:
        match major:
            case 4:
                return [self.read_item(depth) for _ in range(argument)]
            case 5:
                return self.read_map(argument, depth)
            case 6:
                return Tagged(argument, self.read_item(depth))
            case _:
                raise _damaged()

    def read_map(self, size: int, depth: int) -> dict[CborKey, CborValue]:
        members: dict[CborKey, CborValue] = {}
        for _ in range(size):
            key = self.read_item(depth)
            if isinstance(key, bool) or not isinstance(key, int | str) or key in members:
                raise _damaged()
            members[key] = self.read_item(depth)
        return members


def _damaged() -> Malformed:
    return Malformed("the code is damaged", detail="damaged_code")
