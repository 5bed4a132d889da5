"""
Whether the trust registry lets this issuer issue this, and whether a key of this issuer signed it.

The key comes from the registry; what the credential says of it (`kid`, `x5c`) only helps to find
it (SD-V-04). Identifiers are exact strings (S-026). A key that is known to be compromised proves
nothing, whatever date its signature carries, unless the ledger shows that the very signature was
there before (S-188); a key for status lists signs no credential (S-191).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from credentials.bbs_proof import verify_proof
from credentials.dids import parse_key_did_url
from credentials.errors import Malformed
from credentials.existence import existence_digest
from credentials.keys import PublicKey, verify_signature
from credentials.model import Credential, Format, Signed, UnlinkableProof
from credentials.signature_memory import SignatureMemory
from credentials.trust import (
    KeyUse,
    TrustedBbsKey,
    TrustedIssuer,
    TrustedKey,
    TrustRegistry,
    choose_keys,
    claim_limit,
    find_certified_issuer,
    find_issuer,
    is_accredited,
    key_problem,
    key_time_problem,
)
from credentials.verdict import Check, Outcome, Reason, failed, passed, undecided
from credentials.x509 import ChainRefused, leaf_country, leaf_period
from encoding import base64url
from encoding.strict_json import JsonValue
from ledger.errors import AnchorError
from ledger.existence import ExistenceProof, verify_existence
from ledger.note import QuorumPolicy

ISSUER = "issuer"
SIGNATURE = "signature"

_FLAT_FORMATS = frozenset({Format.DC_SD_JWT, Format.CWT})
_SUBJECT_NAMES = frozenset({"id", "type"})
"""What a subject of a W3C credential is called, in texts, beside what is stated of it."""
_MDL_NAMESPACE = "org.iso.18013.5.1"


@dataclass(frozen=True, slots=True)
class IssuerQuestion:
    """Whom we trust, and when it is. The rest: see `Material`."""

    trust: TrustRegistry
    now: datetime
    skew: timedelta
    proofs: Mapping[str, bool]
    existence: Mapping[str, tuple[ExistenceProof, ...]] = field(default_factory=dict)
    log: QuorumPolicy | None = None
    signatures: SignatureMemory | None = None


def find_issuer_of(credential: Credential, question: IssuerQuestion) -> TrustedIssuer | None:
    """By the identifier that the credential names, or by certificate where it names none."""
    if credential.issuer:
        return find_issuer(question.trust, credential.issuer)
    # ISO 18013-5 asks for no name in a document signer's certificate; SD-JWT VC has one in `iss`.
    return find_certified_issuer(
        question.trust,
        credential.key_hint,
        now=question.now,
        must_be_named=credential.format is not Format.MSO_MDOC,
    )


def judge_issuer(
    credential: Credential, issuer: TrustedIssuer | None, question: IssuerQuestion
) -> Check:
    """Check 2 (S-025, S-026)."""
    trust, now, skew = question.trust, question.now, question.skew
    if issuer is None:
        return failed(ISSUER, Reason.ISSUER_NOT_TRUSTED, detail="unknown_issuer")
    issued_at = credential.issued_at or credential.valid_from or now
    if not is_accredited(issuer, credential.types, at=issued_at, skew=skew):
        return failed(ISSUER, Reason.ISSUER_NOT_AUTHORISED_FOR_TYPE, detail="not_accredited")
    limit = claim_limit(issuer, credential.types, at=issued_at, skew=skew)
    if limit is not None and not _stated_claims(credential) <= limit:
        return failed(ISSUER, Reason.ISSUER_NOT_AUTHORISED_FOR_TYPE, detail="claim_not_accredited")
    if trust.expires_at <= now:
        return undecided(ISSUER, Reason.ISSUER_NOT_TRUSTED, detail="trust_registry_expired")
    if trust.issued_at > now + skew:
        return undecided(ISSUER, Reason.ISSUER_NOT_TRUSTED, detail="trust_registry_in_the_future")
    return passed(ISSUER)


def _stated_claims(credential: Credential) -> frozenset[str]:
    """The names of what is stated, as far as it is shown: in an mdoc, `namespace/element`."""
    if credential.format is Format.MSO_MDOC:
        return frozenset(
            f"{namespace}/{element}"
            for namespace, elements in credential.claims.items()
            for element in (elements if isinstance(elements, dict) else {"": elements})
        )
    if credential.format in _FLAT_FORMATS:
        return frozenset(credential.claims)
    return frozenset(
        name
        for subject in _subjects(credential)
        for name, value in (
            subject if isinstance(subject, dict) else {"credentialSubject": subject}
        ).items()
        if name != "@context" and not (name in _SUBJECT_NAMES and _is_name(value))
    )


def _is_name(value: JsonValue) -> bool:
    """A text or several; an object would state more under the name of a type."""
    return all(isinstance(each, str) for each in (value if isinstance(value, list) else [value]))


def _subjects(credential: Credential) -> Sequence[JsonValue]:
    """Each subject of a W3C credential: several are read as one claim that lists them."""
    listed = credential.claims.get("credentialSubject")
    whole = (credential.document or {}).get("credentialSubject")
    if isinstance(listed, list) and isinstance(whole, list) and len(whole) == len(listed) > 1:
        return listed
    return [dict(credential.claims)]


def judge_signature(
    credential: Credential, issuer: TrustedIssuer | None, question: IssuerQuestion
) -> Check:
    """Check 4. The key comes from the registry; `kid` and `x5c` only help to find it (SD-V-04)."""
    if issuer is None:
        return undecided(SIGNATURE, Reason.ISSUER_NOT_TRUSTED, detail="no_key_listed")
    if credential.alteration is not None:
        return failed(SIGNATURE, Reason.BAD_SIGNATURE, detail=credential.alteration)
    if credential.external_proof is not None:
        return _judge_external(credential, issuer, question)
    if credential.unlinkable_proof is not None:
        return _judge_unlinkable(credential.unlinkable_proof, credential, issuer, question)
    return _judge_signatures(credential, issuer, question)


def find_signing_key(credential: Credential, question: IssuerQuestion) -> PublicKey | None:
    """
    The key with which the credential's own signature holds, where checks 2 and 4 pass: what the
    same agency signed beside it, such as a `face`, is verified with it. None: there is none.
    """
    issuer = find_issuer_of(credential, question)
    by_signature = judge_signature(credential, issuer, question)
    checks = (judge_issuer(credential, issuer, question), by_signature)
    if issuer is None or any(check.outcome is not Outcome.PASSED for check in checks):
        return None
    if credential.external_proof is not None or credential.unlinkable_proof is not None:
        return None  # nobody here has seen a signature of the credential
    own = Signed(credential.signing_input, credential.signature, credential.key_hint)
    choice = choose_keys(issuer, own.key_hint, identifier=credential.issuer, now=question.now)
    certified = () if choice.certified is None else (choice.certified,)
    keys = (*certified, *(trusted.key for trusted in choice.keys))
    return next((key for key in keys if _is_signed(own, key, question)), None)


def _judge_signatures(
    credential: Credential, issuer: TrustedIssuer, question: IssuerQuestion
) -> Check:
    """The credential's own signature and those beside it: each must hold."""
    problem = _certificate_problem(credential, skew=question.skew)
    if problem is not None:
        return failed(SIGNATURE, Reason.ISSUER_NOT_TRUSTED, detail=problem)
    own = Signed(credential.signing_input, credential.signature, credential.key_hint)
    for signed in (own, *credential.co_signatures):
        check = _judge_signed(signed, issuer, credential, question)
        if check.outcome is not Outcome.PASSED:
            return check
    return check


