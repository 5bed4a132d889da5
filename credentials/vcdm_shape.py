"""
The shape of W3C documents: Verifiable Credentials Data Model 2.0, section 4.

Checks what can be told from the document alone (VCDM-01 to VCDM-11, S-030): contexts, types,
URLs, times, names. No context is ever loaded: a type counts as mapped when the base context, an
inline context or a foreign context could define it; terms of the base context must not be
redefined (S-033).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp
from encoding.strict_json import JsonValue

MAX_KEPT_URL = 512
BASE_CONTEXT = "https://www.w3.org/ns/credentials/v2"
ENVELOPED_CREDENTIAL = "EnvelopedVerifiableCredential"
ENVELOPED_PRESENTATION = "EnvelopedVerifiablePresentation"

# Absolute URL or URN: a scheme, then no white space and nothing that RFC 3986 leaves out.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")

# Types that the base context maps.
_BASE_TYPES = frozenset(
    {"VerifiableCredential", "EnvelopedVerifiableCredential", "VerifiablePresentation"}
    | {"EnvelopedVerifiablePresentation", "JsonSchemaCredential", "JsonSchema"}
    | {"BitstringStatusListCredential", "BitstringStatusList", "BitstringStatusListEntry"}
    | {"DataIntegrityProof"}
)
# Other terms that the base context protects.
_BASE_TERMS = _BASE_TYPES | frozenset(
    {"id", "type", "description", "name", "digestMultibase", "digestSRI", "mediaType", "proof"}
    | {"confidenceMethod", "credentialSchema", "credentialStatus", "credentialSubject"}
    | {"evidence", "issuer", "refreshService", "relatedResource", "renderMethod", "termsOfUse"}
    | {"validFrom", "validUntil", "holder", "verifiableCredential"}
)
_TYPED_MEMBERS = (
    "credentialStatus",
    "credentialSchema",
    "evidence",
    "termsOfUse",
    "refreshService",
    "renderMethod",
    "confidenceMethod",
    "proof",
)
_LANGUAGE_MEMBERS = frozenset({"@value", "@language", "@direction"})


def check_credential(document: Mapping[str, JsonValue]) -> None:
    """Refuse what is not a credential of VCDM 2.0."""
    _check_envelope(document, required_type="VerifiableCredential")
    check_issuer(document.get("issuer"))
    _check_subjects(document.get("credentialSubject"))
    read_validity(document)
    for member in _TYPED_MEMBERS:
        if member in document:
            for each in _objects(document, member):
                _check_types(each.get("type"), where=member)
                _check_id(each, where=member, required=member == "credentialSchema")
    _check_related_resources(document)
    _check_names(document)
    issuer = document.get("issuer")
    if isinstance(issuer, dict):
        _check_names(issuer)


def check_presentation(document: Mapping[str, JsonValue]) -> None:
    """Refuse what is not a presentation of VCDM 2.0; its credentials are checked too."""
    _check_envelope(document, required_type="VerifiablePresentation")
    if "holder" in document:
        check_issuer(document["holder"], name="holder")
    for proof in _objects(document, "proof"):
        _check_types(proof.get("type"), where="proof")
    for credential in _objects(document, "verifiableCredential"):
        if ENVELOPED_CREDENTIAL in types_of(credential):
            read_envelope(credential)
        else:
            check_credential(credential)


def types_of(document: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """The types, whether written as one string or as an array."""
    value = document.get("type")
    listed = value if isinstance(value, list) else [value]
    return tuple([each for each in listed if isinstance(each, str)])


def issuer_of(document: Mapping[str, JsonValue]) -> str:
    """The issuer's URL, whether written alone or inside an object."""
    issuer = document.get("issuer")
    check_issuer(issuer)
    return str(issuer["id"]) if isinstance(issuer, dict) else str(issuer)


def check_issuer(value: JsonValue, *, name: str = "issuer") -> None:
    """VCDM-03: a URL, or an object with a URL `id`."""
    _check_url(value.get("id") if isinstance(value, dict) else value, where=name)


def read_validity(document: Mapping[str, JsonValue]) -> tuple[datetime | None, datetime | None]:
    """`validFrom` and `validUntil`, in order (VCDM-06)."""
    valid_from, valid_until = [
        parse_date_time_stamp(document[name], name=name) if name in document else None
        for name in ("validFrom", "validUntil")
    ]
    if valid_from and valid_until and valid_until < valid_from:
        raise Malformed("validUntil is before validFrom", detail="invalid_validity")
    return valid_from, valid_until


def read_envelope(
    document: Mapping[str, JsonValue], *, required_type: str = ENVELOPED_CREDENTIAL
) -> tuple[str, str]:
    """Media type and text of an envelope (VCDM-09)."""
    contexts = document.get("@context")
    if contexts != BASE_CONTEXT and (
        not isinstance(contexts, list) or BASE_CONTEXT not in contexts
    ):
        raise Malformed("an envelope lacks the base context", detail="invalid_context")
    if types_of(document) != (required_type,):
        raise Malformed("an envelope has another type", detail="invalid_type")
    url = document.get("id")
    if not isinstance(url, str) or not url.startswith("data:") or "," not in url:
        raise Malformed("an envelope's id must be a data URL", detail="invalid_envelope")
    media_type, _, text = url.removeprefix("data:").partition(",")
    if not text:
        raise Malformed("an envelope is empty", detail="invalid_envelope")
    return media_type, text


