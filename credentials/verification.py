"""
Verify a presentation against material that was gathered beforehand.

This module reads no clock, no network and no database, so a server, a test and an inspector's
phone without signal all reach the same verdict from the same material.

The checks of each credential, in order (later ones still run when an earlier one fails, so that
the inspector sees everything at once):

1. format    - it can be read, strictly, and is the one credential that the policy asks for
2. issuer    - the trust registry knows the issuer and lets it issue every one of these types
3. type      - the policy accepts the type
4. signature - a key of this issuer, for credentials, in time, not compromised, signed it
5. validity  - now is within its time
6. holder    - whoever holds the credential's key made this presentation, for us, for this nonce
7. replay    - it was not shown before, and the proof is fresh
8. status    - no list revokes or suspends it, nor what it links; *valid* rests on the ledger
9. claims    - every claim that the policy needs is disclosed
10. type_metadata, schema - it is as its type and its schemas demand, where the material has them

and over all of them: 11. join - claims of several credentials that must be equal, are.

Nothing derived from an unverified credential counts: behind a failed issuer or signature check no
other check passes (it becomes indeterminate), and claims are given only when issuer, signature and
holder passed for every credential. Empty is never a pass. What is expected of the presentation
comes from the arguments, never from the presentation (SD-V-01).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from credentials.claim_judgement import judge_claims, judge_join
from credentials.document_judgement import judge_documents
from credentials.errors import CredentialError, Malformed
from credentials.handover import Handover
from credentials.holder_judgement import HolderQuestion, judge_holder, judge_replay
from credentials.issuer_judgement import (
    IssuerQuestion,
    find_issuer_of,
    judge_issuer,
    judge_signature,
)
from credentials.material import Material
from credentials.model import Credential, Link
from credentials.policy import CredentialRule, Policy, StatusRule
from credentials.reading import read_presentation
from credentials.status_judgement import (
    Evidence,
    StatusQuestion,
    find_list_owner,
    judge_reference,
)
from credentials.trust import TrustedIssuer, issues_type_named
from credentials.verdict import Check, Outcome, Reason, Verdict, failed, passed, undecided

Presentation = Mapping[str, str | tuple[Credential, ...]]
"""
Credential id (a DCQL query id, or the one rule of a view) to the text that was presented, or to
what `read_presentation` made of it.
"""


@dataclass(frozen=True, slots=True)
class _Question:
    """Everything that is asked of each credential."""

    material: Material
    policy: Policy
    now: datetime
    audience: str
    nonce: str | None
    handover: Handover | None


@dataclass(frozen=True, slots=True)
class _Judged:
    """
    One rule's credential and its checks. `doubt`: the check for which it is not proven to be
    genuine. `is_shown`: its claims may be given out.
    """

    checks: tuple[Check, ...]
    credential: Credential | None = None
    doubt: Check | None = None
    is_shown: bool = False


_UNREAD = _Judged(checks=())


def verify(
    presentation: Presentation,
    material: Material,
    policy: Policy,
    *,
    now: datetime,
    audience: str,
    nonce: str | None,
    handover: Handover | None = None,
) -> Verdict:
    """
    Judge what was presented. `nonce` None means a code that the holder made without being asked
    (an offline QR): its nonce is the holder's own, and freshness and replay stand in for ours.
    `handover`: the session that an mdoc must answer; without one no mdoc is bound to its holder.
    """
    question = _Question(material, policy, now, audience, nonce, handover)
    evidence = Evidence()
    judged = {
        rule.id: _judge_credential(rule, presentation.get(rule.id), question, evidence)
        for rule in policy.credentials
    }
    checks = [*_check_shape(presentation, policy)]
    checks += [check for each in judged.values() for check in each.checks]
    checks += _check_joins(judged, policy)
    all_shown = bool(judged) and all(each.is_shown for each in judged.values())
    return Verdict(
        checks=tuple(checks),
        checked_at=now,
        status_as_of=evidence.as_of,
        epoch=evidence.epoch,
        claims={name: each.credential.claims for name, each in judged.items() if each.credential}
        if all_shown
        else None,
    )


def _check_shape(presentation: Presentation, policy: Policy) -> list[Check]:
    """What is wrong with the whole, apart from each credential."""
    if not policy.credentials:
        return [failed("format", Reason.MALFORMED, detail="empty_policy")]
    expected = {rule.id for rule in policy.credentials}
    if len(expected) != len(policy.credentials):
        return [failed("format", Reason.MALFORMED, detail="ambiguous_policy")]
    return [
        failed("format", Reason.MALFORMED, detail="unexpected_credential", credential=name)
        for name in presentation
        if name not in expected
    ]


def _judge_credential(
    rule: CredentialRule,
    shown: str | tuple[Credential, ...] | None,
    question: _Question,
    evidence: Evidence,
) -> _Judged:
    """Checks 1 to 10."""
    credential = _read(rule, shown)
    if isinstance(credential, Check):
        return _Judged(checks=(credential,))
    whom = _ask_of_issuer(question)
    issuer = find_issuer_of(credential, whom)
    by_issuer = judge_issuer(credential, issuer, whom)
    by_signature = judge_signature(credential, issuer, whom)
    proof = _ask_of_holder(question)
    by_holder = judge_holder(credential, proof)
    later = [
        _check_type(credential, rule),
        _check_validity(credential, question),
        by_holder,
        judge_replay(credential, by_holder, proof, is_replayed=question.material.is_replayed),
        *_check_status(credential, issuer, rule, question, evidence),
        judge_claims(rule, credential.claims),
        *judge_documents(credential, question.material.documents),
    ]
    doubts = [each for each in (by_issuer, by_signature) if each.outcome is not Outcome.PASSED]
    doubt = doubts[0] if doubts else None
    if doubt is not None:
        later = [_discount(check, doubt) for check in later]
    checks = [passed("format"), by_issuer, later[0], by_signature, *later[1:]]
    return _Judged(
        checks=tuple([_name(check, rule.id) for check in checks]),
        credential=credential,
        doubt=doubt,
        is_shown=doubt is None and by_holder.outcome is Outcome.PASSED,
    )


def _ask_of_holder(question: _Question) -> HolderQuestion:
    return HolderQuestion(
        question.policy,
        question.now,
        question.audience,
        question.nonce,
        question.handover,
        question.material.proofs,
    )


def _ask_of_issuer(question: _Question) -> IssuerQuestion:
    material = question.material
    return IssuerQuestion(
        trust=material.trust,
        now=question.now,
        skew=question.policy.skew,
        proofs=material.proofs,
        existence=material.existence,
        log=material.log,
        signatures=material.signatures,
    )


def _read(rule: CredentialRule, shown: str | tuple[Credential, ...] | None) -> Credential | Check:
    """Check 1."""
    if shown is None:
        return failed(
            "format", Reason.CLAIM_MISSING, detail="credential_missing", credential=rule.id
        )
    try:
        credentials = read_presentation(shown) if isinstance(shown, str) else shown
    except Malformed as error:
        return failed("format", Reason.MALFORMED, detail=error.detail, credential=rule.id)
    except CredentialError:
        return failed("format", Reason.MALFORMED, detail="malformed", credential=rule.id)
    if len(credentials) != 1:
        detail = "several_credentials"
        return failed("format", Reason.MALFORMED, detail=detail, credential=rule.id)
    return credentials[0]


def _check_type(credential: Credential, rule: CredentialRule) -> Check:
    """Check 3 (S-027)."""
    if rule.types.isdisjoint(credential.types):
        return failed("type", Reason.TYPE_NOT_ACCEPTED, detail="another_type")
    return passed("type")


def _check_validity(credential: Credential, question: _Question) -> Check:
    """
    Check 5 (S-028): the skew counts for the credential on both sides. It is added to our own time,
    never to the credential's, which may be the last second that a date can name.
    """
    now, skew = question.now, question.policy.skew
    begin, end = credential.valid_from, credential.valid_until
    if begin is not None and end is not None and end < begin:
        return failed("validity", Reason.MALFORMED, detail="ends_before_it_begins")
    if end is not None and end <= now - skew:
        return failed("validity", Reason.EXPIRED, detail="expired")
    if begin is not None and begin > now + skew:
        return failed("validity", Reason.NOT_YET_VALID, detail="not_yet_valid")
    if credential.issued_at is not None and credential.issued_at > now + skew:
        return failed("validity", Reason.NOT_YET_VALID, detail="issued_in_the_future")
    return passed("validity")


def _check_status(
    credential: Credential,
    issuer: TrustedIssuer | None,
    rule: CredentialRule,
    question: _Question,
    evidence: Evidence,
) -> list[Check]:
    """Check 8: one for each reference of the credential and for each link of a view."""
    status = question.policy.status
    if status.rule is StatusRule.IGNORE:
        return []
    if not credential.statuses and status.rule is StatusRule.REQUIRED:
        return [failed("status", Reason.STATUS_UNKNOWN, detail="status_missing")]
    asked = StatusQuestion(
        material=question.material, policy=status, now=question.now, skew=question.policy.skew
    )
    owners = (issuer,) if issuer is not None else ()
    own = [
        judge_reference(
            reference, owners=owners, question=asked, evidence=evidence, credential=rule.id
        )
        for reference in credential.statuses
    ]
    return own + [_check_link(link, asked, evidence) for link in credential.links]


def _check_link(link: Link, question: StatusQuestion, evidence: Evidence) -> Check:
    """The status of what a view stands for; its list belongs to an agency that issues such."""
    trust, reference = question.material.trust, link.reference
    copies = question.material.lists.get(reference.uri, ())
    owner = find_list_owner(reference.uri, copies, trust.issuers, now=question.now)
    if owner is not None and not issues_type_named(owner, link.type, at=question.now):
        return failed(
            "status",
            Reason.ISSUER_NOT_AUTHORISED_FOR_TYPE,
            detail="list_of_another_agency",
            credential=link.type,
        )
    return judge_reference(
        reference,
        owners=(owner,) if owner is not None else (),
        question=question,
        evidence=evidence,
        credential=link.type,
    )


def _check_joins(judged: Mapping[str, _Judged], policy: Policy) -> list[Check]:
    """Check 11."""
    claims = {name: each.credential.claims for name, each in judged.items() if each.credential}
    checks = []
    for join in policy.joins:
        sides = (judged.get(name, _UNREAD) for name, _ in join.sides)
        doubt = next((each.doubt for each in sides if each.doubt is not None), None)
        check = judge_join(join, claims)
        checks.append(_discount(check, doubt) if doubt is not None else check)
    return checks


def _discount(check: Check, doubt: Check) -> Check:
    """Good news about a credential that is not proven to be genuine is no news."""
    if check.outcome is not Outcome.PASSED:
        return check
    reason = doubt.reason or Reason.BAD_SIGNATURE
    return undecided(check.name, reason, detail="not_verified", credential=check.credential)


def _name(check: Check, credential: str) -> Check:
    if check.credential is not None:
        return check
    if check.outcome is Outcome.PASSED:
        return _passed(check.name, credential, check.detail)
    return Check(check.name, check.outcome, check.reason, check.detail, credential)


@lru_cache(maxsize=1024)
def _passed(name: str, credential: str, detail: str | None) -> Check:
    return passed(name, credential=credential, detail=detail)
