"""`jwt_vc_json` before `verify`: the same checks as for every other format, each broken once."""

from datetime import timedelta

import pytest

from credentials.material import Material
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.trust import Accreditation, KeyUse, TrustedIssuer, TrustedKey, TrustRegistry
from credentials.verdict import Outcome
from credentials.verification import verify
from tests.credentials.test_jwt_vc import (
    ISSUER,
    document,
    issued,
    payload,
    present,
    token,
    vp_payload,
)
from tests.credentials.workshop import AGENCY, DRIVER, NONCE, NOW, STRANGER, VERIFIER, public_key

DAY = timedelta(days=1)
PLAIN = document(credentialStatus=...)

ENDED = payload(
    document(credentialStatus=..., issuanceDate=..., expirationDate=...),
    nbf=int((NOW - 2 * DAY).timestamp()),
    exp=int((NOW - DAY).timestamp()),
)


def registry(*, types=("TaxiPermit",), identifier=ISSUER, by=AGENCY, **key):
    listed = {"use": KeyUse.CREDENTIAL, "valid_from": NOW - 400 * DAY, "valid_until": None}
    entry = TrustedIssuer(
        identifiers=(identifier,),
        name={"en": "Transport"},
        keys=(TrustedKey(key=public_key(by), **{"compromised_at": None, **listed, **key}),),
        x5c_anchors=(),
        accreditations=(Accreditation(frozenset(types), NOW - 400 * DAY, None),),
    )
    return TrustRegistry(1, NOW - DAY, NOW + DAY, (entry,), ())


def judge(text, *, trust=None, now=NOW, nonce=NONCE, audience=VERIFIER, **policy):
    return verify(
        {"permit": text},
        Material(trust or registry(), {}, None, is_replayed=policy.get("replayed", False)),
        Policy(
            credentials=(CredentialRule("permit", frozenset({"TaxiPermit"}), (("plate",),)),),
            joins=(),
            status=StatusPolicy(policy.get("status", StatusRule.IF_PRESENT), None, False),
            require_holder_binding=True,
            freshness=timedelta(minutes=5),
            skew=timedelta(seconds=60),
        ),
        now=now,
        audience=audience,
        nonce=nonce,
    )


def reasons(text, **how):
    return [reason.value for reason in judge(text, **how).reasons]


def shown(text=None, *, by=DRIVER, **changes):
    vp = {"verifiableCredential": [text or token(payload(PLAIN))]}
    return token(vp_payload(vp=vp, **changes), by=by)


def test_a_presentation_by_its_holder_passes():
    verdict = judge(present(token(payload(PLAIN))))

    assert verdict.outcome is Outcome.PASSED, verdict.checks
    assert verdict.claims["permit"]["plate"] == "2A-4417"


@pytest.mark.parametrize(
    ("text", "how", "found"),
    [
        (shown(), {"audience": "x"}, ["wrong_audience"]),
        (shown(), {"nonce": "x"}, ["wrong_nonce"]),
        (shown(token(ENDED)), {}, ["expired"]),
        (shown(), {"replayed": True}, ["replayed"]),
        (shown(), {"status": StatusRule.REQUIRED}, ["status_unknown"]),
        (shown(issued()), {}, ["status_unknown"]),
        (shown(iat=int(NOW.timestamp()) - 3600), {}, ["stale_code"]),
        (shown(iat=int(NOW.timestamp()) + 3600), {}, ["stale_code"]),
        (shown(exp=int(NOW.timestamp()) - 3600), {}, ["expired"]),
        (shown(by=STRANGER), {}, ["holder_not_bound"]),
        (shown(aud=..., nonce=...), {}, ["holder_not_bound"]),
        (token(payload(PLAIN)), {}, ["holder_not_bound"]),
        (shown(token(payload(PLAIN), by=STRANGER)), {}, ["bad_signature"]),
        (shown(), {"trust": registry(types=("Other",))}, ["issuer_not_authorised_for_type"]),
        (shown(), {"trust": registry(identifier="did:x:y")}, ["issuer_not_trusted"]),
        (shown(), {"trust": registry(compromised_at=NOW - DAY)}, ["key_compromised"]),
        (shown(), {"trust": registry(use=KeyUse.STATUS)}, ["issuer_not_trusted"]),
    ],
)
def test_each_check_finds_its_fault(text, how, found):
    assert reasons(text, **how) == found


def test_a_permit_of_the_future_is_not_valid_yet():
    later = NOW + DAY
    vc = document(credentialStatus=..., issuanceDate=later.strftime("%Y-%m-%dT%H:%M:%SZ"))
    text = token(payload(vc, nbf=int(later.timestamp())))

    assert reasons(present(text)) == ["not_yet_valid"]


def test_a_proof_without_time_is_fresh_only_by_a_nonce_of_ours():
    """VCDM 1.1 asks for no `iat`; an offline code, whose nonce is the holder's own, needs one."""
    timeless = shown(iat=...)

    assert reasons(timeless) == []
    assert reasons(timeless, nonce=None) == ["stale_code"]
    assert reasons(shown(), nonce=None) == []


def test_s_186_two_credentials_where_one_was_asked_for_are_refused():
    text = token(payload(PLAIN))

    assert reasons(present(text, text)) == ["malformed"]


def test_a_proof_that_is_bound_to_no_key_of_the_credential_is_refused():
    subject = {"plate": "2A-4417"}
    text = token(payload(document(credentialStatus=..., credentialSubject=subject), sub=...))

    assert reasons(present(text))[0] == "holder_not_bound"
