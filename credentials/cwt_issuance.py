"""
Issue a credential as CWT, and bind it to its holder with a key binding token.

The claims come in as for an SD-JWT VC (`iss`, `vct`, `iat`, `exp`, `cnf.jwk`, `status`, the
claims); here they get the integer names of RFC 8392. The holder's key is written as a compressed
point: 33 bytes in place of 65. Reading is `cwt`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from credentials.cose import (
    KEY_ID,
    X5CHAIN,
    build_cose_key,
    build_cose_sign1,
    build_protected,
    build_value,
    parse_value,
    sig_structure,
)
from credentials.cwt import (
    AUD,
    CLAIM_NAMES,
    CNONCE,
    COSE_KEY,
    IAT,
    KCWT,
    TYPE,
    read_cwt,
)
from credentials.errors import Malformed
from credentials.keys import Signer, parse_jwk
from encoding import base64url
from encoding import errors as encoding_errors
from encoding.cbor import CborKey, CborValue, Tagged
from encoding.strict_json import JsonValue

CWT_TYPE: Final = 61
KEY_BINDING_TYPE: Final = 294
LEAST_NONCE: Final = 8

_KEYS: Final = {name: key for key, name in CLAIM_NAMES.items()}
_Y: Final = -3
_SIGN1: Final = 18


@dataclass(frozen=True, slots=True)
class BindingInput:
    """A holder's COSE_Sign1 before it is signed; a device signs `signing_input`."""

    protected: bytes = field(repr=False)
    payload: bytes = field(repr=False)

    @property
    def signing_input(self) -> bytes:
        """The Sig_structure."""
        return sig_structure(self.protected, self.payload)


def sign_cwt(
    claims: Mapping[CborKey, CborValue],
    *,
    type: int | str,
    signer: Signer,
    key_id: bytes | None = None,
    x5c: Sequence[bytes] = (),
) -> bytes:
    """Sign a map of claims. `x5c`: certificates (DER), leaf first."""
    protected: dict[CborKey, CborValue] = {TYPE: type}
    if key_id is not None:
        protected[KEY_ID] = key_id
    if x5c:
        protected[X5CHAIN] = x5c[0] if len(x5c) == 1 else [*x5c]
    return build_cose_sign1(
        build_value(dict(claims)), signer=signer, protected=protected, unprotected={}, tagged=True
    )


def issue_cwt(
    claims: Mapping[str, JsonValue],
    *,
    signer: Signer,
    key_id: bytes | None = None,
    x5c: Sequence[bytes] = (),
) -> bytes:
    """Sign a credential, whose claims have the names and shapes of an SD-JWT VC."""
    token = sign_cwt(
        {_KEYS.get(name, name): _to_cbor(name, value) for name, value in claims.items()},
        type=CWT_TYPE,
        signer=signer,
        key_id=key_id,
        x5c=x5c,
    )
    read_cwt(token)  # what this house cannot read it does not issue
    return token


def build_cwt_binding_input(
    cwt: bytes, *, audience: str, nonce: str, now: datetime, algorithm: str
) -> BindingInput:
    """
    What the holder's device signs to present this CWT. `nonce`: base64url of 8 bytes or more;
    `algorithm`: that of the holder's key.
    """
    (credential,) = read_cwt(cwt)
    if credential.key_binding is not None:
        raise Malformed("a held CWT carries a key binding", detail="unexpected_key_binding")
    try:
        challenge = base64url.decode(nonce)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    if len(challenge) < LEAST_NONCE:
        raise Malformed(f"a nonce has {LEAST_NONCE} bytes or more", detail="missing_nonce")
    claims: dict[CborKey, CborValue] = {
        AUD: audience,
        IAT: int(now.timestamp()),
        CNONCE: challenge,
    }
    return BindingInput(
        protected=build_protected(algorithm, {TYPE: KEY_BINDING_TYPE, KCWT: parse_value(cwt)}),
        payload=build_value(claims),
    )


def attach_cwt_binding(binding: BindingInput, *, signature: bytes) -> bytes:
    """The presentation: the key binding token with the credential in it."""
    token = join_cose(binding, signature=signature)
    read_cwt(token)
    return token


def join_cose(signed: BindingInput, *, signature: bytes) -> bytes:
    """A tagged COSE_Sign1 of what a device signed elsewhere."""
    return build_value(Tagged(_SIGN1, [signed.protected, {}, signed.payload, signature]))


def _to_cbor(name: str, value: JsonValue) -> CborValue:
    if name != "cnf":
        return _plain(value)
    jwk = value.get("jwk") if isinstance(value, dict) else None
    key = build_cose_key(parse_jwk(jwk))
    y = key.get(_Y)
    if isinstance(y, bytes):
        key[_Y] = y[-1] % 2 == 1  # RFC 9053 section 7.1.1: the sign of y tells which point it is
    return {COSE_KEY: key}


def _plain(value: JsonValue) -> CborValue:
    """JSON's values are CBOR's."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value
