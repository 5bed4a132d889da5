"""
The key of a Cosmos account: its address (BIP-173) and its signatures, secp256k1 with low s.

Two kinds are in use: the SDK's own (SHA-256, RIPEMD-160 of SHA-256) and that of chains with an EVM
(Keccak-256 for both, as Ethereum). `coincurve` and `pycryptodome` belong to the extra `evm` and
are loaded at first use.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ledger.errors import Malformed

SIGNATURE_BYTES: Final = 64
_CHARSET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@dataclass(frozen=True, slots=True)
class KeyKind:
    """What a chain makes of a secp256k1 key."""

    type_url: str
    digest: Callable[[bytes], bytes]
    """What of a message is signed."""
    account: Callable[[bytes], bytes]
    """The 20 bytes of the account, from the compressed public key."""


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _keccak(data: bytes) -> bytes:
    from Crypto.Hash import keccak

    return keccak.new(digest_bits=256, data=data).digest()


def _sdk_account(public_key: bytes) -> bytes:
    return hashlib.new("ripemd160", _sha256(public_key)).digest()


def _evm_account(public_key: bytes) -> bytes:
    from coincurve import PublicKey

    return _keccak(PublicKey(public_key).format(compressed=False)[1:])[-20:]


SDK_KEY: Final = KeyKind("/cosmos.crypto.secp256k1.PubKey", _sha256, _sdk_account)
INJECTIVE_KEY: Final = KeyKind(
    "/injective.crypto.v1beta1.ethsecp256k1.PubKey", _keccak, _evm_account
)


@dataclass(frozen=True, slots=True)
class CosmosKey:
    """A relayer's key. Whoever holds it pays fees and says heads, on this chain only."""

    kind: KeyKind
    prefix: str
    secret: bytes

    @property
    def public_key(self) -> bytes:
        """33 bytes."""
        from coincurve import PrivateKey

        return PrivateKey(self.secret).public_key.format()

    @property
    def address(self) -> str:
        """As the chain writes it, such as cosmos1... or inj1..."""
        return build_bech32(self.prefix, self.kind.account(self.public_key))

    def sign(self, message: bytes) -> bytes:
        """r and s, 64 bytes; deterministic (RFC 6979)."""
        from coincurve import PrivateKey

        signature = PrivateKey(self.secret).sign_recoverable(self.kind.digest(message), hasher=None)
        return signature[:SIGNATURE_BYTES]


def is_signed(kind: KeyKind, public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is the key's signature, in its one form of a low s."""
    from coincurve import PublicKey
    from coincurve.ecdsa import cdata_to_der, deserialize_compact

    if len(signature) != SIGNATURE_BYTES or int.from_bytes(signature[32:], "big") > _ORDER // 2:
        return False
    try:
        der = cdata_to_der(deserialize_compact(signature))
    except ValueError:
        return False
    return PublicKey(public_key).verify(der, kind.digest(message), hasher=None)


def build_bech32(prefix: str, data: bytes) -> str:
    """BIP-173: prefix, 1, the data in groups of five bits, a checksum of six."""
    if not prefix.isascii() or not prefix.isalnum() or prefix != prefix.lower():
        raise Malformed("an address prefix is of small letters", detail="malformed_address")
    words = _in_fives(data)
    expanded = [ord(each) >> 5 for each in prefix] + [0] + [ord(each) & 31 for each in prefix]
    remainder = _polymod([*expanded, *words, *[0] * 6]) ^ 1
    checksum = [remainder >> 5 * (5 - place) & 31 for place in range(6)]
    return prefix + "1" + "".join(_CHARSET[each] for each in [*words, *checksum])


def _in_fives(data: bytes) -> list[int]:
    bits = len(data) * 8
    padding = -bits % 5
    number = int.from_bytes(data, "big") << padding
    return [number >> shift & 31 for shift in range(bits + padding - 5, -1, -5)]


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATOR):
            if top >> place & 1:
                checksum ^= generator
    return checksum
