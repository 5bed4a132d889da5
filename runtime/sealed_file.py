"""
A secret in a file that only its owner can read, sealed with a passphrase.

scrypt (RFC 7914, N = 2^17, r = 8, p = 1: 128 MiB and half a second for each guess) makes the key,
AES-256-GCM seals; the header is authenticated with it. A file is written whole or not at all, and
never over another one.
"""

import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from runtime.errors import KeystoreError

_HEADER: Final = b"citywallet sealed 1\n"
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
SHORTEST_PASSPHRASE: Final = 12


def write_sealed(path: Path, secret: bytes, *, passphrase: bytes) -> None:
    """Seal `secret` into a new file."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise KeystoreError(f"a passphrase has {SHORTEST_PASSPHRASE} bytes or more")
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    head = _HEADER + salt + nonce
    sealed = head + AESGCM(_derive(passphrase, salt)).encrypt(nonce, secret, head)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, does not replace what is there.
            path.hardlink_to(draft)
        finally:
            draft.unlink()
    except FileExistsError as error:
        raise KeystoreError(f"{path.name} is there already") from error
    except OSError as error:
        raise KeystoreError(f"{path.name} cannot be written") from error


def read_sealed(path: Path, *, passphrase: bytes) -> bytes:
    """The secret; KeystoreError for a wrong passphrase and for a changed file alike."""
    try:
        if path.stat().st_mode & 0o077:
            raise KeystoreError(f"{path.name} can be read by others")
        sealed = path.read_bytes()
    except OSError as error:
        raise KeystoreError(f"{path.name} cannot be read") from error
    size = len(_HEADER) + _SALT_BYTES + _NONCE_BYTES
    head, text = sealed[:size], sealed[size:]
    if not head.startswith(_HEADER) or len(head) != size:
        raise KeystoreError(f"{path.name} is no sealed file")
    salt, nonce = head[len(_HEADER) : -_NONCE_BYTES], head[-_NONCE_BYTES:]
    try:
        return AESGCM(_derive(passphrase, salt)).decrypt(nonce, text, head)
    except InvalidTag as error:
        raise KeystoreError(f"{path.name} does not open with this passphrase") from error


def _derive(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**17, r=8, p=1).derive(passphrase)
