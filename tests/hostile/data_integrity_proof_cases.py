"""
S-031 and what belongs to it: proofs that are not what vc-data-integrity 1.0 asks for.

Section 2.1 (members of a proof), 4.4 (verify proof: purpose, expiry, domain, challenge), 4.5 (sets
and chains), vc-di-eddsa and vc-di-ecdsa section 3.2.2 (the one form of a proof value).
"""

from collections.abc import Iterator
from typing import Any

from encoding import base64url
from encoding.multibase import decode_multibase, encode_multibase
from tests.hostile import proof_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.proof_stage import (
    DID,
    METHOD,
    OTHER_DID,
    SUITES,
    Json,
    Suite,
    line,
    permit,
    prove,
    secure,
)
from tests.hostile.stage import STRANGER_DID, with_members

LATER = "2026-12-01T00:00:00Z"


def cases() -> Iterator[HostileCase]:
    for suite in SUITES:
        yield from _members(suite)
        yield from _others(suite)
        yield from _values(suite)
        yield from _lists(suite)
        yield from _chains(suite)
        yield from _twins(suite)


def _reject(suite: Suite, name: str, check: str, detail: str, **members: Any) -> HostileCase:
    """A proof with these members, which are signed along."""
    made = line(suite, secure(suite, permit(suite), **members))
    return suite.alone.reject("S-031", name, made, check=check, detail=detail)


def _members(suite: Suite) -> Iterator[HostileCase]:
    shapeless: dict[str, Any] = {"missing": ..., "null": None, "number": 7, "empty": ""}
    shapeless |= {"list": ["x"], "object": {"id": "x"}, "true": True}
    for name, check, detail in (
        ("type", "proof_type", "invalid_proof_type"),
        ("verificationMethod", "proof_method", "invalid_verification_method"),
        ("proofPurpose", "proof_purpose_named", "invalid_proof_purpose"),
        ("cryptosuite", "proof_cryptosuite", "unsupported_cryptosuite"),
    ):
        for kind, value in shapeless.items():
            yield _reject(suite, f"{name}-{kind}", check, detail, **{name: value})
    for kind in ("DataIntegrityproof", "Ed25519Signature2020", "DataIntegrityProof ", "Proof"):
        yield _reject(suite, f"type-{kind}", "proof_type", "invalid_proof_type", type=kind)
    texts = {"word": "key-1", "relative": "#key-1", "path": "/keys/1", "space": f"{METHOD} 1"}
    texts |= {"long": f"{METHOD}{'1' * 3_000}", "braces": f"{DID}#{{key}}"}
    for kind, value in texts.items():
        check, detail = "proof_method", "invalid_verification_method"
        yield _reject(suite, f"method-{kind}", check, detail, verificationMethod=value)
    other = "ecdsa-rdfc-2022" if "eddsa" in suite.name else "ecdsa-rdfc-2020"
    names = (other, suite.name.upper(), f"{suite.name} ", suite.name[:-5], "RsaSignature2018")
    for kind in (*names, "eddsa-2022", "experimental-ecdsa-2023", "none"):
        check, detail = "proof_cryptosuite", "unsupported_cryptosuite"
        yield _reject(suite, f"suite-{kind}", check, detail, cryptosuite=kind)
    times = {"date": "2026-11-21", "no-zone": "2026-11-21T09:00:00", "words": "yesterday"}
    times |= {"month": "2026-13-21T09:00:00Z", "leap-second": "2026-12-31T23:59:60Z"}
    wrong: dict[str, Any] = {**shapeless, **times, "seconds": 1_795_000_000}
    wrong |= {"lower": "2026-11-21t09:00:00z", "hour-24": "2026-11-21T24:00:00Z"}
    for member in ("created", "expires"):
        for kind, value in wrong.items():
            if kind != "missing":
                made = {member: value}
                yield _reject(suite, f"{member}-{kind}", "proof_times", "invalid_time", **made)


