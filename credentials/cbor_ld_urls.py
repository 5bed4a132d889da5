"""
URLs as CBOR-LD writes them: a number for the scheme, and the rest as bytes where that is shorter.

CBOR-LD 1.0 leaves this codec to its reference implementation; the numbers are those of its table
of schemes. What has no such form stays text. Bounded: base58 takes quadratic time.
"""

import base64
import binascii
import re
from typing import Final

from credentials.errors import Malformed
from credentials.iris import is_absolute_iri
from encoding import errors as encoding_errors
from encoding import multibase
from encoding.cbor import CborValue

MAX_BASE58_BYTES: Final = 512

_SCHEMES: Final = {
    "http://": 1,
    "https://": 2,
    "urn:uuid:": 3,
    "data:": 4,
    "did:v1:nym:": 1024,
    "did:key:": 1025,
}
_BY_NUMBER: Final = {number: scheme for scheme, number in _SCHEMES.items()}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_BASE64_DATA = re.compile(r"(.*);base64,(.*)\Z")


def pack_url(text: str) -> CborValue:
    """An array where the scheme has a number and no colon follows; the text itself otherwise."""
    scheme = next((each for each in _SCHEMES if text.startswith(each)), None)
    if scheme is None or not is_absolute_iri(text):
        return text
    rest = text[len(scheme) :]
    if ":" in rest:
        return text
    if scheme == "urn:uuid:":
        is_packable = _UUID.match(rest) is not None
        packed: list[CborValue] = [bytes.fromhex(rest.replace("-", "")) if is_packable else rest]
    elif scheme == "data:":
        packed = _pack_data(rest)
    elif scheme.startswith("did:"):
        if rest.count("#") > 1:
            return text
        packed = [_pack_key(part) for part in rest.split("#")]
    else:
        packed = [rest]
    return [_SCHEMES[scheme], *packed]


def unpack_url(value: list[CborValue]) -> str:
    """The URL that an array stands for; whether it is the only form is told by writing it again."""
    number = value[0] if value else None
    scheme = _BY_NUMBER.get(number) if type(number) is int else None
    match scheme, value[1:]:
        case "urn:uuid:", [bytes(data)] if len(data) == 16:
            digits = data.hex()
            parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
            return scheme + "-".join(parts)
        case "data:", [str(media_type), bytes(data)]:
            return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"
        case "did:v1:nym:" | "did:key:", [*parts] if 1 <= len(parts) <= 2:
            return scheme + "#".join([_unpack_key(part) for part in parts])
        case str(), [str(rest)]:
            return scheme + rest
    raise _fault("an array is no URL")


def pack_multibase(text: str) -> CborValue:
    """The base's letter and the bytes, in one byte string; text that is no multibase stays text."""
    try:
        if text[:1] == "M":
            return b"M" + _decode_base64(text[1:])
        if text[:1] in ("z", "u"):
            return text[0].encode("ascii") + multibase.decode_multibase(text)
    except encoding_errors.Malformed:
        return text
    return text


def unpack_multibase(data: bytes) -> str:
    """The text that such a byte string stands for."""
    base = data[:1]
    if base == b"M":
        return "M" + base64.b64encode(data[1:]).decode("ascii")
    if base == b"z":
        return _unpack_key(data[1:])
    if base == b"u":
        return multibase.encode_multibase(data[1:], base="u")
    raise _fault("bytes are in no known base")


def _pack_data(rest: str) -> list[CborValue]:
    found = _BASE64_DATA.match(rest)
    if found:
        try:
            return [found[1], _decode_base64(found[2])]
        except encoding_errors.Malformed:
            return [rest]
    return [rest]


def _pack_key(part: str) -> CborValue:
    packed = pack_multibase(part) if part.startswith("z") else part
    return packed[1:] if isinstance(packed, bytes) else part


def _unpack_key(part: CborValue) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, bytes):
        raise _fault("a key is neither bytes nor text")
    if len(part) > MAX_BASE58_BYTES:
        raise Malformed("base58 stands for too many bytes", detail="too_large")
    return multibase.encode_multibase(part)


def _decode_base64(text: str) -> bytes:
    """Standard base64 with its padding, in the only form that `b64encode` writes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise encoding_errors.Malformed("not base64", detail="invalid_base64url") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise encoding_errors.Malformed("not base64", detail="invalid_base64url")
    return data


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="invalid_cbor_ld")
