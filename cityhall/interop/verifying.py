"""
Verifying for VCALM: `/credentials/verify` and `/presentations/verify`.

**Any `did:key` and `did:jwk` is taken for a known issuer here, accredited for whatever it issued.**
That is what an endpoint of a test suite is for, and why none of the product's services imports
this package: there a key in a DID gives nobody trust (S-007). Everything else is the workshop's
own judgement: shape, proofs, times and status, by the same code that judges a permit.

An issuer that is named by a URL cannot be looked up. The DID of its verification method is taken
for its key, and a warning says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from cityhall.interop.contexts import unwrap_contexts
from cityhall.interop.issuers import parse_bbs_did
from cityhall.interop.issuing import is_first_version
from cityhall.interop.options import ProofOptions
from cityhall.interop.presentations import judge_holder_proof, read_presented
from cityhall.interop.problems import (
    PARSING,
    PROOF_VERIFICATION,
    Problem,
    build_problem,
    problem_of_check,
    problem_of_fault,
)
from cityhall.interop.verification_result import build_result
from credentials.dids import is_key_did, parse_key_did, parse_key_did_url
from credentials.errors import CredentialError, Malformed
from credentials.keys import verify_signature
from credentials.ldp import read_ldp
from credentials.material import ListCopy, Material
from credentials.model import Credential, Signed
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.trust import (
    Accreditation,
    KeyUse,
    TrustedBbsKey,
    TrustedIssuer,
    TrustedKey,
    TrustRegistry,
)
from credentials.vcdm1_integrity import read_first_version
from credentials.vcdm_shape import types_of
from credentials.verdict import Outcome, Verdict
from credentials.verification import verify
from credentials.vp_jose import list_contained, read_enveloped
from encoding.strict_json import JsonValue

SKEW: Final = timedelta(seconds=60)
FRESHNESS: Final = timedelta(seconds=300)

_NAME: Final = "credential"
_PLAIN: Final = "VerifiableCredential"
_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)

_WARNINGS: Final = MappingProxyType(
    {
        "wrapped_context": "JSON-LD knows no context in a context; what it wraps was read",
        "issuer_not_resolved": "the issuer was not looked up: its key is what the proof says",
        "signed_by_others": "somebody else signed beside the issuer",
    }
)

Lists = Mapping[str, str]
"""URL of a status list to the list as `vc+jwt`."""


@dataclass(slots=True)
class Findings:
    """What was checked and found. Nothing checked is nothing verified."""

    checks: list[str] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    credential: Credential | None = None
    """The one that was asked about; None for a presentation."""

    @property
    def is_verified(self) -> bool:
        """False with any error (VCALM-01); a warning changes nothing."""
        return bool(self.checks) and not self.errors

    def build_json(self) -> dict[str, JsonValue]:
        """The body of the answer."""
        return {
            "verified": self.is_verified,
            "checks": [*dict.fromkeys(self.checks)],
            "warnings": [dict(each) for each in self.warnings],
            "errors": [dict(each) for each in self.errors],
            **build_result(self.credential, is_verified=self.is_verified),
        }


def verify_credential(
    value: JsonValue, options: ProofOptions, *, lists: Lists, now: datetime
) -> Findings:
    """A credential with proofs, or an enveloped one."""
    findings = Findings()
    findings.credential = _add_credential(findings, value, options, lists=lists, now=now)
    return findings


def verify_presentation(
    value: JsonValue, options: ProofOptions, *, lists: Lists, now: datetime
) -> Findings:
    """The holder's proofs, and every credential in it."""
    findings = Findings()
    try:
        presented = read_presented(value)
        holder, document = presented.document.get("holder"), presented.document
        contained = list_contained(document) if "verifiableCredential" in document else []
    except CredentialError as fault:
        findings.errors.append(problem_of_fault(fault))
        return findings
    for proof in presented.proofs:
        findings.checks.append("proof")
        findings.errors += judge_holder_proof(proof, holder, options, now=now)
        if options.challenge is None and proof.challenge is not None:
            text = "no challenge was given to compare with that of the proof"
            findings.warnings.append(
                build_problem(PROOF_VERIFICATION, text, code="challenge_not_checked")
            )
    inner = replace(options, challenge=None, domain=None)
    for entry in contained:
        _add_credential(findings, entry, inner, lists=lists, now=now)
    return findings


def judge_with(
    credential: Credential, issuer: TrustedIssuer, *, lists: Lists, now: datetime
) -> Verdict:
    """The workshop's verdict when this issuer, and nobody else, is known."""
    # A credential without a type of its own still has the one that all have.
    named = replace(credential, types=credential.types or (_PLAIN,))
    known = replace(issuer, accreditations=(Accreditation(frozenset(named.types), _ALWAYS, None),))
    return verify(
        {_NAME: (named,)},
        Material(
            trust=TrustRegistry(1, _ALWAYS, _NEVER, issuers=(known,), verifiers=()),
            lists={uri: (ListCopy(token, None),) for uri, token in lists.items()},
            log=None,
            is_replayed=False,
        ),
        Policy(
            credentials=(CredentialRule(_NAME, frozenset(named.types), required_claims=()),),
            joins=(),
            status=StatusPolicy(StatusRule.IF_PRESENT, max_age=None, require_anchor=False),
            require_holder_binding=False,
            freshness=FRESHNESS,
            skew=SKEW,
        ),
        now=now,
        audience="",
        nonce=None,
    )


