"""
S-025, S-026, S-019, S-004: whose name and whose key.

Identifiers are compared as exact strings (RFC 3986 6.2.1 as RFC 8725 3.8 asks), types belong to
agencies, public keys hold nothing private (RFC 7517 9.2), and a signature is exactly what its
algorithm says (RFC 7518 3.4, RFC 8032 5.1.7, FIPS 186-5 6.4.2).
"""

from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from credentials.trust import find_issuer
from credentials.verdict import passed
from encoding import base64url
from encoding.strict_json import build_json
from tests.hostile.case import HostileCase
from tests.hostile.removal import switch_off
from tests.hostile.slots import ISSUED, SLOTS, Slot
from tests.hostile.stage import (
    AGENCY,
    DID,
    HOLDER,
    ISSUER,
    LAND,
    OTHER,
    OTHER_DID,
    STATUS,
    STRANGER,
    TYPE,
    VCT,
    Change,
    Json,
    agencies,
    document_1,
    key_id,
    setting,
)
from tests.hostile.switches import switch
from tests.vectors.small_city import signer

JUDGEMENT = "credentials.issuer_judgement"
_find_issuer = find_issuer


def _find_loosely(registry: Any, identifier: str) -> Any:
    """As a careless comparison would: somebody in the list will do."""
    return _find_issuer(registry, identifier) or registry.issuers[0]


switch("issuer_names", {f"{JUDGEMENT}.find_issuer": _find_loosely})
switch_off("accreditation", (f"{JUDGEMENT}.judge_issuer", "not_accredited"))
switch("issuer_signature", {f"{JUDGEMENT}._is_signed": lambda *_: True})
switch("use_of_keys", {f"{JUDGEMENT}._check_key": lambda *_, **__: passed("signature")})
switch("listed_keys", {f"{JUDGEMENT}._judge_signed": lambda *_: passed("signature")})
switch_off("issuer_is_text", ("credentials.registered.read_text", "missing_"))
switch_off("issuer_is_url", ("credentials.vcdm_shape._check_url", "invalid_url"))
switch_off("issuer_is_uri", ("credentials.vcdm1.identifier_of", "invalid_url"))
switch_off(
    "two_names_of_an_issuer",
    ("credentials.vcdm_reading._check_document", "issuer_mismatch"),
    ("credentials.jwt_vc._decode", "issuer_mismatch"),
)
switch(
    "private_members",
    {
        "credentials.keys.PRIVATE_MEMBERS": frozenset(),
        "credentials.did_jwk.PRIVATE_MEMBERS": frozenset(),
    },
)
switch(
    "shape_of_keys",
    {
        "credentials.registered.parse_jwk": lambda _: None,
        "credentials.did_jwk.parse_jwk": lambda _: None,
    },
)


def cases() -> Iterator[HostileCase]:
    for slot in ISSUED:
        yield from _names(slot)
        yield from _agencies(slot)
        yield from _holder_keys(slot)
    for slot in SLOTS:
        yield from _encodings(slot)


def naming(slot: Slot, name: Any) -> Any:
    """A payload whose issuer is another."""
    if slot.paper == "dc+sd-jwt":
        return setting(iss=name)
    if slot.paper in ("jwt_vc", "jwt_vp"):
        return setting(iss=name, vc=document_1(issuer=name))
    return setting(issuer=name)


def _names(slot: Slot) -> Iterator[HostileCase]:
    """S-026: what looks like the issuer and is not."""
    own = ISSUER if slot.paper == "dc+sd-jwt" else DID
    sep = ":" if own is DID else "/"
    texts = {
        "trailing-separator": own + sep,
        "upper": own.upper(),
        "upper-host": own.replace("issuer.city", "Issuer.City"),
        "upper-path": own.replace("transport", "Transport"),
        "http": own.replace("https", "http").replace("did:web", "did:key"),
        "user": own.replace("issuer.city", "issuer.city.example@stranger"),
        "suffix": own.replace("city.example", "city.example.stranger.example"),
        "prefix": own.replace("issuer.city", "xissuer.city"),
        "fragment": f"{own}#{'key-1'}",
        "query": f"{own}?x=1",
        "longer": f"{own}x",
        "shorter": own[:-1],
        "homoglyph": own.replace("transport", "tr\u0430nsport"),
        "full-width": own.replace("transport", "\uff54ransport"),
        "percent": own.replace("transport", "%74ransport"),
        "port": own.replace("city.example", "city.example" + (":443" if sep == "/" else "%3A443")),
        "dot-segment": own.replace(f"{sep}transport", f"{sep}.{sep}transport"),
        "double-separator": own.replace(f"{sep}transport", f"{sep}{sep}transport"),
        "trailing-dot": own.replace("city.example", "city.example."),
        "zero-width": own + "\u200b",
        "stranger": "https://stranger.example",
    }
    for name, text in texts.items():
        made = slot.line(Change(payload=naming(slot, text)))
        yield slot.reject(
            "S-026",
            name,
            made,
            check="issuer_names",
            reason="issuer_not_trusted",
            detail="unknown_issuer",
        )
        trusted = {**agencies(), text: agencies()[own]}
        made = slot.line(issuers={key: each for key, each in trusted.items() if key != own})
        if own == ISSUER:
            made["status_lists"] = slot.line()["status_lists"]
        yield slot.reject(
            "S-026",
            f"trusted-{name}",
            made,
            check="issuer_names",
            reason="issuer_not_trusted",
            detail="unknown_issuer",
        )
    yield from _no_names(slot, own)
    both = {**agencies(), **{text: {"keys": [], "types": []} for text in texts.values()}}
    yield slot.twin("S-026", "among-many-alike", slot.line(issuers=both), check="issuer_names")


