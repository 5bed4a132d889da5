"""
What a proof of existence speaks of: the issuer-signed part of a credential, signature included.

The signature belongs to it. Whoever expects to steal a key could commit to unsigned words today and
sign them later; nobody can commit to a signature that he cannot make yet.
"""

import hashlib


def existence_digest(signing_input: bytes, signature: bytes) -> bytes:
    """The digest that an agency commits to when it issues (see `ledger.existence`)."""
    return hashlib.sha256(
        hashlib.sha256(signing_input).digest() + hashlib.sha256(signature).digest()
    ).digest()
