"""
What a JOSE header may not say, at every place where a token comes in.

S-001: no algorithm but four (RFC 8725 3.1, 3.2). S-002: no MAC, whatever its secret. S-007: no key
that the token brings along (RFC 8725 3.10). S-009: no `crit` (RFC 7515 4.1.11: who does not
understand all of it must refuse), no `b64` (RFC 7797).
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from credentials.dids import build_did_jwk, build_did_key
from encoding.strict_json import build_json
from tests.hostile.case import HostileCase
from tests.hostile.removal import switch_off
from tests.hostile.slots import SLOTS, Slot
from tests.hostile.stage import AGENCY, HOLDER, ISSUER, STRANGER, Change, agencies, setting
from tests.hostile.switches import switch
from tests.vectors.small_city import public, signer


class _EveryAlgorithm(dict[str, str]):
    """Takes any name for ES256."""

    def __contains__(self, _: object) -> bool:
        return True

    def __getitem__(self, _: object) -> str:
        return "ES256"


HEADER = "credentials.jose._parse_header"
switch_off(
    "algorithm",
    (HEADER, "invalid_signature_alg"),
    others={"credentials.jose._ALGORITHM_NAMES": _EveryAlgorithm()},
)
switch_off("critical_headers", (HEADER, "unsupported_crit"))
switch_off("unencoded_payload", (HEADER, "unsupported_b64"))
switch_off("key_id_is_text", (HEADER, "invalid_kid"))
switch(
    "signatures",
    {
        "credentials.issuer_judgement._is_signed": lambda *_: True,
        "credentials.holder_judgement.verify_signature": lambda *_: True,
        "credentials.status_judgement._is_signed": lambda *_: True,
    },
)

ALGORITHMS: dict[str, Any] = {
    "none": "none",
    "None": "None",
    "NONE": "NONE",
    "nOnE": "nOnE",
    "empty": "",
    "missing": ...,
    "null": None,
    "number": 7,
    "list": ["ES256"],
    "object": {"alg": "ES256"},
    "lower": "es256",
    "space": "ES256 ",
    "nul": "ES256\x00",
    "koblitz": "ES256K",
    "rsa": "RS256",
    "pss": "PS256",
}


def bad_signature_detail(slot: Slot) -> tuple[str, str]:
    """Reason and detail of a signature by the wrong key at this place."""
    if slot.position == "list":
        return "status_unknown", "status_list_not_authentic"
    if slot.position in ("binding", "presentation"):
        return "holder_not_bound", "bad_holder_signature"
    return "bad_signature", "bad_issuer_signature"


def cases() -> Iterator[HostileCase]:
    for slot in SLOTS:
        yield from _algorithms(slot)
        yield from _macs(slot)
        yield from _brought_keys(slot)
        yield from _critical(slot)


def _algorithms(slot: Slot) -> Iterator[HostileCase]:
    for name, value in ALGORITHMS.items():
        change = Change(header=setting(alg=value))
        yield slot.reject(
            "S-001",
            f"alg-{name}",
            slot.line(change),
            check="algorithm",
            detail="invalid_signature_alg",
        )
    for name in ("none", "None", "NONE"):
        change = Change(header=setting(alg=name), signature=lambda *_: b"")
        yield slot.reject(
            "S-001",
            f"unsigned-{name}",
            slot.line(change),
            check="algorithm",
            detail="invalid_signature_alg",
        )
    for name, members in {
        "unknown-members": {"x-city": 1, "typ-of-paper": "none", "zip": "none"},
        "nonsense-of-alg-elsewhere": {"algorithm": "none", "ALG": "none"},
    }.items():
        change = Change(header=setting(**members))
        yield slot.twin("S-001", name, slot.line(change), check="algorithm")
    if slot.position == "credential":
        edwards = signer("hostile agency of Edwards", edwards=True)
        keys = agencies(keys=[dict(edwards.public_jwk), dict(AGENCY.public_jwk)])
        for alg in ("EdDSA", "Ed25519"):
            change = Change(header=setting(alg=alg, kid=...), by=edwards)
            made = slot.line(change, issuers=keys)
            yield slot.twin("S-001", f"alg-{alg}", made, check="algorithm")


@cache
def _secrets(is_holder: bool) -> dict[str, bytes]:
    """What a careless verifier would take for the secret of a MAC."""
    some = HOLDER if is_holder else AGENCY
    key = some.private_key.public_key()
    return {
        "pem": key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "point": key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        "jwk": build_json(dict(some.public_jwk)),
        "empty": b"",
    }


def _macs(slot: Slot) -> Iterator[HostileCase]:
    pairs = [("HS256", name) for name in ("pem", "der", "point", "jwk", "empty")]
    pairs += [("HS384", "point"), ("HS512", "pem")]
    secrets = _secrets(slot.position in ("binding", "presentation"))
    for alg, name in pairs:

        def mac(signed: bytes, _: bytes, *, alg: str = alg, name: str = name) -> bytes:
            return hmac.digest(secrets[name], signed, f"sha{alg[2:]}")

        change = Change(header=setting(alg=alg), signature=mac)
        yield slot.reject(
            "S-002",
            f"{alg}-{name}",
            slot.line(change),
            check="algorithm",
            detail="invalid_signature_alg",
        )
        change = Change(header=setting(alg="ES256"), signature=mac)
        if name != "empty":
            reason, detail = bad_signature_detail(slot)
            yield slot.reject(
                "S-002",
                f"{alg}-{name}-named-ES256",
                slot.line(change),
                check="signatures",
                reason=reason,
                detail=detail,
            )
    change = Change(header=setting(kid="HS256") if slot.position != "list" else None)
    yield slot.twin("S-002", "kid-named-HS256", slot.line(change), check="algorithm")


def _brought_keys(slot: Slot) -> Iterator[HostileCase]:
    """A stranger signs, and the header says where his key is."""
    jwk = dict(STRANGER.public_jwk)
    did = build_did_jwk(public(STRANGER))
    some = base64.b64encode(hashlib.sha256(b"no certificate").digest()).decode()
    brought: dict[str, dict[str, Any]] = {
        "jwk": {"jwk": jwk},
        "jwk-and-kid": {"jwk": jwk, "kid": public(STRANGER).thumbprint},
        "jku": {"jku": "https://stranger.example/jwks.json"},
        "jku-of-the-issuer": {"jku": f"{ISSUER}/../../stranger/jwks.json"},
        "x5u": {"x5u": "https://stranger.example/chain.pem"},
        "x5c": {"x5c": [some]},
        "did-jwk": {"kid": f"{did}#0"},
        "did-key": {"kid": build_did_key(public(STRANGER))},
        "thumbprint": {"kid": public(STRANGER).thumbprint},
        "path": {"kid": "../../../../etc/passwd"},
        "query": {"kid": "x' UNION SELECT 'key' --"},
        "no-hint": {"kid": ...},
    }
    reason, detail = bad_signature_detail(slot)
    for name, members in brought.items():
        change = Change(header=setting(**members), by=STRANGER)
        yield slot.reject(
            "S-007",
            f"brought-{name}",
            slot.line(change),
            check="signatures",
            reason=reason,
            detail=detail,
        )
        if "x5c" not in members:
            change = Change(header=setting(**members))
            yield slot.twin("S-007", f"named-{name}", slot.line(change), check="signatures")


def _critical(slot: Slot) -> Iterator[HostileCase]:
    lists: dict[str, Any] = {
        "unknown": {"crit": ["x-city"], "x-city": 1},
        "missing-parameter": {"crit": ["x-city"]},
        "empty": {"crit": []},
        "text": {"crit": "exp"},
        "null": {"crit": None},
        "number": {"crit": 0},
        "registered": {"crit": ["alg"]},
        "exp": {"crit": ["exp"], "exp": 1},
        "b64": {"crit": ["b64"], "b64": False},
        "twice": {"crit": ["x-city", "x-city"], "x-city": 1},
        "object": {"crit": {"x-city": True}},
    }
    for name, members in lists.items():
        yield slot.reject(
            "S-009",
            f"crit-{name}",
            slot.line(Change(header=setting(**members))),
            check="critical_headers",
            detail="unsupported_crit",
        )
    for name, value in {"false": False, "text": "false", "null": None, "zero": 0}.items():
        yield slot.reject(
            "S-009",
            f"b64-{name}",
            slot.line(Change(header=setting(b64=value))),
            check="unencoded_payload",
            detail="unsupported_b64",
        )
    for name, value in {"number": 1, "null": None, "list": ["kid"], "object": {}}.items():
        yield slot.reject(
            "S-009",
            f"kid-{name}",
            slot.line(Change(header=setting(kid=value))),
            check="key_id_is_text",
            detail="invalid_kid",
        )
    for name, members in {"CRIT": {"CRIT": ["x"]}, "critical": {"critical": ["x"]}}.items():
        change = Change(header=setting(**members))
        yield slot.twin("S-009", name, slot.line(change), check="critical_headers")
