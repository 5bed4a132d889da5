"""
Single values as CBOR-LD writes them, by the type that the contexts give their word.

CBOR-LD 1.0, "Codecs". A value in a table of the registry entry is its number; a URL, a time, a
date and a multibase text have short forms of their own; everything else is plain. Values that
other readers could take for something else, such as a number where a URL stands, are refused.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from credentials.cbor_ld_registry import NO_TYPE_TABLE, URL_TABLE, RegistryEntry
from credentials.cbor_ld_terms import Terms
from credentials.cbor_ld_urls import pack_multibase, pack_url, unpack_multibase, unpack_url
from credentials.errors import Malformed
from credentials.json_ld_context import Term
from encoding.cbor import CborValue
from encoding.strict_json import JsonValue

MAX_INTEGER: Final = 2**53 - 1

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_DATE: Final = f"{_XSD}date"
_DATE_TIME: Final = f"{_XSD}dateTime"
_MULTIBASE: Final = "https://w3id.org/security#multibase"
_AS_BYTES: Final = frozenset({URL_TABLE, NO_TYPE_TABLE, _DATE, _DATE_TIME})
"""Types whose numbers stand in bytes: a plain number means something else there."""
_TEXT_ONLY: Final = frozenset({URL_TABLE, _DATE, _DATE_TIME})

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_DATE_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_DATE_TIME_TEXT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{3}))?Z\Z"
)


def table_of(word: str, term: Term | None) -> str:
    """Under which type the values of a word are looked up."""
    iri = term.iri if term is not None else None
    kind = term.type if term is not None else None
    is_url = bool({"@id", "@type"} & {word, iri}) or kind in ("@id", "@vocab")
    return URL_TABLE if is_url else kind or NO_TYPE_TABLE


@dataclass(frozen=True, slots=True)
class ValueCodec:
    """Values of one document: the tables of its entry, the numbers of its terms."""

    entry: RegistryEntry
    terms: Terms

    def may_nest(self, table: str) -> bool:
        """Whether an array may stand inside an array; for some types it is one value."""
        return table not in (URL_TABLE, _DATE_TIME)

    def encode(self, value: JsonValue, table: str) -> CborValue:
        """A value that is neither array nor object."""
        if isinstance(value, str):
            return self._encode_text(value, table)
        if table in _TEXT_ONLY and value is not None:
            raise Malformed("a value is not text", detail="not_encodable")
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        if is_integer and table != NO_TYPE_TABLE and self.entry.has_table(table):
            raise Malformed("a number stands where a table counts", detail="not_encodable")
        return build_plain(value)

    def decode(self, value: CborValue, table: str) -> JsonValue:
        """The same back. An array that is no value of this type is not for here."""
        match value:
            case bytes():
                return self._decode_bytes(value, table)
            case int() if not isinstance(value, bool):
                return self._decode_integer(value, table)
            case list() if table == URL_TABLE:
                return unpack_url(value)
            case list() if table == _DATE_TIME:
                return _unpack_milliseconds(value)
        return read_plain(value)

    def _encode_text(self, text: str, table: str) -> CborValue:
        number = self.entry.find_number(table, text)
        if number is not None:
            return _build_number(number) if table in _AS_BYTES else number
        if table == URL_TABLE:
            term = self.terms.numbers.get(text)
            return term if term is not None else pack_url(text)
        if table == _MULTIBASE:
            return pack_multibase(text)
        if table == _DATE:
            return _pack_date(text)
        return _pack_date_time(text) if table == _DATE_TIME else text

    def _decode_bytes(self, data: bytes, table: str) -> str:
        if table not in _AS_BYTES:
            if table == _MULTIBASE:
                return unpack_multibase(data)
            raise Malformed("a value of this type has no bytes", detail="invalid_cbor_ld")
        return self._look_up(int.from_bytes(data, "big"), table)

    def _decode_integer(self, number: int, table: str) -> JsonValue:
        if table == URL_TABLE:
            return self.terms.find_word(number)
        if table == _DATE:
            return _unpack_time(number).date().isoformat()
        if table == _DATE_TIME:
            return _unpack_time(number).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
        if table != NO_TYPE_TABLE and self.entry.has_table(table):
            return self._look_up(number, table)
        return read_plain(number)

    def _look_up(self, number: int, table: str) -> str:
        text = self.entry.find_text(table, number)
        if text is None:
            raise Malformed("the registry entry has no such value", detail="unknown_value")
        return text


def build_plain(value: JsonValue) -> CborValue:
    """JSON as CBOR, without any compression. A whole number has one form only."""
    if isinstance(value, dict):
        return {name: build_plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [build_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_INTEGER:
        value = int(value)
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise Malformed("a number is too large for JSON", detail="integer_out_of_range")
    return value


def read_plain(value: CborValue) -> JsonValue:
    """CBOR that JSON can say, as JSON."""
    if isinstance(value, dict):
        members: dict[str, JsonValue] = {}
        for name, member in value.items():
            if not isinstance(name, str):
                raise Malformed("a name is not text", detail="invalid_cbor_ld")
            members[name] = read_plain(member)
        return members
    if isinstance(value, list):
        return [read_plain(each) for each in value]
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise Malformed("a number is too large for JSON", detail="integer_out_of_range")
    if value is None or isinstance(value, str | int | float):
        return value
    raise Malformed("a value has no form in JSON", detail="invalid_cbor_ld")


def _build_number(number: int) -> bytes:
    """In 1, 2 or 4 bytes. One with all bits set takes the next size, as others write it."""
    size = next((each for each in (1, 2, 4) if number < 256**each - 1), 8)
    return number.to_bytes(size, "big")


def _pack_date(text: str) -> CborValue:
    moment = _parse_time(f"{text}T00:00:00") if _DATE_TEXT.match(text) else None
    return text if moment is None else (moment - _EPOCH) // _SECOND


def _pack_date_time(text: str) -> CborValue:
    found = _DATE_TIME_TEXT.match(text)
    moment = _parse_time(found[1]) if found else None
    if found is None or moment is None:
        return text
    seconds = (moment - _EPOCH) // _SECOND
    return seconds if found[2] is None else [seconds, int(found[2])]


def _parse_time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _unpack_time(seconds: int) -> datetime:
    if not (_FIRST - _EPOCH) // _SECOND <= seconds <= (_LAST - _EPOCH) // _SECOND:
        raise Malformed("a time is out of range", detail="invalid_cbor_ld")
    return _EPOCH + timedelta(seconds=seconds)


def _unpack_milliseconds(value: list[CborValue]) -> str:
    match value:
        case [int(seconds), int(milliseconds)] if 0 <= milliseconds < 1000:
            second = _unpack_time(seconds).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
            return f"{second}.{milliseconds:03}Z"
    raise Malformed("an array is no time", detail="invalid_cbor_ld")
