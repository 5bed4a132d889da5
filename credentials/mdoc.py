"""
Mdocs as presented (ISO 18013-5): an IssuerSigned, and a DeviceResponse of one or more documents.

Every element that is shown is compared with its digest in the signed object; one that differs or
has none makes the whole credential altered, which check 4 says. Refused as malformed: two items
for one element or one digest id, a document type that differs from the signed one (S-044), a
response that reports an error, a device that authenticates itself with a MAC (its key agreement
needs a reader key, which no session over OpenID4VP has), and elements that the device signed
without the issuer's leave. What a device signed itself is not among the claims: those are what
the issuer says.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from credentials.cose import CoseSign1, parse_cose_sign1, parse_value, read_x5chain, sig_structure
from credentials.device_authentication import NO_NAMESPACES
from credentials.errors import Malformed
from credentials.mdoc_values import build_json, parse_embedded, parse_map
from credentials.mobile_security_object import (
    MobileSecurityObject,
    check_version,
    parse_mso,
    parse_name,
)
from credentials.model import Credential, DeviceBinding, Format, IssuerKeyHint
from encoding import base64url
from encoding.cbor import CborValue, build_embedded
from encoding.strict_json import JsonValue

MAX_DOCUMENTS: Final = 16  # security.md "Limits"
MIN_SALT_BYTES: Final = 16  # ISO 18013-5 section 9.1.2.5

_ITEM_MEMBERS = {"digestID", "random", "elementIdentifier", "elementValue"}


@dataclass(frozen=True, slots=True)
class _Shown:
    """The elements of a document by namespace, and why they are not what was signed, if so."""

    claims: dict[str, JsonValue]
    alteration: str | None


def read_issuer_signed(data: bytes) -> tuple[Credential, ...]:
    """An mdoc as its issuer hands it over; nobody has proven to hold it."""
    return read_issuer_signed_value(parse_value(data))


def read_issuer_signed_value(value: CborValue) -> tuple[Credential, ...]:
    """The same of what `cose.parse_value` made of the bytes."""
    return (_read_issuer_signed(parse_map(value), doc_type=None, device=None),)


def read_device_response(data: bytes) -> tuple[Credential, ...]:
    """Every document of a response that reports no error."""
    return read_device_response_value(parse_value(data))


def read_device_response_value(value: CborValue) -> tuple[Credential, ...]:
    """The same of what `cose.parse_value` made of the bytes."""
    response = parse_map(value)
    check_version(response.get("version"))
    status = response.get("status")
    if type(status) is not int or status != 0:
        raise Malformed("the response reports an error", detail="response_status")
    documents = response.get("documents")
    if not isinstance(documents, list) or not 0 < len(documents) <= MAX_DOCUMENTS:
        raise Malformed(
            f"a response holds 1 to {MAX_DOCUMENTS} documents", detail="empty_presentation"
        )
    return tuple(_read_document(parse_map(each)) for each in documents)


def _read_document(document: Mapping[str, CborValue]) -> Credential:
    signed_by_device = parse_map(document.get("deviceSigned"))
    credential = _read_issuer_signed(
        parse_map(document.get("issuerSigned")),
        doc_type=parse_name(document.get("docType")),
        device=signed_by_device,
    )
    _check_errors(document.get("errors", {}), shown=credential.claims)
    return credential


def _read_issuer_signed(
    signed: Mapping[str, CborValue],
    *,
    doc_type: str | None,
    device: Mapping[str, CborValue] | None,
) -> Credential:
    message = parse_cose_sign1(signed.get("issuerAuth"), tagged=None)
    if message.payload is None:
        raise Malformed("the issuer's signature has no payload", detail="invalid_mdoc")
    x5c = read_x5chain(message)
    if not x5c:
        raise Malformed("the issuer's certificate is missing", detail="missing_x5chain")
    mso = parse_mso(message.payload)
    if doc_type is not None and doc_type != mso.doc_type:
        raise Malformed("the document is of another type than signed", detail="doctype_mismatch")
    shown = _read_namespaces(parse_map(signed.get("nameSpaces", {})), mso)
    return Credential(
        format=Format.MSO_MDOC,
        issuer="",
        types=(mso.doc_type,),
        claims=shown.claims,
        issued_at=mso.signed,
        valid_from=mso.valid_from,
        valid_until=mso.valid_until,
        statuses=mso.statuses,
        links=(),
        holder_key=mso.device_key,
        key_hint=IssuerKeyHint(algorithm=message.algorithm, key_id=None, x5c=x5c),
        signing_input=sig_structure(message.protected, message.payload),
        signature=message.signature,
        key_binding=_read_device_signed(device, mso) if device is not None else None,
        alteration=shown.alteration,
    )


def _read_namespaces(namespaces: Mapping[str, CborValue], mso: MobileSecurityObject) -> _Shown:
    claims: dict[str, JsonValue] = {}
    alteration = None
    for namespace, items in namespaces.items():
        if not isinstance(items, list) or not items:
            raise Malformed("a namespace must hold elements", detail="invalid_mdoc")
        elements: dict[str, JsonValue] = {}
        numbers: set[int] = set()
        for each in items:
            embedded = parse_embedded(each)
            number, name, value = _read_item(embedded)
            if name in elements or number in numbers:
                raise Malformed("an element is shown twice", detail="duplicate_element")
            numbers.add(number)
            elements[name] = build_json(value)
            if alteration is None:
                alteration = mso.alteration(namespace, number, build_embedded(embedded))
        claims[namespace] = elements
    return _Shown(claims, alteration)


def _read_item(embedded: bytes) -> tuple[int, str, CborValue]:
    """An IssuerSignedItem: its digest id, name and value."""
    item = parse_value(embedded)
    if not isinstance(item, dict) or item.keys() != _ITEM_MEMBERS:
        raise Malformed("an element is not an IssuerSignedItem", detail="invalid_item")
    number, salt, name = item["digestID"], item["random"], item["elementIdentifier"]
    if type(number) is not int or number < 0 or not isinstance(name, str) or not name:
        raise Malformed("an element is not an IssuerSignedItem", detail="invalid_item")
    if not isinstance(salt, bytes) or len(salt) < MIN_SALT_BYTES:
        raise Malformed("an element's salt is too short", detail="weak_salt")
    return number, name, item["elementValue"]


def _read_device_signed(
    device: Mapping[str, CborValue], mso: MobileSecurityObject
) -> DeviceBinding:
    namespaces = device.get("nameSpaces")
    embedded = parse_embedded(namespaces)
    signed = parse_map(parse_value(embedded)) if embedded != NO_NAMESPACES else {}
    for namespace, elements in signed.items():
        for element in parse_map(elements):
            if not mso.authorizations.allows(namespace, element):
                raise Malformed("the device signed what it may not", detail="unauthorised_element")
    authentication = parse_map(device.get("deviceAuth"))
    if "deviceMac" in authentication:
        raise Malformed("a device's MAC is not accepted", detail="device_mac_not_accepted")
    message = parse_cose_sign1(authentication.get("deviceSignature"), tagged=None)
    if message.payload is not None:
        raise Malformed("a device signature is detached", detail="invalid_mdoc")
    return DeviceBinding(
        doc_type=mso.doc_type,
        namespaces=embedded,
        protected=message.protected,
        algorithm=message.algorithm,
        signature=message.signature,
        digest=_digest(message, embedded),
    )


def _digest(message: CoseSign1, namespaces: bytes) -> str:
    """
    What a replay is recognised by. The signed session is not at hand, but the first half of the
    signature is made for it alone; the second half has two valid forms in ECDSA.
    """
    half = message.signature[: len(message.signature) // 2]
    return base64url.encode(hashlib.sha256(message.protected + half + namespaces).digest())


def _check_errors(value: CborValue, *, shown: Mapping[str, JsonValue]) -> None:
    """Namespace to element to error code: an element that could not be shown is not shown."""
    for namespace, codes in parse_map(value).items():
        elements = shown.get(namespace, {})
        for element, code in parse_map(codes).items():
            if type(code) is not int or (isinstance(elements, dict) and element in elements):
                raise Malformed("a document's errors contradict it", detail="invalid_errors")
