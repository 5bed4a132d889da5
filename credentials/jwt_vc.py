"""
W3C credentials and presentations of VCDM 1.1 inside a JWT: `jwt_vc_json`, section 6.3.1.

The document stands in the claim `vc` or `vp`; registered claims say the same once more, and where
both do they must agree. Such a token has the `typ` `JWT` or none, so its `typ` cannot tell it from
other tokens (S-010): it is read only here, must hold exactly one of `vc` and `vp`, and nothing that
marks a token of another kind. No reader of other tokens takes this `typ`.

What is read is plain JSON: contexts are names, never loaded, and a term means what it is called.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from credentials.dids import build_did_jwk
from credentials.errors import Malformed
from credentials.jose import Jws, build_signing_input, parse_jws, sign_jws
from credentials.keys import PublicKey, Signer
from credentials.model import Credential, Format, KeyBinding
from credentials.registered import (
    bind_to_holder,
    build_binding,
    read_audience,
    read_key_hint,
    read_text,
    read_times,
)
from credentials.sd_jwt import MAX_BYTES
from credentials.status_references import (
    read_legacy_references,
    read_links,
    read_token_references,
)
from credentials.vcdm1 import (
    BASE_CONTEXT,
    CREDENTIAL,
    PRESENTATION,
    check_document,
    claimed_types,
    identifier_of,
    listed_credentials,
    read_dates,
    subject_of,
)
from credentials.vcdm_reading import read_subject_key
from encoding.strict_json import JsonValue

TYPE = "JWT"
TYPES = frozenset({TYPE, ""})
"""The `typ` of these tokens; empty means that there is none."""

# Claims of access tokens, ID tokens, DPoP proofs, SD-JWTs, key bindings, status lists, events.
_FOREIGN_CLAIMS = (
    frozenset({"scope", "client_id", "azp", "auth_time", "acr", "amr", "at_hash", "c_hash"})
    | frozenset({"s_hash", "sub_jwk", "htm", "htu", "ath", "sd_hash", "_sd", "_sd_alg", "vct"})
    | frozenset({"status_list", "events", "response_type", "dcql_query"})
)
# A credential is for everybody; one that is addressed is a presentation or an ID token.
_ADDRESS = frozenset({"aud", "nonce"})


def read_jwt(text: str) -> tuple[Credential, ...]:
    """The credential of a VC-JWT, or every credential of a VP-JWT with its holder's proof."""
    jws = parse_jws(text, types=TYPES, max_bytes=MAX_BYTES)
    if "vp" in jws.payload:
        return _read_presentation(jws)
    return (_read_credential(jws),)


def read_jwt_credential(text: str) -> Credential:
    """A credential as its issuer hands it over."""
    return _read_credential(parse_jws(text, types=TYPES))


def read_jwt_list(jws: Jws) -> tuple[Credential, Mapping[str, JsonValue]]:
    """A credential that is a list of statuses, and its document as it was decoded."""
    return _read_credential(jws), _decode(jws.payload)


def issue_jwt_vc(
    document: Mapping[str, JsonValue],
    *,
    signer: Signer,
    key_id: str,
    issued_at: datetime | None,
    header: Mapping[str, JsonValue] | None = None,
) -> str:
    """
    Sign a VCDM 1.1 document. `key_id` is the issuer's DID URL.

    The registered claims are written "in addition to" their counterparts in the document, so that
    readers of either find them.
    """
    members = check_document(dict(document), required_type=CREDENTIAL)
    begin, end = read_dates(members)
    if begin is None:
        raise Malformed("a credential needs an issuanceDate", detail="invalid_time")
    payload: dict[str, JsonValue] = {
        "iss": identifier_of(members.get("issuer")),
        "nbf": int(begin.timestamp()),
    }
    if end is not None:
        payload["exp"] = int(end.timestamp())
    if issued_at is not None:
        payload["iat"] = int(issued_at.timestamp())
    subject_id = subject_of(members).get("id")
    if subject_id is not None:
        payload["sub"] = subject_id
    if "id" in members:
        payload["jti"] = members["id"]
    payload["vc"] = members
    text = sign_jws(payload, type=TYPE, signer=signer, header={"kid": key_id, **(header or {})})
    read_jwt_credential(text)
    return text


def build_presentation_input(
    credentials: Sequence[str],
    *,
    holder_key: PublicKey,
    audience: str,
    nonce: str,
    now: datetime,
) -> str:
    """What the holder's device signs to present these credentials together as one VP-JWT."""
    holder = build_did_jwk(holder_key)
    if not credentials:
        raise Malformed("a presentation holds credentials", detail="empty_presentation")
    instant = int(now.timestamp())
    payload: dict[str, JsonValue] = {
        "iss": holder,
        "aud": audience,
        "nonce": nonce,
        "iat": instant,
        "nbf": instant,
        "vp": {
            "@context": [BASE_CONTEXT],
            "type": [PRESENTATION],
            "holder": holder,
            "verifiableCredential": [*credentials],
        },
    }
    return build_signing_input(
        payload, type=TYPE, algorithm=holder_key.algorithm, header={"kid": f"{holder}#0"}
    )


