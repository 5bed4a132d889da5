"""
VCDM 1.1 presentations with linked-data proofs: S-028, S-031, S-039, S-040, S-042, S-054.

didkit says whether the presentation's own proof holds, and nothing of the credentials inside, of
whose they are, of us or of our time. VCDM 1.1 section 4.10, OpenID4VP 1.0 section 14.1.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.hostile import (
    proof_switches,  # noqa: F401
    token_status_cases,  # noqa: F401
    vcdm1_ldp_switches,  # noqa: F401
)
from tests.hostile.case import HostileCase
from tests.hostile.stage import with_members
from tests.hostile.vcdm1_ldp_stage import (
    DAY,
    NOW,
    REVOKED,
    SUITES,
    VOCABULARY,
    Json,
    Suite,
    issue,
    line,
    permit,
    present,
    secure,
    status_members,
    with_proof,
    with_subject,
)

UNBOUND = "holder_not_bound"
FORGED = f"{UNBOUND}/bad_holder_signature"


def cases() -> Iterator[HostileCase]:
    for suite in SUITES:
        yield from _unbound(suite)
        yield from _addressed(suite)
        yield from _altered(suite)
        yield from _inside(suite)
        yield from _shapes(suite)
        yield from _twins(suite)


def _reject(
    suite: Suite, sid: str, name: str, shown: Json, check: str, why: str, **members: Any
) -> HostileCase:
    reason, _, detail = why.rpartition("/")
    return suite.wrapped.reject(
        sid,
        name,
        line(suite, shown, **members),
        check=check,
        reason=reason or "malformed",
        detail=detail,
    )


def _unbound(suite: Suite) -> Iterator[HostileCase]:
    """Whoever shows it is not known to be its holder."""
    good = issue(suite)
    alone = {"require_holder_binding": True}
    why = f"{UNBOUND}/holder_binding_missing"
    yield _reject(suite, "S-039", "credential-alone", good, "paper_holder_bound", why, **alone)
    nobody = present(suite, good, options={"challenge": ..., "domain": ...})
    yield _reject(suite, "S-039", "addressed-to-nobody", nobody, "paper_holder_bound", why)
    for sid, by in (("S-042", "stranger"), ("S-042", "agency"), ("S-042", "land")):
        stolen = present(suite, good, by=by)
        yield _reject(suite, sid, f"shown-by-{by}", stolen, "paper_holder_bound", FORGED)
    subjects: dict[str, Json] = {
        "nobody": {"plate": "2A-4417"},
        "urn": {"id": "urn:citizen:7", "plate": "2A-4417"},
        "web": {"id": "did:web:holder.example", "plate": "2A-4417"},
        "url": {"id": "https://holder.example", "plate": "2A-4417"},
    }
    for name, subject in subjects.items():
        shown = present(suite, issue(suite, credentialSubject=subject))
        why = f"{UNBOUND}/no_holder_key"
        yield _reject(suite, "S-042", f"subject-{name}", shown, "paper_holder_bound", why)
    both = present(suite, good, issue(suite, credentialSubject=subjects["nobody"]))
    why = f"{UNBOUND}/no_holder_key"
    yield _reject(suite, "S-042", "one-of-two-is-nobodys", both, "paper_holder_bound", why)


def _addressed(suite: Suite) -> Iterator[HostileCase]:
    """S-040: a proof for somebody else, for another question, or of another time."""
    good = issue(suite)
    for name, domain in {
        "other": "https://other.example",
        "case": "X509_san_dns:verifier.city.example",
        "slash": "x509_san_dns:verifier.city.example/",
        "suffix": "x509_san_dns:verifier.city.example.evil.example",
    }.items():
        shown = present(suite, good, options={"domain": domain})
        why = "wrong_audience/wrong_audience"
        yield _reject(suite, "S-040", f"domain-{name}", shown, "paper_addressee", why)
    for name, nonce in {"other": "n-1", "case": "N-0s6_wZa2mJ-7F3BxKQ0a", "cut": "n-0S6"}.items():
        shown = present(suite, good, options={"challenge": nonce})
        why = "wrong_nonce/wrong_nonce"
        yield _reject(suite, "S-040", f"challenge-{name}", shown, "paper_addressee", why)
    shown = present(suite, good)
    ours: dict[str, Any] = {"nobody": ..., "empty": ""}
    for name, audience in ours.items():
        asked = {"audience": audience}
        why = "wrong_audience/wrong_audience"
        yield _reject(suite, "S-040", f"we-are-{name}", shown, "paper_addressee", why, **asked)
    for name, age in {"301-seconds": timedelta(seconds=301), "year": 365 * DAY}.items():
        old = present(suite, good, created=NOW - age)
        why = "stale_code/code_too_old"
        yield _reject(suite, "S-040", f"{name}-old", old, "paper_freshness", why)
    for name, ahead in {"61-seconds": timedelta(seconds=61), "year": 365 * DAY}.items():
        early = present(suite, good, created=NOW + ahead)
        why = "stale_code/code_in_the_future"
        yield _reject(suite, "S-040", f"{name}-ahead", early, "paper_freshness", why)
    for member in ("challenge", "domain"):
        values: dict[str, Any] = {"missing": ..., "empty": "", "null": None, "number": 7}
        for name, value in {**values, "list": ["x"], "true": True}.items():
            half = with_proof(shown, **{member: value})
            case_name = f"{member}-{name}"
            yield _reject(suite, "S-040", case_name, half, "ldp1_address", "invalid_proof")


def _altered(suite: Suite) -> Iterator[HostileCase]:
    """What the holder signed is no longer what is shown."""
    good, other = issue(suite), issue(suite, id="urn:uuid:another")
    shown = present(suite, good)
    changes: dict[str, Json] = {
        "id": {"id": "urn:uuid:6b1f2a3c-0000-4000-8000-000000000001"},
        "type": {"type": ["VerifiablePresentation", "urn:t:more"]},
        "other-credential": {"verifiableCredential": [other]},
        "more-credentials": {"verifiableCredential": [good, other]},
    }
    for name, change in changes.items():
        yield _reject(suite, "S-040", name, {**shown, **change}, "ldp1_proof", FORGED)
    earlier = present(suite, good, created=NOW - DAY, options={"challenge": "n-1", "domain": "x"})
    for name in ("challenge", "domain", "created"):
        bad = with_proof(shown, **{name: earlier["proof"][name]})
        yield _reject(suite, "S-040", f"{name}-exchanged", bad, "ldp1_proof", FORGED)
    value = earlier["proof"][suite.value]
    bad = with_proof(shown, **{suite.value: value})
    yield _reject(suite, "S-040", "signature-exchanged", bad, "ldp1_proof", FORGED)
    bad = with_proof(shown, **{suite.value: good["proof"][suite.value]})
    yield _reject(suite, "S-040", "signature-of-the-agency", bad, "ldp1_proof", FORGED)
    bad = with_proof(shown, created=...)
    yield _reject(suite, "S-040", "no-created", bad, "ldp1_times", "invalid_time")
    holder = {**shown, "holder": suite.did("stranger")}
    why = "invalid_verification_method"
    yield _reject(suite, "S-042", "holder-exchanged", holder, "ldp1_method", why)
    for name, value in {"missing": ..., "null": None, "number": 7, "word": "Chan"}.items():
        bad = with_members(shown, {"holder": value})
        yield _reject(suite, "S-042", f"holder-{name}", bad, "ldp1_party", "invalid_url")
    bad = {**shown, "holder": "did:web:holder.example"}
    yield _reject(suite, "S-141", "holder-on-the-web", bad, "ldp1_did", "unsupported_did")


def _inside(suite: Suite) -> Iterator[HostileCase]:
    """A good presentation of a credential that is not."""
    good = issue(suite)
    bad_signature = "bad_signature/bad_issuer_signature"
    for name, forged in {
        "plate": with_subject(good, plate="2A-9999"),
        "subject-signed-for-another": {
            **issue(suite, credentialSubject={"id": suite.did("stranger"), "plate": "1"}),
            "credentialSubject": {"id": suite.did("holder"), "plate": "1"},
        },
    }.items():
        shown = present(suite, forged)
        yield _reject(suite, "S-031", f"forged-{name}", shown, "ldp1_proof", bad_signature)
    shown = present(suite, good, with_subject(good, plate="2A-9999"))
    yield _reject(suite, "S-031", "forged-one-of-two", shown, "ldp1_proof", bad_signature)
    for name, members, why in (
        ("expired", {"expirationDate": "2025-02-01T00:00:00Z"}, "expired/expired"),
        ("ahead", {"issuanceDate": "2025-04-01T00:00:00Z"}, "not_yet_valid/not_yet_valid"),
    ):
        shown = present(suite, issue(suite, **members))
        yield _reject(suite, "S-028", name, shown, "paper_validity", why)
    shown = present(suite, secure(suite, permit(suite), created=NOW + 2 * DAY))
    why = "not_yet_valid/issued_in_the_future"
    yield _reject(suite, "S-028", "signed-ahead", shown, "paper_validity", why)
    shown = present(suite, issue(suite, **status_members(REVOKED)))
    yield _reject(suite, "S-054", "revoked", shown, "status_of_entries", "revoked/revoked")
    own = permit(suite, issuer=suite.did("holder"))
    shown = present(suite, secure(suite, own, "holder"))
    why = "issuer_not_trusted/unknown_issuer"
    yield _reject(suite, "S-025", "issued-by-its-holder", shown, "paper_issuer", why)


def _shapes(suite: Suite) -> Iterator[HostileCase]:
    good = issue(suite)
    shown = present(suite, good)
    bare: dict[str, Any] = {"none": [], "missing": ..., "seventeen": [good] * 17}
    for name, value in bare.items():
        bad = with_members(shown, {"verifiableCredential": value})
        case_name = f"credentials-{name}"
        yield _reject(suite, "S-031", case_name, bad, "ldp1_listed", "empty_presentation")
    values: dict[str, Any] = {"text": "e30.e30.e30", "null": None, "number": 7, "nested": [good]}
    for name, each in values.items():
        bad = {**shown, "verifiableCredential": [good, each]}
        yield _reject(suite, "S-031", f"credential-{name}", bad, "ldp1_object", "not_an_object")
    newer = {**good, "@context": ["https://www.w3.org/ns/credentials/v2", VOCABULARY]}
    for name, each in {"newer": newer, "bare": {**good, "@context": VOCABULARY}}.items():
        bad = {**shown, "verifiableCredential": [each]}
        check, detail = "ldp1_base_context", "invalid_context"
        yield _reject(suite, "S-033", f"inner-context-{name}", bad, check, detail)
    bad = {**shown, "verifiableCredential": [shown]}
    yield _reject(suite, "S-031", "presentation-inside", bad, "ldp1_types", "invalid_type")
    bad = {**shown, "@context": [*shown["@context"], "https://evil.example/v1"]}
    yield _reject(suite, "S-033", "context-url", bad, "ldp1_contexts", "unknown_context")
    for name, proof in {"missing": ..., "list": [shown["proof"]], "null": None}.items():
        bad = with_members(shown, {"proof": proof})
        yield _reject(suite, "S-031", f"proof-{name}", bad, "ldp1_proof_there", "invalid_proof")
    bad = with_proof(shown, **{suite.value: ...})
    yield _reject(suite, "S-031", "no-signature", bad, "ldp1_value", "invalid_proof_value")
    for purpose in ("assertionMethod", "keyAgreement", "Authentication"):
        bad = with_proof(shown, proofPurpose=purpose)
        check, detail = "ldp1_purpose", "invalid_proof_purpose"
        yield _reject(suite, "S-031", f"purpose-{purpose}", bad, check, detail)


def _twins(suite: Suite) -> Iterator[HostileCase]:
    good = issue(suite)
    shown: dict[str, Json] = {
        "plain": present(suite, good),
        "300-seconds-old": present(suite, good, created=NOW - timedelta(seconds=300)),
        "60-seconds-ahead": present(suite, good, created=NOW + timedelta(seconds=60)),
        "two": present(suite, good, issue(suite, id="urn:uuid:another")),
        "with-status": present(suite, issue(suite, **status_members(4))),
        "with-id": present(suite, good, document={"id": "urn:uuid:of-this-presentation"}),
        "turned": dict(reversed(present(suite, good).items())),
    }
    for sid in ("S-031", "S-039", "S-040", "S-042", "S-054"):
        for name, document in shown.items():
            if sid == "S-040" or name == "plain":
                made = line(suite, document)
                yield suite.wrapped.twin(sid, name, made, check="paper_holder_bound")
    unasked = line(suite, good, require_holder_binding=False)
    yield suite.wrapped.twin("S-039", "nobody-asked", unasked, check="paper_holder_bound")
    own_nonce = line(suite, shown["plain"], nonce=...)
    yield suite.wrapped.twin("S-040", "own-nonce", own_nonce, check="paper_addressee")