def _others(suite: Suite) -> Iterator[HostileCase]:
    """Members that are well written and say the wrong thing."""
    for purpose in ("authentication", "keyAgreement", "capabilityInvocation", "assertionmethod"):
        check, detail = "proof_purpose", "invalid_proof_purpose"
        yield _reject(suite, f"purpose-{purpose}", check, detail, proofPurpose=purpose)
    methods = {"other": f"{OTHER_DID}#key-1", "stranger": f"{STRANGER_DID}#0"}
    methods |= {"longer": f"{DID}:x#key-1", "shorter": f"{DID[:-1]}#key-1", "path": f"{DID}/#key-1"}
    methods |= {"upper": f"{DID.upper()}#key-1", "query": f"{DID}?versionId=1#key-1"}
    for kind, method in methods.items():
        check, detail = "proof_controller", "invalid_verification_method"
        yield _reject(suite, f"method-of-{kind}", check, detail, verificationMethod=method)
    for member, check in (("domain", "proof_domain"), ("previousProof", "proof_previous_named")):
        values: dict[str, Any] = {"null": None, "number": 7, "empty": "", "true": True}
        values |= {"list-empty": [], "with-number": ["a", 7], "with-null": ["a", None]}
        values |= {"twice": ["a", "a"], "object": {"id": "a"}}
        for kind, value in values.items():
            yield _reject(suite, f"{member}-{kind}", check, "invalid_proof", **{member: value})
    for kind, value in {"null": None, "number": 7, "list": ["a"], "object": {}}.items():
        yield _reject(
            suite, f"challenge-{kind}", "proof_challenge", "invalid_proof", challenge=value
        )
    ids: dict[str, Any] = {
        "null": None,
        "number": 7,
        "word": "proof",
        "empty": "",
        "list": ["urn:a:b"],
    }
    for kind, value in ids.items():
        yield _reject(suite, f"id-{kind}", "proof_id", "invalid_proof", id=value)


def _values(suite: Suite) -> Iterator[HostileCase]:
    """The same signature written in another way, or another signature."""
    document = permit(suite)
    proof = prove(suite, document)
    text = proof["proofValue"]
    signature = decode_multibase(text)
    values: dict[str, Any] = {
        "missing": ...,
        "null": None,
        "number": 7,
        "list": [text],
        "empty": "",
    }
    values |= {"object": {"@value": text}, "no-letter": text[1:], "letter-alone": "z"}
    values |= {"base64url": f"u{base64url.encode(signature)}", "hex": f"f{signature.hex()}"}
    values |= {"upper-letter": f"Z{text[1:]}", "space": f" {text}", "line-feed": f"{text}\n"}
    values |= {"zero": f"{text[:9]}0{text[10:]}", "capital-o": f"{text}O", "plus": f"{text}+"}
    for count in (1, 32, 63, 65, 95, 97, 128):
        values[f"{count}-bytes"] = encode_multibase((signature * 2)[:count])
    values["der"] = encode_multibase(
        b"\x30\x44\x02\x20" + signature[:32] + b"\x02\x20" + signature[32:64]
    )
    values["leading-ones"] = f"z1{text[1:]}"
    values["5000-characters"] = f"z{'2' * 5_000}"
    for name, value in values.items():
        shown = {**document, "proof": with_members(proof, {"proofValue": value})}
        check, detail = "proof_value", "invalid_proof_value"
        yield suite.alone.reject(
            "S-031", f"value-{name}", line(suite, shown), check=check, detail=detail
        )
    half = len(signature) // 2
    others = {"zeros": bytes(len(signature)), "ones": b"\xff" * len(signature)}
    others |= {"first-bit": bytes([signature[0] ^ 0x80]) + signature[1:]}
    others |= {"last-bit": signature[:-1] + bytes([signature[-1] ^ 1])}
    others |= {"halves-exchanged": signature[half:] + signature[:half]}
    others |= {"stranger": suite.signer("stranger").sign(suite.hash(document, proof))}
    others |= {"document-alone": suite.signer().sign(suite.hash(document, proof)[half:])}
    for name, value in others.items():
        shown = {**document, "proof": {**proof, "proofValue": encode_multibase(value)}}
        yield _unsigned(suite, f"signature-{name}", shown)


def _unsigned(suite: Suite, name: str, shown: Json) -> HostileCase:
    return suite.alone.reject(
        "S-031",
        name,
        line(suite, shown),
        check="proof_signature",
        detail="bad_issuer_signature",
        reason="bad_signature",
    )


