"""
CBOR Web Tokens (RFC 8392) as credentials, read strictly and without believing them.

A CWT is a COSE_Sign1 over a map of claims with integer names. Known are `iss`, `sub`, `aud`,
`exp`, `nbf`, `iat`, `cti`, `cnf` (RFC 8747), and of drafts `vct` (11, SD-CWT), `status` (65535,
Token Status List) and `cnonce` (39); claims of our own have text names, as in an SD-JWT VC. What
kind of token it is stands in the protected `typ` (RFC 9596), as a media type or its number.

A holder proves possession with a key binding token (`kb+cwt`, SD-CWT draft): a CWT of its own
whose protected header `kcwt` (13, RFC 9528) holds the credential, so that its signature covers the
whole. `cwt_issuance` writes both; `cwt_packing` makes a QR text of them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, TypeAlias

from credentials.cose import (
    CoseSign1,
    parse_cose_key,
    parse_cose_sign1,
    parse_value,
    read_key_id,
    read_x5chain,
    sig_structure,
)
from credentials.errors import Malformed
from credentials.keys import PublicKey
from credentials.model import Credential, Format, IssuerKeyHint, KeyBinding
from credentials.registered import read_times
from credentials.status_references import read_links, read_token_references
from encoding import base64url
from encoding.cbor import CborKey, CborValue, Tagged
from encoding.strict_json import JsonValue

ISS, SUB, AUD, EXP, NBF, IAT, CTI, CNF, VCT, CNONCE, STATUS = 1, 2, 3, 4, 5, 6, 7, 8, 11, 39, 65535
COSE_KEY: Final = 1  # the confirmation method of RFC 8747 section 3.1 that holds the key itself
CWT_TAG: Final = 61
TYPE: Final = 16
KCWT: Final = 13
FULL_DATE_TAG: Final = 1004  # RFC 8943
MAX_BYTES: Final = 65_536
GREATEST_INTEGER: Final = 2**53  # what JSON can carry

TokenType: TypeAlias = int | str | None
Times: TypeAlias = tuple[datetime | None, datetime | None, datetime | None]
# Media types with their CoAP Content-Format numbers; a CWT without `typ` is a plain one.
CWT_TYPES: Final[frozenset[TokenType]] = frozenset({None, 61, "application/cwt"})
KEY_BINDING_TYPES: Final[frozenset[TokenType]] = frozenset({294, "application/kb+cwt"})

_TEXTS: Final = {ISS: "iss", SUB: "sub", AUD: "aud"}
_TIMES: Final = {EXP: "exp", NBF: "nbf", IAT: "iat"}
CLAIM_NAMES: Final[Mapping[int, str]] = {
    **_TEXTS,
    **_TIMES,
    CTI: "cti",
    CNF: "cnf",
    VCT: "vct",
    CNONCE: "cnonce",
    STATUS: "status",
}


@dataclass(frozen=True, slots=True)
class Cwt:
    """A CWT as read: shapes of the registered claims checked, signature not."""

    message: CoseSign1 = field(repr=False)
    type: TokenType
    claims: Mapping[CborKey, CborValue]
    signing_input: bytes = field(repr=False)
    key_hint: IssuerKeyHint = field(repr=False)


def parse_cwt(
    data: bytes, *, types: frozenset[TokenType], max_bytes: int = MAX_BYTES, tagged: bool = False
) -> Cwt:
    """
    Read a CWT whose protected `typ` is one of `types`. `tagged`: it must carry COSE's tag 18 and
    nothing around it; otherwise both tags (18, and 61 before it) may be there or not.
    """
    return _parse_value(parse_value(data, max_bytes=max_bytes), types=types, tagged=tagged)


def peek_cose_type(value: CborValue) -> TokenType:
    """The protected `typ` of a COSE_Sign1, to choose a reader; nothing else counts yet."""
    if isinstance(value, Tagged) and value.tag == CWT_TAG:
        value = value.value
    return read_type(parse_cose_sign1(value, tagged=None))


def read_type(message: CoseSign1) -> TokenType:
    """RFC 9596: a media type as text, or its Content-Format as a number. Only the signed one."""
    value = message.protected_header.get(TYPE)
    if value is None or isinstance(value, str) or type(value) is int:
        return value.lower() if isinstance(value, str) else value
    raise Malformed("a typ is neither text nor a number", detail="invalid_typ")


def read_key_hint(message: CoseSign1) -> IssuerKeyHint:
    """
    How a COSE message names its signer's key. A `kid` that is printable ASCII is that text; other
    bytes are written in base64url, so that the raw thumbprint of a key names it.
    """
    key_id = read_key_id(message)
    text = None
    if key_id is not None:
        printable = all(0x20 < byte < 0x7F for byte in key_id)
        text = key_id.decode("ascii") if printable else base64url.encode(key_id)
    return IssuerKeyHint(
        algorithm=message.algorithm, key_id=text or None, x5c=read_x5chain(message)
    )


def read_cwt(data: bytes) -> tuple[Credential, ...]:
    """The credential in a CWT, or in a key binding token with its holder's proof."""
    cwt = parse_cwt(data, types=CWT_TYPES | KEY_BINDING_TYPES)
    return (_read_bound(cwt) if cwt.type in KEY_BINDING_TYPES else _read_credential(cwt),)


def to_json(value: CborValue) -> JsonValue:
    """A claim as JSON has it: bytes in base64url, full dates as text; the rest is refused."""
    match value:
        case None | bool() | str() | float():
            return value
        case int() if abs(value) < GREATEST_INTEGER:
            return value
        case bytes():
            return base64url.encode(value)
        case list():
            return [to_json(item) for item in value]
        case Tagged(tag=1004, value=str(text)):
            return text
        case dict() if all(isinstance(key, str) for key in value):
            return {str(key): to_json(item) for key, item in value.items()}
        case _:
            raise Malformed("a claim has no form in JSON", detail="unsupported_claim")


