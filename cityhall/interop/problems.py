"""
Problems as VCALM and the W3C specifications name them: RFC 9457 objects with registered types.

VCDM 2.0 section 7.2 (VCDM-13), VC Data Integrity 1.0 section 4.7 and Bitstring Status List 1.0
section 3.5 register the types. `code` is our own finer word, as in docs/reasons.md.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from credentials.errors import CredentialError
from credentials.verdict import Check, Reason
from encoding.strict_json import JsonValue

_VCDM: Final = "https://www.w3.org/TR/vc-data-model#"
_INTEGRITY: Final = "https://w3id.org/security#"
_STATUS: Final = "https://www.w3.org/ns/credentials/status-list#"

PARSING: Final = _VCDM + "PARSING_ERROR"
CRYPTOGRAPHIC: Final = _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR"
MALFORMED_VALUE: Final = _VCDM + "MALFORMED_VALUE_ERROR"
RANGE: Final = _VCDM + "RANGE_ERROR"
PROOF_VERIFICATION: Final = _INTEGRITY + "PROOF_VERIFICATION_ERROR"
PROOF_GENERATION: Final = _INTEGRITY + "PROOF_GENERATION_ERROR"
INVALID_DOMAIN: Final = _INTEGRITY + "INVALID_DOMAIN_ERROR"
INVALID_CHALLENGE: Final = _INTEGRITY + "INVALID_CHALLENGE_ERROR"
DATA_LOSS: Final = _INTEGRITY + "DATA_LOSS_DETECTION_ERROR"
STATUS_RETRIEVAL: Final = _STATUS + "STATUS_RETRIEVAL_ERROR"
STATUS_VERIFICATION: Final = _STATUS + "STATUS_VERIFICATION_ERROR"

_BY_DETAIL: Final = MappingProxyType(
    dict.fromkeys(
        ("undefined_term", "type_not_mapped", "relative_iri", "unsigned_member"), DATA_LOSS
    )
    | dict.fromkeys(
        (
            "invalid_proof",
            "invalid_proof_type",
            "invalid_proof_purpose",
            "invalid_proof_value",
            "invalid_verification_method",
            "proof_context_mismatch",
            "several_proofs",
            "unknown_previous_proof",
            "unsupported_cryptosuite",
            "base_proof",
            "statement_mismatch",
        ),
        PROOF_VERIFICATION,
    )
    | dict.fromkeys(("missing_proof", "not_an_object", "not_json"), PARSING)
    | {
        "bad_signature": CRYPTOGRAPHIC,
        "wrong_domain": INVALID_DOMAIN,
        "wrong_challenge": INVALID_CHALLENGE,
    }
    | dict.fromkeys(("range_error", "status_list_length_error"), RANGE)
)
_BY_REASON: Final = MappingProxyType(
    {
        Reason.BAD_SIGNATURE: CRYPTOGRAPHIC,
        Reason.ISSUER_NOT_TRUSTED: CRYPTOGRAPHIC,
        Reason.EXPIRED: RANGE,
        Reason.NOT_YET_VALID: RANGE,
        Reason.STATUS_UNKNOWN: STATUS_RETRIEVAL,
        Reason.STATUS_STALE: STATUS_RETRIEVAL,
        Reason.REVOKED: STATUS_VERIFICATION,
        Reason.SUSPENDED: STATUS_VERIFICATION,
    }
)

Problem = Mapping[str, JsonValue]
"""One problem as it is sent."""


def build_problem(kind: str, detail: str, *, code: str) -> Problem:
    """A problem of a registered kind."""
    return {
        "type": kind,
        "title": kind.rpartition("#")[2],
        "detail": detail,
        "code": code,
    }


def problem_of_fault(fault: CredentialError) -> Problem:
    """Why something cannot be read or made."""
    code = getattr(fault, "detail", fault.code)
    return build_problem(_BY_DETAIL.get(code, MALFORMED_VALUE), str(fault), code=code)


def problem_of_check(check: Check) -> Problem:
    """Why a check did not pass."""
    reason = check.reason or Reason.MALFORMED
    return build_problem(
        _BY_REASON.get(reason, MALFORMED_VALUE),
        f"the check of the {check.name} did not pass",
        code=check.detail or reason.value,
    )
