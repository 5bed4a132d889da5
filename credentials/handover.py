"""
The session that an mdoc's device signature answers: OpenID4VP 1.0 appendix B.2.6.

A `Handover` is what the verifier knows of the session it asked in; with the nonce it gives the
SessionTranscript of ISO 18013-5 section 9.1.5.1, which the device signs along. Audience and nonce
are therefore not read from the presentation at all: with another of either no signature holds.
"""

import hashlib
from dataclasses import dataclass
from typing import TypeAlias

from encoding.cbor import CborValue, build_cbor


@dataclass(frozen=True, slots=True)
class OpenID4VPHandover:
    """
    B.2.6.1: a request by redirect. `client_id` with its prefix. `jwk_thumbprint`: SHA-256 (32
    bytes) of the key that the response was encrypted for, None when it was not.
    """

    client_id: str
    response_uri: str
    jwk_thumbprint: bytes | None


@dataclass(frozen=True, slots=True)
class DcApiHandover:
    """B.2.6.2: a request through the Digital Credentials API, by a page of this origin."""

    origin: str
    jwk_thumbprint: bytes | None


Handover: TypeAlias = OpenID4VPHandover | DcApiHandover


def build_transcript(handover: Handover, nonce: str) -> list[CborValue]:
    """The SessionTranscript, not yet encoded; neither engagement nor reader key are used here."""
    if isinstance(handover, DcApiHandover):
        name = "OpenID4VPDCAPIHandover"
        info: list[CborValue] = [handover.origin, nonce, handover.jwk_thumbprint]
    else:
        name = "OpenID4VPHandover"
        info = [handover.client_id, nonce, handover.jwk_thumbprint, handover.response_uri]
    return [None, None, [name, hashlib.sha256(build_cbor(info)).digest()]]
