"""
Encrypted answers: compact JWE with ECDH-ES on P-256, the only door to joserfc.

OpenID4VP 1.0 section 8.3 and HAIP 1.0 section 5 need this and no more, so this is all there is:
`alg` ECDH-ES (direct agreement), `enc` A128GCM or A256GCM, no compression. Everything else is
refused before any key agreement (S-016). The parser in front of the library is our own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from credentials.errors import Malformed
from credentials.keys import PublicKey, parse_jwk
from encoding import base64url, strict_json
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue

ALGORITHM = "ECDH-ES"
METHODS = ("A256GCM", "A128GCM")
"""Best first."""
MAX_BYTES = 1_048_576
MAX_HEADER_BYTES = 8_192


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """A public key to encrypt to. `key_id` must be echoed in the header."""

    key_id: str | None
    public_key: PublicKey


@dataclass(frozen=True, slots=True)
class DecryptionKey:
    """A private key made for one transaction. `private_jwk` must never be logged."""

    key_id: str
    private_jwk: Mapping[str, str] = field(repr=False)

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half, as client metadata publishes it: with `kid`, `alg` and `use`."""
        public = {name: self.private_jwk[name] for name in ("kty", "crv", "x", "y")}
        return {**public, "kid": self.key_id, "alg": ALGORITHM, "use": "enc"}


def generate_decryption_key(key_id: str) -> DecryptionKey:
    """A fresh P-256 key; one for each transaction, never used again (HAIP-05)."""
    private = ECKey.generate_key("P-256").as_dict(private=True)
    members = {name: str(private[name]) for name in ("kty", "crv", "x", "y", "d")}
    return DecryptionKey(key_id=key_id, private_jwk=members)


def parse_encryption_jwk(value: JsonValue) -> EncryptionKey:
    """Read a public P-256 key whose `alg` is ECDH-ES and whose `use`, if any, is `enc`."""
    if not isinstance(value, dict):
        raise Malformed("a JWK must be a JSON object", detail="invalid_key")
    if value.get("alg") != ALGORITHM or value.get("use", "enc") != "enc":
        raise Malformed("a JWK is not meant for ECDH-ES", detail="unsupported_key")
    if value.get("crv") != "P-256":
        raise Malformed("only P-256 keys are used for encryption", detail="unsupported_key")
    key_id = value.get("kid")
    if not isinstance(key_id, str | None):
        raise Malformed("a JWK's kid is not a string", detail="invalid_kid")
    agreement = {name: item for name, item in value.items() if name not in _USE_MEMBERS}
    return EncryptionKey(key_id=key_id, public_key=parse_jwk(agreement))


def encrypt_jwe(plaintext: bytes, *, key: EncryptionKey, method: str) -> str:
    """Encrypt to this key; the ephemeral key is fresh each time."""
    if method not in METHODS:
        raise Malformed("the encryption method is not allowed", detail="unsupported_enc")
    header = {"alg": ALGORITHM, "enc": method}
    if key.key_id is not None:
        header["kid"] = key.key_id
    recipient = ECKey.import_key(dict(key.public_key.jwk))
    return jwe.encrypt_compact(header, plaintext, recipient, registry=_build_registry(method))


def decrypt_jwe(text: str, *, key: DecryptionKey, max_bytes: int = MAX_BYTES) -> bytes:
    """Decrypt what was encrypted to this very key, named by its `kid` if it is named at all."""
    if len(text) > max_bytes:
        raise Malformed(f"an encrypted answer is larger than {max_bytes} bytes", detail="too_large")
    method = _check_header(text, key_id=key.key_id)
    try:
        private = ECKey.import_key(dict(key.private_jwk))
        decrypted = jwe.decrypt_compact(text, private, registry=_build_registry(method))
    except (JoseError, ValueError) as error:
        raise Malformed("an encrypted answer cannot be decrypted", detail="bad_jwe") from error
    return decrypted.plaintext or b""


class _Registry(jwe.JWERegistry):
    """The library's limits are for tokens; a presentation may be longer."""

    max_protected_header_length = MAX_HEADER_BYTES
    max_ciphertext_length = MAX_BYTES * 2


def _build_registry(method: str) -> jwe.JWERegistry:
    """These two algorithms only. Header members that nobody knows are ignored, RFC 7516 4."""
    return _Registry(algorithms=[ALGORITHM, method], strict_check_header=False)


def _check_header(text: str, *, key_id: str) -> str:
    """The encryption method, once the header holds nothing but what is done here."""
    parts = text.split(".")
    if len(parts) != 5 or parts[1]:
        raise Malformed("a compact ECDH-ES JWE has five parts and no key", detail="not_a_jwe")
    try:
        header = strict_json.parse_object(base64url.decode(parts[0]), max_bytes=MAX_HEADER_BYTES)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    method = header.get("enc")
    if header.get("alg") != ALGORITHM or not isinstance(method, str) or method not in METHODS:
        raise Malformed("the encryption algorithm is not allowed", detail="unsupported_enc")
    if "crit" in header or "zip" in header:
        raise Malformed("the encryption header asks for extensions", detail="unsupported_crit")
    if header.get("kid", key_id) != key_id:
        raise Malformed("an answer is encrypted to another key", detail="wrong_key")
    parse_jwk(header.get("epk"))
    return method


# What a signature key may not say and an agreement key may.
_USE_MEMBERS = frozenset({"alg", "use", "key_ops", "kid"})
