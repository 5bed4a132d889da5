"""
W3C credentials and presentations secured with JOSE: VCDM 2.0 and VC-JOSE-COSE.

The payload is the document itself, never inside `vc` or `vp` (JC-01). `vc+jwt` and `vc+sd-jwt`
carry credentials, `vp+jwt` a presentation whose credentials are enveloped (JC-05). Every document
passes `vcdm_shape` before it is signed. `vc+sd-jwt` always has an `@context` and never a `vct`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from credentials.dids import build_did_jwk
from credentials.errors import Malformed
from credentials.jose import build_signing_input, sign_jws
from credentials.keys import PublicKey, Signer
from credentials.model import StatusPurpose, StatusReference
from credentials.policy import ClaimPath
from credentials.sd_jwt import VCDM_VISIBLE, issue_sd_jwt
from credentials.vcdm_shape import BASE_CONTEXT, check_credential, check_presentation
from credentials.verdict import format_instant
from encoding.strict_json import JsonValue

VC_JWT = "vc+jwt"
VC_SD_JWT = "vc+sd-jwt"
VP_JWT = "vp+jwt"


def build_vc(
    *,
    types: Sequence[str],
    contexts: Sequence[str],
    issuer: str,
    subject: Mapping[str, JsonValue],
    subject_id: str | None,
    valid_from: datetime,
    valid_until: datetime,
    statuses: Collection[StatusReference],
) -> dict[str, JsonValue]:
    """
    A credential document, checked.

    `types` and `contexts` come after the base ones. `subject_id` is the holder's `did:jwk`: that
    is how a `vc+jwt` is bound to a key.
    """
    entries = [build_status_entry(reference) for reference in statuses]
    document: dict[str, JsonValue] = {
        "@context": [BASE_CONTEXT, *contexts],
        "type": ["VerifiableCredential", *types],
        "issuer": issuer,
        "validFrom": format_instant(valid_from),
        "validUntil": format_instant(valid_until),
        "credentialSubject": {**({"id": subject_id} if subject_id else {}), **subject},
    }
    if entries:
        document["credentialStatus"] = [*entries]
    check_credential(document)
    return document


def build_status_entry(reference: StatusReference) -> dict[str, JsonValue]:
    """A BitstringStatusListEntry; its index is text (BSL-01)."""
    if reference.purpose is StatusPurpose.BOTH:
        raise Malformed("a Bitstring list has one purpose", detail="invalid_status_reference")
    return {
        "id": f"{reference.uri}#{reference.index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": reference.purpose.value,
        "statusListIndex": str(reference.index),
        "statusListCredential": reference.uri,
    }


def issue_vc_jwt(
    document: Mapping[str, JsonValue],
    *,
    signer: Signer,
    key_id: str,
    issued_at: datetime | None,
    header: Mapping[str, JsonValue] | None = None,
) -> str:
    """Sign a credential as `vc+jwt`. `key_id` is the issuer's DID URL (JC-04)."""
    check_credential(document)
    return sign_jws(
        {**document, **_issued(issued_at)},
        type=VC_JWT,
        signer=signer,
        header={"kid": key_id, "cty": "vc", **(header or {})},
    )


def issue_vc_sd_jwt(
    document: Mapping[str, JsonValue],
    *,
    disclosable: Collection[ClaimPath],
    holder_key: PublicKey | None,
    signer: Signer,
    key_id: str,
    issued_at: datetime | None,
    salt: Callable[[], bytes],
    decoys: int = 0,
    header: Mapping[str, JsonValue] | None = None,
) -> str:
    """
    Sign a credential as `vc+sd-jwt`; `disclosable` paths start at the credentialSubject.

    `cnf` names the holder's key, so that an ordinary key binding proves possession.
    """
    check_credential(document)
    if "vct" in document:
        raise Malformed("a W3C credential has no vct", detail="draft_residue")
    confirmation: dict[str, JsonValue] = {}
    if holder_key is not None:
        confirmation["cnf"] = {"jwk": {**holder_key.jwk}}
    return issue_sd_jwt(
        {**document, **_issued(issued_at), **confirmation},
        disclosable=[("credentialSubject", *path) for path in disclosable],
        type=VC_SD_JWT,
        signer=signer,
        header={"kid": key_id, "cty": "vc", **(header or {})},
        salt=salt,
        decoys=decoys,
        visible=VCDM_VISIBLE,
    )


def build_presentation_input(
    credentials: Sequence[str],
    *,
    holder_key: PublicKey,
    audience: str,
    nonce: str,
    now: datetime,
) -> str:
    """
    What the holder's device signs to present these credentials together as one `vp+jwt`.

    A `vc+sd-jwt` goes in with its disclosures chosen and without a key binding of its own.
    """
    holder = build_did_jwk(holder_key)
    envelopes: list[JsonValue] = [build_envelope(text) for text in credentials]
    if not envelopes:
        raise Malformed("a presentation holds credentials", detail="empty_presentation")
    document: dict[str, JsonValue] = {
        "@context": [BASE_CONTEXT],
        "type": ["VerifiablePresentation"],
        "holder": holder,
        "verifiableCredential": envelopes,
        "aud": audience,
        "nonce": nonce,
        "iat": int(now.timestamp()),
    }
    check_presentation(document)
    return build_signing_input(
        document,
        type=VP_JWT,
        algorithm=holder_key.algorithm,
        header={"kid": f"{holder}#0", "cty": "vp"},
    )


def build_envelope(text: str) -> dict[str, JsonValue]:
    """The EnvelopedVerifiableCredential around a `vc+jwt` or `vc+sd-jwt` (VCDM-09)."""
    media_type = VC_SD_JWT if "~" in text else VC_JWT
    return {
        "@context": BASE_CONTEXT,
        "id": f"data:application/{media_type},{text}",
        "type": "EnvelopedVerifiableCredential",
    }


def _issued(issued_at: datetime | None) -> dict[str, JsonValue]:
    return {"iat": int(issued_at.timestamp())} if issued_at is not None else {}
