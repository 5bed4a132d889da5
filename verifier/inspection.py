"""
Check what was shown: read, gather, judge, record.

A presentation that cannot be read is an error and leaves no trace. One that can be read gets a
verdict and one line in the log of checks. The order:

1. read       - strict shape only; malformed input stops here
2. believe    - trust registry and snapshot, no network when they are fresh
3. gather     - the newest lists; a URL that only the credential names waits for step 4 (S-141)
                a proof that the judge cannot check itself was asked of a child before
4. judge      - `credentials.verification.verify`, pure
   then the values that the purpose demands of claims
5. claim      - the key binding is claimed across processes; who comes second is judged again as
                replayed
6. record     - in the same transaction as the claim, so that no code is used up unrecorded
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from credentials.errors import CredentialError
from credentials.legacy import ask_proofs
from credentials.material import Material
from credentials.model import Credential
from credentials.packing import read_qr_text
from credentials.policy import Policy
from credentials.reading import list_proof_requests, read_presentation
from credentials.trust import trusted_certificates
from credentials.verdict import Outcome, Reason, Verdict
from credentials.verification import Presentation, verify
from encoding.errors import EncodingError
from verifier.claim_values import DemandedValues, check_values
from verifier.desk import Desk
from verifier.errors import MalformedCheck, MalformedQr, PurposeNotAllowed
from verifier.gathering import Believed
from verifier.purpose import Purpose, ViewQuery
from verifier.recording import Occasion, claim_and_record

MAX_PRESENTATION_CHARACTERS = 256 << 10
"""security.md, Limits: presentation 256 KB."""
FIRST_CHECKS = frozenset({"format", "issuer", "type", "signature", "validity", "holder", "replay"})
"""What holds before any list is asked for."""
YOUNGER = frozenset(
    {
        Reason.ISSUER_NOT_TRUSTED,
        Reason.ISSUER_NOT_AUTHORISED_FOR_TYPE,
        Reason.STATUS_UNKNOWN,
        Reason.STATUS_NOT_ANCHORED,
        Reason.STATUS_STALE,
    }
)
"""What a newer word from the register may change."""


@dataclass(frozen=True, slots=True)
class Question:
    """
    What is judged: what was presented, and what it has to satisfy. `proofs`: see `Material`.
    """

    presentation: Presentation
    credentials: Sequence[Credential]
    purpose: str
    policy: Policy
    audience: str
    nonce: str | None
    proofs: Mapping[str, bool]
    values: DemandedValues = ()


def inspect_qr(desk: Desk, *, text: str, purpose: Purpose, checker: str) -> Verdict:
    """The verdict on a scanned QR text."""
    view = _require_view(purpose)
    believed = desk.gatherer.believe(max_age=view.policy.status.max_age)
    try:
        presentation = read_qr_text(text, certificates=trusted_certificates(believed.trust))
        question = _ask(desk, presentation, purpose.id, view)
    except (CredentialError, EncodingError) as error:
        raise MalformedQr("this is no code of a city wallet") from error
    return _inspect(desk, question, purpose=purpose, channel="qr", checker=checker)


def inspect_presentation(desk: Desk, *, text: str, purpose: Purpose, checker: str) -> Verdict:
    """The verdict on a presentation in any format, shown for the purpose's QR audience."""
    view = _require_view(purpose)
    if len(text) > MAX_PRESENTATION_CHARACTERS:
        raise MalformedCheck("the presentation is too long")
    try:
        question = _ask(desk, text, purpose.id, view)
    except (CredentialError, EncodingError) as error:
        raise MalformedCheck("the presentation cannot be read") from error
    return _inspect(desk, question, purpose=purpose, channel="presentation", checker=checker)


def judge(desk: Desk, question: Question, *, is_replayed: bool) -> Verdict:
    """
    Believe, gather and judge; nothing is claimed and nothing recorded.

    An agency or a list that is younger than what is believed is no reason to refuse: the register
    is asked again, and a second judgement counts.
    """
    believed = desk.gatherer.believe(max_age=question.policy.status.max_age)
    verdict = _judge_with(desk, question, believed, is_replayed=is_replayed)
    if YOUNGER.isdisjoint(verdict.reasons):
        return verdict
    newest = desk.gatherer.look_again(believed)
    if newest is believed:
        return verdict
    return _judge_with(desk, question, newest, is_replayed=is_replayed)


