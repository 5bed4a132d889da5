"""
Check a W3C presentation of the old kind: VCDM 1.1 with Ed25519Signature2020.

didkit judges the proofs in a child process; everything that it leaves out is judged here and in
`credentials.legacy`: whom the city trusts for what, the dates, the credentials inside, the status,
and whose presentation it is. The audience stands in the proof's `domain`, the holder's own nonce in
its `challenge`. No URL of the document is fetched but lists that the register's snapshot names.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from credentials.claim_judgement import judge_claims
from credentials.errors import Malformed
from credentials.legacy import (
    LegacyCredential,
    LegacyPresentation,
    build_requests,
    check_issuer,
    check_presentation,
    read_legacy_presentation,
)
from credentials.material import Material
from credentials.policy import CredentialRule, StatusRule
from credentials.status_judgement import Evidence, StatusQuestion, judge_reference
from credentials.trust import find_issuer
from credentials.verdict import Check, Outcome, Reason, Verdict, failed, passed
from encoding import base64url
from encoding.strict_json import JsonValue, build_json, parse_json
from verifier.claim_values import check_values
from verifier.desk import Desk
from verifier.purpose import ViewQuery

MAX_BYTES = 256 << 10


@dataclass(frozen=True, slots=True)
class Legacy:
    """A presentation as read. `replay_key`: what its holder signed and nobody else can choose."""

    presentation: LegacyPresentation
    credential: LegacyCredential
    replay_key: str


def is_legacy(text: str) -> bool:
    """Whether this is a JSON document rather than a token."""
    return text.lstrip().startswith("{")


def read_legacy(text: str) -> Legacy:
    """A presentation of exactly one credential, with a challenge of its holder's own."""
    presentation = read_legacy_presentation(parse_json(text, max_bytes=MAX_BYTES))
    if len(presentation.credentials) != 1:
        raise Malformed("one credential is expected", detail="several_credentials")
    if not presentation.challenge:
        raise Malformed("the proof has no challenge", detail="missing_challenge")
    signed: list[JsonValue] = [
        presentation.holder,
        presentation.challenge,
        presentation.domain,
        int(presentation.created.timestamp()),
    ]
    key = base64url.encode(hashlib.sha256(build_json(signed)).digest())
    return Legacy(presentation, presentation.credentials[0], key)


def judge_legacy(
    desk: Desk, legacy: Legacy, *, purpose: str, view: ViewQuery, is_replayed: bool
) -> Verdict:
    """The verdict. `ChildFailed` when the child could not work: that says nothing about a card."""
    answers = [desk.legacy.ask(request) for request in build_requests(legacy.presentation)]
    believed = desk.gatherer.believe(max_age=view.policy.status.max_age)
    uris = tuple(dict.fromkeys(item.uri for item in legacy.credential.statuses))
    known = set(believed.snapshot.lists) if believed.snapshot is not None else set()
    material = desk.gatherer.gather(
        believed, uris, fetchable=known & set(uris), is_replayed=is_replayed
    )
    now, evidence = desk.clock(), Evidence()
    checks = _judge(legacy, answers, material, view=view, now=now, evidence=evidence)
    verdict = Verdict(
        checks=checks,
        checked_at=now,
        purpose=purpose,
        status_as_of=evidence.as_of,
        epoch=evidence.epoch,
        claims=_shown_claims(legacy.credential, checks, view.policy.credentials[0].id),
    )
    return replace(verdict, checks=(*checks, *check_values(verdict, view.values)))


def _judge(
    legacy: Legacy,
    answers: Sequence[Mapping[str, JsonValue]],
    material: Material,
    *,
    view: ViewQuery,
    now: datetime,
    evidence: Evidence,
) -> tuple[Check, ...]:
    policy, rule = view.policy, view.policy.credentials[0]
    credential = legacy.credential
    by_proof = check_presentation(
        legacy.presentation,
        answers,
        now=now,
        skew=policy.skew,
        freshness=policy.freshness,
        audience=view.audience,
        nonce=legacy.presentation.challenge or "",
    )
    checks = [
        passed("format"),
        check_issuer(credential, trust=material.trust, now=now, skew=policy.skew),
        _check_type(credential, rule),
        *by_proof,
        failed("replay", Reason.REPLAYED) if material.is_replayed else passed("replay"),
    ]
    is_genuine = all(each.outcome is Outcome.PASSED for each in checks if each.name != "replay")
    if is_genuine:
        question = StatusQuestion(
            material=material, policy=policy.status, now=now, skew=policy.skew
        )
        checks += _check_status(credential, rule, question, evidence)
        checks.append(judge_claims(rule, credential.claims))
    return tuple(checks)


def _check_type(credential: LegacyCredential, rule: CredentialRule) -> Check:
    if rule.types.isdisjoint(credential.types):
        return failed("type", Reason.TYPE_NOT_ACCEPTED, detail="another_type", credential=rule.id)
    return passed("type", credential=rule.id)


def _check_status(
    credential: LegacyCredential,
    rule: CredentialRule,
    question: StatusQuestion,
    evidence: Evidence,
) -> list[Check]:
    if question.policy.rule is StatusRule.IGNORE:
        return []
    if not credential.statuses and question.policy.rule is StatusRule.REQUIRED:
        missing = failed(
            "status", Reason.STATUS_UNKNOWN, detail="status_missing", credential=rule.id
        )
        return [missing]
    issuer = find_issuer(question.material.trust, credential.issuer)
    return [
        judge_reference(
            reference,
            owners=(issuer,) if issuer is not None else (),
            question=question,
            evidence=evidence,
            credential=rule.id,
        )
        for reference in credential.statuses
    ]


def _shown_claims(
    credential: LegacyCredential, checks: Sequence[Check], name: str
) -> dict[str, Mapping[str, JsonValue]] | None:
    """Claims are given once issuer, signature and holder passed, as with every other format."""
    about = [check for check in checks if check.name in ("issuer", "signature", "holder")]
    if not about or any(check.outcome is not Outcome.PASSED for check in about):
        return None
    return {name: credential.claims}