def _add_credential(
    findings: Findings, value: JsonValue, options: ProofOptions, *, lists: Lists, now: datetime
) -> Credential | None:
    """What was read, if it could be."""
    try:
        if not isinstance(value, dict):
            raise Malformed("a credential must be an object", detail="not_an_object")
        plain = unwrap_contexts(value)
        credential = _read(plain, options)
        issuer = _know_issuer(credential)
    except CredentialError as fault:
        findings.errors.append(problem_of_fault(fault))
        return None
    findings.warnings += [
        build_problem(kind, _WARNINGS[code], code=code)
        for kind, code, is_so in (
            (PARSING, "wrapped_context", plain != value),
            (PROOF_VERIFICATION, "issuer_not_resolved", not is_key_did(credential.issuer)),
            (
                PROOF_VERIFICATION,
                "signed_by_others",
                is_key_did(credential.issuer) and len(issuer.identifiers) > 1,
            ),
        )
        if is_so
    ]
    verdict = judge_with(credential, issuer, lists=lists, now=now)
    findings.checks += [check.name for check in verdict.checks]
    for check in verdict.checks:
        if check.outcome is Outcome.FAILED:
            findings.errors.append(problem_of_check(check))
        elif check.outcome is Outcome.INDETERMINATE:
            is_soft = check.name == "status" and not options.needs_status
            (findings.warnings if is_soft else findings.errors).append(problem_of_check(check))
    return credential


def _read(document: dict[str, JsonValue], options: ProofOptions) -> Credential:
    if "EnvelopedVerifiableCredential" in types_of(document):
        return read_enveloped(document)
    if "VerifiablePresentation" in types_of(document):
        raise Malformed("this is a presentation", detail="invalid_type")
    _check_answers(document, options)
    controllers = _name_controllers(document)
    if is_first_version(document):
        return read_first_version(document, controllers=controllers)
    return read_ldp(document, controllers=controllers)[0]


def _check_answers(document: Mapping[str, JsonValue], options: ProofOptions) -> None:
    """DI-01: what was asked for must stand in every proof, of a credential as well."""
    proofs = document.get("proof")
    for proof in proofs if isinstance(proofs, list) else [proofs]:
        if not isinstance(proof, dict):
            continue
        if options.domain is not None and proof.get("domain") not in (
            options.domain,
            [options.domain],
        ):
            raise Malformed("a proof is for another domain", detail="wrong_domain")
        if options.challenge is not None and proof.get("challenge") != options.challenge:
            raise Malformed("a proof answers another challenge", detail="wrong_challenge")


def _name_controllers(document: Mapping[str, JsonValue]) -> dict[str, tuple[str, ...]]:
    """
    Who may sign for the issuer: for one with a URL the DIDs of its proofs. A DID that is a key
    signs for itself; beside its own proof others may stand, as in a chain of several parties.
    """
    issuer = document.get("issuer")
    name = issuer.get("id") if isinstance(issuer, dict) else issuer
    proofs = document.get("proof")
    methods = [
        proof.get("verificationMethod")
        for proof in (proofs if isinstance(proofs, list) else [proofs])
        if isinstance(proof, dict)
    ]
    signers = tuple(each.partition("#")[0] for each in methods if isinstance(each, str))
    if not isinstance(name, str) or (is_key_did(name) and name not in signers):
        return {}
    return {name: signers}


def _know_issuer(credential: Credential) -> TrustedIssuer:
    """The issuer as if the registry listed it, with the keys that its DIDs hold."""
    own = _list_signers(credential)
    bbs_keys = {did: parse_bbs_did(did) for did in own}
    return TrustedIssuer(
        identifiers=tuple(dict.fromkeys((credential.issuer, *own))),
        name={},
        keys=tuple(
            TrustedKey(parse_key_did(did), use, _ALWAYS, valid_until=None, compromised_at=None)
            for did in own
            if bbs_keys[did] is None
            for use in KeyUse
        ),
        x5c_anchors=(),
        accreditations=(),
        bbs_keys=tuple(
            TrustedBbsKey(key, _ALWAYS, valid_until=None, compromised_at=None)
            for key in bbs_keys.values()
            if key is not None
        ),
    )


def _list_signers(credential: Credential) -> tuple[str, ...]:
    """
    The DIDs whose keys count: the issuer's own, or that of the proof where the issuer has a URL.
    With several proofs each must be by the very key that it names.
    """
    first = Signed(credential.signing_input, credential.signature, credential.key_hint)
    if not credential.co_signatures:
        named = credential.issuer if is_key_did(credential.issuer) else _signer_of(first)
        return (named,)
    for signed in (first, *credential.co_signatures):
        key = parse_key_did_url(signed.key_hint.key_id or "")
        if not verify_signature(key, signed.signing_input, signed.signature):
            raise Malformed("a proof is not by the key that it names", detail="bad_signature")
    return tuple(dict.fromkeys([_signer_of(each) for each in (first, *credential.co_signatures)]))


def _signer_of(signed: Signed) -> str:
    return (signed.key_hint.key_id or "").partition("#")[0]
