"""
Signatures by the device, joined to the texts that it was asked to sign, and to no others.

The service keeps the text; the device sends back a key's name and a signature. A signature that
does not verify over the stored text is refused, so nothing but what the resident consented to
can leave this service.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from credentials.jose import join_signature
from credentials.keys import parse_jwk, verify_signature
from encoding import base64url
from encoding.errors import EncodingError
from wallet_api.details import SigningInput
from wallet_api.errors import BadSignature


@dataclass(frozen=True, slots=True)
class DeviceSignature:
    """A raw signature, base64url, and the thumbprint of the key that made it."""

    key: str
    signature: str


def join_signed(asked: SigningInput, signatures: Sequence[DeviceSignature]) -> str:
    """
    The JWS. One key may have signed several texts, so the one that verifies is taken.
    """
    key = parse_jwk(dict(asked.jwk))
    offered = [_decode(one.signature) for one in signatures if one.key == asked.key]
    if not offered:
        raise BadSignature("a signature is missing")
    for signature in offered:
        if verify_signature(key, asked.input.encode(), signature):
            return join_signature(asked.input, signature)
    raise BadSignature("a signature is not over the text that was to be signed")


def _decode(text: str) -> bytes:
    try:
        return base64url.decode(text)
    except EncodingError as error:
        raise BadSignature("a signature is not base64url") from error
