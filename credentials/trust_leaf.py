"""
What a leaf of an epoch's trust tree says: one issuer's identifier may issue one type between two
times, with these keys, by this accreditation.

The key of the leaf is the deterministic CBOR of `[identifier, type]`, its digest the SHA-256 of
the content:

    content   = [1, identifier, type, not before, not after or null, [credential keys],
                 [status keys], accreditation]
    statement = [not before, not after or null, [credential keys], [status keys], accreditation]

Keys are RFC 7638 thumbprints (SHA-256) in order, times are NumericDates, the accreditation is a
SHA-256 too. A staple carries the statement only: identifier and type are the credential's own, and
null may stand for the thumbprint of the key that signed it, which is computed from the key. Pure.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from credentials.errors import Malformed
from encoding.cbor import CborValue, build_cbor, parse_cbor
from encoding.errors import Malformed as EncodingMalformed
from ledger.epoch import TrustLeaf

MAX_CONTENT_BYTES: Final = 4096
MAX_KEYS: Final = 32
_FORMAT = 1
_HASH_BYTES = 32
_MAX_TIME = 253_402_300_799


@dataclass(frozen=True, slots=True)
class TrustStatement:
    """Who may issue what, when, with which keys. Times in seconds."""

    identifier: str
    type: str
    not_before: int
    not_after: int | None
    credential_keys: tuple[bytes, ...]
    status_keys: tuple[bytes, ...]
    accreditation: bytes


def build_trust_key(identifier: str, credential_type: str) -> bytes:
    """Where a leaf stands: leaves are sorted by this."""
    return build_cbor((identifier, credential_type))


def build_trust_content(statement: TrustStatement) -> bytes:
    """The bytes that the digest is of."""
    return build_cbor(
        (_FORMAT, statement.identifier, statement.type, *_parts(statement, signed_with=None))
    )


def build_trust_leaf_of(statement: TrustStatement) -> TrustLeaf:
    """The leaf as the log takes it."""
    return TrustLeaf(
        key=build_trust_key(statement.identifier, statement.type),
        digest=hashlib.sha256(build_trust_content(statement)).digest(),
    )


def parse_trust_content(data: bytes) -> TrustStatement:
    """What a content says."""
    match _parse(data):
        case [int(form), str(identifier), str(name), *parts] if (
            form is not True and form == _FORMAT
        ):
            return _read(parts, identifier=identifier, credential_type=name, signed_with=None)
    raise _fault("this is no content of a trust leaf")


def build_statement(statement: TrustStatement, *, signed_with: bytes | None) -> bytes:
    """The form in a staple. `signed_with`: the thumbprint that its reader can compute."""
    return build_cbor(_parts(statement, signed_with=signed_with))


def parse_statement(
    data: bytes, *, identifier: str, credential_type: str, signed_with: bytes
) -> TrustStatement:
    """What a statement says, made whole with what the credential says of itself."""
    parts = _parse(data)
    return _read(
        parts, identifier=identifier, credential_type=credential_type, signed_with=signed_with
    )


def _parts(statement: TrustStatement, *, signed_with: bytes | None) -> tuple[object, ...]:
    return (
        statement.not_before,
        statement.not_after,
        [None if each == signed_with else each for each in statement.credential_keys],
        statement.status_keys,
        statement.accreditation,
    )


def _read(
    parts: Sequence[CborValue],
    *,
    identifier: str,
    credential_type: str,
    signed_with: bytes | None,
) -> TrustStatement:
    if len(parts) != 5:
        raise _fault("a statement has five parts")
    begin, end, credential_keys, status_keys, accreditation = parts
    return TrustStatement(
        identifier=identifier,
        type=credential_type,
        not_before=_time(begin),
        not_after=None if end is None else _time(end),
        credential_keys=_keys(credential_keys, signed_with=signed_with),
        status_keys=_keys(status_keys, signed_with=None),
        accreditation=_hash(accreditation),
    )


def _keys(value: CborValue, *, signed_with: bytes | None) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > MAX_KEYS:
        raise _fault("keys are a list of thumbprints")
    keys = tuple([_hash(signed_with if each is None else each) for each in value])
    if any(one >= other for one, other in pairwise(keys)):
        raise _fault("keys are in order, each once")
    return keys


def _time(value: CborValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_TIME:
        raise _fault("a time is a NumericDate")
    return value


def _hash(value: CborValue) -> bytes:
    if not isinstance(value, bytes) or len(value) != _HASH_BYTES:
        raise _fault("a thumbprint or digest has 32 bytes")
    return value


def _parse(data: bytes) -> list[CborValue]:
    try:
        value = parse_cbor(data, max_bytes=MAX_CONTENT_BYTES, max_depth=3)
    except EncodingMalformed as error:
        raise _fault("the trust leaf cannot be read") from error
    if not isinstance(value, list):
        raise _fault("a trust leaf is an array")
    return value


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="malformed_trust_leaf")
