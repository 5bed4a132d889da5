"""
What a holder makes of an mdoc: a selection of its elements, and a signed DeviceResponse.

In two steps, as the device key may stay in its place: `build_device_signing_input` gives the
bytes to sign, `build_document` takes the signature. ISO 18013-5 section 8.3.2.1.2.2.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from credentials.cose import build_value, parse_cose_sign1, parse_value
from credentials.device_authentication import (
    NO_NAMESPACES,
    build_device_authentication,
    build_device_protected,
)
from credentials.errors import Malformed
from credentials.mdoc_values import EMBEDDED_TAG, parse_embedded_map, parse_map
from credentials.mobile_security_object import parse_mso
from encoding.cbor import CborKey, CborValue, Tagged

RESPONSE_VERSION: Final = "1.0"


def select_elements(issuer_signed: bytes, elements: Mapping[str, Collection[str]]) -> bytes:
    """
    The IssuerSigned with only these elements of each namespace; all of them must be there.
    """
    members = parse_map(parse_value(issuer_signed))
    namespaces = parse_map(members.get("nameSpaces", {}))
    selected: dict[CborKey, CborValue] = {}
    for namespace, names in elements.items():
        items = namespaces.get(namespace, [])
        if not isinstance(items, list):
            raise Malformed("a namespace must hold elements", detail="invalid_mdoc")
        by_name = {parse_embedded_map(item).get("elementIdentifier"): item for item in items}
        if not by_name.keys() >= set(names):
            raise Malformed("the mdoc has no such element", detail="unknown_element")
        chosen = [item for name, item in by_name.items() if name in names]
        if chosen:
            selected[namespace] = chosen
    shown: dict[CborKey, CborValue] = {"issuerAuth": members.get("issuerAuth")}
    return build_value(shown | {"nameSpaces": selected} if selected else shown)


def build_device_signing_input(
    issuer_signed: bytes, *, transcript: Sequence[CborValue], algorithm: str
) -> bytes:
    """What the device key signs to show this document in this session."""
    return build_device_authentication(
        transcript=transcript,
        doc_type=_doc_type_of(parse_map(parse_value(issuer_signed))),
        namespaces=NO_NAMESPACES,
        protected=build_device_protected(algorithm),
    )


def build_document(issuer_signed: bytes, *, algorithm: str, signature: bytes) -> CborValue:
    """A document of a response, with the raw signature over its signing input."""
    members = parse_map(parse_value(issuer_signed))
    return {
        "docType": _doc_type_of(members),
        "issuerSigned": dict(members.items()),
        "deviceSigned": {
            "nameSpaces": Tagged(EMBEDDED_TAG, NO_NAMESPACES),
            "deviceAuth": {
                "deviceSignature": [build_device_protected(algorithm), {}, None, signature]
            },
        },
    }


def build_device_response(documents: Sequence[CborValue]) -> bytes:
    """The encoded response of these documents."""
    return build_value({"version": RESPONSE_VERSION, "documents": list(documents), "status": 0})


def _doc_type_of(issuer_signed: Mapping[str, CborValue]) -> str:
    message = parse_cose_sign1(issuer_signed.get("issuerAuth"), tagged=None)
    if message.payload is None:
        raise Malformed("the issuer's signature has no payload", detail="invalid_mdoc")
    return parse_mso(message.payload).doc_type