def _read_credential(jws: Jws) -> Credential:
    payload = jws.payload
    _refuse_foreign(payload, carries="vc", never=_FOREIGN_CLAIMS | _ADDRESS)
    document = _decode(payload)
    issued_at, begin, end = _read_times(payload, document)
    subject = subject_of(document)
    return Credential(
        format=Format.JWT_VC_JSON,
        issuer=identifier_of(document["issuer"]),
        types=claimed_types(document),
        claims={k: value for k, value in subject.items() if k not in ("linked", "@context")},
        issued_at=issued_at,
        valid_from=begin,
        valid_until=end,
        statuses=read_legacy_references(document) + read_token_references(payload),
        links=read_links(subject),
        holder_key=read_subject_key(payload, subject),
        key_hint=read_key_hint(jws),
        signing_input=jws.signing_input,
        signature=jws.signature,
        key_binding=None,
        document=document,
    )


def _read_presentation(jws: Jws) -> tuple[Credential, ...]:
    payload = jws.payload
    _refuse_foreign(payload, carries="vp", never=_FOREIGN_CLAIMS)
    members = check_document(payload["vp"], required_type=PRESENTATION)
    if "proof" in members:
        raise Malformed("a document in a JWT has no proof of its own", detail="invalid_proof")
    holder = read_text(payload, "iss")
    if "holder" in members and identifier_of(members["holder"]) != holder:
        raise Malformed("iss and holder differ", detail="holder_mismatch")
    if payload.get("sub", holder) != holder:
        raise Malformed("sub and holder differ", detail="holder_mismatch")
    _require_same(payload, "jti", members, "id")
    issued_at, not_before, expires_at = read_times(payload)
    # Addressed to nobody and answering nothing, it binds nobody: it is an envelope.
    binding = (
        bind_to_holder(_bind(jws, issued_at=issued_at), holder)
        if not _ADDRESS.isdisjoint(payload)
        else None
    )
    # A presentation that is past its own time takes its credentials along.
    return tuple(
        replace(
            credential,
            valid_from=max(filter(None, (credential.valid_from, not_before)), default=None),
            valid_until=min(filter(None, (credential.valid_until, expires_at)), default=None),
            key_binding=binding,
        )
        for credential in map(_read_enveloped, listed_credentials(members))
    )


def _bind(jws: Jws, *, issued_at: datetime | None) -> KeyBinding:
    audience = read_audience(jws.payload)
    return build_binding(jws, audience=audience, issued_at=issued_at, covers_presentation=True)


def _read_enveloped(value: JsonValue) -> Credential:
    if not isinstance(value, str):
        raise Malformed("a VP-JWT holds credentials as JWTs", detail="not_a_jws")
    return read_jwt_credential(value)


def _refuse_foreign(
    payload: Mapping[str, JsonValue], *, carries: str, never: frozenset[str]
) -> None:
    """S-010: the token is of this kind and of no other."""
    if carries not in payload or {"vc", "vp"} <= payload.keys():
        raise Malformed("a token holds exactly one of vc and vp", detail="another_token")
    if not never.isdisjoint(payload):
        raise Malformed("a token holds claims of another kind of token", detail="another_token")


def _decode(payload: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Section 6.3.1, "JWT Decoding": the document with what the registered claims say."""
    document = dict(check_document(payload["vc"], required_type=CREDENTIAL))
    if "proof" in document:
        raise Malformed("a document in a JWT has no proof of its own", detail="invalid_proof")
    issuer = read_text(payload, "iss")
    if identifier_of(document.setdefault("issuer", issuer)) != issuer:
        raise Malformed("iss and issuer differ", detail="issuer_mismatch")
    _require_same(payload, "jti", document, "id")
    subject = subject_of(document)
    _require_same(payload, "sub", subject, "id")
    if "sub" in payload:
        written = document["credentialSubject"]
        if isinstance(written, list) and len(written) > 1:
            raise Malformed("sub names one of several subjects", detail="invalid_subject")
        document["credentialSubject"] = {**subject, "id": payload["sub"]}
    return document


def _require_same(
    payload: Mapping[str, JsonValue], claim: str, document: Mapping[str, JsonValue], member: str
) -> None:
    """
    A registered claim "MUST be used, instead of or in addition to" its counterpart: a document's
    member alone is refused, and so are two that differ.
    """
    if claim in payload and not isinstance(payload[claim], str):
        raise Malformed(f"{claim} must be text", detail="claims_disagree")
    if member in document and document[member] != payload.get(claim):
        raise Malformed(f"{claim} and {member} differ", detail="claims_disagree")


def _read_times(
    payload: Mapping[str, JsonValue], document: Mapping[str, JsonValue]
) -> tuple[datetime | None, datetime, datetime | None]:
    """`nbf` is always there, `exp` if the credential ends; a document's dates are the same."""
    issued_at, begin, end = read_times(payload)
    if begin is None:
        raise Malformed("a credential has no nbf", detail="missing_nbf")
    for claimed, written in zip((begin, end), read_dates(document), strict=True):
        if written is not None and _whole_second(claimed) != _whole_second(written):
            raise Malformed("the dates of token and document differ", detail="claims_disagree")
    return issued_at, begin, end


def _whole_second(instant: datetime | None) -> datetime | None:
    """A NumericDate may lack the fraction that a dateTime has."""
    return instant.replace(microsecond=0) if instant is not None else None
