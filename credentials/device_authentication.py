"""
What an mdoc's device signs: DeviceAuthentication (ISO 18013-5 section 9.1.3.4).

The session transcript is never sent along: holder and verifier each build it from the session
that they know (`handover`), so a signature from another session does not hold.
"""

from collections.abc import Sequence

from credentials.cose import build_protected, build_value, sig_structure
from credentials.mdoc_values import EMBEDDED_TAG
from encoding.cbor import CborValue, Tagged

NO_NAMESPACES = build_value({})
"""DeviceNameSpaces of a device that signs no element itself."""


def build_device_authentication(
    *, transcript: Sequence[CborValue], doc_type: str, namespaces: bytes, protected: bytes
) -> bytes:
    """The Sig_structure that the device signs; `namespaces`: the embedded DeviceNameSpaces."""
    authentication: list[CborValue] = [
        "DeviceAuthentication",
        list(transcript),
        doc_type,
        Tagged(EMBEDDED_TAG, namespaces),
    ]
    payload = build_value(Tagged(EMBEDDED_TAG, build_value(authentication)))
    return sig_structure(protected, payload)


def build_device_protected(algorithm: str) -> bytes:
    """The protected header of a device signature: its `alg` alone."""
    return build_protected(algorithm, {})
