"""
S-039, S-040, S-042 and S-031 for presentations with Data Integrity proofs: whose and for whom.

vc-data-integrity 1.0 section 4.4 steps 6 to 8 (purpose, domain, challenge), OpenID4VP 14.1 (one
holder wraps what belongs to another), VCDM 2.0 section 4.13.
"""

from collections.abc import Iterator
from typing import Any

from encoding.multibase import decode_multibase, encode_multibase
from tests.hostile import proof_switches  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.proof_stage import SUITES, Json, Suite, line, permit, present, prove, secure
from tests.hostile.stage import AUDIENCE, NONCE, with_members


def cases() -> Iterator[HostileCase]:
    for suite in SUITES:
        credential = secure(suite, permit(suite))
        yield from _stripped(suite, credential)
        yield from _addressed(suite, credential)
        yield from _signed(suite, credential)
        yield from _wrapped(suite, credential)
        yield from _shapes(suite, credential)
        yield from _twins(suite, credential)


def _reject(
    suite: Suite, sid: str, name: str, shown: Any, check: str, why: str, **members: Any
) -> HostileCase:
    reason, _, detail = why.partition("/")
    made = line(suite, shown, **{"require_holder_binding": True, **members})
    return suite.wrapped.reject(sid, name, made, check=check, reason=reason, detail=detail)


def _stripped(suite: Suite, credential: Json) -> Iterator[HostileCase]:
    """S-039: that a proof is needed is for the verifier to say."""
    why = "holder_not_bound/holder_binding_missing"
    good = present(suite, credential)
    bare = with_members(good, {"proof": ...})
    nobodys = present(suite, credential, domain=..., challenge=...)
    for name, shown in {
        "credential-alone": credential,
        "no-proof": bare,
        "no-proof-no-holder": with_members(bare, {"holder": ...}),
        "addressed-to-nobody": nobodys,
    }.items():
        yield _reject(suite, "S-039", name, shown, "paper_holder_bound", why)
        for skew in (0, 3_600):
            label = f"{name}-skew-{skew}"
            yield _reject(suite, "S-039", label, shown, "paper_holder_bound", why, skew=skew)
    for name, shown in {"bare": bare, "envelope": nobodys, "credential": credential}.items():
        made = line(suite, shown, require_holder_binding=False)
        yield suite.wrapped.twin("S-039", f"not-asked-{name}", made, check="paper_holder_bound")
    for kind, proof in {"empty": [], "null": None, "text": "proof", "number": 7}.items():
        shown = {**bare, "proof": proof}
        check = "proof_is_there" if kind == "empty" else "proof_is_object"
        if kind == "empty":
            yield _reject(suite, "S-039", f"proof-{kind}", shown, check, "malformed/missing_proof")
        else:
            yield _reject(suite, "S-039", f"proof-{kind}", shown, check, "malformed/invalid_proof")


