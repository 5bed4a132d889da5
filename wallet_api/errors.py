"""
Why the wallet could not do its work. Each class carries its kind and its registered code.

`runtime.problems` alone turns a kind into an HTTP status (architecture 5). Messages are one
lowercase sentence and never hold a claim, a token, or a key.
"""

from collections.abc import Mapping


class WalletError(Exception):
    """Root of the wallet's errors."""

    kind = "malformed"
    code = "invalid_request"


class BadRequest(WalletError):
    """The request cannot be read."""


class NotSignedIn(WalletError):
    """No valid DPoP-bound token, or no valid proof of the key it is bound to (RFC 9449 7.1)."""

    kind = "unauthenticated"
    code = "invalid_token"

    def __init__(self, message: str, *, code: str = "invalid_token") -> None:
        super().__init__(message)
        self.code = code

    @property
    def headers(self) -> Mapping[str, str]:
        """What RFC 9449 7.1 asks a resource server to answer."""
        return {"WWW-Authenticate": f'DPoP error="{self.code}", algs="ES256"'}


class NotFound(WalletError):
    """No such thing among what this resident has. Another resident's things look the same."""

    kind = "not_found"
    code = "not_found"


class Conflict(WalletError):
    """The thing is in a state that does not allow this step."""

    kind = "conflict"
    code = "conflict"


class Unreachable(WalletError):
    """An issuer, a verifier or the register did not answer in time, or not sensibly."""

    kind = "unavailable"
    code = "unavailable"


class IssuerRefused(WalletError):
    """The issuer answered with an error; `code` is the one it sent."""

    kind = "refused"
    code = "issuer_refused"

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class VerifierRefused(WalletError):
    """The verifier did not take the answer."""

    kind = "refused"
    code = "verifier_refused"


class CredentialRefused(WalletError):
    """What the issuer sent is not a credential that this resident can hold (VCI-W-07)."""

    kind = "refused"
    code = "credential_refused"


class NothingMatches(WalletError):
    """The request asks for something that this resident does not hold."""

    kind = "refused"
    code = "nothing_matches"


class BadSignature(WalletError):
    """A signature by the device is missing or not by the key that was asked to sign."""

    kind = "refused"
    code = "bad_signature"


class KeyFileError(WalletError):
    """The key file of the store is missing, unreadable or not ours. The service will not start."""

    kind = "unavailable"
    code = "key_file"
