"""
Status lists as others publish them, read strictly and in bounded work.

A Token Status List (draft-ietf-oauth-status-list, `statuslist+jwt` or `statuslist+cwt`) speaks of
revocation and suspension at once, its entries start at the least significant bit, its compression
is zlib. A W3C Bitstring Status List (`vc+jwt`) speaks of the purposes it names, starts at the most
significant bit, and is gzip. The text of a list in CBOR is the base64url of its bytes.
Reading believes nothing: who signed a list, whether it is fresh and anchored, is judged in
`verification`. Whatever makes no clear statement is Malformed, never *valid* (TSL-V-08, S-052,
S-054).
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from credentials.cwt import EXP, IAT, ISS, SUB, Cwt, parse_cwt, to_json
from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp, parse_numeric_date
from credentials.jose import Jws, parse_jws, peek_type
from credentials.jwt_vc import TYPES as VCDM1_TYPES
from credentials.jwt_vc import read_jwt_list
from credentials.keys import PublicKey, verify_signature
from credentials.ldp import read_ldp
from credentials.model import IssuerKeyHint, Status, StatusPurpose
from credentials.vcdm_shape import BASE_CONTEXT, types_of
from encoding import base64url, compression
from encoding import errors as encoding_errors
from encoding.cbor import CborValue
from encoding.strict_json import JsonValue, parse_object

LIST_JWT: Final = "statuslist+jwt"
LIST_CWT: Final = "statuslist+cwt"
LIST_CREDENTIAL: Final = "vc+jwt"
LIST_DOCUMENT: Final = "vc"
LIST_LEGACY: Final = "jwt_vc_json"
STATUS_LIST_CLAIM: Final = 65533
TTL_CLAIM: Final = 65534
NO_TIME: Final = datetime.fromtimestamp(0, UTC)
"""When a list that does not say so was issued: so long ago that it is never fresh."""
MAX_TOKEN_BYTES: Final = 8 << 20  # security.md "Limits"
MAX_ENTRY_BYTES: Final = 16 << 20
MAX_CHAIN: Final = 4
LEAST_BITSTRING: Final = 131_072
"""The entries that a Bitstring list must have at least, for the privacy of the herd (BSL-05)."""

_URL_SAFE: Final = str.maketrans("+/", "-_")
_COSE_SIGN1: Final = "0o"
"""How tag 18 and an array of four begin in base64url."""

STATUS_OF: Final = MappingProxyType({0: Status.VALID, 1: Status.REVOKED, 2: Status.SUSPENDED})
STATUS_OF_PURPOSE: Final = MappingProxyType(
    {StatusPurpose.REVOCATION: Status.REVOKED, StatusPurpose.SUSPENSION: Status.SUSPENDED}
)


@dataclass(frozen=True, slots=True)
class StatusList:
    """
    A list as read, of either kind; nothing is verified. `purposes` holds `both` for a Token Status
    List and the purposes of a Bitstring list. `issuer` is what the list says of itself: a hint.
    """

    uri: str
    issuer: str | None
    purposes: tuple[str, ...]
    bits: int
    entries: bytes = field(repr=False)
    issued_at: datetime
    expires_at: datetime | None
    ttl: timedelta | None
    type: str
    """`statuslist+jwt`, `statuslist+cwt`, `vc+jwt`, `vc` or `jwt_vc_json`: what it is."""
    key_hint: IssuerKeyHint = field(repr=False)
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    text: str = field(repr=False)

    @property
    def size(self) -> int:
        """How many entries the list has."""
        return len(self.entries) * 8 // self.bits


def read_status_list(token: str) -> StatusList:
    """
    Read a list of any kind; its `typ` says which. One that begins as COSE is in base64url, a JSON
    object is a credential with a Data Integrity proof.
    """
    if token.lstrip().startswith("{"):
        return _read_document(token)
    if token.startswith(_COSE_SIGN1):
        return _read_cwt(_parse_cwt_text(token), text=token)
    if token.count(".") == 2 and peek_type(token) in VCDM1_TYPES:
        return _read_legacy(token)
    jws = parse_jws(token, types=frozenset({LIST_JWT, LIST_CREDENTIAL}), max_bytes=MAX_TOKEN_BYTES)
    return _read_token(jws) if jws.type == LIST_JWT else _read_credential(jws)


def read_status_list_cwt(data: bytes) -> StatusList:
    """Read a `statuslist+cwt` as it is fetched."""
    return read_status_list(base64url.encode(data))


def is_signed_by(status_list: StatusList, key: PublicKey) -> bool:
    """Whether this key signed this list, with the algorithm that belongs to the key."""
    return status_list.key_hint.algorithm == key.algorithm and verify_signature(
        key, status_list.signing_input, status_list.signature
    )


def status_at(status_list: StatusList, index: int, purpose: StatusPurpose) -> Status:
    """The status of entry `index`; Malformed where the list makes no statement about it."""
    if purpose not in status_list.purposes:
        raise Malformed("the list is of another purpose", detail="status_verification_error")
    value = value_at(status_list, index)
    if purpose in STATUS_OF_PURPOSE:
        return STATUS_OF_PURPOSE[purpose] if value else Status.VALID
    if value not in STATUS_OF:
        # TSL-V-05: 3 and 0x0C to 0x0F belong to applications, the rest is reserved.
        raise Malformed("the list gives a status that is not known", detail="unknown_status_value")
    return STATUS_OF[value]


def value_at(status_list: StatusList, index: int) -> int:
    """The raw number of entry `index`."""
    if not 0 <= index < status_list.size:
        raise Malformed("the index is outside of the list", detail="range_error")
    bits = status_list.bits
    per_byte = 8 // bits
    if StatusPurpose.BOTH in status_list.purposes:
        shift = index % per_byte * bits
    else:
        shift = 8 - bits - index % per_byte * bits
    return status_list.entries[index // per_byte] >> shift & (1 << bits) - 1


def _read_token(jws: Jws) -> StatusList:
    uri, listed = jws.payload.get("sub"), jws.payload.get("status_list")
    if not isinstance(uri, str) or not uri:
        raise Malformed("a status list has no sub", detail="malformed_status_list")
    if not isinstance(listed, dict):
        raise Malformed("a status list token has no status_list", detail="malformed_status_list")
    issuer = jws.payload.get("iss")
    return StatusList(
        uri=uri,
        issuer=issuer if isinstance(issuer, str) else None,
        purposes=(StatusPurpose.BOTH,),
        bits=_read_bits(listed.get("bits")),
        entries=_inflate(listed.get("lst")),
        issued_at=parse_numeric_date(jws.payload.get("iat"), name="iat"),
        expires_at=parse_numeric_date(jws.payload["exp"], name="exp")
        if "exp" in jws.payload
        else None,
        ttl=_read_ttl(jws.payload.get("ttl"), unit=timedelta(seconds=1)),
        type=jws.type,
        key_hint=_read_key_hint(jws),
        signing_input=jws.signing_input,
        signature=jws.signature,
        text=jws.text,
    )


def _read_cwt(cwt: Cwt, *, text: str) -> StatusList:
    """TSL section 5.2 (TSL-I-02): the same claims under integer names, `lst` as bytes."""
    claims = cwt.claims
    uri, issuer, listed = claims.get(SUB), claims.get(ISS), claims.get(STATUS_LIST_CLAIM)
    if not isinstance(uri, str):
        raise Malformed("a status list has no sub", detail="malformed_status_list")
    if not isinstance(listed, dict):
        raise Malformed("a status list token has no status_list", detail="malformed_status_list")
    return StatusList(
        uri=uri,
        issuer=issuer if isinstance(issuer, str) else None,
        purposes=(StatusPurpose.BOTH,),
        bits=_read_bits(listed.get("bits")),
        entries=_inflate_bytes(listed.get("lst")),
        issued_at=parse_numeric_date(to_json(claims.get(IAT)), name="iat"),
        expires_at=parse_numeric_date(to_json(claims[EXP]), name="exp") if EXP in claims else None,
        ttl=_read_ttl(claims.get(TTL_CLAIM), unit=timedelta(seconds=1)),
        type=LIST_CWT,
        key_hint=cwt.key_hint,
        signing_input=cwt.signing_input,
        signature=cwt.message.signature,
        text=text,
    )


def _parse_cwt_text(token: str) -> Cwt:
    """COSE's tag 18 and no other around it (TSL section 5.2)."""
    if len(token) > MAX_TOKEN_BYTES:
        raise Malformed(f"a token is larger than {MAX_TOKEN_BYTES} bytes", detail="too_large")
    try:
        data = base64url.decode(token)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    return parse_cwt(
        data,
        types=frozenset({f"application/{LIST_CWT}"}),
        max_bytes=MAX_TOKEN_BYTES,
        tagged=True,
    )


