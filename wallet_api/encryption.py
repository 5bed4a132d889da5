"""
Encryption at rest: one data key for each resident, wrapped by the key in the key file.

A database dump and the configuration yield nothing without the key file (S-172). Each ciphertext
is bound to its resident, row and column, so that moving it elsewhere in the database makes it
unreadable. AES-256-GCM with random 96-bit nonces (NIST SP 800-38D 8.2.2; far fewer than 2**32 a
key, S-174). Destroying a resident's wrapped key erases all that resident ever stored.
"""

import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from encoding import base64url
from encoding.errors import Malformed
from wallet_api.errors import KeyFileError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
_VERSION = b"\x01"
_PURPOSE = "citywallet wallet store v1"
_FILE_HEADER = "citywallet-kek-v1"


class SealBroken(Exception):
    """A stored ciphertext does not open: it was moved, changed, or sealed under another key."""


@dataclass(frozen=True, slots=True)
class KeyEncryptionKey:
    """The key of the key file. It only ever wraps data keys."""

    secret: bytes = field(repr=False)

    def wrap(self, data_key: bytes, *, resident: str) -> bytes:
        """The data key sealed for this resident."""
        return _seal(self.secret, data_key, _associated(resident, resident, "wrapped_key"))

    def unwrap(self, wrapped: bytes, *, resident: str) -> "ResidentCipher":
        """The resident's cipher; SealBroken when the wrapped key is another resident's."""
        data_key = _open(self.secret, wrapped, _associated(resident, resident, "wrapped_key"))
        return ResidentCipher(resident=resident, data_key=data_key)


@dataclass(frozen=True, slots=True)
class ResidentCipher:
    """Seals and opens what one resident stores."""

    resident: str
    data_key: bytes = field(repr=False)

    def seal(self, plaintext: bytes, *, row: str, column: str) -> bytes:
        """Ciphertext that opens only for this resident, row and column."""
        return _seal(self.data_key, plaintext, _associated(self.resident, row, column))

    def open(self, sealed: bytes, *, row: str, column: str) -> bytes:
        """The plaintext, or SealBroken."""
        return _open(self.data_key, sealed, _associated(self.resident, row, column))


def new_data_key() -> bytes:
    """A fresh data key."""
    return secrets.token_bytes(KEY_BYTES)


def nonce_of(sealed: bytes) -> bytes:
    """The nonce of a ciphertext: `check` looks for one that was used twice."""
    return sealed[len(_VERSION) : len(_VERSION) + NONCE_BYTES]


def is_sealed(value: bytes) -> bool:
    """Whether the bytes have the shape of a ciphertext of ours."""
    return value[:1] == _VERSION and len(value) >= len(_VERSION) + NONCE_BYTES + TAG_BYTES


def load_key_file(path: Path, *, may_create: bool) -> KeyEncryptionKey:
    """
    The key in the file. Development makes one on the first start; production never does, because
    a new key beside an old database would look like a healthy, empty wallet.
    """
    if may_create and not path.exists():
        _create_key_file(path)
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"cannot read the wallet's key file {path.name}") from error
    if stat.S_IMODE(mode) & 0o077:
        raise KeyFileError(
            f"the wallet's key file {path.name} is readable by others, expected 0600"
        )
    header, _, encoded = text.strip().partition(" ")
    secret = _decode_secret(encoded)
    if header != _FILE_HEADER or len(secret) != KEY_BYTES:
        raise KeyFileError(f"the wallet's key file {path.name} does not hold a {_FILE_HEADER} key")
    return KeyEncryptionKey(secret)


def _decode_secret(encoded: str) -> bytes:
    try:
        return base64url.decode(encoded)
    except Malformed as error:
        raise KeyFileError("the wallet's key file does not hold base64url") from error


def _create_key_file(path: Path) -> None:
    """Written whole, then linked: of several processes starting at once exactly one key wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    content = f"{_FILE_HEADER} {base64url.encode(secrets.token_bytes(KEY_BYTES))}\n"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _associated(resident: str, row: str, column: str) -> bytes:
    # Identifiers are ours and hold no NUL, so the join is unambiguous.
    return "\0".join((_PURPOSE, resident, row, column)).encode()


def _seal(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, associated)


def _open(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    if not is_sealed(sealed):
        raise SealBroken("the stored value is not a ciphertext of this wallet")
    start = len(_VERSION) + NONCE_BYTES
    try:
        return AESGCM(key).decrypt(nonce_of(sealed), sealed[start:], associated)
    except InvalidTag as error:
        raise SealBroken("the stored value does not open for this resident and row") from error
