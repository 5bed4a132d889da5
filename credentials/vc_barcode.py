"""
Verifiable Credential Barcodes: credentials small enough for a code on a card.

W3C Verifiable Credential Barcodes, "Encoding to and from barcodes" (BAR-01): `VC1-`, the Multibase
letter `R` of Base45, and the credential in CBOR-LD. Beside it may stand what the card itself says
in a machine-readable zone or a PDF417 barcode: an `OpticalBarcodeCredential` vouches for that, its
proof covers it as extra information (`ecdsa-xi-2023`), and without it such a credential is not
read. What comes out is read, not believed: `verification.verify` judges it.
"""

import base64
import binascii
import re
from typing import Final

from credentials.aamva import parse_pdf417
from credentials.cbor_ld import decode_cbor_ld, encode_cbor_ld
from credentials.cbor_ld_registry import BUILT_IN, Registry, RegistryEntry
from credentials.errors import Malformed
from credentials.ldp import read_ldp
from credentials.model import Credential
from credentials.optical_data import hash_optical_data
from credentials.pinned_contexts import Contexts
from credentials.vcdm_shape import types_of
from encoding import base45, base64url
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue

PREFIX: Final = "VC1-R"
MAX_LENGTH: Final = 4_296
"""What a QR code can hold of these characters."""

OPTICAL: Final = "OpticalBarcodeCredential"
_URL_SAFE = re.compile(r"[A-Za-z0-9_-]+\Z")


def is_barcode(text: str) -> bool:
    """Whether this is the text of a code with a credential."""
    return text.startswith(PREFIX)


def read_barcode(
    text: str,
    *,
    optical: str | None = None,
    contexts: Contexts | None = None,
    registry: Registry = BUILT_IN,
) -> tuple[Credential, ...]:
    """
    The credential in a code. `optical`: the lines of the machine-readable zone, or the text of the
    PDF417 barcode, that was scanned from the same card.
    """
    document = parse_barcode(text, contexts=contexts, registry=registry)
    return read_barcode_document(document, optical=optical, contexts=contexts)


def read_barcode_document(
    document: dict[str, JsonValue], *, optical: str | None, contexts: Contexts | None = None
) -> tuple[Credential, ...]:
    """The credential in an unpacked document, with what it protects beside itself."""
    subject = document.get("credentialSubject")
    if OPTICAL not in types_of(document):
        if optical is not None:
            raise _uncovered("this credential protects nothing beside itself")
        return read_ldp(document, contexts=contexts)
    if optical is None:
        raise Malformed("what this protects is not here", detail="missing_extra_information")
    if not isinstance(subject, dict):
        raise _uncovered("a credential protects one card")
    return read_ldp(document, contexts=contexts, extra=hash_optical_data(subject, optical))


def parse_barcode(
    text: str, *, contexts: Contexts | None = None, registry: Registry = BUILT_IN
) -> dict[str, JsonValue]:
    """The document in the text of a QR code; nothing in it is checked."""
    if not is_barcode(text) or len(text) > MAX_LENGTH:
        raise Malformed(f"the text does not start with {PREFIX}", detail="invalid_barcode")
    try:
        data = base45.decode(text.removeprefix(PREFIX))
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    return _parse_document(data, contexts, registry)


def parse_pdf417_barcode(
    text: str, *, element: str, contexts: Contexts | None = None, registry: Registry = BUILT_IN
) -> dict[str, JsonValue]:
    """The document in one element of the PDF417 barcode of a driver's licence (AAMVA)."""
    return _parse_document(_decode_element(parse_pdf417(text).element(element)), contexts, registry)


def build_barcode(
    document: JsonValue, *, entry: RegistryEntry, contexts: Contexts | None = None
) -> str:
    """The text of a QR code with this credential."""
    text = PREFIX + base45.encode(encode_cbor_ld(document, entry=entry, contexts=contexts))
    if len(text) > MAX_LENGTH:
        raise Malformed("a credential is too large for a code", detail="too_large")
    return text


def _parse_document(
    data: bytes, contexts: Contexts | None, registry: Registry
) -> dict[str, JsonValue]:
    document = decode_cbor_ld(data, contexts=contexts, registry=registry)
    if not isinstance(document, dict):
        raise Malformed("a code holds one credential", detail="invalid_barcode")
    return document


def _decode_element(text: str) -> bytes:
    """Base64url as the text recommends, or base64 with padding as its example has it."""
    try:
        if _URL_SAFE.match(text):
            return base64url.decode(text)
        data = base64.b64decode(text, validate=True)
    except (encoding_errors.Malformed, binascii.Error, ValueError) as error:
        raise Malformed("an element is not base64", detail="invalid_barcode") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise Malformed("an element is not base64", detail="invalid_barcode")
    return data


def _uncovered(message: str) -> Malformed:
    return Malformed(message, detail="uncovered_extra_information")
