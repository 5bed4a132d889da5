"""
What can go wrong at the verifier's counter, apart from bad credentials (those are verdicts).

Each class carries its kind and its wire code; `runtime/problems.py` turns them into HTTP.
Architecture section 5.
"""

from typing import ClassVar


class VerifierError(Exception):
    """The work could not be done. The message is one lowercase sentence."""

    kind: ClassVar[str] = "malformed"
    code: ClassVar[str] = "invalid_request"


class MalformedCheck(VerifierError):
    """What was sent to be checked cannot be read; nothing was stored."""

    code = "malformed_presentation"


class MalformedQr(VerifierError):
    """The QR text is not a code of this city; nothing was stored."""

    code = "malformed_qr"


class NoSuchPurpose(VerifierError):
    """No purpose has this name."""

    code = "unknown_purpose"


class PurposeNotAllowed(VerifierError):
    """The purpose exists, but not for this role (S-087)."""

    kind = "refused"
    code = "purpose_not_allowed"


class NotSignedIn(VerifierError):
    """Neither a service token nor a web session came with the request."""

    kind = "unauthenticated"
    code = "unauthenticated"


class RoleNotAllowed(VerifierError):
    """Who asks is known, and this is not theirs to do."""

    kind = "refused"
    code = "role_not_allowed"


class NoSuchSession(VerifierError):
    """Unknown, expired or another's: one answer for all three (S-081)."""

    kind = "not_found"
    code = "no_such_session"


class ResponseRefused(VerifierError):
    """The one constant answer to every response that is not accepted (interop 10)."""

    kind = "refused"
    code = "invalid_request"

    def __init__(self) -> None:
        super().__init__("the response was not accepted")


class MaterialUnavailable(VerifierError):
    """Neither the register nor an earlier copy says whom to trust."""

    kind = "unavailable"
    code = "material_unavailable"


class EnrolmentRefused(VerifierError):
    """The enrolment link is unknown, used or too old."""

    kind = "refused"
    code = "enrolment_refused"


class SignInRefused(VerifierError):
    """The passkey ceremony failed; no word about why (S-118)."""

    kind = "refused"
    code = "sign_in_refused"
