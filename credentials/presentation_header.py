"""
What a `bbs-2023` proof answers in a session: its presentation header.

vc-di-bbs lets the holder put any bytes there and OpenID4VP says nothing of them, so a verifier
that asked names its own: the SHA-256 of a word, the audience and the nonce as canonical JSON. See
docs/decisions/0030.
"""

import hashlib

from encoding.strict_json import canonical_json


def build_presentation_header(*, audience: str, nonce: str) -> bytes:
    """The header of a proof that is made for this audience and this nonce."""
    return hashlib.sha256(canonical_json(["bbs-2023", audience, nonce])).digest()
