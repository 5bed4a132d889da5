"""
How a document of the catalog is written as an mdoc: which claim becomes which element.

A type file names for each element of each namespace a claim, a value that is always the same, or
a form that is made when the document is issued. The elements that ISO 18013-5 section 7.2.1
demands of a driving licence must all be there; an optional claim that is missing leaves out its
element, a mandatory one is refused.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from credentials.errors import Malformed
from credentials.mdoc_values import build_full_date
from encoding.cbor import CborValue
from encoding.strict_json import JsonValue

MDL: Final = "org.iso.18013.5.1.mDL"
MDL_NAMESPACE: Final = "org.iso.18013.5.1"
MANDATORY: Final = MappingProxyType(
    {
        MDL: frozenset(
            {
                "family_name",
                "given_name",
                "birth_date",
                "issue_date",
                "expiry_date",
                "issuing_country",
                "issuing_authority",
                "document_number",
                "portrait",
                "driving_privileges",
                "un_distinguishing_sign",
            }
        )
    }
)
"""Document type to the elements of its own namespace that it is not without."""

_JPEG = "data:image/jpeg;base64,"
_ADULT = 18


@dataclass(frozen=True, slots=True)
class Element:
    """
    One element: from a claim, in a form, or the same `value` in every document. `form` None
    writes the claim as it is.
    """

    namespace: str
    name: str
    claim: str | None
    form: str | None
    value: str | None


@dataclass(frozen=True, slots=True)
class MdocMapping:
    """A document type and its elements, in the order in which they are issued."""

    doc_type: str
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Issuance:
    """What is known only when a document is issued; `country` is that of the certificate."""

    on: date
    expires: date
    country: str
    authority: str


def parse_mapping(value: JsonValue, *, kinds: Mapping[str, str]) -> MdocMapping:
    """
    Read the `mdoc` member of a type file. `kinds`: the kind of each claim at the top level.
    """
    if not isinstance(value, dict) or value.keys() != {"doctype", "namespaces"}:
        raise _fault("mdoc must have a doctype and namespaces")
    doc_type, namespaces = value["doctype"], value["namespaces"]
    if not isinstance(doc_type, str) or not isinstance(namespaces, dict):
        raise _fault("mdoc must have a doctype and namespaces")
    elements = []
    for namespace, members in namespaces.items():
        if not isinstance(members, dict) or not members:
            raise _fault(f"mdoc {namespace} must have elements")
        elements += [_parse_element(namespace, *each, kinds=kinds) for each in members.items()]
    missing = MANDATORY.get(doc_type, frozenset()) - {
        each.name for each in elements if each.namespace == MDL_NAMESPACE
    }
    if missing:
        raise _fault(f"mdoc lacks {', '.join(sorted(missing))}")
    return MdocMapping(doc_type=doc_type, elements=tuple(elements))


def build_namespaces(
    mapping: MdocMapping, claims: Mapping[str, JsonValue], *, issuance: Issuance
) -> dict[str, dict[str, CborValue]]:
    """The elements of a document with these claims, which fit its type (`validate_claims`)."""
    namespaces: dict[str, dict[str, CborValue]] = {}
    mandatory = MANDATORY.get(mapping.doc_type, frozenset())
    for element in mapping.elements:
        if element.claim is None or element.claim in claims:
            value = _build_element(element, claims, issuance)
            namespaces.setdefault(element.namespace, {})[element.name] = value
        elif element.namespace == MDL_NAMESPACE and element.name in mandatory:
            raise Malformed(f"an mdoc needs the claim {element.claim}", detail="missing_element")
    return namespaces


def _parse_element(
    namespace: str, name: str, value: JsonValue, *, kinds: Mapping[str, str]
) -> Element:
    where = f"mdoc {namespace}.{name}"
    if not isinstance(value, dict) or not value or value.keys() - {"claim", "form", "value"}:
        raise _fault(f"{where} must have a claim, a form or a value")
    claim, form, fixed = (value.get(each) for each in ("claim", "form", "value"))
    if not all(each is None or isinstance(each, str) for each in (claim, form, fixed)):
        raise _fault(f"{where} must be text")
    if (fixed is None) == (claim is None and form is None):
        raise _fault(f"{where} must have either a value or a claim or form")
    if form is not None and form not in (_OF_CLAIMS if claim is not None else _OF_ISSUANCE):
        raise _fault(f"{where} has an unknown form")
    expected = _OF_CLAIMS[str(form)][0] if claim is not None and form is not None else None
    kind = kinds.get(str(claim))
    if claim is not None and (kind is None or (expected is not None and kind != expected)):
        raise _fault(f"{where} names no claim of a fitting kind")
    return Element(
        namespace=namespace,
        name=name,
        claim=str(claim) if claim is not None else None,
        form=str(form) if form is not None else None,
        value=str(fixed) if fixed is not None else None,
    )


def _build_element(
    element: Element, claims: Mapping[str, JsonValue], issuance: Issuance
) -> CborValue:
    if element.value is not None:
        return element.value
    if element.claim is None:
        return _OF_ISSUANCE[str(element.form)](issuance)
    claim = claims[element.claim]
    if element.form is None:
        return claim  # type: ignore[return-value]
    return _OF_CLAIMS[element.form][1](claim, issuance)


def _build_date(claim: JsonValue, _: Issuance) -> CborValue:
    return build_full_date(date.fromisoformat(str(claim)))


def _build_portrait(claim: JsonValue, _: Issuance) -> CborValue:
    """ISO 18013-5 knows JPEG, and no PNG or WebP."""
    text = str(claim)
    if not text.startswith(_JPEG):
        raise Malformed("the portrait of an mdoc must be a JPEG", detail="missing_element")
    return base64.b64decode(text.removeprefix(_JPEG), validate=True)


def _build_privileges(claim: JsonValue, _: Issuance) -> CborValue:
    codes = claim if isinstance(claim, list) else []
    return [{"vehicle_category_code": str(code)} for code in codes]


def _build_adulthood(claim: JsonValue, issuance: Issuance) -> CborValue:
    """Who is born on a 29 February is of age on 1 March."""
    born, on = date.fromisoformat(str(claim)), issuance.on
    return (on.year - _ADULT, on.month, on.day) >= (born.year, born.month, born.day)


_OF_CLAIMS: Mapping[str, tuple[str, Callable[[JsonValue, Issuance], CborValue]]] = MappingProxyType(
    {
        "full-date": ("date", _build_date),
        "jpeg": ("image", _build_portrait),
        "privileges": ("array", _build_privileges),
        "age-over-18": ("date", _build_adulthood),
    }
)
_OF_ISSUANCE: Mapping[str, Callable[[Issuance], CborValue]] = MappingProxyType(
    {
        "issue-date": lambda issuance: build_full_date(issuance.on),
        "expiry-date": lambda issuance: build_full_date(issuance.expires),
        "country": lambda issuance: issuance.country,
        "authority": lambda issuance: issuance.authority,
    }
)


def _fault(problem: str) -> Malformed:
    return Malformed(problem, detail="invalid_type_file")
