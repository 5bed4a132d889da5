"""What the register and the witness refuse, and why."""

from collections.abc import Mapping
from typing import ClassVar


class RegisterError(Exception):
    """The root of this package's errors."""

    kind: ClassVar[str] = "malformed"
    code: ClassVar[str] = "invalid_request"
    headers: Mapping[str, str] = {}


class BadRequest(RegisterError):
    """A body or a parameter that is not what this route takes."""


class NotSignedIn(RegisterError):
    """Nobody proved who is asking."""

    kind = "unauthenticated"
    code = "access_denied"


class RoleNotAllowed(RegisterError):
    """The caller is known and may not do this."""

    kind = "refused"
    code = "access_denied"


class ListRefused(RegisterError):
    """A status list that its issuer's status key did not sign, or that is out of date."""

    kind = "refused"
    code = "list_refused"

    def __init__(self, message: str, *, detail: str) -> None:
        super().__init__(message)
        self.detail = detail


class IdentifierTaken(RegisterError):
    """Another issuer of the trust registry already signs under this name."""

    kind = "conflict"
    code = "identifier_taken"


class KeyTaken(RegisterError):
    """A key that is in use for something else; one key, one purpose (S-191)."""

    kind = "conflict"
    code = "key_taken"


class GovernorsNeeded(RegisterError):
    """An operator asks for what only the city's governors decide together."""

    kind = "refused"
    code = "governors_needed"


class TooManyProposals(RegisterError):
    """So many acts wait for signatures that no other is taken now."""

    kind = "limited"
    code = "too_many_requests"


class NotFounded(RegisterError):
    """The chain of acts has no beginning yet."""

    kind = "unavailable"
    code = "not_founded"


class NotListed(RegisterError):
    """The trust registry has nothing under this name."""

    kind = "not_found"
    code = "not_found"


class NoSuchProposal(RegisterError):
    """No act with this digest waits for signatures."""

    kind = "not_found"
    code = "not_found"


class WitnessNotKnown(RegisterError):
    """No witness is pinned yet, so no epoch can be published."""

    kind = "unavailable"
    code = "witness_unavailable"


class LogNotKnown(RegisterError):
    """The witness was not asked to watch this log."""

    kind = "not_found"
    code = "not_found"


class WitnessRetired(RegisterError):
    """A witness whose key and database do not belong together; it does not start."""

    kind = "unavailable"
    code = "witness_retired"
