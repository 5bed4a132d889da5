"""
The shape of W3C documents of the first kind: Verifiable Credentials Data Model 1.1, section 4.

What is the same whether the proof is a JWT around the document (`jwt_vc`) or stands inside it
(`legacy`): base context, types, issuer, dates, subject, status. No context is ever loaded here.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp
from credentials.model import StatusReference
from credentials.vcdm import build_status_entry
from credentials.verdict import format_instant
from encoding.strict_json import JsonValue

BASE_CONTEXT = "https://www.w3.org/2018/credentials/v1"
CREDENTIAL = "VerifiableCredential"
PRESENTATION = "VerifiablePresentation"
MAX_CREDENTIALS = 16  # security.md "Limits"

# Members that only VCDM 2.0 gives a meaning: passed over, they would be dates that nobody checks.
_LATER_MEMBERS = frozenset({"validFrom", "validUntil"})


def check_document(value: JsonValue, *, required_type: str) -> dict[str, JsonValue]:
    """The members of a document of VCDM 1.1 with this type."""
    if not isinstance(value, dict):
        raise Malformed("a document must be an object", detail="not_an_object")
    contexts = value.get("@context")
    if not isinstance(contexts, list) or not contexts or contexts[0] != BASE_CONTEXT:
        raise Malformed("the base context must come first", detail="invalid_context")
    if not all(isinstance(each, str | dict) for each in contexts):
        raise Malformed("a context must be a URL or an object", detail="invalid_context")
    if required_type not in types_of(value):
        raise Malformed(f"the type {required_type} is missing", detail="invalid_type")
    if not _LATER_MEMBERS.isdisjoint(value):
        raise Malformed("a date has the name of another version", detail="draft_residue")
    return value


def types_of(document: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """The types, whether written as one string or as an array; each is text."""
    value = document.get("type")
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) and each for each in listed):
        raise Malformed("a type must be text", detail="invalid_type")
    return tuple(str(each) for each in listed)


def claimed_types(document: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """The types that an issuer must be accredited for."""
    return tuple(each for each in types_of(document) if each != CREDENTIAL)


def identifier_of(value: JsonValue) -> str:
    """Issuer or holder, whether written alone or inside an object."""
    identifier = value.get("id") if isinstance(value, dict) else value
    if not isinstance(identifier, str) or ":" not in identifier or len(identifier) > 2048:
        raise Malformed("an issuer or holder must be a URI", detail="invalid_url")
    return identifier


def read_dates(document: Mapping[str, JsonValue]) -> tuple[datetime | None, datetime | None]:
    """`issuanceDate` and `expirationDate`, in order."""
    begin, end = (
        parse_date_time_stamp(document[name], name=name) if name in document else None
        for name in ("issuanceDate", "expirationDate")
    )
    if begin and end and end < begin:
        raise Malformed("expirationDate is before issuanceDate", detail="invalid_validity")
    return begin, end


def subject_of(document: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """The claims: those of the subject, or a list of subjects where there are several."""
    value = document.get("credentialSubject")
    subjects: list[JsonValue] = value if isinstance(value, list) else [value]
    if not subjects or not all(isinstance(each, dict) and each for each in subjects):
        raise Malformed("credentialSubject must hold claims", detail="invalid_subject")
    only = subjects[0]
    if len(subjects) == 1 and isinstance(only, dict):
        return only
    return {"credentialSubject": subjects}


def listed_credentials(document: Mapping[str, JsonValue]) -> list[JsonValue]:
    """What a presentation holds, one or several."""
    value = document.get("verifiableCredential", [])
    listed: list[JsonValue] = value if isinstance(value, list) else [value]
    if not 0 < len(listed) <= MAX_CREDENTIALS:
        raise Malformed(
            f"a presentation holds 1 to {MAX_CREDENTIALS} credentials", detail="empty_presentation"
        )
    return listed


def build_document(
    *,
    types: Sequence[str],
    contexts: Sequence[JsonValue],
    issuer: str,
    subject: Mapping[str, JsonValue],
    subject_id: str | None,
    issued: datetime,
    expires: datetime | None,
    statuses: Collection[StatusReference],
) -> dict[str, JsonValue]:
    """
    A credential document. `types` and `contexts` come after the base ones. Its status stands in
    Bitstring Status Lists, since those are what the city publishes.
    """
    entries: list[JsonValue] = [build_status_entry(reference) for reference in statuses]
    document: dict[str, JsonValue] = {
        "@context": [BASE_CONTEXT, *contexts],
        "type": [CREDENTIAL, *types],
        "issuer": issuer,
        "issuanceDate": format_instant(issued),
        "credentialSubject": {**({"id": subject_id} if subject_id else {}), **subject},
    }
    if expires is not None:
        document["expirationDate"] = format_instant(expires)
    if entries:
        document["credentialStatus"] = entries if len(entries) > 1 else entries[0]
    return document