def _check_envelope(document: Mapping[str, JsonValue], *, required_type: str) -> None:
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not contexts or contexts[0] != BASE_CONTEXT:
        raise Malformed("the base context must come first", detail="invalid_context")
    _check_types(document.get("type"), where="document")
    types = types_of(document)
    if required_type not in types:
        raise Malformed(f"the type {required_type} is missing", detail="invalid_type")
    _check_id(document, where="document", required=False)
    _check_contexts(contexts, types=types)


def _check_contexts(contexts: list[JsonValue], *, types: tuple[str, ...]) -> None:
    """No protected term redefined; every type mapped, absolute, or defined by a foreign context."""
    protected: frozenset[str] = _BASE_TERMS
    defined: frozenset[str] = _BASE_TYPES
    is_foreign = False
    for context in contexts[1:]:
        if isinstance(context, str):
            _check_url(context, where="@context")
            is_foreign = True
            continue
        if not isinstance(context, dict):
            raise Malformed("a context must be a URL or an object", detail="invalid_context")
        terms = {term for term in context if not term.startswith("@")}
        if not protected.isdisjoint(terms):
            raise Malformed("a context redefines a term", detail="term_redefined")
        if context.get("@protected") is True:
            protected |= terms
        defined |= {term for term in terms if _is_mapping(context[term])}
        if "@vocab" in context:
            is_foreign = context["@vocab"] is not None
    if not is_foreign:
        for each in types:
            if each not in defined and not _URL.match(each):
                raise Malformed("a type is not defined by any context", detail="type_not_mapped")


def _is_mapping(definition: JsonValue) -> bool:
    """Whether a term is given a meaning: not none, and not something with a colon but no URL."""
    name = definition.get("@id") if isinstance(definition, dict) else definition
    if isinstance(name, str) and ":" in name:
        return _URL.match(name) is not None
    return definition is not None


def _check_subjects(value: JsonValue) -> None:
    subjects = value if isinstance(value, list) else [value]
    if not subjects:
        raise Malformed("credentialSubject must hold claims", detail="invalid_subject")
    for subject in subjects:
        if not isinstance(subject, dict) or not subject:
            raise Malformed("credentialSubject must hold claims", detail="invalid_subject")
        _check_id(subject, where="credentialSubject", required=False)


def _check_types(value: JsonValue, *, where: str) -> None:
    listed = value if isinstance(value, list) else [value]
    if not listed or [each for each in listed if not isinstance(each, str) or not each]:
        raise Malformed(f"the type of {where} is missing", detail="invalid_type")


def _check_id(value: Mapping[str, JsonValue], *, where: str, required: bool) -> None:
    if required or "id" in value:
        _check_url(value.get("id"), where=f"{where} id")


def _check_url(value: JsonValue, *, where: str) -> None:
    if not isinstance(value, str) or not _is_url(value):
        raise Malformed(f"{where} must be a URL", detail="invalid_url")


def _is_url(text: str) -> bool:
    return _is_known_url(text) if len(text) <= MAX_KEPT_URL else _URL.match(text) is not None


@lru_cache(maxsize=1024)
def _is_known_url(text: str) -> bool:
    """Remembered: an issuer and its contexts are named by every credential, several times."""
    return _URL.match(text) is not None


def _check_related_resources(document: Mapping[str, JsonValue]) -> None:
    """VCDM-11, as far as it can be told without fetching: unique ids, a digest each."""
    if "relatedResource" not in document:
        return
    seen: set[JsonValue] = set()
    for resource in _objects(document, "relatedResource"):
        _check_url(resource.get("id"), where="relatedResource id")
        if str(resource["id"]) in seen:
            raise Malformed("two related resources share an id", detail="invalid_resource")
        seen.add(str(resource["id"]))
        if not isinstance(resource.get("digestSRI") or resource.get("digestMultibase"), str):
            raise Malformed("a related resource has no digest", detail="invalid_resource")


def _check_names(document: Mapping[str, JsonValue]) -> None:
    """VCDM-08: text, or language value objects and nothing else in them."""
    for member in ("name", "description"):
        if member not in document:
            continue
        value = document[member]
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                continue
            if (
                not isinstance(each, dict)
                or not isinstance(each.get("@value"), str)
                or not _LANGUAGE_MEMBERS.issuperset(each)
                or not all(isinstance(part, str) for part in each.values())
            ):
                raise Malformed(f"a {member} is not language text", detail="invalid_name")


def _objects(document: Mapping[str, JsonValue], member: str) -> list[dict[str, JsonValue]]:
    """The objects of a member that may hold one or several."""
    if member not in document:
        return []
    value = document[member]
    objects = [
        each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)
    ]
    if len(objects) != (len(value) if isinstance(value, list) else 1):
        raise Malformed(f"{member} must hold objects", detail=f"invalid_{member}")
    return objects
