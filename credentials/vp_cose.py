"""
A `vp+cose`: the holder's proof as COSE_Sign1 around a VCDM 2.0 presentation, read and built.

VC-JOSE-COSE section 3.3.2. The document envelopes its credentials, those in COSE as base64
(JC-05). Whom it is for, its nonce and its time stand in the CWT Claims header (RFC 9597) as `aud`,
`cnonce` and `iat`; one that addresses nobody binds nobody, as with `vp+jwt`.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from credentials.cose import KEY_ID, CoseSign1, build_protected
from credentials.cwt import AUD, CNONCE, IAT, TYPE
from credentials.cwt_issuance import BindingInput, join_cose
from credentials.dids import build_did_jwk
from credentials.errors import Malformed
from credentials.keys import PublicKey
from credentials.model import Credential, KeyBinding
from credentials.registered import bind_to_holder, read_audience, read_text, read_times
from credentials.vc_cose import (
    CONTENT_TYPE,
    CWT_CLAIMS,
    parse_document,
    signing_input_of,
)
from credentials.vcdm import build_envelope
from credentials.vcdm_shape import BASE_CONTEXT, check_presentation
from credentials.vp_jose import list_contained, read_enveloped
from encoding import base64url, strict_json
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue

MEDIA_TYPE: Final = "application/vp+cose"
CONTENT: Final = "application/vp"


def read_vp_cose(data: bytes) -> tuple[Credential, ...]:
    """Every credential in a presentation, each with the holder's proof."""
    message, document = parse_document(data, media_type=MEDIA_TYPE, content=CONTENT)
    check_presentation(document)
    if "holder" in document and document.get("iss", document["holder"]) != document["holder"]:
        raise Malformed("iss and holder differ", detail="holder_mismatch")
    _, not_before, expires_at = read_times(document)
    is_addressed = not {"aud", "nonce"}.isdisjoint(document)
    holder = document.get("holder")
    binding = bind_to_holder(_read_binding(message, document), holder) if is_addressed else None
    # A presentation that is past its own time takes its credentials along.
    return tuple(
        replace(
            credential,
            valid_from=max(filter(None, (credential.valid_from, not_before)), default=None),
            valid_until=min(filter(None, (credential.valid_until, expires_at)), default=None),
            key_binding=binding,
        )
        for credential in map(read_enveloped, list_contained(document))
    )


def build_vp_cose_input(
    credentials: Sequence[str | bytes],
    *,
    holder_key: PublicKey,
    audience: str,
    nonce: str,
    now: datetime,
) -> BindingInput:
    """
    What the holder's device signs to present these credentials together: `vc+cose` as bytes,
    `vc+jwt` and `vc+sd-jwt` as text. `nonce` is base64url.
    """
    holder = build_did_jwk(holder_key)
    envelopes: list[JsonValue] = [_build_envelope(each) for each in credentials]
    if not envelopes:
        raise Malformed("a presentation holds credentials", detail="empty_presentation")
    document: dict[str, JsonValue] = {
        "@context": [BASE_CONTEXT],
        "type": ["VerifiablePresentation"],
        "holder": holder,
        "verifiableCredential": envelopes,
    }
    check_presentation(document)
    try:
        challenge = base64url.decode(nonce)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    protected = build_protected(
        holder_key.algorithm,
        {
            CONTENT_TYPE: CONTENT,
            KEY_ID: f"{holder}#0".encode(),
            CWT_CLAIMS: {AUD: audience, IAT: int(now.timestamp()), CNONCE: challenge},
            TYPE: MEDIA_TYPE,
        },
    )
    return BindingInput(protected=protected, payload=strict_json.build_json(document))


def attach_vp_cose(presentation: BindingInput, *, signature: bytes) -> bytes:
    """The presentation that is sent."""
    data = join_cose(presentation, signature=signature)
    read_vp_cose(data)
    return data


def _build_envelope(credential: str | bytes) -> dict[str, JsonValue]:
    if isinstance(credential, str):
        return build_envelope(credential)
    text = base64.b64encode(credential).decode("ascii")
    return {
        "@context": BASE_CONTEXT,
        "id": f"data:application/vc+cose;base64,{text}",
        "type": "EnvelopedVerifiableCredential",
    }


def _read_binding(message: CoseSign1, document: Mapping[str, JsonValue]) -> KeyBinding:
    issued_at, _, _ = read_times(document)
    if issued_at is None:
        raise Malformed("a presentation has no iat", detail="missing_iat")
    signing_input = signing_input_of(message)
    return KeyBinding(
        audience=read_audience(document),
        nonce=read_text(document, "nonce"),
        issued_at=issued_at,
        signing_input=signing_input,
        signature=message.signature,
        algorithm=message.algorithm,
        covers_presentation=True,
        digest=base64url.encode(hashlib.sha256(signing_input).digest()),
    )
