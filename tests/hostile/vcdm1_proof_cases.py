"""
S-009, S-025, S-031 and S-141 for VCDM 1.1: linked-data proofs that are another's, or none.

vc-di-eddsa (Ed25519Signature2020), the JsonWebSignature2020 draft with RFC 7515 and RFC 7797, and
VC Data Integrity section 2.1 for the members that every proof has.
"""

from collections.abc import Iterator
from typing import Any

from encoding import base64url
from encoding.multibase import decode_multibase, encode_multibase
from encoding.strict_json import build_json
from tests.hostile import vcdm1_ldp_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.stage import with_members
from tests.hostile.vcdm1_ldp_cases import BAD, reject
from tests.hostile.vcdm1_ldp_stage import (
    SUITES,
    Json,
    Suite,
    issue,
    line,
    permit,
    secure,
    with_proof,
)


def cases() -> Iterator[HostileCase]:
    for suite in SUITES:
        yield from _signatures(suite)
        yield from _proofs(suite)


def _signatures(suite: Suite) -> Iterator[HostileCase]:
    """The permit with another signature, or other words about it."""
    good = issue(suite)
    other = issue(suite, id="urn:uuid:another")
    text = good["proof"][suite.value]
    raw, write = _open(suite, text)
    others = {
        "of-another-document": other["proof"][suite.value],
        "zeros": write(bytes(64)),
        "ones": write(b"\xff" * 64),
        "first-bit": write(bytes([raw[0] ^ 0x80]) + raw[1:]),
        "last-bit": write(raw[:-1] + bytes([raw[-1] ^ 1])),
        "halves-exchanged": write(raw[32:] + raw[:32]),
    }
    for name, value in others.items():
        bad = with_proof(good, **{suite.value: value})
        yield reject(suite, "S-031", f"signature-{name}", bad, "ldp1_proof", BAD)
    texts: dict[str, Any] = {"empty": "", "null": None, "number": 7, "list": [text]}
    texts |= {"missing": ..., "space": f" {text}", "line-feed": f"{text}\n"}
    texts |= {"hex": f"f{raw.hex()}", "base64url": f"u{base64url.encode(raw)}"}
    texts |= {"twice": text + text, "no-signature": write(b"")}
    if suite.value == "proofValue":
        texts |= {"63-bytes": write(raw[:63]), "65-bytes": write(raw + b"\0"), "cut": text[:-2]}
    for name, value in texts.items():
        bad = with_proof(good, **{suite.value: value})
        yield reject(suite, "S-031", f"value-{name}", bad, "ldp1_value", "invalid_proof_value")
    bad = with_proof(good, type=SUITES[suite is SUITES[0]].proof_type)
    yield reject(suite, "S-031", "type-of-the-other", bad, "ldp1_value", "invalid_proof_value")
    members: dict[str, Json] = {
        "created": {"created": "2025-03-01T08:59:59Z"},
        "no-created": {"created": ...},
        "nonce": {"nonce": "n-1"},
        "domain": {"domain": "x.example"},
        "challenge": {"challenge": "n-1"},
        "expires": {"expires": "2027-01-01T00:00:00Z"},
        "unknown": {"note": "honest"},
        "id": {"id": "urn:p:1"},
    }
    for name, change in members.items():
        bad = with_proof(good, **change)
        yield reject(suite, "S-031", f"proof-member-{name}", bad, "ldp1_proof", BAD)
    stranger = secure(suite, permit(suite), "stranger")["proof"]
    bad = {**good, "proof": {**stranger, "verificationMethod": suite.method("agency")}}
    yield reject(suite, "S-025", "signed-by-stranger", bad, "ldp1_proof", BAD)
    if suite.value == "jws":
        yield from _headers(suite, good)


def _open(suite: Suite, text: str) -> tuple[bytes, Any]:
    """The bytes of a signature, and how others are written in their place."""
    if suite.value == "proofValue":
        return decode_multibase(text), encode_multibase
    header = text.partition("..")[0]
    raw = base64url.decode(text.partition("..")[2])
    return raw, lambda data: f"{header}..{base64url.encode(data)}"