def _read_credential(jws: Jws) -> StatusList:
    listed = _read_listed(jws.payload)
    payload = jws.payload
    return StatusList(
        uri=listed.uri,
        issuer=_read_issuer(payload.get("issuer")),
        purposes=listed.purposes,
        bits=1,
        entries=listed.entries,
        issued_at=parse_date_time_stamp(payload["validFrom"], name="validFrom")
        if "validFrom" in payload
        else NO_TIME,
        expires_at=parse_date_time_stamp(payload["validUntil"], name="validUntil")
        if "validUntil" in payload
        else None,
        ttl=listed.ttl,
        type=jws.type,
        key_hint=_read_key_hint(jws),
        signing_input=jws.signing_input,
        signature=jws.signature,
        text=jws.text,
    )


def _read_legacy(token: str) -> StatusList:
    """A StatusList2021Credential as `jwt_vc_json`: the same bits, under the older names."""
    jws = parse_jws(token, types=VCDM1_TYPES, max_bytes=MAX_TOKEN_BYTES)
    credential, document = read_jwt_list(jws)
    listed = _read_listed(document, kind="StatusList2021")
    return StatusList(
        uri=listed.uri,
        issuer=credential.issuer,
        purposes=listed.purposes,
        bits=1,
        entries=listed.entries,
        issued_at=credential.valid_from or NO_TIME,
        expires_at=credential.valid_until,
        ttl=listed.ttl,
        type=LIST_LEGACY,
        key_hint=credential.key_hint,
        signing_input=credential.signing_input,
        signature=credential.signature,
        text=token,
    )