def _addressed(suite: Suite, credential: Json) -> Iterator[HostileCase]:
    """S-040, S-031: for somebody else, for another request, or too old."""
    audiences: dict[str, Any] = {
        "other": "x509_san_dns:evil.example",
        "longer": f"{AUDIENCE}.evil.example",
        "shorter": AUDIENCE[:-1],
        "upper": AUDIENCE.upper(),
        "slash": f"{AUDIENCE}/",
        "space": f" {AUDIENCE}",
        "missing": ...,
        "several": [AUDIENCE, "x509_san_dns:evil.example"],
    }
    for name, domain in audiences.items():
        shown = present(suite, credential, domain=domain)
        for sid in ("S-040", "S-031"):
            why = "wrong_audience/wrong_audience"
            yield _reject(suite, sid, f"domain-{name}", shown, "paper_addressee", why)
    nonces: dict[str, Any] = {
        "other": "another",
        "longer": f"{NONCE}A",
        "shorter": NONCE[:-1],
        "case": NONCE.swapcase(),
        "empty": "",
        "missing": ...,
    }
    for name, challenge in nonces.items():
        shown = present(suite, credential, challenge=challenge)
        for sid in ("S-040", "S-031"):
            why = "wrong_nonce/wrong_nonce"
            yield _reject(suite, sid, f"challenge-{name}", shown, "paper_addressee", why)
    good = present(suite, credential)
    for name, asked in {"audience": {"audience": ...}, "empty-audience": {"audience": ""}}.items():
        why = "wrong_audience/wrong_audience"
        yield _reject(suite, "S-040", f"no-{name}", good, "paper_addressee", why, **asked)
    for name, created, detail in (
        ("301-seconds-old", "2026-11-22T08:54:59Z", "code_too_old"),
        ("a-year-old", "2025-11-22T09:00:00Z", "code_too_old"),
        ("61-seconds-ahead", "2026-11-22T09:01:01Z", "code_in_the_future"),
        ("a-year-ahead", "2027-11-22T09:00:00Z", "code_in_the_future"),
    ):
        shown = present(suite, credential, created=created)
        yield _reject(suite, "S-040", name, shown, "paper_freshness", f"stale_code/{detail}")
    unasked = present(suite, credential, created=...)
    why = "stale_code/code_without_time"
    yield _reject(suite, "S-040", "no-time", unasked, "paper_freshness", why, nonce=...)


def _signed(suite: Suite, credential: Json) -> Iterator[HostileCase]:
    """S-040: what was altered after it was signed."""
    good = present(suite, credential)
    proof = good["proof"]
    signature = decode_multibase(proof["proofValue"])
    why = "holder_not_bound/bad_holder_signature"
    values = {"zeros": bytes(len(signature)), "bit": signature[:-1] + bytes([signature[-1] ^ 1])}
    for name, value in values.items():
        shown = {**good, "proof": {**proof, "proofValue": encode_multibase(value)}}
        yield _reject(suite, "S-040", f"value-{name}", shown, "proof_signature_of_holder", why)
    altered = {
        "domain": {"domain": AUDIENCE},
        "challenge": {"challenge": NONCE},
        "created": {"created": "2026-11-22T08:59:55Z"},
        "nonce": {"nonce": "added"},
        "expires": {"expires": "2026-12-01T00:00:00Z"},
        "id": {"id": "urn:a:proof"},
    }
    other = present(
        suite, credential, domain="somebody", challenge="else", created="2026-11-22T08:59:50Z"
    )
    for name, members in altered.items():
        old = {**other["proof"], "domain": AUDIENCE, "challenge": NONCE}
        shown = {**other, "proof": {**old, **members}}
        check = "proof_signature_of_holder"
        yield _reject(suite, "S-040", f"altered-{name}", shown, check, why)
    for name, document in {
        "id-added": {"id": "urn:uuid:58172aac-d8ba-11ed-83dd-000000000001"},
        "second-credential": {
            "verifiableCredential": [secure(suite, permit(suite, id=...))],
        },
    }.items():
        shown = {**good, **document}
        check = "proof_signature_of_holder"
        yield _reject(suite, "S-040", f"altered-{name}", shown, check, why)


