"""
The one strict door through which credentials and presentations come in.

Formats: `dc+sd-jwt` (SD-JWT VC), `vc+sd-jwt` and `vc+jwt` (VCDM 2.0 with VC-JOSE-COSE), and
`vp+jwt` that envelopes one or more of the W3C ones. `vc+sd-jwt` with a `vct` is residue of a
draft and refused. What comes out is read, not believed: `verification.verify` judges it.

A status that is written in a way nobody here can check is not dropped: it becomes a reference
that no list answers, so a policy that asks for status cannot pass it (JC-08).
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from credentials.dids import is_key_did, parse_key_did
from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp, parse_numeric_date
from credentials.jose import Jws, parse_jws, peek_type
from credentials.keys import PublicKey, parse_jwk
from credentials.model import Credential, Format, IssuerKeyHint, KeyBinding
from credentials.sd_jwt import (
    MAX_BYTES,
    SD_JWT_TYPES,
    SD_JWT_VC_VISIBLE,
    VCDM_VISIBLE,
    SdJwt,
    parse_sd_jwt,
    processed_claims,
)
from credentials.status_references import (
    read_bitstring_references,
    read_links,
    read_token_references,
)
from credentials.vcdm_shape import (
    check_credential,
    check_presentation,
    issuer_of,
    read_envelope,
    read_validity,
    types_of,
)
from encoding import base64url
from encoding.strict_json import JsonValue

MAX_CREDENTIALS = 16  # security.md "Limits"
MAX_CERTIFICATES = 4

_W3C_TYPES = frozenset({"vc+jwt"})
_PRESENTATION_TYPES = frozenset({"vp+jwt"})
_ENVELOPED = {"application/vc+jwt": _W3C_TYPES, "application/vc+sd-jwt": frozenset({"vc+sd-jwt"})}

# Members of an SD-JWT VC that say how it is to be judged rather than what it claims.
_REGISTERED = SD_JWT_VC_VISIBLE | {"iat", "linked"}


def read_presentation(text: str) -> tuple[Credential, ...]:
    """Everything that one presented text holds; a `vp+jwt` may hold several."""
    if "~" in text:
        return (_read_sd_jwt(text, types=SD_JWT_TYPES),)
    if peek_type(text) == "vp+jwt":
        return _read_vp_jwt(text)
    return (_read_vc_jwt(text),)


def read_credential(text: str) -> Credential:
    """One credential as its issuer hands it over: without any key binding (SD-H-01)."""
    if "~" not in text:
        return _read_vc_jwt(text)
    if not text.endswith("~"):
        raise Malformed("an issued credential has a key binding", detail="unexpected_key_binding")
    return _read_sd_jwt(text, types=SD_JWT_TYPES)


def _read_sd_jwt(text: str, *, types: frozenset[str]) -> Credential:
    sd_jwt = parse_sd_jwt(text, types=types)
    binding = _read_key_binding(sd_jwt, sd_jwt.key_binding) if sd_jwt.key_binding else None
    if sd_jwt.jws.type == "dc+sd-jwt":
        return _read_sd_jwt_vc(sd_jwt, binding)
    claims = processed_claims(sd_jwt, visible=VCDM_VISIBLE)
    return _read_w3c(sd_jwt.jws, claims, format=Format.VC_SD_JWT, binding=binding)


def _read_sd_jwt_vc(sd_jwt: SdJwt, binding: KeyBinding | None) -> Credential:
    claims = processed_claims(sd_jwt, visible=SD_JWT_VC_VISIBLE)
    if "linked" in claims and "linked" not in sd_jwt.jws.payload:
        raise Malformed("links of a view are always visible", detail="not_disclosable")
    issued_at, valid_from, valid_until = _read_times(claims)
    return Credential(
        format=Format.DC_SD_JWT,
        issuer=_read_text(claims, "iss"),
        types=(_read_text(claims, "vct"),),
        claims={name: value for name, value in claims.items() if name not in _REGISTERED},
        issued_at=issued_at,
        valid_from=valid_from,
        valid_until=valid_until,
        statuses=read_token_references(claims),
        links=read_links(claims),
        holder_key=_read_confirmation(claims),
        key_hint=_read_key_hint(sd_jwt.jws),
        signing_input=sd_jwt.jws.signing_input,
        signature=sd_jwt.jws.signature,
        key_binding=binding,
    )


def _read_vc_jwt(text: str) -> Credential:
    jws = parse_jws(text, types=_W3C_TYPES)
    return _read_w3c(jws, dict(jws.payload), format=Format.VC_JWT, binding=None)


def _read_w3c(
    jws: Jws, document: dict[str, JsonValue], *, format: Format, binding: KeyBinding | None
) -> Credential:
    """VC-JOSE-COSE section 3 and VCDM 2.0, of a payload whose disclosures are in place."""
    if "vct" in document:
        raise Malformed("a W3C credential has no vct", detail="draft_residue")
    _refuse_wrapped(jws, content_type="vc")
    check_credential(document)
    issuer = issuer_of(document)
    if document.get("iss", issuer) != issuer:
        raise Malformed("iss and issuer differ", detail="issuer_mismatch")
    subject = _read_subject(document)
    claims = {name: value for name, value in subject.items() if name != "linked"}
    issued_at, not_before, expires_at = _read_times(document, lenient_issued_at=True)
    valid_from, valid_until = read_validity(document)
    return Credential(
        format=format,
        issuer=issuer,
        types=tuple(each for each in types_of(document) if each != "VerifiableCredential"),
        claims=claims,
        issued_at=issued_at,
        valid_from=max(filter(None, (valid_from, not_before)), default=None),
        valid_until=min(filter(None, (valid_until, expires_at)), default=None),
        statuses=read_bitstring_references(document) + read_token_references(document),
        links=read_links(subject),
        holder_key=_read_subject_key(document, subject),
        key_hint=_read_key_hint(jws),
        signing_input=jws.signing_input,
        signature=jws.signature,
        key_binding=binding,
    )


def _read_vp_jwt(text: str) -> tuple[Credential, ...]:
    jws = parse_jws(text, types=_PRESENTATION_TYPES, max_bytes=MAX_BYTES)
    document = dict(jws.payload)
    _refuse_wrapped(jws, content_type="vp")
    check_presentation(document)
    if "holder" in document and document.get("iss", document["holder"]) != document["holder"]:
        raise Malformed("iss and holder differ", detail="holder_mismatch")
    _, not_before, expires_at = _read_times(document)
    # Addressed to nobody and answering nothing, it binds nobody: it is an envelope.
    is_addressed = not {"aud", "nonce"}.isdisjoint(document)
    binding = _read_presentation_binding(jws) if is_addressed else None
    listed = document.get("verifiableCredential", [])
    envelopes = [
        each
        for each in (listed if isinstance(listed, list) else [listed])
        if isinstance(each, dict)
    ]
    if not 0 < len(envelopes) <= MAX_CREDENTIALS:
        raise Malformed(
            f"a presentation holds 1 to {MAX_CREDENTIALS} credentials", detail="empty_presentation"
        )
    # A presentation that is past its own time takes its credentials along.
    return tuple(
        replace(
            credential,
            valid_from=max(filter(None, (credential.valid_from, not_before)), default=None),
            valid_until=min(filter(None, (credential.valid_until, expires_at)), default=None),
            key_binding=binding,
        )
        for credential in map(_read_enveloped, envelopes)
    )


def _read_enveloped(envelope: Mapping[str, JsonValue]) -> Credential:
    media_type, text = read_envelope(envelope)
    types = _ENVELOPED.get(media_type)
    if types is None:
        raise Malformed("an envelope has an unknown media type", detail="unsupported_media_type")
    if media_type == "application/vc+jwt":
        return _read_vc_jwt(text)
    credential = _read_sd_jwt(text, types=types)
    if credential.key_binding is not None:
        raise Malformed("an enveloped credential is bound twice", detail="unexpected_key_binding")
    return credential


def _read_presentation_binding(jws: Jws) -> KeyBinding:
    issued_at, _, _ = _read_times(jws.payload)
    if issued_at is None:
        raise Malformed("a presentation has no iat", detail="missing_iat")
    return _build_binding(jws, issued_at=issued_at, covers_presentation=True)


def _read_key_binding(sd_jwt: SdJwt, jws: Jws) -> KeyBinding:
    """RFC 9901 section 4.3 (SD-V-12): shape and `sd_hash` here, the rest is judged."""
    issued_at, _, _ = _read_times(jws.payload)
    if issued_at is None:
        raise Malformed("a key binding has no iat", detail="missing_iat")
    covers = _read_text(jws.payload, "sd_hash") == sd_jwt.sd_hash
    return _build_binding(jws, issued_at=issued_at, covers_presentation=covers)


def _build_binding(jws: Jws, *, issued_at: datetime, covers_presentation: bool) -> KeyBinding:
    return KeyBinding(
        audience=_read_text(jws.payload, "aud"),
        nonce=_read_text(jws.payload, "nonce"),
        issued_at=issued_at,
        signing_input=jws.signing_input,
        signature=jws.signature,
        algorithm=jws.algorithm,
        covers_presentation=covers_presentation,
        digest=base64url.encode(hashlib.sha256(jws.signing_input).digest()),
    )


def _refuse_wrapped(jws: Jws, *, content_type: str) -> None:
    """JC-01 and JC-02: no `vc` or `vp` claim, no other content type."""
    if "vc" in jws.payload or "vp" in jws.payload:
        raise Malformed("the document must be the payload itself", detail="wrapped_document")
    if jws.header.get("cty", content_type) not in (content_type, f"application/{content_type}"):
        raise Malformed("a token has another cty than expected", detail="invalid_cty")


def _read_text(members: Mapping[str, JsonValue], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed(f"{name} must be a string", detail=f"missing_{name}")
    return value


def _read_times(
    members: Mapping[str, JsonValue], *, lenient_issued_at: bool = False
) -> tuple[datetime | None, datetime | None, datetime | None]:
    """
    `iat`, `nbf` and `exp`.

    The W3C test suite's own credentials write `iat` as a dateTimeStamp; it decides nothing about
    a VCDM credential, so that is let pass there.
    """
    if lenient_issued_at and isinstance(members.get("iat"), str):
        issued_at: datetime | None = parse_date_time_stamp(members["iat"], name="iat")
    else:
        issued_at = _read_time(members, "iat")
    return issued_at, _read_time(members, "nbf"), _read_time(members, "exp")


def _read_time(members: Mapping[str, JsonValue], name: str) -> datetime | None:
    return parse_numeric_date(members[name], name=name) if name in members else None


def _read_subject(document: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """The claims: those of the subject, or a list of subjects where there are several."""
    value = document["credentialSubject"]
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, dict) else {"credentialSubject": value}


def _read_subject_key(
    document: Mapping[str, JsonValue], subject: Mapping[str, JsonValue]
) -> PublicKey | None:
    """The holder's key: `cnf`, or the key in the subject's DID; two that differ are refused."""
    confirmed = _read_confirmation(document)
    subject_id = subject.get("id")
    if not isinstance(subject_id, str) or not is_key_did(subject_id):
        return confirmed
    key = parse_key_did(subject_id)
    if confirmed is not None and confirmed != key:
        raise Malformed("cnf and subject name different keys", detail="holder_mismatch")
    return key


def _read_confirmation(members: Mapping[str, JsonValue]) -> PublicKey | None:
    """RFC 7800. A `cnf` that names its key in another way than `jwk` binds nobody here."""
    if "cnf" not in members:
        return None
    confirmation = members["cnf"]
    if not isinstance(confirmation, dict):
        raise Malformed("cnf must be an object", detail="invalid_cnf")
    return parse_jwk(confirmation["jwk"]) if "jwk" in confirmation else None


def _read_key_hint(jws: Jws) -> IssuerKeyHint:
    return IssuerKeyHint(
        algorithm=jws.algorithm, key_id=jws.key_id, x5c=_read_x5c(jws.header.get("x5c", []))
    )


def _read_x5c(value: JsonValue) -> tuple[bytes, ...]:
    """RFC 7515 section 4.1.6: base64, not base64url, leaf first."""
    if not isinstance(value, list) or len(value) > MAX_CERTIFICATES:
        raise Malformed(f"x5c must hold at most {MAX_CERTIFICATES}", detail="invalid_x5c")
    try:
        return tuple(
            base64.b64decode(each if isinstance(each, str) else "!", validate=True)
            for each in value
        )
    except (binascii.Error, ValueError) as error:
        raise Malformed("x5c must hold base64", detail="invalid_x5c") from error