def _no_names(slot: Slot, own: str) -> Iterator[HostileCase]:
    checks = {
        "dc+sd-jwt": ("issuer_is_text", "missing_iss"),
        "jwt_vc": ("issuer_is_text", "missing_iss"),
    }
    checks["jwt_vp"] = checks["jwt_vc"]
    check, detail = checks.get(slot.paper, ("issuer_is_url", "invalid_url"))
    values: dict[str, Any] = {"list": [own], "number": 7, "null": None, "empty": "", "true": True}
    if check == "issuer_is_url":
        values |= {"leading-space": f" {own}", "line-feed": f"{own}\n", "missing": ...}
    for name, value in values.items():
        change = naming(slot, value)
        if slot.paper in ("jwt_vc", "jwt_vp"):
            change = setting(iss=value)
        made = slot.line(Change(payload=change))
        yield slot.reject("S-026", f"name-{name}", made, check=check, detail=detail)
    if slot.paper == "dc+sd-jwt":
        return
    payload = setting(iss="https://stranger.example")
    made = slot.line(Change(payload=payload))
    yield slot.reject(
        "S-026", "iss-differs", made, check="two_names_of_an_issuer", detail="issuer_mismatch"
    )
    named = {"id": own, "name": "ក្រសួងសាធារណការ"}
    payload = (
        setting(vc=document_1(issuer=named)) if "jwt_v" in slot.paper else setting(issuer=named)
    )
    made = slot.line(Change(payload=payload))
    yield slot.twin("S-026", "issuer-with-a-name", made, check="issuer_names")


def _agencies(slot: Slot) -> Iterator[HostileCase]:
    """S-025: a trusted agency, but not for this; or nobody's key."""
    other = OTHER if slot.paper == "dc+sd-jwt" else OTHER_DID
    refused = {"check": "accreditation", "reason": "issuer_not_authorised_for_type"}
    change = Change(by=LAND, payload=naming(slot, other))
    yield slot.reject("S-025", "land-issues", slot.line(change), detail="not_accredited", **refused)
    for name, types in {
        "no-types": [],
        "prefix": [VCT[:-1], TYPE[:-1]],
        "longer": [f"{VCT}s", f"{TYPE}s"],
        "case": [VCT.upper(), TYPE.lower()],
        "wildcard": ["*", f"{VCT}*", ".*"],
        "general": ["VerifiableCredential"],
    }.items():
        made = slot.line(issuers=agencies(types=types))
        yield slot.reject("S-025", f"types-{name}", made, detail="not_accredited", **refused)
    for name, some in {"stranger": STRANGER, "land": LAND, "holder": HOLDER}.items():
        yield slot.reject(
            "S-025",
            f"signed-by-{name}",
            slot.line(Change(by=some)),
            check="issuer_signature",
            reason="bad_signature",
            detail="bad_issuer_signature",
        )
    yield slot.reject(
        "S-025",
        "signed-by-status-key",
        slot.line(Change(by=STATUS, header=setting(kid=key_id(STATUS)))),
        check="use_of_keys",
        reason="issuer_not_trusted",
        detail="key_of_another_use",
    )
    edwards = signer("hostile agency of Edwards", edwards=True)
    change = Change(by=edwards, header=setting(alg="EdDSA"))
    for name, keys in {"no-keys": [], "other-curve": [dict(STRANGER.public_jwk)]}.items():
        made = slot.line(change, issuers=agencies(keys=keys, status_keys=[]))
        yield slot.reject(
            "S-025",
            name,
            made,
            check="listed_keys",
            reason="issuer_not_trusted",
            detail="no_key_listed",
        )
    keys = [dict(each.public_jwk) for each in (LAND, STRANGER, AGENCY)]
    made = slot.line(issuers=agencies(keys=keys))
    yield slot.twin("S-025", "third-of-three-keys", made, check="issuer_signature")
    made = slot.line(issuers=agencies(types=[VCT, TYPE, "another"]))
    yield slot.twin("S-025", "more-types", made, check="accreditation")


