"""
Whether whoever holds the credential's key made this presentation, for us, now, for the first time.

Whether a holder must prove anything is the policy's decision, never the token's (SD-V-01): where
it need not, a key binding is passed over. A proof is an SD-JWT's key binding (RFC 9901 4.3,
SD-V-12), the `vp+jwt` around a W3C credential or the device signature of an mdoc, which covers
the session that we know: another verifier's or nonce's does not hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from credentials.device_authentication import build_device_authentication
from credentials.handover import Handover, build_transcript
from credentials.keys import verify_signature
from credentials.model import Credential, DeviceBinding, KeyBinding
from credentials.policy import Policy
from credentials.presentation_header import build_presentation_header
from credentials.verdict import Check, Reason, failed, passed, undecided

HOLDER = "holder"
REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class HolderQuestion:
    """
    What a proof must answer. `nonce` None: the holder chose its own (an offline QR). `handover`:
    the session that an mdoc answers; without one no mdoc is bound. `proofs`: see `Material`.
    """

    policy: Policy
    now: datetime
    audience: str
    nonce: str | None
    handover: Handover | None
    proofs: Mapping[str, bool]


def judge_holder(credential: Credential, question: HolderQuestion) -> Check:
    """The proof is by the credential's key, over this presentation, for us (S-039 to S-042)."""
    if not question.policy.require_holder_binding:
        return _judge_unbound(credential, question)
    binding = credential.key_binding
    if binding is None:
        return failed(HOLDER, Reason.HOLDER_NOT_BOUND, detail="holder_binding_missing")
    if isinstance(binding, KeyBinding) and _is_unjudged(binding, question):
        return undecided(HOLDER, Reason.HOLDER_NOT_BOUND, detail="proof_not_judged")
    problem = (
        _device_problem(credential, binding, question)
        if isinstance(binding, DeviceBinding)
        else _binding_problem(credential, binding, question)
    )
    if problem is not None:
        return failed(HOLDER, Reason.HOLDER_NOT_BOUND, detail=problem)
    if isinstance(binding, KeyBinding):
        return _judge_addressee(binding, question)
    return passed(HOLDER)


def judge_replay(
    credential: Credential, by_holder: Check, question: HolderQuestion, *, is_replayed: bool
) -> Check:
    """A code that was seen before is replayed, even when it is old as well (S-127)."""
    if is_replayed:
        return failed(REPLAY, Reason.REPLAYED, detail="seen_before")
    binding = credential.key_binding
    if not question.policy.require_holder_binding:
        return passed(REPLAY, detail="not_required")
    if binding is None or by_holder.reason is Reason.HOLDER_NOT_BOUND:
        # Anybody may write any time into a proof that the holder did not make.
        return undecided(REPLAY, Reason.HOLDER_NOT_BOUND, detail="holder_not_proven")
    if isinstance(binding, DeviceBinding):
        # The session's nonce was ours, and its time is the session's.
        return passed(REPLAY, detail="session")
    problem = _staleness(binding, question)
    if problem is not None:
        return failed(REPLAY, Reason.STALE_CODE, detail=problem)
    return passed(REPLAY)


def _judge_unbound(credential: Credential, question: HolderQuestion) -> Check:
    """
    Nobody proves to be the holder of an unlinkable credential, but whoever was asked made the
    proof for this session: one that was shown elsewhere is not shown again.
    """
    shown, nonce = credential.unlinkable_proof, question.nonce
    if shown is None or nonce is None:
        return passed(HOLDER, detail="not_required")
    expected = build_presentation_header(audience=question.audience, nonce=nonce)
    if not compare_digest(shown.presentation_header, expected):
        return failed(HOLDER, Reason.WRONG_NONCE, detail="presentation_header_mismatch")
    return passed(HOLDER, detail="not_required")


def _judge_addressee(binding: KeyBinding, question: HolderQuestion) -> Check:
    if not question.audience or binding.audience != question.audience:
        return failed(HOLDER, Reason.WRONG_AUDIENCE, detail="wrong_audience")
    if question.nonce is not None and binding.nonce != question.nonce:
        return failed(HOLDER, Reason.WRONG_NONCE, detail="wrong_nonce")
    return passed(HOLDER)


def _is_unjudged(binding: KeyBinding, question: HolderQuestion) -> bool:
    return binding.external_proof is not None and binding.external_proof not in question.proofs


def _binding_problem(
    credential: Credential, binding: KeyBinding, question: HolderQuestion
) -> str | None:
    key = credential.holder_key
    if key is None:
        return "no_holder_key"
    if binding.external_proof is not None:
        is_proven = question.proofs.get(binding.external_proof) and binding.proof_key == key
        return None if is_proven else "bad_holder_signature"
    if binding.algorithm != key.algorithm or not verify_signature(
        key, binding.signing_input, binding.signature
    ):
        return "bad_holder_signature"
    if binding.proof_key is not None and binding.proof_key != key:
        return "holder_mismatch"
    return None if binding.covers_presentation else "sd_hash_mismatch"


def _device_problem(
    credential: Credential, binding: DeviceBinding, question: HolderQuestion
) -> str | None:
    """ISO 18013-5 section 9.1.3.6, with the session of OpenID4VP appendix B.2.6."""
    if question.handover is None or question.nonce is None:
        return "no_session"
    key = credential.holder_key
    if key is None:
        return "no_holder_key"
    signing_input = build_device_authentication(
        transcript=build_transcript(question.handover, question.nonce),
        doc_type=binding.doc_type,
        namespaces=binding.namespaces,
        protected=binding.protected,
    )
    if binding.algorithm != key.algorithm or not verify_signature(
        key, signing_input, binding.signature
    ):
        return "bad_holder_signature"
    return None


def _staleness(binding: KeyBinding, question: HolderQuestion) -> str | None:
    if binding.issued_at is None:
        return "code_without_time" if question.nonce is None else None
    if question.now - binding.issued_at > question.policy.freshness:
        return "code_too_old"
    if binding.issued_at - question.now > question.policy.skew:
        return "code_in_the_future"
    return None
