"""
Signs one copy of a credential: bound to one key, with one index, with salts of its own.

Formats: SD-JWT VC (`dc+sd-jwt`, RFC 9901), W3C VCDM 2.0 as `vc+sd-jwt` and `vc+jwt`
(VC-JOSE-COSE), and VCDM 1.1 as `jwt_vc_json`. A view names its issuer's key by thumbprint instead
of by certificate and hides nothing, so that it fits into one QR code; members stand in the order
that the packer knows. The face of a view is no part of it: it is signed beside each copy, for this
copy alone (`credentials.face`).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from credentials.catalog import CredentialType, vct
from credentials.claim_kinds import read_face_url
from credentials.dids import build_did_jwk
from credentials.face import build_face_texts, sign_face
from credentials.jwt_vc import issue_jwt_vc
from credentials.model import Format, Link, StatusPurpose, StatusReference
from credentials.reading import read_credential
from credentials.sd_jwt import issue_sd_jwt
from credentials.status import build_key_header
from credentials.vcdm import build_vc, issue_vc_jwt, issue_vc_sd_jwt
from credentials.vcdm1 import build_document
from encoding.strict_json import JsonValue
from issuer.agencies import agency_did, credential_key
from issuer.office import Office
from issuer.store.agencies import Agency
from issuer.type_documents import type_integrity
from openid4vc.key_proof import KeyProof

SALT_BYTES = 16  # SD-I-01


@dataclass(frozen=True, slots=True)
class Draft:
    """What all copies of one credential share."""

    agency: Agency
    type: CredentialType
    format: Format
    claims: Mapping[str, JsonValue]
    links: tuple[Link, ...]
    list_number: int
    issued_at: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class SignedCopy:
    """One copy as it is handed over. `face`: the QR texts of its picture, none without one."""

    text: str
    face: tuple[str, ...]


def sign_copy(office: Office, draft: Draft, *, proof: KeyProof, index: int) -> SignedCopy:
    """The credential for the key of this proof, and its face where the claims hold one."""
    beside = draft.type.face_beside
    name = beside.path[0] if beside is not None else None
    inner = {key: value for key, value in draft.claims.items() if key != name}
    text = _sign_text(office, replace(draft, claims=inner), proof=proof, index=index)
    picture = read_face_url(draft.claims.get(name)) if name is not None else None
    if picture is None:
        return SignedCopy(text, face=())
    face = sign_face(
        picture,
        credential=read_credential(text),
        signer=office.credential_signer(draft.agency.name),
    )
    return SignedCopy(text, face=build_face_texts(face))


def _sign_text(office: Office, draft: Draft, *, proof: KeyProof, index: int) -> str:
    if draft.format is Format.DC_SD_JWT:
        return _sign_sd_jwt_vc(office, draft, proof=proof, index=index)
    if draft.format is Format.JWT_VC_JSON:
        return _sign_jwt_vc(office, draft, proof=proof, index=index)
    return _sign_w3c(office, draft, proof=proof, index=index)


def context_url(office: Office, name: str) -> str:
    """Where the JSON-LD context of a type stands."""
    return f"{office.base_url}/contexts/{name}"


def _sign_sd_jwt_vc(office: Office, draft: Draft, *, proof: KeyProof, index: int) -> str:
    agency = draft.agency.name
    # A view goes without: its code has no room, and whoever reads views has their types.
    integrity = type_integrity(office, draft.type.name) if not draft.type.is_view else None
    payload: dict[str, JsonValue] = {
        "iss": office.credential_issuer(agency),
        "vct": vct(draft.type.name, office.base_url),
        **({"vct#integrity": integrity} if integrity is not None else {}),
        "iat": int(draft.issued_at.timestamp()),
        "exp": int(draft.valid_until.timestamp()),
        "cnf": {"jwk": dict(proof.holder_key.jwk)},
        "status": {
            "status_list": {"idx": index, "uri": office.status_list_url(agency, draft.list_number)}
        },
        **draft.claims,
    }
    if draft.links:
        payload["linked"] = [
            {"type": link.type, "list": link.reference.uri, "index": link.reference.index}
            for link in draft.links
        ]
    return issue_sd_jwt(
        payload,
        disclosable=_present_paths(draft),
        type=draft.format.value,
        signer=office.credential_signer(agency),
        header=build_key_header(
            x5c=() if draft.type.is_view else draft.agency.credential_x5c,
            key_id=credential_key(office, agency).thumbprint,
        ),
        salt=_draw_salt,
    )


def _sign_w3c(office: Office, draft: Draft, *, proof: KeyProof, index: int) -> str:
    agency = draft.agency.name
    did = agency_did(office, agency)
    document = build_vc(
        types=(draft.type.vcdm_type,),
        contexts=(context_url(office, draft.type.name),),
        issuer=did,
        subject=draft.claims,
        subject_id=_name_holder(proof),
        valid_from=draft.issued_at,
        valid_until=draft.valid_until,
        statuses=_name_statuses(office, draft, index),
    )
    key_id = f"{did}#{credential_key(office, agency).thumbprint}"
    signer = office.credential_signer(agency)
    if draft.format is Format.VC_JWT:
        return issue_vc_jwt(document, signer=signer, key_id=key_id, issued_at=draft.issued_at)
    return issue_vc_sd_jwt(
        document,
        disclosable=_present_paths(draft),
        holder_key=proof.holder_key,
        signer=signer,
        key_id=key_id,
        issued_at=draft.issued_at,
        salt=_draw_salt,
    )


def _sign_jwt_vc(office: Office, draft: Draft, *, proof: KeyProof, index: int) -> str:
    agency = draft.agency.name
    did = agency_did(office, agency)
    document = build_document(
        types=(draft.type.vcdm_type,),
        contexts=(context_url(office, draft.type.name),),
        issuer=did,
        subject=draft.claims,
        subject_id=_name_holder(proof),
        issued=draft.issued_at,
        expires=draft.valid_until,
        statuses=_name_statuses(office, draft, index),
    )
    return issue_jwt_vc(
        document,
        signer=office.credential_signer(agency),
        key_id=f"{did}#{credential_key(office, agency).thumbprint}",
        issued_at=draft.issued_at,
    )


def _name_statuses(office: Office, draft: Draft, index: int) -> list[StatusReference]:
    """A Bitstring list speaks of one purpose, so a W3C credential names two."""
    url = office.status_list_url(draft.agency.name, draft.list_number)
    return [
        StatusReference(f"{url}/{purpose.value}", index, purpose)
        for purpose in (StatusPurpose.REVOCATION, StatusPurpose.SUSPENSION)
    ]


def _name_holder(proof: KeyProof) -> str:
    """The DID that the wallet named its key by, or else the key's own `did:jwk`."""
    if proof.key_id is not None:
        return proof.key_id.partition("#")[0]
    return build_did_jwk(proof.holder_key)


def _present_paths(draft: Draft) -> list[tuple[str, ...]]:
    """The disclosable claims that this credential has."""
    return [path for path in draft.type.disclosable_paths if _holds(draft.claims, path)]


def _holds(claims: Mapping[str, JsonValue], path: tuple[str, ...]) -> bool:
    value: JsonValue = dict(claims)
    for step in path:
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True


def _draw_salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)