def _wrapped(suite: Suite, credential: Json) -> Iterator[HostileCase]:
    """S-042: who shows a credential holds the key that it names."""
    why = "holder_not_bound/bad_holder_signature"
    check = "proof_signature_of_holder"
    for by in ("stranger", "agency", "land", "lists", "second"):
        shown = present(suite, credential, by=by)
        yield _reject(suite, "S-042", f"by-{by}", shown, check, why)
        shown = present(suite, credential, by=by, document={"holder": ...})
        yield _reject(suite, "S-042", f"by-{by}-unnamed", shown, check, why)
    claimed = present(suite, credential, by="stranger", document={"holder": suite.did()})
    named = present(
        suite,
        credential,
        by="stranger",
        document={"holder": suite.did()},
        verificationMethod=f"{suite.did()}#0",
    )
    yield _reject(suite, "S-042", "claims-to-be-holder", named, check, why)
    somebody = "malformed/invalid_verification_method"
    yield _reject(suite, "S-042", "names-holder", claimed, "proof_controller", somebody)
    for name, holder in {"issuer": "did:web:evil.example", "other": suite.did("second")}.items():
        shown = present(suite, credential, document={"holder": holder})
        yield _reject(suite, "S-042", f"holder-{name}", shown, "proof_controller", somebody)
    unbound = "holder_not_bound/no_holder_key"
    for name, subject in {"no-id": {"plate": "1"}, "url": {"id": "https://a.example/b"}}.items():
        bearer = secure(suite, permit(suite, credentialSubject=subject))
        shown = present(suite, bearer)
        yield _reject(suite, "S-042", f"subject-{name}", shown, "paper_holder_bound", unbound)


def _shapes(suite: Suite, credential: Json) -> Iterator[HostileCase]:
    """S-031: a holder's proof is as strict as an issuer's."""
    for name, check, detail, members in (
        ("purpose-assertion", "proof_purpose", "invalid_proof_purpose", "assertionMethod"),
        ("purpose-agreement", "proof_purpose", "invalid_proof_purpose", "keyAgreement"),
    ):
        shown = present(suite, credential, proofPurpose=members)
        yield _reject(suite, "S-031", name, shown, check, f"malformed/{detail}")
    for name, value in {"number": 7, "null": None, "object": {}}.items():
        shown = present(suite, credential, challenge=value)
        check = "proof_challenge"
        yield _reject(suite, "S-031", f"challenge-{name}", shown, check, "malformed/invalid_proof")
    good = present(suite, credential)
    twice = {**good, "proof": [good["proof"], good["proof"]]}
    why = "malformed/several_proofs"
    yield _reject(suite, "S-031", "two-proofs", twice, "proof_of_holder_alone", why)
    bare = with_members(good, {"proof": ...})
    stranger = prove(
        suite,
        bare,
        "stranger",
        proofPurpose="authentication",
        verificationMethod=f"{suite.did('stranger')}#0",
    )
    beside = {**bare, "proof": [good["proof"], stranger]}
    yield _reject(suite, "S-031", "stranger-beside", beside, "proof_of_holder_alone", why)
    past = present(suite, credential, created=..., expires="2026-11-22T08:58:59Z")
    yield _reject(suite, "S-031", "expired", past, "paper_validity", "expired/expired")
    bad = {**credential, "credentialSubject": {**credential["credentialSubject"], "seats": 5}}
    shown = present(suite, bad)
    why = "bad_signature/bad_issuer_signature"
    for sid in ("S-031", "S-040"):
        yield _reject(suite, sid, "altered-credential", shown, "proof_signature", why)


def _twins(suite: Suite, credential: Json) -> Iterator[HostileCase]:
    twins: dict[str, Json] = {
        "plain": present(suite, credential),
        "no-holder": present(suite, credential, document={"holder": ...}),
        "holder-object": present(suite, credential, document={"holder": {"id": suite.did()}}),
        "domain-list": present(suite, credential, domain=[AUDIENCE]),
        "300-seconds-old": present(suite, credential, created="2026-11-22T08:55:00Z"),
        "60-seconds-ahead": present(suite, credential, created="2026-11-22T09:01:00Z"),
        "no-created": present(suite, credential, created=...),
        "expires": present(suite, credential, expires="2026-11-22T10:00:00Z"),
        "named": present(suite, credential, document={"id": "urn:uuid:1"}),
    }
    for name, shown in twins.items():
        for sid in ("S-040", "S-042", "S-031"):
            made = line(suite, shown)
            yield suite.wrapped.twin(sid, name, made, check="proof_signature_of_holder")
    made = line(suite, present(suite, credential, challenge="mine"), nonce=...)
    yield suite.wrapped.twin("S-040", "own-nonce", made, check="paper_addressee")
