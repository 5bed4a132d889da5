"""
Signatures of issuers that were found right before, so that they need not be computed again.

A signature over bytes by a key is right for ever, so only that is remembered: whether the key may
be believed, what the credential's dates and its status say is asked each time. Only successes are
kept, under a digest of what was signed, the signature and the key's thumbprint; nothing of the
credential can be read back from it. A caller that lives longer than one check hands one in with
`Material.signatures`.
"""

import hashlib

from credentials.keys import PublicKey, verify_signature
from credentials.model import Signed

LIMIT = 65_536


class SignatureMemory:
    """A bounded memory, shared by the threads of a process; the older half goes when it is full."""

    __slots__ = ("_limit", "_newer", "_older")

    def __init__(self, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._newer: set[bytes] = set()
        self._older: set[bytes] = set()

    def verify(self, signed: Signed, key: PublicKey) -> bool:
        """Whether this key made this signature; computed unless it is known."""
        digest = _digest(signed, key)
        if digest in self._newer:
            return True
        is_right = digest in self._older or verify_signature(
            key, signed.signing_input, signed.signature
        )
        if is_right:
            self._remember(digest)
        return is_right

    def __len__(self) -> int:
        """How many signatures are known; one that was seen again may count twice."""
        return len(self._newer) + len(self._older)

    def _remember(self, digest: bytes) -> None:
        if len(self._newer) >= max(1, self._limit // 2):
            self._newer, self._older = set(), self._newer
        self._newer.add(digest)


def _digest(signed: Signed, key: PublicKey) -> bytes:
    """The length keeps bytes from moving between what was signed and the signature."""
    frame = f"{len(signed.signing_input)} {key.thumbprint} ".encode("ascii")
    return hashlib.sha256(frame + signed.signing_input + signed.signature).digest()
