"""
VCDM 1.1 with linked-data proofs: everything about them that didkit leaves out.

didkit, in its child process, says whether a proof verifies. Here stand the rest: which documents
may be sent to it at all, dates, status references, the credentials inside a presentation, and
whose presentation it is. Pure: whoever gathers asks the child for each of `build_requests` and
hands the answers in as material.

Refused before any child is asked: DIDs that would have to be fetched (didkit would fetch them
itself, S-141), contexts that could give a signed claim another meaning (S-033), several proofs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from credentials.dids import is_key_did, parse_key_did
from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp
from credentials.model import StatusReference
from credentials.status_references import read_legacy_references
from credentials.trust import KeyUse, TrustRegistry, find_issuer, is_accredited, key_problem
from credentials.verdict import Check, Outcome, Reason, failed, passed, undecided
from encoding.strict_json import JsonValue

BASE_CONTEXT = "https://www.w3.org/2018/credentials/v1"
# Contexts of proofs and status only: none of them names a claim about a person or a thing.
_TECHNICAL_CONTEXTS = (
    "https://w3id.org/security/suites/ed25519-2020/v1",
    "https://w3id.org/security/suites/jws-2020/v1",
    "https://w3id.org/vc/status-list/2021/v1",
)
_PROOF_TYPES = ("Ed25519Signature2020", "JsonWebSignature2020")
MAX_CREDENTIALS = 16


@dataclass(frozen=True, slots=True)
class LegacyCredential:
    """A VCDM 1.1 credential as read; its proof is judged by the child's answer."""

    issuer: str
    types: tuple[str, ...]
    subject_id: str | None
    claims: Mapping[str, JsonValue]
    valid_from: datetime
    valid_until: datetime | None
    statuses: tuple[StatusReference, ...]
    document: Mapping[str, JsonValue] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LegacyPresentation:
    """A VCDM 1.1 presentation as read, with each credential in it."""

    holder: str
    created: datetime
    challenge: str | None
    domain: str | None
    credentials: tuple[LegacyCredential, ...]
    document: Mapping[str, JsonValue] = field(repr=False)


def read_legacy_credential(document: JsonValue) -> LegacyCredential:
    """Read a credential with one embedded proof."""
    members = _check_document(document, required_type="VerifiableCredential")
    issuer = _read_issuer(members.get("issuer"))
    _check_proof(members, controller=issuer, purpose="assertionMethod")
    subject = members.get("credentialSubject")
    if not isinstance(subject, dict) or not subject:
        raise Malformed("credentialSubject must hold claims", detail="invalid_subject")
    _refuse_linked_data(subject)
    valid_until = members.get("expirationDate")
    subject_id = subject.get("id")
    return LegacyCredential(
        issuer=issuer,
        types=tuple(each for each in _types(members) if each != "VerifiableCredential"),
        subject_id=subject_id if isinstance(subject_id, str) else None,
        claims={name: value for name, value in subject.items() if name != "id"},
        valid_from=parse_date_time_stamp(members.get("issuanceDate"), name="issuanceDate"),
        valid_until=parse_date_time_stamp(valid_until, name="expirationDate")
        if "expirationDate" in members
        else None,
        statuses=read_legacy_references(members),
        document=members,
    )


def read_legacy_presentation(document: JsonValue) -> LegacyPresentation:
    """Read a presentation with one embedded proof; every credential in it must read too."""
    members = _check_document(document, required_type="VerifiablePresentation")
    holder = _read_issuer(members.get("holder"))
    proof = _check_proof(members, controller=holder, purpose="authentication")
    listed = members.get("verifiableCredential", [])
    credentials = listed if isinstance(listed, list) else [listed]
    if not 0 < len(credentials) <= MAX_CREDENTIALS:
        raise Malformed("a presentation holds credentials", detail="empty_presentation")
    challenge, domain = proof.get("challenge"), proof.get("domain")
    return LegacyPresentation(
        holder=holder,
        created=parse_date_time_stamp(proof.get("created"), name="created"),
        challenge=challenge if isinstance(challenge, str) else None,
        domain=domain if isinstance(domain, str) else None,
        credentials=tuple(read_legacy_credential(each) for each in credentials),
        document=members,
    )


