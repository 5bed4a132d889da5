"""
Registered members that credentials of several formats share: times, `cnf`, the issuer's key hint,
and the digest by which a proof is known again. RFC 7519, RFC 7800, RFC 7515.
"""

import base64
import binascii
import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import replace
from datetime import datetime

from credentials.dids import is_key_did, parse_key_did
from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp, parse_numeric_date
from credentials.jose import Jws
from credentials.keys import PublicKey, parse_jwk
from credentials.model import IssuerKeyHint, KeyBinding
from credentials.sameness import Remembered
from encoding import base64url
from encoding.strict_json import JsonValue

MAX_CERTIFICATES = 4  # security.md "Limits"


def read_text(members: Mapping[str, JsonValue], name: str) -> str:
    """A member that must be a string and not empty."""
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed(f"{name} must be a string", detail=f"missing_{name}")
    return value


def read_times(
    members: Mapping[str, JsonValue], *, lenient_issued_at: bool = False
) -> tuple[datetime | None, datetime | None, datetime | None]:
    """
    `iat`, `nbf` and `exp`.

    The W3C test suite's own credentials write `iat` as a dateTimeStamp; it decides nothing about
    a VCDM credential, so that is let pass there.
    """
    if lenient_issued_at and isinstance(members.get("iat"), str):
        issued_at: datetime | None = parse_date_time_stamp(members["iat"], name="iat")
    else:
        issued_at = _read_time(members, "iat")
    return issued_at, _read_time(members, "nbf"), _read_time(members, "exp")


def _read_time(members: Mapping[str, JsonValue], name: str) -> datetime | None:
    return parse_numeric_date(members[name], name=name) if name in members else None


def read_confirmation(members: Mapping[str, JsonValue]) -> PublicKey | None:
    """RFC 7800. A `cnf` that names its key in another way than `jwk` binds nobody here."""
    if "cnf" not in members:
        return None
    confirmation = members["cnf"]
    if not isinstance(confirmation, dict):
        raise Malformed("cnf must be an object", detail="invalid_cnf")
    return parse_jwk(confirmation["jwk"]) if "jwk" in confirmation else None


def read_key_hint(jws: Jws) -> IssuerKeyHint:
    """What a header says of the key of its signer."""
    return _HINTS(jws.header, None, jws.algorithm)


def _build_key_hint(header: Mapping[str, JsonValue], _: None, algorithm: Hashable) -> IssuerKeyHint:
    key_id = header.get("kid")
    return IssuerKeyHint(
        algorithm=str(algorithm),
        key_id=key_id if isinstance(key_id, str) else None,
        x5c=read_x5c(header.get("x5c", [])),
    )


# `jose` keeps the headers of issuers, so those of one issuer are one object.
_HINTS = Remembered(_build_key_hint, limit=512)


def read_x5c(value: JsonValue) -> tuple[bytes, ...]:
    """RFC 7515 section 4.1.6: base64, not base64url, leaf first."""
    if not isinstance(value, list) or len(value) > MAX_CERTIFICATES:
        raise Malformed(f"x5c must hold at most {MAX_CERTIFICATES}", detail="invalid_x5c")
    try:
        return tuple(
            base64.b64decode(each if isinstance(each, str) else "!", validate=True)
            for each in value
        )
    except (binascii.Error, ValueError) as error:
        raise Malformed("x5c must hold base64", detail="invalid_x5c") from error


def read_audience(members: Mapping[str, JsonValue]) -> str:
    """
    RFC 7519 section 4.1.3 and RFC 8392: `aud` is an array, and one alone may stand for itself.
    What is meant for several is not meant for us alone: it names nobody.
    """
    value = members.get("aud")
    if not isinstance(value, list):
        return read_text(members, "aud")
    if not value or not all(isinstance(each, str) and each for each in value):
        raise Malformed("aud must hold strings", detail="missing_aud")
    return str(value[0]) if len(value) == 1 else ""


def build_binding(
    jws: Jws, *, audience: str, issued_at: datetime | None, covers_presentation: bool
) -> KeyBinding:
    """The holder's proof that a JWS is, addressed to `audience` and by its `nonce`."""
    return KeyBinding(
        audience=audience,
        nonce=read_text(jws.payload, "nonce"),
        issued_at=issued_at,
        signing_input=jws.signing_input,
        signature=jws.signature,
        algorithm=jws.algorithm,
        covers_presentation=covers_presentation,
        digest=base64url.encode(hashlib.sha256(jws.signing_input).digest()),
    )


def bind_to_holder(binding: KeyBinding, holder: JsonValue) -> KeyBinding:
    """
    The proof of a presentation that names its `holder` (VCDM 2.0 section 4.13): when that is a DID
    which holds its key, the proof must be made with this key and no other (S-042).
    """
    name = holder.get("id") if isinstance(holder, dict) else holder
    if not isinstance(name, str) or not is_key_did(name):
        return binding
    return replace(binding, proof_key=parse_key_did(name))