def _lists(suite: Suite) -> Iterator[HostileCase]:
    document = permit(suite)
    good = prove(suite, document)
    second = prove(suite, document, created="2026-11-21T10:00:00Z")
    for name, proofs in {"missing": ..., "empty": [], "nine": [good] * 9}.items():
        shown = with_members(document, {"proof": proofs})
        made = line(suite, shown)
        detail = "missing_proof"
        yield suite.alone.reject(
            "S-031", f"proof-{name}", made, check="proof_is_there", detail=detail
        )
    for name, proof in {"text": "proof", "null": None, "number": 7, "list": [good]}.items():
        for place in ("alone", "beside") if name != "list" else ("beside",):
            shown = {**document, "proof": proof if place == "alone" else [good, proof]}
            yield suite.alone.reject(
                "S-031",
                f"proof-{name}-{place}",
                line(suite, shown),
                check="proof_is_object",
                detail="invalid_proof",
            )
    stranger = prove(suite, document, "stranger")
    for name, proofs in {"last": [good, stranger], "first": [stranger, good]}.items():
        yield _unsigned(suite, f"stranger-{name}", {**document, "proof": proofs})
    altered = {**second, "created": "2026-11-21T10:00:01Z"}
    yield _unsigned(suite, "second-altered", {**document, "proof": [good, altered]})
    for name, bad, check, detail in (
        (
            "purpose",
            prove(suite, document, proofPurpose="authentication"),
            "proof_purpose",
            "invalid_proof_purpose",
        ),
        ("type", prove(suite, document, type="Other"), "proof_type", "invalid_proof_type"),
        ("value", {**second, "proofValue": "z2"}, "proof_value", "invalid_proof_value"),
        (
            "suite",
            {**second, "cryptosuite": "none"},
            "proof_cryptosuite",
            "unsupported_cryptosuite",
        ),
    ):
        made = line(suite, {**document, "proof": [good, bad]})
        yield suite.alone.reject("S-031", f"second-{name}", made, check=check, detail=detail)


def _chained(suite: Suite, document: Json, first: Json, **members: Any) -> Json:
    """A proof that covers the first as well."""
    return prove(suite, {**document, "proof": [first]}, previousProof=first["id"], **members)


def _chains(suite: Suite) -> Iterator[HostileCase]:
    document = permit(suite)
    first = prove(suite, document, id="urn:a:1")
    second = _chained(suite, document, first, id="urn:a:2")
    twin = prove(suite, document, id="urn:a:1", created="2026-11-21T10:00:00Z")
    unknown = {
        "unknown": [prove(suite, document, previousProof="urn:a:9")],
        "itself": [prove(suite, document, id="urn:a:1", previousProof="urn:a:1")],
        "left-out": [second],
        "ambiguous": [first, twin, second],
        "one-of-two": [first, prove(suite, document, previousProof=["urn:a:1", "urn:a:9"])],
    }
    for name, proofs in unknown.items():
        made = line(suite, {**document, "proof": proofs})
        check, detail = "proof_previous", "unknown_previous_proof"
        yield suite.alone.reject("S-031", f"chain-{name}", made, check=check, detail=detail)
    other = {**twin, "proofValue": first["proofValue"]}
    for name, proofs in {
        "first-exchanged": [twin, second],
        "first-altered": [other, second],
        "not-covered": [first, prove(suite, document, previousProof="urn:a:1")],
    }.items():
        yield _unsigned(suite, f"chain-{name}", {**document, "proof": proofs})
    for name, proofs in {"chain": [first, second], "chain-turned": [second, first]}.items():
        made = line(suite, {**document, "proof": proofs})
        yield suite.alone.twin("S-031", name, made, check="proof_previous")


def _twins(suite: Suite) -> Iterator[HostileCase]:
    document = permit(suite)
    good: dict[str, Json] = {
        "plain": {},
        "no-created": {"created": ...},
        "fraction": {"created": "2026-11-21T09:00:00.123Z"},
        "zone": {"created": "2026-11-21T16:00:00+07:00"},
        "expires": {"expires": LATER},
        "domain": {"domain": "somebody"},
        "domains": {"domain": ["a", "b"]},
        "challenge": {"challenge": "n-1"},
        "nonce": {"nonce": "n-2"},
        "id": {"id": "urn:uuid:6b1f2a3c-0000-4000-8000-000000000001"},
        "other-key-of-issuer": {"verificationMethod": f"{DID}#key-2"},
    }
    for name, members in good.items():
        made = line(suite, secure(suite, document, **members))
        yield suite.alone.twin("S-031", name, made, check="proof_type")
    proof = prove(suite, document)
    set_of_two = [proof, prove(suite, document, created="2026-11-21T10:00:00Z")]
    turned = dict(reversed([*document.items()]))
    for name, shown in {
        "list-of-one": {**document, "proof": [proof]},
        "set": {**document, "proof": set_of_two},
        "set-turned": {**document, "proof": set_of_two[::-1]},
        "eight": {**document, "proof": [proof] * 8},
        "members-turned": {"proof": dict(reversed([*proof.items()])), **turned},
    }.items():
        yield suite.alone.twin("S-031", name, line(suite, shown), check="proof_signature")
