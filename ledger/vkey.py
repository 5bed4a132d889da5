"""
Verifier keys of C2SP signed-note and what their signatures cover.

Three signature types are known: Ed25519 over the note (0x01) and the two timestamped cosignatures
of tlog-cosignature, Ed25519 (0x04) and ML-DSA-44 (0x06). A key of one type never verifies another.
Pure.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Protocol

from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from ledger.errors import Malformed
from ledger.ml_dsa import PUBLIC_KEY_BYTES

ED25519 = 0x01
COSIGNATURE = 0x04
ML_DSA_44 = 0x06
LOG_TYPES = (ED25519, ML_DSA_44)
"""By which a log may sign its checkpoints: tlog-checkpoint, "Signatures"."""
WITNESS_TYPES = (COSIGNATURE, ML_DSA_44)
"""By which a witness may cosign: both say at which time."""
_KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: PUBLIC_KEY_BYTES}
MAX_TIMESTAMP = 2**63 - 1


class NoteSigner(Protocol):
    """Whoever holds a private key."""

    def sign(self, data: bytes) -> bytes:
        """The signature of RFC 8032, or of FIPS 204 with an empty context."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A key that verifies notes. The signature type is part of its identity."""

    name: str
    signature_type: int
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that mark this key's signatures."""
        content = self.name.encode() + b"\n" + bytes([self.signature_type]) + self.public_key
        return hashlib.sha256(content).digest()[:4]

    @property
    def vkey(self) -> str:
        """The text form, as in policy files."""
        material = base64.b64encode(bytes([self.signature_type]) + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"


def parse_verifier_key(text: str) -> VerifierKey:
    """A vkey of a type known here; the key id in it must be the computed one."""
    name, plus, rest = text.partition("+")
    key_id, second_plus, material = rest.partition("+")
    if not plus or not second_plus:
        raise Malformed("a verifier key has three parts", detail="malformed_vkey")
    check_name(name)
    decoded = decode_base64(material)
    if not decoded or len(decoded) - 1 != _KEY_BYTES.get(decoded[0]):
        raise Malformed("the verifier key is of no known type", detail="malformed_vkey")
    key = VerifierKey(name=name, signature_type=decoded[0], public_key=decoded[1:])
    if key.key_id.hex() != key_id:
        raise Malformed("the key id does not fit the verifier key", detail="malformed_vkey")
    return key


def check_name(name: str) -> None:
    """Key names: signed-note, "Format"."""
    if "+" in name or name.split() != [name]:
        raise Malformed("a key name is one word without plus", detail="malformed_name")


def decode_base64(text: str) -> bytes:
    """RFC 4648 section 4, canonical only."""
    try:
        decoded = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise Malformed("the base64 cannot be read", detail="bad_base64") from error
    if base64.b64encode(decoded).decode() != text:
        raise Malformed("the base64 is not canonical", detail="bad_base64")
    return decoded


def cosigned_message(text: str, timestamp: int) -> bytes:
    """What a witness signs: tlog-cosignature, "Ed25519 signed message"."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def is_signed(text: str, key: VerifierKey, signature: bytes) -> bool:
    """Whether this Ed25519 key made this signature on a note's text."""
    message = text.encode()
    if key.signature_type == COSIGNATURE:
        if len(signature) != 8 + 64:
            return False
        timestamp = int.from_bytes(signature[:8], "big")
        if timestamp > MAX_TIMESTAMP:
            return False
        message, signature = cosigned_message(text, timestamp), signature[8:]
    if len(signature) != 64:
        return False
    try:
        # By libsodium as in `credentials.keys`: in half the time, and no points of small order.
        crypto_sign_open(signature + message, key.public_key)
    except BadSignatureError:
        return False
    return True
