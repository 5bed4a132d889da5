"""
VCDM 2.0 credentials secured with COSE: `vc+cose`, read and issued.

VC-JOSE-COSE section 3.3: a COSE_Sign1 whose payload is the JSON document itself (JC-01). The
protected `typ` is `application/vc+cose` and must be there, the content type is `application/vc`
(JC-02). Registered claims may stand in the protected CWT Claims header (RFC 9597), where `iss`
must be the document's issuer and times count as they do in a JWT.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from credentials.cose import (
    KEY_ID,
    X5CHAIN,
    CoseSign1,
    build_cose_sign1,
    parse_cose_sign1,
    parse_value,
    sig_structure,
)
from credentials.cwt import AUD, CNONCE, EXP, IAT, ISS, NBF, TYPE, read_key_hint, read_type, to_json
from credentials.errors import Malformed
from credentials.keys import Signer
from credentials.model import Credential, Format, Signed
from credentials.vcdm_reading import read_vcdm
from credentials.vcdm_shape import check_credential
from encoding import errors as encoding_errors
from encoding import strict_json
from encoding.cbor import CborKey, CborValue
from encoding.strict_json import JsonValue

MEDIA_TYPE: Final = "application/vc+cose"
CONTENT: Final = "application/vc"
CONTENT_TYPE: Final = 3
CWT_CLAIMS: Final = 15
MAX_BYTES: Final = 262_144  # security.md "Limits"

_HEADER_CLAIMS: Final = {
    ISS: "iss",
    AUD: "aud",
    EXP: "exp",
    NBF: "nbf",
    IAT: "iat",
    CNONCE: "nonce",
}


def read_vc_cose(data: bytes) -> Credential:
    """A `vc+cose`; it has no key binding of its own."""
    message, document = parse_document(data, media_type=MEDIA_TYPE, content=CONTENT)
    signed = Signed(signing_input_of(message), message.signature, read_key_hint(message))
    return read_vcdm(document, format=Format.VC_COSE, signed=signed, binding=None)


def parse_document(
    data: bytes, *, media_type: str, content: str
) -> tuple[CoseSign1, dict[str, JsonValue]]:
    """The message, and its document with the claims of its header under their names in a JWT."""
    message = parse_cose_sign1(parse_value(data, max_bytes=MAX_BYTES), tagged=None)
    if read_type(message) != media_type:
        raise Malformed("a COSE message has another typ than expected", detail="invalid_typ")
    if message.protected_header.get(CONTENT_TYPE, content) != content:
        raise Malformed("a COSE message has another content type", detail="invalid_cty")
    if message.payload is None:
        raise Malformed("a COSE message carries its document", detail="invalid_cose")
    try:
        document = strict_json.parse_object(message.payload, max_bytes=MAX_BYTES)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    if "vc" in document or "vp" in document:
        raise Malformed("the document must be the payload itself", detail="wrapped_document")
    claims = _read_header_claims(message)
    if not claims.keys().isdisjoint(document):
        raise Malformed("a claim stands in the header and the document", detail="duplicate_member")
    return message, document | claims


def signing_input_of(message: CoseSign1) -> bytes:
    """What the signer of a message with its payload signed."""
    return sig_structure(message.protected, message.payload or b"")


def issue_vc_cose(
    document: Mapping[str, JsonValue],
    *,
    signer: Signer,
    key_id: str,
    issued_at: datetime | None,
    x5c: Sequence[bytes] = (),
) -> bytes:
    """Sign a credential as `vc+cose`. `key_id` is the issuer's DID URL (JC-04)."""
    check_credential(document)
    claims: dict[CborKey, CborValue] = {}
    if issued_at is not None:
        claims[IAT] = int(issued_at.timestamp())
    protected: dict[CborKey, CborValue] = {
        CONTENT_TYPE: CONTENT,
        KEY_ID: key_id.encode(),
        TYPE: MEDIA_TYPE,
        **({CWT_CLAIMS: claims} if claims else {}),
    }
    if x5c:
        protected[X5CHAIN] = x5c[0] if len(x5c) == 1 else [*x5c]
    data = build_cose_sign1(
        strict_json.build_json(dict(document)),
        signer=signer,
        protected=protected,
        unprotected={},
        tagged=True,
    )
    read_vc_cose(data)
    return data


def _read_header_claims(message: CoseSign1) -> dict[str, JsonValue]:
    """RFC 9597: the CWT Claims header counts only where it is signed."""
    claims = message.protected_header.get(CWT_CLAIMS, {})
    if CWT_CLAIMS in message.unprotected or not isinstance(claims, dict):
        raise Malformed("the CWT Claims header is no protected map", detail="invalid_claims")
    return {name: to_json(claims[key]) for key, name in _HEADER_CLAIMS.items() if key in claims}