def _read_document(text: str) -> StatusList:
    """A BitstringStatusListCredential with one Data Integrity proof (BSL-02: "secured")."""
    try:
        document = parse_object(text, max_bytes=MAX_TOKEN_BYTES)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    if "StatusList2021Credential" in types_of(document):
        # Its proof would be another program's to judge: no statement rather than an unproven one.
        raise Malformed("such a list is read as a JWT only", detail="unsupported_list_proof")
    listed = _read_listed(document)
    contexts = document.get("@context")
    if not isinstance(contexts, list) or BASE_CONTEXT not in contexts[:1]:
        raise Malformed("the base context must come first", detail="invalid_context")
    if "VerifiablePresentation" in types_of(document):
        raise Malformed("a presentation is no status list", detail="status_verification_error")
    (credential,) = read_ldp(document)
    if credential.alteration is not None:
        raise Malformed("a status list was altered", detail=credential.alteration)
    if credential.co_signatures or credential.unlinkable_proof is not None:
        raise Malformed("a status list has one signature", detail="several_proofs")
    return StatusList(
        uri=listed.uri,
        issuer=credential.issuer,
        purposes=listed.purposes,
        bits=1,
        entries=listed.entries,
        issued_at=credential.valid_from or credential.issued_at or NO_TIME,
        expires_at=credential.valid_until,
        ttl=listed.ttl,
        type=LIST_DOCUMENT,
        key_hint=credential.key_hint,
        signing_input=credential.signing_input,
        signature=credential.signature,
        text=text,
    )


@dataclass(frozen=True, slots=True)
class _Listed:
    """What a BitstringStatusListCredential says, whatever secures it."""

    uri: str
    purposes: tuple[str, ...]
    entries: bytes
    ttl: timedelta | None