def _headers(suite: Suite, good: Json) -> Iterator[HostileCase]:
    """A detached JWS whose header says something else (RFC 7797)."""
    header_text, _, signature = good["proof"]["jws"].partition("..")
    headers: dict[str, Json] = {
        "none": {"alg": "none", "crit": ["b64"], "b64": False},
        "hs256": {"alg": "HS256", "crit": ["b64"], "b64": False},
        "es384": {"alg": "ES384", "crit": ["b64"], "b64": False},
        "eddsa": {"alg": "EdDSA", "crit": ["b64"], "b64": False},
        "b64-true": {"alg": "ES256", "crit": ["b64"], "b64": True},
        "no-crit": {"alg": "ES256", "b64": False},
        "no-b64": {"alg": "ES256"},
        "unknown-crit": {"alg": "ES256", "crit": ["b64", "x"], "b64": False, "x": 1},
    }
    for name, header in headers.items():
        bad = with_proof(good, jws=f"{base64url.encode(build_json(header))}..{signature}")
        yield reject(suite, "S-009", f"header-{name}", bad, "ldp1_proof", BAD)
    for name, value in {"63": signature[:84], "65": signature + "A"}.items():
        bad = with_proof(good, jws=f"{header_text}..{value}")
        yield reject(suite, "S-009", f"signature-{name}-bytes", bad, "ldp1_proof", BAD)
    attached = f"{header_text}.{base64url.encode(b'anything')}.{signature}"
    for name, value in {"attached": attached, "no-header": f"..{signature}"}.items():
        bad = with_proof(good, jws=value)
        yield reject(suite, "S-009", name, bad, "ldp1_value", "invalid_proof_value")
    yield suite.alone.twin("S-009", "plain", line(suite, good), check="ldp1_proof")


def _proofs(suite: Suite) -> Iterator[HostileCase]:
    good = issue(suite)
    proof = good["proof"]
    shapes: dict[str, Any] = {
        "missing": ...,
        "null": None,
        "text": "proof",
        "number": 7,
        "true": True,
        "empty": {},
        "list-empty": [],
        "list-of-one": [proof],
        "list-of-two": [proof, proof],
    }
    for name, value in shapes.items():
        bad = with_members(good, {"proof": value})
        yield reject(suite, "S-031", f"proof-{name}", bad, "ldp1_proof_there", "invalid_proof")
    for kind in ("Ed25519Signature2018", "RsaSignature2018", "DataIntegrityProof", "", "Proof"):
        bad = with_proof(good, type=kind)
        name = f"type-{kind or 'empty'}"
        yield reject(suite, "S-031", name, bad, "ldp1_proof_there", "invalid_proof")
    for name, value in {"missing": ..., "null": None, "list": [suite.proof_type]}.items():
        bad = with_proof(good, type=value)
        yield reject(suite, "S-031", f"type-{name}", bad, "ldp1_proof_there", "invalid_proof")
    purposes: dict[str, Any] = {"missing": ..., "null": None, "list": ["assertionMethod"]}
    purposes |= {"case": "assertionmethod", "iri": "https://w3id.org/security#assertionMethod"}
    for name, value in purposes.items():
        bad = with_proof(good, proofPurpose=value)
        yield reject(
            suite, "S-031", f"purpose-{name}", bad, "ldp1_purpose", "invalid_proof_purpose"
        )
    for purpose in ("authentication", "keyAgreement", "capabilityInvocation"):
        bad = secure(suite, permit(suite), proofPurpose=purpose)
        name = f"signed-for-{purpose}"
        yield reject(suite, "S-031", name, bad, "ldp1_purpose", "invalid_proof_purpose")
    yield from _methods(suite, good)
    times: dict[str, Any] = {"null": None, "number": 7, "date": "2025-03-01", "words": "today"}
    times |= {"no-zone": "2025-03-01T09:00:00", "lower": "2025-03-01t09:00:00z", "list": []}
    for name, value in times.items():
        bad = with_proof(good, created=value)
        yield reject(suite, "S-031", f"created-{name}", bad, "ldp1_times", "invalid_time")


def _methods(suite: Suite, good: Json) -> Iterator[HostileCase]:
    why = "invalid_verification_method"
    own = suite.method("agency")
    methods: dict[str, Any] = {
        "land": suite.method("land"),
        "stranger": suite.method("stranger"),
        "missing": ...,
        "null": None,
        "number": 7,
        "list": [own],
        "object": {"id": own},
        "relative": f"#{own.partition('#')[2]}",
        "query": own.replace("#", "?versionId=1#"),
        "path": own.replace("#", "/#"),
        "web": "did:web:evil.example#1",
        "url": "https://evil.example/keys/1",
    }
    for name, value in methods.items():
        sid = "S-141" if name in ("web", "url") else "S-031"
        bad = with_proof(good, verificationMethod=value)
        yield reject(suite, sid, f"method-{name}", bad, "ldp1_method", why)
    bad = secure(suite, permit(suite), "stranger")
    yield reject(suite, "S-025", "method-and-key-of-stranger", bad, "ldp1_method", why)
    bad = secure(suite, permit(suite), "land")
    yield reject(suite, "S-025", "method-and-key-of-land", bad, "ldp1_method", why)
    did = suite.did("agency")
    for name, fragment in {"other": "other", "empty": "", "key-2": "key-2"}.items():
        bad = with_proof(good, verificationMethod=f"{did}#{fragment}")
        yield reject(suite, "S-031", f"fragment-{name}", bad, "ldp1_method_key", "invalid_did")
