"""
A VCDM 2.0 document as a `Credential`, whatever secures it: JOSE, SD-JWT, COSE or Data Integrity.

A status that is written in a way nobody here can check is not dropped: it becomes a reference
that no list answers, so a policy that asks for status cannot pass it (JC-08).

VCDM 2.0 and VC-JOSE-COSE section 3, of a document whose disclosures are in place. Registered
claims beside the document (`iss`, `nbf`, `exp`, `cnf`, `status`) count where they stand.
"""

from collections.abc import Mapping
from datetime import datetime

from credentials.dids import is_key_did, parse_key_did
from credentials.errors import Malformed
from credentials.instants import earlier, later
from credentials.keys import PublicKey
from credentials.model import Credential, Format, KeyBinding, Signed, UnlinkableProof
from credentials.registered import read_confirmation, read_times
from credentials.related_resources import check_resources
from credentials.sd_jwt import SdJwt
from credentials.status_references import (
    read_bitstring_references,
    read_links,
    read_token_references,
)
from credentials.vcdm_shape import check_credential, issuer_of, read_validity, types_of
from encoding.strict_json import JsonValue

_NO_CLAIMS = frozenset({"linked", "@context"})


def read_vcdm(
    document: dict[str, JsonValue],
    *,
    format: Format,
    signed: Signed,
    binding: KeyBinding | None,
    created: datetime | None = None,
    expires: datetime | None = None,
    alteration: str | None = None,
    co_signatures: tuple[Signed, ...] = (),
    unlinkable_proof: UnlinkableProof | None = None,
    sd_jwt: SdJwt | None = None,
) -> Credential:
    """`created` and what follows are those of Data Integrity proofs: see `ldp`."""
    issuer = _check_document(document)
    subject = _read_subject(document)
    issued_at, not_before, expires_at = read_times(document, lenient_issued_at=True)
    valid_from, valid_until = read_validity(document)
    return Credential(
        format=format,
        issuer=issuer,
        types=tuple([each for each in types_of(document) if each != "VerifiableCredential"]),
        claims=_claims_of(subject),
        issued_at=issued_at or created,
        valid_from=later(valid_from, not_before),
        valid_until=earlier(earlier(valid_until, expires_at), expires),
        statuses=read_bitstring_references(document) + read_token_references(document),
        links=read_links(subject),
        holder_key=read_subject_key(document, subject),
        key_hint=signed.key_hint,
        signing_input=signed.signing_input,
        signature=signed.signature,
        key_binding=binding,
        alteration=alteration,
        co_signatures=co_signatures,
        unlinkable_proof=unlinkable_proof,
        sd_jwt=sd_jwt,
        document=document,
    )


def _check_document(document: dict[str, JsonValue]) -> str:
    """That the document is what it says; its issuer."""
    if "vct" in document:
        raise Malformed("a W3C credential has no vct", detail="draft_residue")
    check_credential(document)
    if "relatedResource" in document:
        check_resources(document)
    issuer = issuer_of(document)
    if document.get("iss", issuer) != issuer:
        raise Malformed("iss and issuer differ", detail="issuer_mismatch")
    return issuer


def _claims_of(subject: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {
        name: _without_contexts(value) for name, value in subject.items() if name not in _NO_CLAIMS
    }


def _read_subject(document: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """The claims: those of the subject, or a list of subjects where there are several."""
    value = document["credentialSubject"]
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, dict) else {"credentialSubject": value}


def _without_contexts(value: JsonValue) -> JsonValue:
    """
    A claim as a claim: an inner `@context` says how to read words and claims nothing. Under an RDF
    suite it is not signed either, so a stranger may add one that changes no statement.
    """
    if isinstance(value, dict):
        return {
            name: _without_contexts(member) for name, member in value.items() if name != "@context"
        }
    if isinstance(value, list):
        return [_without_contexts(each) for each in value]
    return value


def read_subject_key(
    document: Mapping[str, JsonValue], subject: Mapping[str, JsonValue]
) -> PublicKey | None:
    """The holder's key: `cnf`, or the key in the subject's DID; two that differ are refused."""
    confirmed = read_confirmation(document)
    subject_id = subject.get("id")
    if not isinstance(subject_id, str) or not is_key_did(subject_id):
        return confirmed
    key = parse_key_did(subject_id)
    if confirmed is not None and confirmed != key:
        raise Malformed("cnf and subject name different keys", detail="holder_mismatch")
    return key
