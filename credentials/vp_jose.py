"""
A `vp+jwt` as presented: the holder's proof, and the credentials that it envelopes.

VC-JOSE-COSE section 3.1.2 and VCDM 2.0 section 4.12 (JC-05). The holder's signature is the key
binding of every credential in it.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace

from credentials.errors import Malformed
from credentials.jose import Jws, parse_jws
from credentials.model import Credential, KeyBinding
from credentials.registered import bind_to_holder, build_binding, read_audience, read_times
from credentials.sd_jwt import MAX_BYTES, parse_sd_jwt
from credentials.vc_cose import read_vc_cose
from credentials.vc_jose import read_vc_jwt, read_vc_sd_jwt, refuse_wrapped
from credentials.vcdm_shape import check_presentation, read_envelope
from encoding.strict_json import JsonValue

MAX_CREDENTIALS = 16  # security.md "Limits"

_TYPES = frozenset({"vp+jwt"})
_VC_SD_JWT = frozenset({"vc+sd-jwt"})
_VC_COSE = "application/vc+cose;base64"


def read_vp_jwt(text: str) -> tuple[Credential, ...]:
    """Every credential in a presentation, each with the holder's proof."""
    jws = parse_jws(text, types=_TYPES, max_bytes=MAX_BYTES)
    document = dict(jws.payload)
    refuse_wrapped(jws, content_type="vp")
    check_presentation(document)
    if "holder" in document and document.get("iss", document["holder"]) != document["holder"]:
        raise Malformed("iss and holder differ", detail="holder_mismatch")
    _, not_before, expires_at = read_times(document)
    # Addressed to nobody and answering nothing, it binds nobody: it is an envelope.
    is_addressed = not {"aud", "nonce"}.isdisjoint(document)
    holder = document.get("holder")
    binding = bind_to_holder(_read_binding(jws), holder) if is_addressed else None
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


def list_contained(document: Mapping[str, JsonValue]) -> list[dict[str, JsonValue]]:
    """The entries of `verifiableCredential`: 1 to 16 objects."""
    listed = document.get("verifiableCredential", [])
    entries = [
        each
        for each in (listed if isinstance(listed, list) else [listed])
        if isinstance(each, dict)
    ]
    if not 0 < len(entries) <= MAX_CREDENTIALS:
        raise Malformed(
            f"a presentation holds 1 to {MAX_CREDENTIALS} credentials", detail="empty_presentation"
        )
    return entries


def read_enveloped(envelope: Mapping[str, JsonValue]) -> Credential:
    """The credential in an EnvelopedVerifiableCredential, which is not bound on its own."""
    media_type, text = read_envelope(envelope)
    if media_type == "application/vc+jwt":
        return read_vc_jwt(text)
    if media_type == _VC_COSE:
        return read_vc_cose(decode_base64(text))
    if media_type != "application/vc+sd-jwt":
        raise Malformed("an envelope has an unknown media type", detail="unsupported_media_type")
    sd_jwt = parse_sd_jwt(text, types=_VC_SD_JWT)
    if sd_jwt.key_binding is not None:
        raise Malformed("an enveloped credential is bound twice", detail="unexpected_key_binding")
    return read_vc_sd_jwt(sd_jwt, None)


def decode_base64(text: str) -> bytes:
    """
    The bytes of a data URL. As WHATWG's data URL processor does, white space and missing padding
    are let pass: the credentials of the W3C suite end with a line and without padding.
    """
    bare = "".join(text.split()).rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("a data URL holds no base64", detail="invalid_envelope") from error


def _read_binding(jws: Jws) -> KeyBinding:
    issued_at, _, _ = read_times(jws.payload)
    if issued_at is None:
        raise Malformed("a presentation has no iat", detail="missing_iat")
    audience = read_audience(jws.payload)
    return build_binding(jws, audience=audience, issued_at=issued_at, covers_presentation=True)
