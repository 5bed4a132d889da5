"""
An act of governance: one change of the trust registry, in words that governors sign.

A payload in canonical JSON (RFC 8785) under several signatures, as a JWS in general JSON
serialisation (RFC 7515 section 7.2.1) of type `governance-act+jws`:

    {city, sequence, previous, kind, body, not_before, not_after}

`previous` is the SHA-256 of the payload of the act before, so acts form one chain: nothing is
replayed, reordered or put between. The digest covers the payload and no signature, so who signed,
and how often, changes no digest. Signatures count by key: K distinct keys of the set that governs.
Pure; what an act does stands in `governance_effects`, the chain in `governance_chain`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from credentials.errors import CredentialError, Malformed
from credentials.instants import parse_numeric_date
from credentials.jose import build_signing_input, join_signature, parse_jws, verify_jws
from credentials.keys import PublicKey, Signer, parse_jwk
from encoding import base64url, strict_json
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue, canonical_json

ACT_TYPE: Final = "governance-act+jws"
NO_ACT: Final = bytes(32)
"""What the first act names as the one before it."""
MAX_BYTES: Final = 1 << 20
MAX_MEMBERS: Final = 10_000
MAX_GOVERNORS: Final = 32
MAX_WINDOW: Final = timedelta(days=31)
_DIGEST_BYTES: Final = 32


class ActKind(StrEnum):
    """What an act changes."""

    FOUND = "found"
    PUT_ISSUER = "put_issuer"
    WITHDRAW_ISSUER = "withdraw_issuer"
    ACCREDIT = "accredit"
    WITHDRAW_ACCREDITATION = "withdraw_accreditation"
    ADD_KEY = "add_key"
    ROTATE_KEY = "rotate_key"
    COMPROMISE_KEY = "compromise_key"
    PUT_VERIFIER = "put_verifier"
    WITHDRAW_VERIFIER = "withdraw_verifier"
    CHANGE_GOVERNORS = "change_governors"


class ActRefused(CredentialError):
    """An act reads well and is not accepted. `detail` is a stable code."""

    kind = "conflict"
    code = "act_refused"

    def __init__(self, message: str, *, detail: str) -> None:
        super().__init__(message)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Act:
    """A change in words. It may be accepted from `not_before` to `not_after`, and only then."""

    city: str
    sequence: int
    previous: bytes
    kind: ActKind
    body: Mapping[str, JsonValue]
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class ActSignature:
    """One signature: the protected header as it was signed, and the raw signature."""

    protected: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedAct:
    """An act as read, with its payload and its signatures; nothing of them was verified."""

    act: Act
    payload: bytes
    signatures: tuple[ActSignature, ...]

    @property
    def digest(self) -> bytes:
        """What the next act names, and what a proposal is known by."""
        return hashlib.sha256(self.payload).digest()


@dataclass(frozen=True, slots=True)
class GovernorSet:
    """Who governs: distinct keys, and how many of them must sign."""

    keys: tuple[PublicKey, ...]
    threshold: int


def build_governors(keys: Iterable[PublicKey], threshold: int) -> GovernorSet:
    """
    A set that can govern. More than half must sign, as in `TrustRegistry.vy`: otherwise two groups
    could decide against each other.
    """
    listed = tuple(keys)
    distinct = {key.thumbprint for key in listed}
    if not 1 <= len(listed) <= MAX_GOVERNORS or len(distinct) != len(listed):
        raise Malformed("governors are 1 to 32 distinct keys", detail="malformed_governors")
    if not len(listed) < 2 * threshold <= 2 * len(listed):
        raise Malformed("more than half of the governors must sign", detail="malformed_governors")
    return GovernorSet(listed, threshold)


def parse_governors(body: Mapping[str, JsonValue]) -> GovernorSet:
    """The set in a body: `governors` (JWKs) and `threshold`."""
    keys, threshold = body.get("governors"), body.get("threshold")
    if not isinstance(keys, list) or isinstance(threshold, bool) or not isinstance(threshold, int):
        raise Malformed("governors are a list of keys", detail="malformed_governors")
    return build_governors((parse_jwk(each) for each in keys[: MAX_GOVERNORS + 1]), threshold)


def build_governors_json(governors: GovernorSet) -> dict[str, JsonValue]:
    """The set as a body has it."""
    return {
        "governors": [dict(key.jwk) for key in governors.keys],
        "threshold": governors.threshold,
    }


def build_act_json(act: Act) -> dict[str, JsonValue]:
    """The payload, before it is written in canonical form."""
    return {
        "city": act.city,
        "sequence": act.sequence,
        "previous": base64url.encode(act.previous),
        "kind": act.kind.value,
        "body": dict(act.body),
        "not_before": int(act.not_before.timestamp()),
        "not_after": int(act.not_after.timestamp()),
    }


def parse_act(payload: bytes) -> Act:
    """The act in a payload, which must be in canonical form."""
    try:
        members = strict_json.parse_object(payload, max_bytes=MAX_BYTES, max_members=MAX_MEMBERS)
        is_canonical = canonical_json(members) == payload
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    if not is_canonical:
        raise Malformed("an act is in canonical JSON", detail="act_not_canonical")
    if set(members) != set(_MEMBERS):
        raise _fault("an act has exactly its seven members")
    sequence, kind, body = members["sequence"], members["kind"], members["body"]
    if isinstance(sequence, bool) or not isinstance(sequence, int) or sequence < 1:
        raise _fault("acts are counted from 1")
    if not isinstance(kind, str) or kind not in set(ActKind):
        raise _fault("nobody knows an act of this kind")
    if not isinstance(body, dict):
        raise _fault("the body of an act is an object")
    act = Act(
        city=_text(members["city"]),
        sequence=sequence,
        previous=_digest(members["previous"]),
        kind=ActKind(kind),
        body=body,
        not_before=parse_numeric_date(members["not_before"], name="not_before"),
        not_after=parse_numeric_date(members["not_after"], name="not_after"),
    )
    if not timedelta(0) < act.not_after - act.not_before <= MAX_WINDOW:
        raise _fault("an act may be accepted for 31 days at most")
    return act


def propose_act(act: Act) -> SignedAct:
    """The act without a signature, ready to be signed. What nobody could read is refused here."""
    payload = canonical_json(build_act_json(act))
    return SignedAct(parse_act(payload), payload, ())


def add_signature(signed: SignedAct, *, signer: Signer, key_id: str) -> SignedAct:
    """The act with one more signature; `key_id` is the thumbprint of the signer's key."""
    members = strict_json.parse_object(signed.payload, max_bytes=MAX_BYTES, max_members=MAX_MEMBERS)
    own = build_signing_input(
        members, type=ACT_TYPE, algorithm=signer.algorithm, header={"kid": key_id}
    )
    # The header is ours; the payload is signed as it stands, letter for letter.
    protected = own.partition(".")[0]
    data = f"{protected}.{base64url.encode(signed.payload)}"
    added = ActSignature(protected, signer.sign(data.encode("ascii")))
    return SignedAct(signed.act, signed.payload, (*signed.signatures, added))


