"""What this package raises. `problems.py` turns kinds into HTTP answers."""

from collections.abc import Mapping
from typing import ClassVar


class RuntimeServiceError(Exception):
    """Root of this package's errors."""

    kind: ClassVar[str] = "unavailable"
    code: ClassVar[str] = "temporarily_unavailable"


class SettingsError(RuntimeServiceError):
    """A setting cannot be used as it stands. The service does not start."""

    kind = "malformed"
    code = "invalid_setting"


class DatabaseUnavailable(RuntimeServiceError):
    """The database did not answer or stayed locked. Nothing was written."""


class FetchError(RuntimeServiceError):
    """The other side did not answer properly within the limits."""


class UnsafeUrl(FetchError):
    """The URL points where this service must not go. Nothing was sent."""

    kind = "refused"
    code = "invalid_request"


class FailpointHit(RuntimeServiceError):
    """A test asked for a failure at this place."""


class KeystoreError(RuntimeServiceError):
    """A key cannot be used."""


class KeystoreUnavailable(KeystoreError):
    """What holds the keys does not sign now. Nothing was signed; `detail` says why."""

    def __init__(self, message: str, *, detail: str) -> None:
        super().__init__(message)
        self.detail = detail


class AuditError(RuntimeServiceError):
    """The audit log cannot be written."""


class ChildFailed(RuntimeServiceError):
    """A child process crashed, hung or answered nonsense."""


class NotAuthenticated(RuntimeServiceError):
    """Nobody proved who is asking."""

    kind = "unauthenticated"
    code = "access_denied"


class RequestRefused(RuntimeServiceError):
    """The request is understood and not allowed, whoever asks."""

    kind = "refused"
    code = "access_denied"


class TooManyRequests(RuntimeServiceError):
    """The limit for this key is used up; `headers` says when to come back."""

    kind = "limited"
    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.headers: Mapping[str, str] = {"Retry-After": str(retry_after)}
