"""
An envelope shown by itself: a JSON object whose `id` is a data URL with a token in it.

VCDM 2.0 "Enveloped Verifiable Credentials" and "Enveloped Verifiable Presentations" (VCDM-09),
VC-JOSE-COSE sections 3.1 to 3.3 (JC-05). Nobody signed the object, so nothing of it is read but
its type and its data URL; what is inside is read as if it had been shown without it. That is one
level: a data URL of an envelope holds a token, never another JSON object.
"""

from collections.abc import Mapping
from typing import Final

from credentials.errors import Malformed
from credentials.model import Credential
from credentials.sd_jwt import parse_sd_jwt
from credentials.sd_jwt_vc import read_key_binding
from credentials.vc_jose import read_vc_sd_jwt
from credentials.vcdm_shape import (
    ENVELOPED_CREDENTIAL,
    ENVELOPED_PRESENTATION,
    read_envelope,
    types_of,
)
from credentials.vp_cose import read_vp_cose
from credentials.vp_jose import decode_base64, read_enveloped, read_vp_jwt
from encoding.strict_json import JsonValue

ENVELOPES: Final = frozenset({ENVELOPED_CREDENTIAL, ENVELOPED_PRESENTATION})
"""The types of these objects."""

_VC_SD_JWT: Final = "vc+sd-jwt"


def read_shown_envelope(document: Mapping[str, JsonValue]) -> tuple[Credential, ...]:
    """Everything that an envelope holds."""
    if ENVELOPED_PRESENTATION in types_of(document):
        return _read_presentation(document)
    media_type, text = read_envelope(document)
    if media_type == f"application/{_VC_SD_JWT}":
        return (_read_sd_jwt(text),)
    return (read_enveloped(document),)


def _read_presentation(document: Mapping[str, JsonValue]) -> tuple[Credential, ...]:
    media_type, text = read_envelope(document, required_type=ENVELOPED_PRESENTATION)
    if media_type == "application/vp+jwt":
        return read_vp_jwt(text)
    if media_type == "application/vp+cose;base64":
        return read_vp_cose(decode_base64(text))
    raise Malformed("an envelope has an unknown media type", detail="unsupported_media_type")


def _read_sd_jwt(text: str) -> Credential:
    """Here the holder's proof is not that of a presentation around it: it is the SD-JWT's own."""
    sd_jwt = parse_sd_jwt(text, types=frozenset({_VC_SD_JWT}))
    binding = read_key_binding(sd_jwt, sd_jwt.key_binding) if sd_jwt.key_binding else None
    return read_vc_sd_jwt(sd_jwt, binding)
