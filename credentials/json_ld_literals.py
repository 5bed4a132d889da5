"""
How JSON values become RDF literals, as N-Quads write them (JSON-LD API 8.6, RDFC-1.0 section 5).

Every literal stands for one value only: numbers that two readers would round differently,
control characters and lone surrogates are refused, since somebody else's signature over "the
same" text might then mean another value.
"""

import math
import re
from decimal import Decimal

from credentials.errors import Malformed
from encoding import errors as encoding_errors
from encoding import strict_json
from encoding.strict_json import JsonValue

MAX_INTEGER = 2**53 - 1

_XSD = "http://www.w3.org/2001/XMLSchema#"
_STRING = f"{_XSD}string"
_DOUBLE = f"{_XSD}double"
_JSON = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"
_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f\ud800-\udfff]')
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*\Z")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def write_text(text: str, *, datatype: str | None = None, language: str | None = None) -> str:
    """A string, plain, typed or with its language."""
    quoted = f'"{_SPECIAL.sub(_escape, text)}"' if _SPECIAL.search(text) else f'"{text}"'
    if language is not None:
        if not _LANGUAGE.match(language):
            raise Malformed("a language tag is malformed", detail="invalid_language")
        return f"{quoted}@{language.lower()}"  # as every reader writes it; they mean the same
    if datatype is None or datatype == _STRING:
        return quoted
    return f"{quoted}^^<{datatype}>"


def write_number(number: float, *, datatype: str | None) -> str:
    """An integer or a double; what is written names the number exactly, or it is refused."""
    if isinstance(number, float) and not (number.is_integer() and datatype != _DOUBLE):
        return write_text(_write_double(number), datatype=datatype or _DOUBLE)
    if abs(number) > MAX_INTEGER:
        raise Malformed("a number is outside of +-(2^53 - 1)", detail="integer_out_of_range")
    if datatype == _DOUBLE:
        return write_text(_write_double(float(number)), datatype=_DOUBLE)
    return write_text(str(int(number)), datatype=datatype or f"{_XSD}integer")


def write_boolean(value: bool, *, datatype: str | None) -> str:
    """True or false."""
    return write_text("true" if value else "false", datatype=datatype or f"{_XSD}boolean")


def write_json(value: JsonValue) -> str:
    """A JSON literal: canonical JSON (RFC 8785) as text."""
    try:
        text = strict_json.canonical_json(value).decode("utf-8")
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    return write_text(text, datatype=_JSON)


def _write_double(number: float) -> str:
    """Canonical xsd:double: 15 digits behind the point, zeros at the end dropped."""
    if not math.isfinite(number):
        raise Malformed("a number is not finite", detail="not_a_number")
    text = f"{number:.15E}"
    if Decimal(text) != Decimal(repr(number)):  # the shortest text that names the number
        raise Malformed("a number has more digits than its text", detail="inexact_number")
    mantissa, _, exponent = text.partition("E")
    mantissa = mantissa.rstrip("0")
    return f"{mantissa}{'0' if mantissa.endswith('.') else ''}E{int(exponent)}"


def _escape(found: re.Match[str]) -> str:
    escaped = _ESCAPES.get(found[0])
    if escaped is None:
        raise Malformed("a text holds a control character", detail="control_character")
    return escaped
