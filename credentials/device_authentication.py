"""
What an mdoc's device signs: DeviceAuthentication (ISO 18013-5 section 9.1.3.4).

The session transcript is never sent along: holder and verifier each build it from the session
that they know (`handover`), so a signature from another session does not hold.
"""

from collections.abc import Sequence
from typing import Final

from credentials.cose import build_protected, build_value, sig_structure
from encoding.cbor import CborValue, build_embedded

_DEVICE_AUTHENTICATION: Final = b"\x84\x74DeviceAuthentication"  # an array of four begins so

NO_NAMESPACES = build_value({})
"""DeviceNameSpaces of a device that signs no element itself."""


def build_device_authentication(
    *, transcript: Sequence[CborValue], doc_type: str, namespaces: bytes, protected: bytes
) -> bytes:
    """The Sig_structure that the device signs; `namespaces`: the embedded DeviceNameSpaces."""
    authentication = b"".join(
        (
            _DEVICE_AUTHENTICATION,
            build_value(list(transcript)),
            build_value(doc_type),
            build_embedded(namespaces),
        )
    )
    return sig_structure(protected, build_embedded(authentication))


def build_device_protected(algorithm: str) -> bytes:
    """The protected header of a device signature: its `alg` alone."""
    return build_protected(algorithm, {})