def _parse_value(value: CborValue, *, types: frozenset[TokenType], tagged: bool) -> Cwt:
    if isinstance(value, Tagged) and value.tag == CWT_TAG and not tagged:
        value, tagged = value.value, True  # RFC 8392 section 6: it stands before a COSE tag
    message = parse_cose_sign1(value, tagged=True if tagged else None)
    token_type = read_type(message)
    if token_type not in types:
        raise Malformed("a CWT has another typ than expected", detail="invalid_typ")
    if message.payload is None:
        raise Malformed("a CWT carries its claims", detail="invalid_cose")
    claims = parse_value(message.payload, max_bytes=len(message.payload))
    if not isinstance(claims, dict):
        raise Malformed("the claims of a CWT must be a map", detail="invalid_claims")
    _check_claims(claims)
    return Cwt(
        message=message,
        type=token_type,
        claims=claims,
        signing_input=sig_structure(message.protected, message.payload),
        key_hint=read_key_hint(message),
    )


def _check_claims(claims: Mapping[CborKey, CborValue]) -> None:
    """RFC 8392 section 3.1: the types of registered claims; no claim under JWT's name for it."""
    for key, name in _TEXTS.items():
        if key in claims and (not isinstance(claims[key], str) or not claims[key]):
            raise Malformed(f"{name} must be text", detail="invalid_claims")
    for key in (CTI, CNONCE):
        if key in claims and not isinstance(claims[key], bytes):
            raise Malformed(f"{CLAIM_NAMES[key]} must be bytes", detail="invalid_claims")
    if not set(CLAIM_NAMES.values()).isdisjoint(claims):
        raise Malformed("a registered claim has a text name", detail="invalid_claim_name")


def _read_credential(cwt: Cwt) -> Credential:
    """The claims as a credential. Other integer names are unknown and passed over (RFC 8392)."""
    claims, message = cwt.claims, cwt.message
    vct = claims.get(VCT)
    if not isinstance(vct, str) or not vct:
        raise Malformed("a CWT credential has no vct", detail="missing_vct")
    issuer = claims.get(ISS, "")
    if not issuer and not cwt.key_hint.x5c:
        raise Malformed("a CWT credential has no iss", detail="missing_iss")
    named = {str(key): to_json(value) for key, value in claims.items() if isinstance(key, str)}
    issued_at, valid_from, valid_until = _read_times(claims)
    shown = {_TEXTS[key]: to_json(claims[key]) for key in (SUB, AUD) if key in claims}
    return Credential(
        format=Format.CWT,
        issuer=str(issuer),
        types=(vct,),
        claims={**shown, **{name: value for name, value in named.items() if name != "linked"}},
        issued_at=issued_at,
        valid_from=valid_from,
        valid_until=valid_until,
        statuses=read_token_references({"status": to_json(claims[STATUS])})
        if STATUS in claims
        else (),
        links=read_links(named),
        holder_key=_read_confirmation(claims),
        key_hint=cwt.key_hint,
        signing_input=cwt.signing_input,
        signature=message.signature,
        key_binding=None,
    )


def _read_bound(proof: Cwt) -> Credential:
    """
    SD-CWT draft section "Key Binding": the holder's proof around its credential. A proof that has
    times of its own takes the credential along.
    """
    if KCWT not in proof.message.protected_header:
        raise Malformed("a key binding holds no credential", detail="missing_kcwt")
    inner = proof.message.protected_header[KCWT]
    credential = _read_credential(_parse_value(inner, types=CWT_TYPES, tagged=False))
    if not {ISS, SUB}.isdisjoint(proof.claims):
        raise Malformed("a key binding has a holder, no issuer", detail="invalid_claims")
    issued_at, valid_from, valid_until = _read_times(proof.claims)
    audience, nonce = proof.claims.get(AUD), proof.claims.get(CNONCE)
    if issued_at is None:
        raise Malformed("a key binding has no iat", detail="missing_iat")
    if not isinstance(audience, str):
        raise Malformed("a key binding has no aud", detail="missing_aud")
    if not isinstance(nonce, bytes) or not nonce:
        raise Malformed("a key binding has no nonce", detail="missing_nonce")
    binding = KeyBinding(
        audience=audience,
        nonce=base64url.encode(nonce),
        issued_at=issued_at,
        signing_input=proof.signing_input,
        signature=proof.message.signature,
        algorithm=proof.message.algorithm,
        covers_presentation=True,
        digest=base64url.encode(hashlib.sha256(proof.signing_input).digest()),
    )
    return replace(
        credential,
        valid_from=max(filter(None, (credential.valid_from, valid_from)), default=None),
        valid_until=min(filter(None, (credential.valid_until, valid_until)), default=None),
        key_binding=binding,
    )


def _read_times(claims: Mapping[CborKey, CborValue]) -> Times:
    return read_times({name: to_json(claims[key]) for key, name in _TIMES.items() if key in claims})


def _read_confirmation(claims: Mapping[CborKey, CborValue]) -> PublicKey | None:
    """RFC 8747. A `cnf` that names its key in another way than COSE_Key binds nobody here."""
    if CNF not in claims:
        return None
    confirmation = claims[CNF]
    if not isinstance(confirmation, dict):
        raise Malformed("cnf must be a map", detail="invalid_cnf")
    return parse_cose_key(confirmation[COSE_KEY]) if COSE_KEY in confirmation else None
