"""
Drills on a simulated calendar: an agency issues every day, verifiers judge everything every day.

One verifier always has the newest registry, one holds each copy for as long as it may (S-186), and
an hour after a theft the city looks again at all that is out there (S-188).
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from credentials.key_states import (
    RotationPlan,
    mark_compromised,
    plan_rotation,
    replace_compromised,
    retire,
    rotate,
    signing_key,
)
from credentials.material import Material
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.sd_jwt import issue_sd_jwt
from credentials.trust import Accreditation, KeyUse, TrustedIssuer, TrustedKey, TrustRegistry
from credentials.trust_document import read_trust_registry, sign_trust_registry
from credentials.verdict import Outcome
from credentials.verification import verify
from tests.credentials.existence_ledger import anchor_existence, digest_of
from tests.credentials.workshop import (
    DRIVER,
    ISSUER,
    NONCE,
    NOW,
    PERMIT_VCT,
    VERIFIER,
    permit_claims,
    present,
    public_key,
    salts,
    signer,
)
from tests.vectors.small_ledger import LOG

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
REGISTER = signer("register")
KEYS = {name: signer(f"agency key {name}") for name in ("first", "second", "third")}
BY_THUMBPRINT = {public_key(each).thumbprint: each for each in KEYS.values()}
LONGEST_CACHE, LONGEST_LIFE = 7 * DAY, 20 * DAY
POLICY = Policy(
    credentials=(CredentialRule("permit", frozenset({PERMIT_VCT}), ()),),
    joins=(),
    status=StatusPolicy(StatusRule.IGNORE, None, require_anchor=False),
    require_holder_binding=True,
    freshness=timedelta(minutes=1),
    skew=timedelta(minutes=1),
)


def agency():
    first = TrustedKey(public_key(KEYS["first"]), KeyUse.CREDENTIAL, NOW - 30 * DAY, None, None)
    accredited = Accreditation(frozenset({PERMIT_VCT}), NOW - 30 * DAY, None)
    return TrustedIssuer((ISSUER,), {"en": "Transport"}, (first,), (), (accredited,))


def publish(issuer, *, version, now):
    """The registry as a verifier reads it: signed, sent, read."""
    registry = TrustRegistry(version, now, now + LONGEST_CACHE + HOUR, (issuer,), ())
    key = public_key(REGISTER)
    text = sign_trust_registry(registry, signer=REGISTER, key_id=key.thumbprint)
    return read_trust_registry(text, keys=[key])


def issue(issuer, *, now, number):
    """Today's permit, signed with the key that is active today."""
    active = signing_key(issuer.keys, KeyUse.CREDENTIAL, now=now)
    by = BY_THUMBPRINT[active.key.thumbprint]
    claims = permit_claims(
        iat=int(now.timestamp()),
        exp=int((now + LONGEST_LIFE).timestamp()),
        plate=f"2A-{number}",
    )
    return issue_sd_jwt(
        claims,
        disclosable=(("plate",),),
        type="dc+sd-jwt",
        signer=by,
        header={"kid": active.key.thumbprint},
        salt=salts(),
    )


def is_accepted(paper, registry, *, now, existence=None):
    verdict = verify(
        {"permit": present(paper, by=DRIVER, now=now, audience=VERIFIER, nonce=NONCE)},
        Material(
            trust=registry,
            lists={},
            log=LOG.policy,
            is_replayed=False,
            existence=existence or {},
        ),
        POLICY,
        now=now,
        audience=VERIFIER,
        nonce=NONCE,
    )
    return verdict.outcome is Outcome.PASSED


def live(plan, *, days=60, rotate_on=10, retire_early=None):
    """(issued, judged, refused) of a city in which the agency rotates its key on one day."""
    issuer, papers, registries = agency(), [], {}
    issued = judged = refused = 0
    for day in range(days):
        now = NOW + day * DAY
        if day == rotate_on:
            old, new = public_key(KEYS["first"]), public_key(KEYS["second"])
            issuer = rotate(issuer, old=old, new=new, plan=plan(now))
        if retire_early is not None and day == retire_early:
            first, *others = issuer.keys
            issuer = replace(issuer, keys=(retire(first, now=now), *others))
        registries[day] = publish(issuer, version=day + 1, now=now)
        papers.append((now + LONGEST_LIFE, issue(issuer, now=now, number=day)))
        issued += 1
        # The copy of a week ago is used until the moment at which it may be used no more.
        stale = registries[max(0, day - LONGEST_CACHE.days)]
        for end, paper in papers:
            if now < end:
                for registry in (registries[day], stale):
                    judged += 1
                    refused += not is_accepted(paper, registry, now=now)
    return issued, judged, refused


def test_s_186_a_rotation_refuses_nobody():
    issued, judged, refused = live(
        lambda now: plan_rotation(now=now, longest_cache=LONGEST_CACHE, longest_life=LONGEST_LIFE)
    )

    assert (issued, refused) == (60, 0)
    assert judged > 2000


def test_s_186_without_the_wait_stale_verifiers_refuse():
    """The twin: the drill finds a plan that signs too early."""
    hasty = live(lambda now: RotationPlan(now, now, now + LONGEST_LIFE), days=20)

    assert hasty[2] == sum(range(1, 8))


def test_s_186_a_key_that_is_retired_too_early_is_found():
    """The twin at the other end: papers of the old key are still out there."""

    def plan(now):
        return plan_rotation(now=now, longest_cache=LONGEST_CACHE, longest_life=LONGEST_LIFE)

    assert live(plan, days=25, rotate_on=5, retire_early=20)[2] > 0


@pytest.mark.parametrize("anchored_until", [0, 5, 10])
def test_s_188_after_a_theft_exactly_what_was_anchored_survives(anchored_until):
    issuer = agency()
    papers = [issue(issuer, now=NOW + number * HOUR, number=number) for number in range(10)]
    stolen = NOW + 12 * HOUR
    now = stolen + HOUR
    digests = [digest_of(paper) for paper in papers[:anchored_until]]
    existence = anchor_existence(digests, issuer=ISSUER, time=stolen - HOUR) if digests else {}
    # The thief has the key: he signs with a date from before.
    forged = issue(issuer, now=NOW + HOUR, number=4417)
    after = replace_compromised(
        issuer,
        old=public_key(KEYS["first"]),
        new=public_key(KEYS["third"]),
        since=stolen,
        now=now,
    )
    registry = publish(after, version=2, now=now)
    accepted = [is_accepted(each, registry, now=now, existence=existence) for each in papers]

    assert accepted == [number < anchored_until for number in range(10)]
    assert not is_accepted(forged, registry, now=now, existence=existence)
    reissued = issue(after, now=now, number=1)
    assert is_accepted(reissued, registry, now=now, existence=existence)


def test_s_188_an_earlier_time_of_theft_takes_more_with_it():
    issuer = agency()
    paper = issue(issuer, now=NOW, number=1)
    existence = anchor_existence([digest_of(paper)], issuer=ISSUER, time=NOW + HOUR)
    now = NOW + DAY
    outcomes = []
    for since in (NOW + 3 * HOUR, NOW + 2 * HOUR, NOW + HOUR, NOW):
        stolen = mark_compromised(issuer.keys[0], since=since)
        registry = publish(replace(issuer, keys=(stolen,)), version=2, now=now)
        outcomes.append(is_accepted(paper, registry, now=now, existence=existence))

    assert outcomes == [True, True, False, False]
