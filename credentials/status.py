"""
One array of statuses and the three signed lists that derive from it.

A `StatusArray` holds two bits for each credential. From it come a Token Status List
(draft-ietf-oauth-status-list; zlib, least significant bits first; as JWT and as CWT) and two W3C
Bitstring Status Lists (revocation and suspension; gzip, most significant bit first), so that they
can never disagree. Reading them is `status_lists`.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from credentials.cwt import EXP, IAT, SUB
from credentials.cwt_issuance import sign_cwt
from credentials.errors import Malformed
from credentials.jose import sign_jws
from credentials.keys import Signer
from credentials.model import Status, StatusPurpose
from credentials.status_lists import (
    LEAST_BITSTRING,
    LIST_CREDENTIAL,
    LIST_CWT,
    LIST_JWT,
    STATUS_LIST_CLAIM,
    STATUS_OF,
    STATUS_OF_PURPOSE,
    TTL_CLAIM,
    StatusList,
    read_status_list,
    status_at,
)
from credentials.verdict import format_instant
from encoding import base64url, compression
from encoding.cbor import CborKey, CborValue
from encoding.compression import Effort
from encoding.strict_json import JsonValue

__all__ = [
    "StatusArray",
    "StatusList",
    "build_bitstring_credential",
    "build_status_list_cwt",
    "build_status_list_token",
    "read_status_list",
    "status_at",
]

CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
BITS: Final = 2
VALUE_OF: Final = MappingProxyType({status: value for value, status in STATUS_OF.items()})


@dataclass(frozen=True, slots=True)
class StatusArray:
    """Two bits an entry, packed as a Token Status List has them (TSL-I-01)."""

    size: int
    packed: bytes = field(repr=False)

    @classmethod
    def all_valid(cls, size: int) -> "StatusArray":
        """An array of valid entries; a multiple of eight, so that every list ends on a byte."""
        if size <= 0 or size % 8:
            raise Malformed("a status array has a multiple of eight entries", detail="bad_size")
        return cls(size=size, packed=bytes(size * BITS // 8))

    def with_statuses(self, statuses: Mapping[int, Status]) -> "StatusArray":
        """A copy with these entries set."""
        packed = bytearray(self.packed)
        for index, status in statuses.items():
            self._check(index)
            shift = index % 4 * BITS
            packed[index // 4] = (
                packed[index // 4] & ~(3 << shift) & 0xFF | VALUE_OF[status] << shift
            )
        return StatusArray(size=self.size, packed=bytes(packed))

    def status(self, index: int) -> Status:
        """The status of one entry."""
        self._check(index)
        return STATUS_OF[self.packed[index // 4] >> index % 4 * BITS & 3]

    def bitstring(self, status: Status) -> bytes:
        """One bit an entry, the first entry left-most: whether it has this status (BSL-04)."""
        nibbles = self.packed.translate(_NIBBLES[status])
        high = int.from_bytes(nibbles[0::2], "big") << 4
        return (high | int.from_bytes(nibbles[1::2], "big")).to_bytes(self.size // 8, "big")

    def _check(self, index: int) -> None:
        if not 0 <= index < self.size:
            raise Malformed("the index is outside of the array", detail="range_error")


def build_status_list_token(
    array: StatusArray,
    *,
    uri: str,
    issued_at: datetime,
    expires_at: datetime,
    ttl: timedelta,
    signer: Signer,
    x5c: Sequence[bytes] = (),
    key_id: str | None = None,
    effort: Effort = Effort.THOROUGH,
) -> str:
    """Sign a Token Status List (TSL-I-02). `effort`: quick at each change, thorough when idle."""
    payload: dict[str, JsonValue] = {
        "sub": uri,
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
        "ttl": int(ttl.total_seconds()),
        "status_list": {
            "bits": BITS,
            "lst": base64url.encode(compression.deflate_zlib(array.packed, effort=effort)),
        },
    }
    header = build_key_header(x5c=x5c, key_id=key_id)
    return sign_jws(payload, type=LIST_JWT, signer=signer, header=header)


def build_status_list_cwt(
    array: StatusArray,
    *,
    uri: str,
    issued_at: datetime,
    expires_at: datetime,
    ttl: timedelta,
    signer: Signer,
    x5c: Sequence[bytes] = (),
    key_id: str | None = None,
    aggregation_uri: str | None = None,
    effort: Effort = Effort.THOROUGH,
) -> bytes:
    """Sign the same Token Status List as `statuslist+cwt` (TSL-I-02), the bytes to publish."""
    listed: dict[CborKey, CborValue] = {
        "bits": BITS,
        "lst": compression.deflate_zlib(array.packed, effort=effort),
    }
    if aggregation_uri is not None:
        listed["aggregation_uri"] = aggregation_uri
    claims: dict[CborKey, CborValue] = {
        SUB: uri,
        IAT: int(issued_at.timestamp()),
        EXP: int(expires_at.timestamp()),
        TTL_CLAIM: int(ttl.total_seconds()),
        STATUS_LIST_CLAIM: listed,
    }
    return sign_cwt(
        claims,
        type=f"application/{LIST_CWT}",
        signer=signer,
        key_id=key_id.encode() if key_id is not None else None,
        x5c=x5c,
    )


def build_bitstring_credential(
    array: StatusArray,
    *,
    purpose: StatusPurpose,
    uri: str,
    issuer: str,
    valid_from: datetime,
    valid_until: datetime,
    ttl: timedelta,
    signer: Signer,
    key_id: str | None = None,
    x5c: Sequence[bytes] = (),
    effort: Effort = Effort.THOROUGH,
) -> str:
    """Sign a BitstringStatusListCredential as `vc+jwt` (BSL-02, BSL-03)."""
    if array.size < LEAST_BITSTRING:
        raise Malformed(
            f"a bitstring has at least {LEAST_BITSTRING} entries", detail="status_list_length_error"
        )
    encoded = compression.deflate_gzip(array.bitstring(STATUS_OF_PURPOSE[purpose]), effort=effort)
    payload: dict[str, JsonValue] = {
        "@context": [CONTEXT],
        "id": uri,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": format_instant(valid_from),
        "validUntil": format_instant(valid_until),
        "credentialSubject": {
            "id": f"{uri}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose.value,
            "encodedList": "u" + base64url.encode(encoded),
            "ttl": int(ttl.total_seconds()) * 1000,
        },
    }
    header = build_key_header(x5c=x5c, key_id=key_id)
    return sign_jws(payload, type=LIST_CREDENTIAL, signer=signer, header=header)


def build_key_header(*, x5c: Sequence[bytes], key_id: str | None) -> dict[str, JsonValue]:
    """The header members that say whose key signed: RFC 7515 4.1.4 and 4.1.6."""
    header: dict[str, JsonValue] = {}
    if key_id is not None:
        header["kid"] = key_id
    if x5c:
        header["x5c"] = [base64.b64encode(certificate).decode() for certificate in x5c]
    return header


def _nibble(byte: int, value: int) -> int:
    """Four packed entries as four bits, the first one left-most."""
    return sum((byte >> 2 * i & 3 == value) << (3 - i) for i in range(4))


_NIBBLES: Final = MappingProxyType(
    {
        status: bytes(_nibble(byte, value) for byte in range(256))
        for status, value in VALUE_OF.items()
    }
)