def _certificate_problem(credential: Credential, *, skew: timedelta) -> str | None:
    """
    What ISO 18013-5 section 9.3.1 asks of the signer's certificate beside its chain: it was valid
    when it signed, and it is of the country that issues.
    """
    signed_at, x5c = credential.issued_at, credential.key_hint.x5c
    if credential.format is not Format.MSO_MDOC or not x5c:
        return None
    try:
        (begin, end), country = leaf_period(x5c[0]), leaf_country(x5c[0])
    except (ChainRefused, Malformed) as error:
        return error.detail
    if signed_at is not None and (begin - signed_at > skew or signed_at - end > skew):
        return "signed_outside_of_certificate"
    named = credential.claims.get(_MDL_NAMESPACE)
    if isinstance(named, dict) and named.get("issuing_country", country) != country:
        return "wrong_country"
    return None


def _judge_signed(
    signed: Signed, issuer: TrustedIssuer, credential: Credential, question: IssuerQuestion
) -> Check:
    choice = choose_keys(issuer, signed.key_hint, identifier=credential.issuer, now=question.now)
    if choice.certified is not None and _is_signed(signed, choice.certified, question):
        return passed(SIGNATURE)
    for trusted in choice.keys:
        if _is_signed(signed, trusted.key, question):
            is_older = _is_older_than_compromise(signed, trusted, issuer, question)
            return _check_key(trusted, credential, question, is_older=is_older)
    if choice.problem is not None:
        return failed(SIGNATURE, Reason.ISSUER_NOT_TRUSTED, detail=choice.problem)
    return failed(SIGNATURE, Reason.BAD_SIGNATURE, detail="bad_issuer_signature")