def _judge_with(
    desk: Desk, question: Question, believed: Believed, *, is_replayed: bool
) -> Verdict:
    uris = list_uris(question.credentials)
    known = set(uris) & _anchored_uris(believed)
    gather = partial(
        desk.gatherer.gather, believed, uris, is_replayed=is_replayed, proofs=question.proofs
    )
    verdict = _verify(desk, question, gather(fetchable=()))
    if not uris or not _is_worth_a_status(verdict):
        return verdict
    fetchable = [uri for uri in uris if uri in known or _is_issuers_own(uri, believed)]
    return _verify(desk, question, gather(fetchable=fetchable))


def list_uris(credentials: Sequence[Credential]) -> tuple[str, ...]:
    """Every status list that the credentials and their links point at, once."""
    references = [
        reference
        for credential in credentials
        for reference in (
            *credential.statuses,
            *(link.reference for link in credential.links),
        )
    ]
    return tuple(dict.fromkeys(reference.uri for reference in references))


def gather_proofs(desk: Desk, texts: Iterable[str]) -> dict[str, bool]:
    """What the children say of proofs; `ChildFailed` says nothing about any credential."""
    requests = {
        name: request for text in texts for name, request in list_proof_requests(text).items()
    }
    return ask_proofs(requests, desk.legacy.ask)


def _ask(desk: Desk, presentation: str, purpose_id: str, view: ViewQuery) -> Question:
    rule = view.policy.credentials[0]
    credentials = read_presentation(presentation)
    return Question(
        presentation={rule.id: credentials},
        credentials=credentials,
        purpose=purpose_id,
        policy=view.policy,
        audience=view.audience,
        nonce=None,
        proofs=gather_proofs(desk, [presentation]),
        values=view.values,
    )


def _inspect(
    desk: Desk, question: Question, *, purpose: Purpose, channel: str, checker: str
) -> Verdict:
    verdict = judge(desk, question, is_replayed=False)
    return claim_and_record(
        desk,
        verdict,
        Occasion(purpose=purpose.id, channel=channel, checker=checker),
        replay_key=_replay_key(question),
        judge_replayed=lambda: judge(desk, question, is_replayed=True),
    )


def _verify(desk: Desk, question: Question, material: Material) -> Verdict:
    verdict = verify(
        question.presentation,
        material,
        question.policy,
        now=desk.clock(),
        audience=question.audience,
        nonce=question.nonce,
    )
    checks = (*verdict.checks, *check_values(verdict, question.values))
    return replace(verdict, checks=checks, purpose=question.purpose)


def _replay_key(question: Question) -> str | None:
    """
    What was signed, not the signature: (r, s) and (r, -s) are both valid ECDSA signatures of one
    proof, so a copy with the other one must be recognised as the same code.
    """
    bindings = [item.key_binding for item in question.credentials if item.key_binding is not None]
    if not bindings:
        return None
    return bindings[0].digest


def _is_worth_a_status(verdict: Verdict) -> bool:
    """TSL-V-01: nobody is asked for the status of what does not hold."""
    relevant = [check for check in verdict.checks if check.name in FIRST_CHECKS]
    return bool(relevant) and all(check.outcome is Outcome.PASSED for check in relevant)


def _anchored_uris(believed: Believed) -> set[str]:
    return set(believed.snapshot.lists) if believed.snapshot is not None else set()


def _is_issuers_own(uri: str, believed: Believed) -> bool:
    """Whether the list lies at an origin of a trusted issuer (S-145)."""
    origins = {
        _origin(identifier)
        for issuer in believed.trust.issuers
        for identifier in issuer.identifiers
        if identifier.startswith(("https://", "http://"))
    }
    return _origin(uri) is not None and _origin(uri) in origins


def _origin(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return (parts.scheme, parts.netloc) if parts.netloc else None


def _require_view(purpose: Purpose) -> ViewQuery:
    if purpose.view is None:
        raise PurposeNotAllowed(f"{purpose.id} is asked online only")
    return purpose.view