def build_requests(
    value: LegacyCredential | LegacyPresentation,
) -> tuple[dict[str, JsonValue], ...]:
    """What the child must be asked: the presentation, if it is one, then every credential."""
    credentials = (value,) if isinstance(value, LegacyCredential) else value.credentials
    requests: list[dict[str, JsonValue]] = []
    if isinstance(value, LegacyPresentation):
        options: dict[str, JsonValue] = {"proofPurpose": "authentication"}
        if value.challenge is not None:
            options["challenge"] = value.challenge
        if value.domain is not None:
            options["domain"] = value.domain
        requests.append(
            {
                "operation": "verify_presentation",
                "document": dict(value.document),
                "options": options,
            }
        )
    requests += [
        {"operation": "verify_credential", "document": dict(each.document)} for each in credentials
    ]
    return tuple(requests)


def build_issue_request(
    document: Mapping[str, JsonValue],
    *,
    private_jwk: Mapping[str, str],
    verification_method: str,
    now: datetime,
) -> dict[str, JsonValue]:
    """What the child is asked to sign a VCDM 1.1 credential with Ed25519Signature2020."""
    return {
        "operation": "issue_credential",
        "document": dict(document),
        "key": dict(private_jwk),
        "options": {
            "proofPurpose": "assertionMethod",
            "verificationMethod": verification_method,
            "created": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    }


def check_issuer(
    credential: LegacyCredential, *, trust: TrustRegistry, now: datetime, skew: timedelta
) -> Check:
    """
    Whether the registry knows this issuer, the key in its DID, and lets it issue these types.

    The proof was made with that key, so a key that is not listed, or compromised, proves nothing.
    """
    issuer = find_issuer(trust, credential.issuer)
    if issuer is None:
        return failed("issuer", Reason.ISSUER_NOT_TRUSTED, detail="unknown_issuer")
    key = parse_key_did(credential.issuer)
    listed = [each for each in issuer.keys if each.key == key and each.use is KeyUse.CREDENTIAL]
    problem = key_problem(listed[0], now=now, skew=skew) if listed else "no_key_listed"
    if problem is not None:
        is_stolen = problem == "key_compromised"
        reason = Reason.KEY_COMPROMISED if is_stolen else Reason.ISSUER_NOT_TRUSTED
        return failed("issuer", reason, detail=problem)
    if not is_accredited(issuer, credential.types, at=credential.valid_from, skew=skew):
        return failed("issuer", Reason.ISSUER_NOT_AUTHORISED_FOR_TYPE, detail="not_accredited")
    if trust.expires_at <= now:
        return undecided("issuer", Reason.ISSUER_NOT_TRUSTED, detail="trust_registry_expired")
    return passed("issuer")


def check_credential(
    credential: LegacyCredential,
    answer: Mapping[str, JsonValue],
    *,
    now: datetime,
    skew: timedelta,
    name: str | None,
) -> tuple[Check, ...]:
    """The child's word on the proof, and the dates. `name` is what the verdict calls it."""
    return (
        Check("signature", *_judge_proof(answer), credential=name),
        Check("validity", *_judge_dates(credential, now=now, skew=skew), credential=name),
    )


def check_presentation(
    presentation: LegacyPresentation,
    answers: Sequence[Mapping[str, JsonValue]],
    *,
    now: datetime,
    skew: timedelta,
    freshness: timedelta,
    audience: str,
    nonce: str,
) -> tuple[Check, ...]:
    """
    The presentation and each credential in it; `answers` are those to `build_requests`, in order.

    1. holder    - the holder's proof verifies, for this audience and nonce, and is fresh
    2. holder    - each credential speaks of the one who presents it (S-042)
    3. signature - each credential's own proof, which didkit does not look at by itself
    4. validity  - each credential's dates
    """
    own, *others = answers
    if len(others) != len(presentation.credentials):
        raise Malformed("an answer of the child is missing", detail="missing_answer")
    holder = _judge_holder(presentation, own, audience=audience, nonce=nonce)
    if holder.reason is None and not (now - freshness - skew <= presentation.created <= now + skew):
        holder = failed("holder", Reason.STALE_CODE, detail="stale_proof")
    checks = [holder]
    for index, (credential, answer) in enumerate(
        zip(presentation.credentials, others, strict=True)
    ):
        name = credential.types[0] if credential.types else str(index)
        if credential.subject_id != presentation.holder:
            checks.append(
                failed(
                    "holder",
                    Reason.HOLDER_NOT_BOUND,
                    detail="subject_is_another",
                    credential=name,
                )
            )
        checks += check_credential(credential, answer, now=now, skew=skew, name=name)
    return tuple(checks)


def _judge_holder(
    presentation: LegacyPresentation,
    answer: Mapping[str, JsonValue],
    *,
    audience: str,
    nonce: str,
) -> Check:
    _, reason, detail = _judge_proof(answer)
    if reason is not None:
        return failed("holder", Reason.HOLDER_NOT_BOUND, detail=detail)
    if presentation.domain != audience:
        return failed("holder", Reason.WRONG_AUDIENCE, detail="wrong_domain")
    if presentation.challenge != nonce:
        return failed("holder", Reason.WRONG_NONCE, detail="wrong_challenge")
    return passed("holder")


def _judge_proof(
    answer: Mapping[str, JsonValue],
) -> tuple[Outcome, Reason | None, str | None]:
    """Passed only if didkit says that it checked a proof and found nothing wrong."""
    if answer.get("checks") == ["proof"] and answer.get("errors") == []:
        return Outcome.PASSED, None, None
    return Outcome.FAILED, Reason.BAD_SIGNATURE, "invalid_proof"


def _judge_dates(
    credential: LegacyCredential, *, now: datetime, skew: timedelta
) -> tuple[Outcome, Reason | None, str | None]:
    if now + skew < credential.valid_from:
        return Outcome.FAILED, Reason.NOT_YET_VALID, "issuance_in_future"
    if credential.valid_until is not None and credential.valid_until <= now - skew:
        return Outcome.FAILED, Reason.EXPIRED, "expiration_date"
    return Outcome.PASSED, None, None


def _check_document(document: JsonValue, *, required_type: str) -> dict[str, JsonValue]:
    if not isinstance(document, dict):
        raise Malformed("a document must be an object", detail="not_an_object")
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not contexts or contexts[0] != BASE_CONTEXT:
        raise Malformed("the base context must come first", detail="invalid_context")
    for context in contexts[1:]:
        # A vocabulary gives names to terms that have none; it cannot change those that have one.
        is_vocabulary = isinstance(context, dict) and set(context) == {"@vocab"}
        if not is_vocabulary and context not in _TECHNICAL_CONTEXTS:
            raise Malformed("a context is not known", detail="unknown_context")
    if sum(isinstance(context, dict) for context in contexts) > 1:
        raise Malformed("a document has several vocabularies", detail="unknown_context")
    if required_type not in _types(document):
        raise Malformed(f"the type {required_type} is missing", detail="invalid_type")
    return document


def _check_proof(
    document: Mapping[str, JsonValue], *, controller: str, purpose: str
) -> Mapping[str, JsonValue]:
    proof = document.get("proof")
    if not isinstance(proof, dict) or proof.get("type") not in _PROOF_TYPES:
        raise Malformed("a document has one proof of a known type", detail="invalid_proof")
    if proof.get("proofPurpose") != purpose:
        raise Malformed(f"a proof is not for {purpose}", detail="invalid_proof_purpose")
    method = proof.get("verificationMethod")
    if not isinstance(method, str) or method.partition("#")[0] != controller:
        raise Malformed("a proof is by somebody else", detail="invalid_verification_method")
    return proof


def _read_issuer(value: JsonValue) -> str:
    did = value.get("id") if isinstance(value, dict) else value
    if not isinstance(did, str) or not is_key_did(did):
        raise Malformed("only DIDs that hold their key are read", detail="unsupported_did")
    parse_key_did(did)
    return did


def _types(document: Mapping[str, JsonValue]) -> tuple[str, ...]:
    value = document.get("type")
    return tuple(str(each) for each in (value if isinstance(value, list) else [value]))


def _refuse_linked_data(value: JsonValue) -> None:
    """No keyword and no absolute name inside the claims: those could rename a signed claim."""
    if isinstance(value, list):
        for each in value:
            _refuse_linked_data(each)
    elif isinstance(value, dict):
        for name, member in value.items():
            if name.startswith("@") or ":" in name:
                raise Malformed("a claim's name is not a plain term", detail="invalid_claim_name")
            _refuse_linked_data(member)
