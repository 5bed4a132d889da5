"""
The errors of the workshop, with the kinds of architecture section 5.

An exception here means that something could not be read or could not be made. That a credential
does not hold is never an exception: it is a `Verdict`.
"""

from typing import ClassVar

from encoding import errors as encoding_errors


class CredentialError(Exception):
    """The root. `kind` says what sort of fault it is, `code` is the word for the wire."""

    kind: ClassVar[str] = "malformed"
    code: ClassVar[str] = "invalid_request"


class Malformed(CredentialError):
    """It cannot be read. `detail` is a stable fine code such as `duplicate_member`."""

    def __init__(self, message: str, *, detail: str = "malformed") -> None:
        super().__init__(message)
        self.detail = detail

    @classmethod
    def from_encoding(cls, error: encoding_errors.Malformed) -> "Malformed":
        """The same fault, seen from this room."""
        return cls(str(error), detail=error.detail)


class TokenRefused(CredentialError):
    """A token reads well but may not be used: `detail` says why."""

    kind = "refused"
    code = "invalid_token"

    def __init__(self, message: str, *, detail: str) -> None:
        super().__init__(message)
        self.detail = detail
