"""
What a Verifiable Credential Barcode protects beside itself: the machine-readable zone or the
PDF417 barcode of the card that it is printed on.

W3C Verifiable Credential Barcodes, "Create opticalDataBytes": the protected lines or elements in a
fixed order, each with a newline, hashed. `ecdsa-xi-2023` signs that hash as extra information
(BAR-01). Only what is hashed here is vouched for; the rest of a card may have been changed.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from credentials.aamva import MANDATORY, parse_pdf417
from credentials.errors import Malformed
from encoding import errors as encoding_errors
from encoding import multibase
from encoding.strict_json import JsonValue

MACHINE_READABLE_ZONE: Final = "MachineReadableZone"
AAMVA_LICENCE: Final = "AamvaDriversLicenseScannableInformation"

_ZONES: Final = frozenset({(30, 30, 30), (36, 36), (44, 44)})
"""Lines of the documents of ICAO 9303: TD1; TD2 and MRV-B; TD3 and MRV-A."""
_LINE = re.compile(r"[A-Z0-9<]+\Z")
_INDEX_BYTES: Final = 3
_PADDING: Final = 0b11


def hash_optical_data(subject: Mapping[str, JsonValue], text: str) -> bytes:
    """The extra information that protects `text`, as the credential's subject says."""
    return hashlib.sha256(canonical_optical_data(subject, text).encode("utf-8")).digest()


def canonical_optical_data(subject: Mapping[str, JsonValue], text: str) -> str:
    """The protected parts of what was scanned, in their order, a newline behind each."""
    kind = subject.get("type")
    if kind in (MACHINE_READABLE_ZONE, [MACHINE_READABLE_ZONE]):
        if "protectedComponentIndex" in subject:
            raise _fault("a machine-readable zone is protected as a whole")
        return canonical_zone(text)
    if kind in (AAMVA_LICENCE, [AAMVA_LICENCE]):
        index = subject.get("protectedComponentIndex")
        return canonical_elements(parse_pdf417(text).licence, index)
    raise _fault("a barcode protects something unknown")


def canonical_zone(text: str) -> str:
    """All lines of a machine-readable zone (ICAO 9303)."""
    lines = text.removesuffix("\n").split("\n")
    is_zone = tuple(map(len, lines)) in _ZONES and all(_LINE.match(line) for line in lines)
    if not is_zone:
        raise Malformed("this is no machine-readable zone", detail="invalid_optical_data")
    return "".join(f"{line}\n" for line in lines)


def canonical_elements(elements: Mapping[str, str], index: JsonValue) -> str:
    """The elements whose bits are set in the index."""
    names = read_index(index)
    missing = [name for name in names if name not in elements]
    if missing:
        raise Malformed("a protected element is not there", detail="invalid_optical_data")
    return "".join(f"{name}{elements[name]}\n" for name in names)


def read_index(index: JsonValue) -> tuple[str, ...]:
    """The names of the mandatory elements that are protected; the last two bits are padding."""
    if not isinstance(index, str) or not index.startswith("u"):
        raise _fault("an index of components is not base64url")
    try:
        data = multibase.decode_multibase(index)
    except encoding_errors.Malformed as error:
        raise _fault("an index of components is not base64url") from error
    bits = int.from_bytes(data, "big")
    if len(data) != _INDEX_BYTES or bits & _PADDING:
        raise _fault("an index of components has 22 bits and padding")
    last = 8 * _INDEX_BYTES - 1
    return tuple(name for place, name in enumerate(MANDATORY) if bits >> last - place & 1)


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="invalid_protected_components")
