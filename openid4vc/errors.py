"""
What this package raises: one class for each registered error code.

Codes come from RFC 6749 5.2, RFC 6750 3.1, RFC 9449 12.2, OpenID4VCI 1.0 6.3, 8.3.1 and 11.3 and
OpenID4VP 1.0 8.5. `kind` says how grave it is (architecture, section 5); only the runtime turns it
into an HTTP status. `headers` must travel with the answer (RFC 6750 `WWW-Authenticate`, RFC 9449
`DPoP-Nonce`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from encoding.errors import EncodingError
from encoding.strict_json import parse_object

# RFC 6749 5.2: %x20-21 / %x23-5B / %x5D-7E, so neither quote nor backslash.
_NOT_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")
_ERROR_CODE = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class ReplyAddress:
    """Where a wallet sends its refusal of a request whose sender it has made sure of."""

    response_uri: str
    state: str | None


class ProtocolError(Exception):
    """
    Root of this package's errors. The message is fit to be an `error_description`.

    `reply_to` is set only where a presentation request is refused after its signature, its client
    identifier and its response address were found to belong together.
    """

    kind: str = "refused"
    code: str = "invalid_request"

    def __init__(self, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(_NOT_DESCRIPTION.sub("'", message))
        self.headers: Mapping[str, str] = MappingProxyType(dict(headers or {}))
        self.reply_to: ReplyAddress | None = None


class InvalidRequest(ProtocolError):
    """A parameter is missing, doubled, contradictory or of the wrong shape."""

    kind = "malformed"
    code = "invalid_request"


class InvalidClient(ProtocolError):
    """The client is unknown, did not authenticate, or its metadata contradicts itself."""

    code = "invalid_client"


class InvalidGrant(ProtocolError):
    """The code is wrong, spent or expired, or the transaction code is wrong."""

    code = "invalid_grant"


class UnsupportedGrantType(ProtocolError):
    """The grant type is not served here."""

    code = "unsupported_grant_type"


class InvalidScope(ProtocolError):
    """The scope asked for cannot be granted."""

    code = "invalid_scope"


class InvalidToken(ProtocolError):
    """The access token is missing, expired, forged or meant for somebody else."""

    kind = "unauthenticated"
    code = "invalid_token"

    def __init__(self, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        """Who says nothing else challenges for DPoP: a 401 always carries a challenge."""
        challenge = build_challenge("DPoP", error=self.code, description=message)
        super().__init__(message, headers=headers or {"WWW-Authenticate": challenge})


class InsufficientScope(ProtocolError):
    """The token is good, and does not allow this."""

    code = "insufficient_scope"


class InvalidDpopProof(ProtocolError):
    """The DPoP proof does not hold, at an authorization server (RFC 9449 section 5)."""

    code = "invalid_dpop_proof"


class InvalidDpopProofAtResource(InvalidDpopProof):
    """The same at a protected resource (RFC 9449 section 7.1)."""

    kind = "unauthenticated"


class UseDpopNonce(ProtocolError):
    """The proof must carry the nonce in the `DPoP-Nonce` header (RFC 9449 section 8)."""

    code = "use_dpop_nonce"


class UseDpopNonceAtResource(UseDpopNonce):
    """The same at a protected resource (RFC 9449 section 9)."""

    kind = "unauthenticated"


class InvalidCredentialRequest(ProtocolError):
    """The credential request cannot be read, or asks for what cannot be given."""

    kind = "malformed"
    code = "invalid_credential_request"


class UnknownCredentialConfiguration(ProtocolError):
    """There is no such configuration, or this token does not cover it."""

    code = "unknown_credential_configuration"


class UnknownCredentialIdentifier(ProtocolError):
    """There is no such credential identifier, or this token does not cover it."""

    code = "unknown_credential_identifier"


class InvalidProof(ProtocolError):
    """A key proof is missing, malformed, or does not hold."""

    code = "invalid_proof"


class InvalidNonce(ProtocolError):
    """A key proof carries a nonce that is not live; fetch a new one."""

    code = "invalid_nonce"


class InvalidEncryptionParameters(ProtocolError):
    """The response encryption asked for cannot be done."""

    code = "invalid_encryption_parameters"


class CredentialRequestDenied(ProtocolError):
    """The credential will not be issued; asking again does not help."""

    code = "credential_request_denied"


class InvalidTransactionId(ProtocolError):
    """There is no such deferred transaction, or it is over."""

    code = "invalid_transaction_id"


class InvalidNotificationId(ProtocolError):
    """There is no such notification id."""

    code = "invalid_notification_id"


class InvalidNotificationRequest(ProtocolError):
    """The notification request cannot be read."""

    kind = "malformed"
    code = "invalid_notification_request"


class AccessDenied(ProtocolError):
    """The resident declined, or the wallet has nothing that meets the query."""

    code = "access_denied"


class InvalidTransactionData(ProtocolError):
    """The transaction data is malformed or of a type that is not supported."""

    code = "invalid_transaction_data"


class VpFormatsNotSupported(ProtocolError):
    """The wallet knows none of the formats that are asked for."""

    code = "vp_formats_not_supported"


class InvalidRequestUriMethod(ProtocolError):
    """`request_uri_method` is neither `get` nor `post`."""

    code = "invalid_request_uri_method"


class WalletUnavailable(ProtocolError):
    """The wallet cannot be started."""

    kind = "unavailable"
    code = "wallet_unavailable"


class InvalidMetadata(ProtocolError):
    """What an issuer or authorization server published or answered cannot be used."""

    code = "invalid_issuer_metadata"


class ClaimsPathError(ProtocolError):
    """A claims path pointer selects nothing, or walks through the wrong kind of value."""

    code = "invalid_request"


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """An error that somebody else answered, RFC 6749 5.2."""

    error: str
    description: str | None


def parse_error_response(body: bytes) -> ErrorResponse | None:
    """Read an error body of a peer; None when it is none. Both members are untrusted text."""
    try:
        members = parse_object(body)
    except EncodingError:
        return None
    error = members.get("error")
    if not isinstance(error, str) or not _ERROR_CODE.fullmatch(error):
        return None
    description = members.get("error_description")
    if not isinstance(description, str):
        return ErrorResponse(error=error, description=None)
    return ErrorResponse(error=error, description=_NOT_DESCRIPTION.sub("'", description)[:512])


def build_challenge(scheme: str, *, error: str | None = None, description: str = "") -> str:
    """The value of `WWW-Authenticate` (RFC 6750 section 3, RFC 9449 section 7.1)."""
    parameters = []
    if error is not None:
        parameters.append(f'error="{error}"')
    if description:
        parameters.append(f'error_description="{_NOT_DESCRIPTION.sub(chr(39), description)}"')
    if scheme == "DPoP":
        parameters.append('algs="ES256 EdDSA"')
    return f"{scheme} {', '.join(parameters)}".rstrip()