def _holder_keys(slot: Slot) -> Iterator[HostileCase]:
    """S-019: the key that a credential names for its holder."""
    good = dict(HOLDER.public_jwk)
    private: dict[str, Any] = dict.fromkeys(("d", "p", "q", "dp", "dq", "qi", "k"), "AAAA")
    private |= {"oth": []}
    for name, value in private.items():
        made = slot.line(Change(payload=_holding(slot, {**good, name: value})))
        yield slot.reject(
            "S-019", f"with-{name}", made, check="private_members", detail="private_key_in_jwk"
        )
    half = good["x"][:-4]
    for name, (jwk, detail) in {
        "off-curve": ({**good, "y": good["x"]}, "invalid_key"),
        "zero": ({**good, "x": "A" * 43, "y": "A" * 43}, "invalid_key"),
        "short": ({**good, "x": half}, "invalid_key"),
        "padded": ({**good, "x": good["x"] + "="}, "invalid_key"),
        "no-y": ({key: each for key, each in good.items() if key != "y"}, "invalid_key"),
        "symmetric": ({"kty": "oct"}, "unsupported_key"),
        "rsa": ({"kty": "RSA", "n": "AAAA", "e": "AQAB"}, "unsupported_key"),
        "agreement-curve": ({"kty": "OKP", "crv": "X25519", "x": good["x"]}, "unsupported_key"),
        "for-encryption": ({**good, "use": "enc"}, "invalid_key"),
        "for-signing-only": ({**good, "key_ops": ["sign"]}, "invalid_key"),
        "for-hmac": ({**good, "alg": "HS256"}, "invalid_key"),
    }.items():
        made = slot.line(Change(payload=_holding(slot, jwk)))
        yield slot.reject("S-019", name, made, check="shape_of_keys", detail=detail)
    for name, jwk in {
        "with-kid": {**good, "kid": "1"},
        "with-use": {**good, "use": "sig", "key_ops": ["verify"], "alg": "ES256"},
        "with-x5t": {**good, "x5t": "AAAA", "D": "AAAA"},
    }.items():
        change = Change(payload=_holding(slot, jwk))
        if slot.paper == "jwt_vp" or slot.paper == "vp+jwt":
            continue
        yield slot.twin("S-019", name, slot.line(change), check="private_members")


def _holding(slot: Slot, jwk: Json) -> Any:
    if "sd-jwt" in slot.paper:
        return setting(cnf={"jwk": jwk})
    did = "did:jwk:" + base64url.encode(build_json(jwk))
    subject = {"id": did, "plate": "2A-4417"}
    if "jwt_v" in slot.paper:
        return setting(sub=did, vc=document_1(credentialSubject=subject))
    return setting(credentialSubject=subject)


ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _encodings(slot: Slot) -> Iterator[HostileCase]:
    """S-004: signatures that only a careless verifier takes."""

    def pair(r: int, s: int) -> bytes:
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def numbers(signature: bytes) -> tuple[int, int]:
        return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")

    faults: dict[str, Any] = {
        "zeros": lambda s: pair(0, 0),
        "r-zero": lambda s: pair(0, numbers(s)[1]),
        "s-zero": lambda s: pair(numbers(s)[0], 0),
        "ones": lambda s: pair(1, 1),
        "r-order": lambda s: pair(ORDER, numbers(s)[1]),
        "s-order": lambda s: pair(numbers(s)[0], ORDER),
        "orders": lambda s: pair(ORDER, ORDER),
        "all-bits": lambda s: b"\xff" * 64,
        "swapped": lambda s: s[32:] + s[:32],
        "der": lambda s: encode_dss_signature(*numbers(s)),
        "empty": lambda s: b"",
        "cut": lambda s: s[:-1],
        "longer": lambda s: s + b"\x00",
        "padded": lambda s: b"\x00" * 16 + s[:32] + b"\x00" * 16 + s[32:],
        "twice": lambda s: s + s,
        "negative-r": lambda s: pair(ORDER - numbers(s)[0], numbers(s)[1]),
    }
    reason, detail = {
        "list": ("status_unknown", "status_list_not_authentic"),
        "credential": ("bad_signature", "bad_issuer_signature"),
    }.get(slot.position, ("holder_not_bound", "bad_holder_signature"))
    for name, fault in faults.items():
        made = slot.line(Change(signature=lambda _, s, fault=fault: fault(s)))
        yield slot.reject("S-004", name, made, check="signatures", reason=reason, detail=detail)
    # Both halves of the curve are signatures (FIPS 186-5 6.4.2); only malleability is thereby.
    change = Change(signature=lambda _, s: pair(numbers(s)[0], ORDER - numbers(s)[1]))
    yield slot.twin("S-004", "other-s", slot.line(change), check="signatures")