def merge_signatures(one: SignedAct, other: SignedAct) -> SignedAct:
    """Both sets of signatures of one act. Of a key that signed in both, the first one counts."""
    if one.payload != other.payload:
        raise ActRefused("these are two acts", detail="another_act")
    known = {_key_id(each) for each in one.signatures}
    more = tuple(each for each in other.signatures if _key_id(each) not in known)
    return SignedAct(one.act, one.payload, (*one.signatures, *more))


def build_signed_act_json(signed: SignedAct) -> dict[str, JsonValue]:
    """The JWS in general JSON serialisation."""
    return {
        "payload": base64url.encode(signed.payload),
        "signatures": [
            {"protected": each.protected, "signature": base64url.encode(each.signature)}
            for each in signed.signatures
        ],
    }


def read_signed_act(value: JsonValue) -> SignedAct:
    """The act in a JWS; its shape is checked and no signature is."""
    if not isinstance(value, dict) or set(value) != {"payload", "signatures"}:
        raise _fault("a signed act has a payload and signatures")
    listed = value["signatures"]
    if not isinstance(listed, list) or len(listed) > 2 * MAX_GOVERNORS:
        raise _fault("an act has at most two signatures for each governor there may be")
    payload = _decode(value["payload"], max_bytes=MAX_BYTES)
    return SignedAct(parse_act(payload), payload, tuple(_read_signature(each) for each in listed))


def find_signers(signed: SignedAct, keys: Iterable[PublicKey]) -> frozenset[str]:
    """
    The thumbprints of those who signed, of these keys. A signature that is of none of them or does
    not hold, and a second one of the same key, spoil the whole: no chain carries what proves
    nothing.
    """
    known = {key.thumbprint: key for key in keys}
    found: set[str] = set()
    for each in signed.signatures:
        text = join_signature(
            f"{each.protected}.{base64url.encode(signed.payload)}", each.signature
        )
        jws = parse_jws(text, types=frozenset({ACT_TYPE}), max_bytes=2 * MAX_BYTES)
        key = known.get(jws.key_id or "")
        if key is None:
            raise ActRefused("signed by somebody who does not govern", detail="not_a_governor")
        if not verify_jws(jws, key):
            raise ActRefused("a signature does not hold", detail="bad_act_signature")
        if key.thumbprint in found:
            raise ActRefused("a governor signed twice", detail="governor_twice")
        found.add(key.thumbprint)
    return frozenset(found)


def missing_signatures(signers: frozenset[str], governors: GovernorSet) -> int:
    """How many governors of this set must still sign."""
    counted = sum(key.thumbprint in signers for key in governors.keys)
    return max(0, governors.threshold - counted)


_MEMBERS: Final = ("city", "sequence", "previous", "kind", "body", "not_before", "not_after")


def _read_signature(value: JsonValue) -> ActSignature:
    if not isinstance(value, dict) or set(value) != {"protected", "signature"}:
        raise _fault("a signature has a protected header and nothing else")
    return ActSignature(_text(value["protected"]), _decode(value["signature"], max_bytes=256))


def _key_id(signature: ActSignature) -> JsonValue:
    try:
        return strict_json.parse_object(base64url.decode(signature.protected)).get("kid")
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error


def _decode(value: JsonValue, *, max_bytes: int) -> bytes:
    text = _text(value)
    if len(text) > max_bytes * 4 // 3 + 3:
        raise Malformed("an act is too large", detail="too_large")
    try:
        return base64url.decode(text)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error


def _digest(value: JsonValue) -> bytes:
    digest = _decode(value, max_bytes=_DIGEST_BYTES)
    if len(digest) != _DIGEST_BYTES:
        raise _fault("an act names the one before it by 32 bytes")
    return digest


def _text(value: JsonValue) -> str:
    if not isinstance(value, str) or not value:
        raise _fault("a text is expected")
    return value


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="malformed_act")
