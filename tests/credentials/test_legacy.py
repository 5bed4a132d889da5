"""VCDM 1.1 through a real child process: what didkit says, and what we add (S-224)."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from credentials.errors import Malformed
from credentials.keys import build_public_key, parse_jwk
from credentials.legacy import (
    build_issue_request,
    build_requests,
    check_credential,
    check_issuer,
    check_presentation,
    read_legacy_credential,
    read_legacy_presentation,
)
from credentials.trust import Accreditation, KeyUse, TrustedIssuer, TrustedKey, TrustRegistry
from credentials.verdict import Outcome, Reason
from encoding import base64url
from runtime.children import ChildPool
from runtime.errors import ChildFailed

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SKEW = timedelta(seconds=60)
AUDIENCE = "verifier.city.example"
NONCE = "n-0S6_WzA2Mj"
BASE = "https://www.w3.org/2018/credentials/v1"


def _private_jwk(last_byte):
    """The did:key test vectors count their seeds up from zero."""
    seed = bytes(31) + bytes([last_byte])
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return {**build_public_key(public).jwk, "d": base64url.encode(seed)}


ISSUER_JWK = _private_jwk(0)
HOLDER_JWK = _private_jwk(1)
ISSUER = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
HOLDER = "did:key:z6MkjchhfUsD6mmvni8mCdXHw216Xrm9bQe2mBH1P5RDjVJG"


@pytest.fixture(scope="module")
def child():
    pool = ChildPool("credentials.legacy_worker", size=1, timeout=20)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def signed_permit(child):
    return _issue(child, _permit(HOLDER))


def _permit(holder, **changes):
    return {
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            {"@vocab": "https://city.example/terms#"},
        ],
        "type": ["VerifiableCredential", "TaxiPermit"],
        "issuer": ISSUER,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "expirationDate": "2027-01-01T00:00:00Z",
        "credentialSubject": {"id": holder, "plate": "2A-4417"},
        **changes,
    }


def _issue(child, document):
    request = build_issue_request(
        document,
        private_jwk=ISSUER_JWK,
        verification_method=f"{ISSUER}#{ISSUER.removeprefix('did:key:')}",
        now=NOW,
    )
    return child.ask(request)["document"]


def _present(child, *credentials, challenge=NONCE, domain=AUDIENCE, created=NOW):
    answer = child.ask(
        {
            "operation": "issue_presentation",
            "document": {
                "@context": ["https://www.w3.org/2018/credentials/v1"],
                "type": ["VerifiablePresentation"],
                "holder": HOLDER,
                "verifiableCredential": list(credentials),
            },
            "key": HOLDER_JWK,
            "options": {
                "proofPurpose": "authentication",
                "verificationMethod": f"{HOLDER}#{HOLDER.removeprefix('did:key:')}",
                "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "challenge": challenge,
                "domain": domain,
            },
        }
    )
    return answer["document"]


def _judge_credential(child, document, now=NOW):
    credential = read_legacy_credential(document)
    (request,) = build_requests(credential)
    checks = check_credential(credential, child.ask(request), now=now, skew=SKEW, name=None)
    return [check.reason for check in checks if check.outcome is not Outcome.PASSED]


def _judge_presentation(child, document, now=NOW):
    presentation = read_legacy_presentation(document)
    answers = [child.ask(request) for request in build_requests(presentation)]
    checks = check_presentation(
        presentation,
        answers,
        now=now,
        skew=SKEW,
        freshness=timedelta(minutes=5),
        audience=AUDIENCE,
        nonce=NONCE,
    )
    return [(check.name, check.reason) for check in checks if check.outcome is not Outcome.PASSED]


def test_a_permit_that_didkit_signed_passes(child, signed_permit):
    assert signed_permit["proof"]["type"] == "Ed25519Signature2020"
    assert _judge_credential(child, signed_permit) == []


def test_another_plate_in_a_signed_permit_is_a_bad_signature(child, signed_permit):
    forged = deepcopy(signed_permit)
    forged["credentialSubject"]["plate"] = "2A-9999"

    assert _judge_credential(child, forged) == [Reason.BAD_SIGNATURE]


def test_didkit_lets_an_expired_permit_pass_and_we_do_not(child, signed_permit):
    credential = read_legacy_credential(signed_permit)
    (request,) = build_requests(credential)

    assert child.ask(request)["errors"] == []
    assert _judge_credential(child, signed_permit, now=datetime(2027, 1, 2, tzinfo=UTC)) == [
        Reason.EXPIRED
    ]


def test_a_permit_from_the_future_is_not_valid_yet(child, signed_permit):
    assert _judge_credential(child, signed_permit, now=datetime(2025, 12, 31, tzinfo=UTC)) == [
        Reason.NOT_YET_VALID
    ]


def test_a_presentation_by_its_holder_passes(child, signed_permit):
    assert _judge_presentation(child, _present(child, signed_permit)) == []


def test_didkit_lets_a_forged_permit_inside_a_presentation_pass_and_we_do_not(child, signed_permit):
    forged = deepcopy(signed_permit)
    forged["credentialSubject"]["plate"] = "2A-9999"
    presentation = _present(child, forged)
    request, _ = build_requests(read_legacy_presentation(presentation))

    assert child.ask(request)["errors"] == []
    assert _judge_presentation(child, presentation) == [("signature", Reason.BAD_SIGNATURE)]


def test_a_presentation_for_another_verifier_is_refused(child, signed_permit):
    presentation = _present(child, signed_permit, domain="other.example")

    assert _judge_presentation(child, presentation) == [("holder", Reason.WRONG_AUDIENCE)]


def test_a_presentation_with_another_nonce_is_refused(child, signed_permit):
    presentation = _present(child, signed_permit, challenge="other")

    assert _judge_presentation(child, presentation) == [("holder", Reason.WRONG_NONCE)]


def test_an_old_presentation_is_stale(child, signed_permit):
    presentation = _present(child, signed_permit, created=NOW - timedelta(minutes=10))

    assert _judge_presentation(child, presentation) == [("holder", Reason.STALE_CODE)]


def test_s_042_a_permit_of_somebody_else_is_not_ones_own(child):
    permit = _issue(child, _permit(ISSUER))

    assert _judge_presentation(child, _present(child, permit)) == [
        ("holder", Reason.HOLDER_NOT_BOUND)
    ]


def test_a_presentation_changed_after_signing_binds_nobody(child, signed_permit):
    presentation = _present(child, signed_permit)
    presentation["id"] = "urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008"

    assert _judge_presentation(child, presentation) == [("holder", Reason.HOLDER_NOT_BOUND)]


DAY = timedelta(days=1)


def _registry(*, identifier=ISSUER, jwk=ISSUER_JWK, types=("TaxiPermit",), expires=DAY, **key):
    public = parse_jwk({name: jwk[name] for name in ("kty", "crv", "x")})
    since = datetime(2025, 1, 1, tzinfo=UTC)
    listed = {"use": KeyUse.CREDENTIAL, "valid_from": since, "valid_until": None, **key}
    issuer = TrustedIssuer(
        identifiers=(identifier,),
        name={"en": "Transport"},
        keys=(TrustedKey(key=public, **{"compromised_at": None, **listed}),),
        x5c_anchors=(),
        accreditations=(Accreditation(frozenset(types), since, None),),
    )
    return TrustRegistry(
        version=1, issued_at=NOW - DAY, expires_at=NOW + expires, issuers=(issuer,), verifiers=()
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"identifier": HOLDER}, Reason.ISSUER_NOT_TRUSTED),
        ({"jwk": HOLDER_JWK}, Reason.ISSUER_NOT_TRUSTED),
        ({"use": KeyUse.STATUS}, Reason.ISSUER_NOT_TRUSTED),
        ({"valid_until": NOW - DAY}, Reason.ISSUER_NOT_TRUSTED),
        ({"compromised_at": NOW - DAY}, Reason.KEY_COMPROMISED),
        ({"types": ("DrivingLicence",)}, Reason.ISSUER_NOT_AUTHORISED_FOR_TYPE),
        ({"types": ()}, Reason.ISSUER_NOT_AUTHORISED_FOR_TYPE),
        ({"expires": -SKEW}, Reason.ISSUER_NOT_TRUSTED),
    ],
)
def test_s_025_a_good_proof_counts_only_from_an_accredited_issuer(signed_permit, changes, reason):
    credential = read_legacy_credential(signed_permit)
    check = check_issuer(credential, trust=_registry(**changes), now=NOW, skew=SKEW)

    assert check.reason is reason
    assert (check.outcome is Outcome.PASSED) is (reason is None)


def test_an_answer_without_a_checked_proof_is_never_a_pass(signed_permit):
    credential = read_legacy_credential(signed_permit)
    answers = ({}, {"checks": [], "errors": []}, {"checks": ["proof"], "errors": ["no"]})
    reasons = [
        check_credential(credential, answer, now=NOW, skew=SKEW, name=None)[0].reason
        for answer in answers
    ]

    assert reasons == [Reason.BAD_SIGNATURE] * 3


def test_a_missing_answer_is_not_judged_over(child, signed_permit):
    presentation = read_legacy_presentation(_present(child, signed_permit))

    with pytest.raises(Malformed, match="answer"):
        check_presentation(
            presentation,
            [{"checks": ["proof"], "errors": []}],
            now=NOW,
            skew=SKEW,
            freshness=SKEW,
            audience=AUDIENCE,
            nonce=NONCE,
        )


def _with(document, path, value):
    changed = deepcopy(document)
    target = changed
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value", "detail"),
    [
        (("issuer",), "did:web:city.example", "unsupported_did"),
        (("issuer",), {"id": "https://city.example"}, "unsupported_did"),
        (("proof", "verificationMethod"), "did:web:evil.example#1", "invalid_verification_method"),
        (("proof", "proofPurpose"), "authentication", "invalid_proof_purpose"),
        (("proof", "type"), "RsaSignature2018", "invalid_proof"),
        (("proof",), [], "invalid_proof"),
        (("@context", 1), "https://evil.example/swap", "unknown_context"),
        (("@context", 1), {"plate": "https://city.example/terms#vin"}, "unknown_context"),
        (("@context",), ["https://www.w3.org/ns/credentials/v2"], "invalid_context"),
        (("credentialSubject", "@context"), {"plate": "x:y"}, "invalid_claim_name"),
        (("credentialSubject", "https://city.example/terms#vin"), "1", "invalid_claim_name"),
        (("credentialSubject", "tyres"), [{"@id": "x:y"}], "invalid_claim_name"),
        (
            ("@context",),
            [BASE, {"@vocab": "https://a.example/#"}, {"@vocab": "x:y"}],
            "unknown_context",
        ),
        (("credentialSubject",), {}, "invalid_subject"),
        (("type",), ["TaxiPermit"], "invalid_type"),
        (("expirationDate",), "2027-01-01", "invalid_time"),
        (("credentialStatus",), "https://city.example/1", "invalid_status_reference"),
    ],
)
def test_what_may_not_reach_didkit_is_refused_before(signed_permit, path, value, detail):
    with pytest.raises(Malformed) as fault:
        read_legacy_credential(_with(signed_permit, path, value))

    assert fault.value.detail == detail


def test_status_references_of_a_legacy_credential_are_found(signed_permit):
    entry = {
        "id": "https://city.example/status/1#7",
        "type": "StatusList2021Entry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://city.example/status/1",
    }
    other = {"id": "https://city.example/x#1", "type": "RevocationList2020Status"}
    credential = read_legacy_credential(_with(signed_permit, ("credentialStatus",), [entry, other]))

    assert [(each.uri, each.index, each.purpose.value) for each in credential.statuses] == [
        ("https://city.example/status/1", 7, "revocation"),
        ("unsupported:credentialStatus", 0, "both"),
    ]


@pytest.mark.parametrize("document", [None, [], "x", 7])
def test_what_is_no_document_is_refused(document):
    with pytest.raises(Malformed):
        read_legacy_credential(document)


def test_a_presentation_without_challenge_and_domain_is_for_nobody(child, signed_permit):
    presentation = _present(child, signed_permit)
    for name in ("challenge", "domain"):
        del presentation["proof"][name]
    request, _ = build_requests(read_legacy_presentation(presentation))

    assert request["options"] == {"proofPurpose": "authentication"}
    assert _judge_presentation(child, presentation) != []


@pytest.mark.parametrize("listed", [[], [None] * 17])
def test_a_presentation_holds_one_to_sixteen_credentials(child, signed_permit, listed):
    presentation = _present(child, signed_permit)

    with pytest.raises(Malformed) as fault:
        read_legacy_presentation({**presentation, "verifiableCredential": listed})
    assert fault.value.detail == "empty_presentation"


def test_the_child_refuses_what_it_was_not_made_for(child):
    for request in ({"operation": "resolve_did"}, {"operation": "verify_credential", "options": 1}):
        with pytest.raises(ChildFailed):
            child.ask(request)
