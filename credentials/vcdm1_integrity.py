"""
VCDM 1.1 credentials with Data Integrity proofs, read and issued.

VC Data Integrity 1.0 does not ask which data model a document follows, and public suites still use
the first one. Shape is `vcdm1`, proofs are `ldp`'s and `data_integrity`'s. The terms of a proof are
not in the old base context, so `data-integrity/v2` is added where it is missing (section 2.4.1).
The city issues no such credentials; its door for VCDM 1.1 documents stays `legacy`.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from credentials.data_integrity import ASSERTION, build_options, sign_document
from credentials.errors import Malformed
from credentials.keys import Signer
from credentials.ldp import earliest, read_issuer_proofs
from credentials.model import Credential, Format
from credentials.pinned_contexts import Contexts, bundled_contexts
from credentials.status_references import read_legacy_references
from credentials.vcdm1 import (
    CREDENTIAL,
    check_document,
    claimed_types,
    identifier_of,
    read_dates,
    subject_of,
)
from encoding.strict_json import JsonValue

PROOF_CONTEXT: Final = "https://w3id.org/security/data-integrity/v2"


def check_first_version(document: JsonValue) -> dict[str, JsonValue]:
    """The members of a credential of VCDM 1.1; refuses what is none."""
    members = check_document(document, required_type=CREDENTIAL)
    identifier_of(members.get("issuer"))
    subject_of(members)
    begin, _ = read_dates(members)
    if begin is None:
        raise Malformed("a credential needs an issuanceDate", detail="invalid_time")
    return members


def read_first_version(
    document: JsonValue,
    *,
    contexts: Contexts | None = None,
    controllers: Mapping[str, Collection[str]] | None = None,
) -> Credential:
    """As `ldp.read_ldp` reads a credential of VCDM 2.0; nothing is believed."""
    members = check_first_version(document)
    issuer = identifier_of(members.get("issuer"))
    first, *others = read_issuer_proofs(
        members,
        issuer=issuer,
        contexts=contexts if contexts is not None else bundled_contexts(),
        controllers=controllers or {},
    )
    valid_from, valid_until = read_dates(members)
    alterations = [each.alteration for each in (first, *others) if each.alteration is not None]
    credential = Credential(
        format=Format.LDP_VC,
        issuer=issuer,
        types=claimed_types(members),
        claims=subject_of(members),
        issued_at=first.options.created,
        valid_from=valid_from,
        valid_until=earliest(valid_until, *[each.options.expires for each in (first, *others)]),
        statuses=read_legacy_references(members),
        links=(),
        holder_key=None,
        key_hint=first.signed.key_hint,
        signing_input=first.signed.signing_input,
        signature=first.signed.signature,
        key_binding=None,
    )
    return replace(
        credential,
        alteration=alterations[0] if alterations else None,
        co_signatures=tuple([each.signed for each in others]),
        unlinkable_proof=first.unlinkable,
        document=members,
    )


def add_proof_context(document: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The same document with a context that defines what a proof says."""
    contexts = document["@context"]
    listed = contexts if isinstance(contexts, list) else [contexts]
    if PROOF_CONTEXT in listed:
        return dict(document)
    return {**document, "@context": [*listed, PROOF_CONTEXT]}


def issue_first_version(
    document: Mapping[str, JsonValue],
    *,
    signer: Signer,
    verification_method: str,
    cryptosuite: str,
    created: datetime,
) -> dict[str, JsonValue]:
    """The credential with a proof by its issuer, whose DID the method must begin with."""
    members = add_proof_context(check_first_version(dict(document)))
    if verification_method.partition("#")[0] != identifier_of(members["issuer"]):
        raise Malformed("the key is not the issuer's", detail="invalid_verification_method")
    options = build_options(
        members,
        cryptosuite=cryptosuite,
        algorithm=signer.algorithm,
        verification_method=verification_method,
        purpose=ASSERTION,
        created=created,
    )
    return sign_document(members, options, signer=signer)