def _judge_external(
    credential: Credential, issuer: TrustedIssuer, question: IssuerQuestion
) -> Check:
    """A proof that a child process judged with the key that the hint names: a DID's own key."""
    is_proven = question.proofs.get(credential.external_proof or "")
    if is_proven is None:
        return undecided(SIGNATURE, Reason.BAD_SIGNATURE, detail="proof_not_judged")
    if not is_proven:
        return failed(SIGNATURE, Reason.BAD_SIGNATURE, detail="bad_issuer_signature")
    try:
        key = parse_key_did_url(credential.key_hint.key_id or "")
    except Malformed:
        return failed(SIGNATURE, Reason.ISSUER_NOT_TRUSTED, detail="no_key_listed")
    trusted = next((each for each in issuer.keys if each.key == key), None)
    if trusted is None:
        return failed(SIGNATURE, Reason.ISSUER_NOT_TRUSTED, detail="no_key_listed")
    return _check_key(trusted, credential, question, is_older=False)


def _judge_unlinkable(
    shown: UnlinkableProof,
    credential: Credential,
    issuer: TrustedIssuer,
    question: IssuerQuestion,
) -> Check:
    """`bbs-2023`: the proof names no signature; only keys that the registry lists for it count."""
    if not issuer.bbs_keys:
        return failed(SIGNATURE, Reason.ISSUER_NOT_TRUSTED, detail="no_key_listed")
    for trusted in issuer.bbs_keys:
        if verify_proof(
            trusted.key,
            shown.proof,
            shown.disclosed,
            header=shown.header,
            presentation_header=shown.presentation_header,
        ):
            return _check_key(trusted, credential, question, is_older=False)
    return failed(SIGNATURE, Reason.BAD_SIGNATURE, detail="bad_issuer_signature")


def _is_signed(signed: Signed, key: PublicKey, question: IssuerQuestion) -> bool:
    if key.algorithm != signed.key_hint.algorithm:
        return False
    if question.signatures is not None:
        return question.signatures.verify(signed, key)
    return verify_signature(key, signed.signing_input, signed.signature)


def _is_older_than_compromise(
    signed: Signed, trusted: TrustedKey, issuer: TrustedIssuer, question: IssuerQuestion
) -> bool:
    """Whether the ledger shows that this very signature was there before the key was stolen."""
    if trusted.compromised_at is None or question.log is None:
        return False
    digest = existence_digest(signed.signing_input, signed.signature)
    for proof in question.existence.get(base64url.encode(digest), ()):
        if proof.leaf.issuer not in issuer.identifiers:
            continue
        try:
            verify_existence(
                proof,
                policy=question.log,
                issuer=proof.leaf.issuer,
                digest=digest,
                before=trusted.compromised_at,
            )
        except AnchorError:
            continue
        return True
    return False


def _check_key(
    trusted: TrustedKey | TrustedBbsKey,
    credential: Credential,
    question: IssuerQuestion,
    *,
    is_older: bool,
) -> Check:
    """Whether a signature of this key, which is right, may be believed (S-188, S-191)."""
    judge = key_time_problem if is_older else key_problem
    problem = judge(trusted, now=question.now, skew=question.skew, signed_at=credential.issued_at)
    if problem == "key_compromised":
        return failed(SIGNATURE, Reason.KEY_COMPROMISED, detail=problem)
    if isinstance(trusted, TrustedKey) and trusted.use is not KeyUse.CREDENTIAL:
        problem = "key_of_another_use"
    if problem is not None:
        return failed(SIGNATURE, Reason.ISSUER_NOT_TRUSTED, detail=problem)
    return passed(SIGNATURE)