def _read_listed(
    document: Mapping[str, JsonValue], *, kind: str = "BitstringStatusList"
) -> _Listed:
    types, subject, uri = (document.get(each) for each in ("type", "credentialSubject", "id"))
    if not isinstance(types, list) or f"{kind}Credential" not in types:
        raise Malformed("a credential is no status list", detail="status_verification_error")
    if not isinstance(subject, dict) or subject.get("type") != kind:
        raise Malformed("a status list has no bitstring", detail="status_verification_error")
    if not isinstance(uri, str):
        raise Malformed("a status list credential has no id", detail="status_verification_error")
    return _Listed(
        uri=uri,
        purposes=_read_purposes(subject.get("statusPurpose")),
        entries=read_bitstring(_as_multibase(subject.get("encodedList"), kind), status_size=1),
        ttl=_read_ttl(subject.get("ttl"), unit=timedelta(milliseconds=1)),
    )


def _as_multibase(encoded: JsonValue, kind: str) -> JsonValue:
    """The older lists are base64url, with or without padding, and have no prefix."""
    if kind == "BitstringStatusList" or not isinstance(encoded, str):
        return encoded
    return "u" + encoded.rstrip("=").translate(_URL_SAFE)


def read_bitstring(encoded: JsonValue, *, status_size: int) -> bytes:
    """The bits of an `encodedList` (BSL-03, BSL-05)."""
    if not isinstance(encoded, str) or not encoded.startswith("u"):
        raise Malformed("an encodedList starts with u", detail="malformed_value_error")
    try:
        entries = compression.inflate_gzip(base64url.decode(encoded[1:]), max_bytes=MAX_ENTRY_BYTES)
    except encoding_errors.Malformed as error:
        detail = "too_large" if error.detail == "too_large" else "malformed_value_error"
        raise Malformed("an encodedList cannot be read", detail=detail) from error
    if len(entries) * 8 // status_size < LEAST_BITSTRING:
        raise Malformed("a bitstring is too short", detail="status_list_length_error")
    return entries


def _inflate(lst: JsonValue) -> bytes:
    if not isinstance(lst, str):
        raise Malformed("a status list has no lst", detail="malformed_status_list")
    try:
        return _inflate_bytes(base64url.decode(lst))
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error


def _inflate_bytes(lst: CborValue) -> bytes:
    if not isinstance(lst, bytes):
        raise Malformed("a status list has no lst", detail="malformed_status_list")
    try:
        return compression.inflate_zlib(lst, max_bytes=MAX_ENTRY_BYTES)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error


def _read_bits(bits: "JsonValue | CborValue") -> int:
    if type(bits) is not int or bits not in (1, 2, 4, 8):
        raise Malformed("a status list has 1, 2, 4 or 8 bits", detail="malformed_status_list")
    return bits


def _read_ttl(ttl: "JsonValue | CborValue", *, unit: timedelta) -> timedelta | None:
    if ttl is None:
        return None
    if isinstance(ttl, bool) or not isinstance(ttl, int | float) or not 0 < ttl < 2**40:
        raise Malformed("a ttl is a positive number", detail="malformed_status_list")
    return ttl * unit


def _read_issuer(issuer: JsonValue) -> str | None:
    name = issuer.get("id") if isinstance(issuer, dict) else issuer
    return name if isinstance(name, str) else None


def _read_purposes(purposes: JsonValue) -> tuple[str, ...]:
    listed = purposes if isinstance(purposes, list) else [purposes]
    if not listed or not all(isinstance(purpose, str) for purpose in listed):
        raise Malformed("a status list has no purpose", detail="status_verification_error")
    return tuple(str(purpose) for purpose in listed)


def _read_key_hint(jws: Jws) -> IssuerKeyHint:
    chain = jws.header.get("x5c", [])
    if not isinstance(chain, list) or len(chain) > MAX_CHAIN:
        raise Malformed("x5c is a short list of certificates", detail="invalid_x5c")
    try:
        certificates = tuple(base64.b64decode(str(text), validate=True) for text in chain)
    except (binascii.Error, ValueError) as error:
        raise Malformed("x5c holds no base64", detail="invalid_x5c") from error
    return IssuerKeyHint(algorithm=jws.algorithm, key_id=jws.key_id, x5c=certificates)
