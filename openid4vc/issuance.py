"""
The messages of issuing, OpenID4VCI 1.0 sections 7, 8 and 11, from both sides.

The issuer parses requests and builds responses, the wallet the other way round. Unknown parameters
are ignored everywhere (VCI-I-30). Nothing here decides whether a nonce is live: that is the
issuer's store.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from encoding.strict_json import JsonValue
from openid4vc.errors import (
    InvalidCredentialRequest,
    InvalidMetadata,
    InvalidNotificationRequest,
    InvalidProof,
    UnknownCredentialConfiguration,
    UnknownCredentialIdentifier,
)
from openid4vc.members import (
    optional_count,
    optional_text,
    read_object,
    require_array,
    require_object,
    require_text,
)

MAX_RESPONSE_BYTES = 1_048_576
MAX_FACE_TEXTS = 6
FACE_PREFIX = "CF1:"


@dataclass(frozen=True, slots=True)
class CredentialRequest:
    """What the wallet asks for: exactly one of the two ids, and its key proofs."""

    configuration_id: str | None
    identifier: str | None
    proof_type: str | None
    proofs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CredentialResponse:
    """
    Credentials now, or a `transaction_id` to ask with again after `interval` seconds. `faces`:
    beside each credential the QR texts of its face, a member of our own that others ignore.
    """

    credentials: tuple[str | Mapping[str, JsonValue], ...]
    notification_id: str | None
    transaction_id: str | None
    interval: int | None
    faces: tuple[tuple[str, ...], ...] = ()


class NotificationEvent(StrEnum):
    """What became of a credential in the wallet, section 11.1."""

    ACCEPTED = "credential_accepted"
    FAILURE = "credential_failure"
    DELETED = "credential_deleted"


@dataclass(frozen=True, slots=True)
class Notification:
    """What a wallet tells the issuer about credentials it received."""

    notification_id: str
    event: NotificationEvent
    description: str | None


# Nonce endpoint


def build_nonce_response(nonce: str) -> dict[str, JsonValue]:
    """The answer of the nonce endpoint; send it with `Cache-Control: no-store` (VCI-I-19)."""
    return {"c_nonce": nonce}


def parse_nonce_response(body: bytes) -> str:
    """The nonce to put into key proofs."""
    message = read_object(body, what="nonce response", refuse=InvalidMetadata)
    return require_text(message.get("c_nonce"), what="c_nonce", refuse=InvalidMetadata)


# Credential endpoint


def parse_credential_request(body: bytes, *, tolerate_single_proof: bool) -> CredentialRequest:
    """
    Read a credential request.

    `tolerate_single_proof` also takes the older `proof` object, when `proofs` is not there; to the
    final specification it is an unknown parameter.
    """
    message = read_object(body, what="credential request", refuse=InvalidCredentialRequest)
    configuration_id = optional_text(
        message, "credential_configuration_id", refuse=InvalidCredentialRequest
    )
    identifier = optional_text(message, "credential_identifier", refuse=InvalidCredentialRequest)
    if (configuration_id is None) == (identifier is None):
        raise InvalidCredentialRequest(
            "exactly one of credential_configuration_id and credential_identifier is needed"
        )
    proof_type, proofs = _parse_proofs(message, tolerate_single_proof=tolerate_single_proof)
    return CredentialRequest(
        configuration_id=configuration_id,
        identifier=identifier,
        proof_type=proof_type,
        proofs=proofs,
    )


def resolve_configuration(
    request: CredentialRequest,
    *,
    granted: Collection[str],
    identifiers: Mapping[str, str],
    require_identifier: bool,
) -> str:
    """
    The configuration that the request is for, among those that its token covers (VCI-I-20).

    `require_identifier`: the token response carried identifiers, so one must be used.
    """
    if request.identifier is not None:
        configuration_id = identifiers.get(request.identifier)
        if configuration_id is None or configuration_id not in granted:
            raise UnknownCredentialIdentifier("the credential identifier is unknown")
        return configuration_id
    if require_identifier:
        raise InvalidCredentialRequest("a credential_identifier of the token response is needed")
    if request.configuration_id is None or request.configuration_id not in granted:
        raise UnknownCredentialConfiguration("the credential configuration is unknown")
    return request.configuration_id


def build_credential_request(
    *, configuration_id: str | None = None, identifier: str | None = None, proofs: Sequence[str]
) -> dict[str, JsonValue]:
    """The request of a wallet; an identifier, once given, goes before the id (VCI-W-04)."""
    message: dict[str, JsonValue] = {}
    if identifier is not None:
        message["credential_identifier"] = identifier
    elif configuration_id is not None:
        message["credential_configuration_id"] = configuration_id
    else:
        raise InvalidCredentialRequest("a configuration id or an identifier is needed")
    if proofs:
        message["proofs"] = {"jwt": list(proofs)}
    return message


def build_credential_response(
    credentials: Sequence[str | Mapping[str, JsonValue]],
    *,
    notification_id: str | None,
    nonce: str | None = None,
    faces: Sequence[Sequence[str]] = (),
) -> dict[str, JsonValue]:
    """
    The credentials, each bound to one of the keys, in any order.

    `faces`: the QR texts of each credential's face, where it has one (section 8.3 lets an issuer
    add members, and a wallet ignore them). `nonce` is returned as `c_nonce`: final wallets ignore
    it, some others need it.
    """
    items: list[dict[str, JsonValue]] = [
        {"credential": item if isinstance(item, str) else dict(item)} for item in credentials
    ]
    for item, face in zip(items, faces, strict=bool(faces)):
        if face:
            item["face"] = list(face)
    message: dict[str, JsonValue] = {"credentials": [*items]}
    if notification_id is not None:
        message["notification_id"] = notification_id
    if nonce is not None:
        message["c_nonce"] = nonce
    return message


def parse_credential_response(body: bytes) -> CredentialResponse:
    """Read what the issuer gave: credentials, or a transaction id, never both (VCI-I-27)."""
    message = read_object(
        body, what="credential response", refuse=InvalidMetadata, max_bytes=MAX_RESPONSE_BYTES
    )
    transaction_id = optional_text(message, "transaction_id", refuse=InvalidMetadata)
    interval = optional_count(message, "interval", refuse=InvalidMetadata)
    notification_id = optional_text(message, "notification_id", refuse=InvalidMetadata)
    if ("credentials" in message) == (transaction_id is not None):
        raise InvalidMetadata("either credentials or a transaction_id is needed")
    if transaction_id is not None:
        if interval is None:
            raise InvalidMetadata("a transaction_id needs an interval")
        return CredentialResponse((), None, transaction_id, interval)
    items = require_array(message["credentials"], what="credentials", refuse=InvalidMetadata)
    return CredentialResponse(
        credentials=tuple(_parse_credential(item) for item in items),
        notification_id=notification_id,
        transaction_id=None,
        interval=None,
        faces=tuple(_parse_face(item) for item in items),
    )


def _parse_credential(value: JsonValue) -> str | Mapping[str, JsonValue]:
    credential = require_object(value, what="an item of credentials", refuse=InvalidMetadata).get(
        "credential"
    )
    if isinstance(credential, dict):
        return credential
    return require_text(
        credential, what="credential", refuse=InvalidMetadata, limit=MAX_RESPONSE_BYTES
    )


def _parse_face(value: JsonValue) -> tuple[str, ...]:
    """The texts of a face. Whatever else an issuer calls so is not for us (VCI-I-30)."""
    texts = value.get("face") if isinstance(value, dict) else None
    if not isinstance(texts, list) or len(texts) > MAX_FACE_TEXTS:
        return ()
    parts = tuple(text for text in texts if isinstance(text, str) and text.startswith(FACE_PREFIX))
    return parts if len(parts) == len(texts) else ()


def _parse_proofs(
    message: Mapping[str, JsonValue], *, tolerate_single_proof: bool
) -> tuple[str | None, tuple[str, ...]]:
    """`proofs` has exactly one member, a non-empty array (VCI-I-21)."""
    if "proofs" in message:
        members = require_object(message["proofs"], what="proofs", refuse=InvalidProof)
        if len(members) != 1:
            raise InvalidProof("proofs must have exactly one proof type")
        [(proof_type, value)] = members.items()
        if proof_type != "jwt":
            raise InvalidProof("only proofs of type jwt are supported")
        items = require_array(value, what="proofs", refuse=InvalidProof)
        return proof_type, tuple(_require_proof(item) for item in items)
    if tolerate_single_proof and "proof" in message:
        proof = require_object(message["proof"], what="proof", refuse=InvalidProof)
        if proof.get("proof_type") != "jwt":
            raise InvalidProof("only proofs of type jwt are supported")
        return "jwt", (_require_proof(proof.get("jwt")),)
    return None, ()


def _require_proof(value: JsonValue) -> str:
    return require_text(value, what="a key proof", refuse=InvalidProof, limit=16_384)


# Notification endpoint


def build_notification(notification: Notification) -> dict[str, JsonValue]:
    """What a wallet sends about credentials that it received."""
    message: dict[str, JsonValue] = {
        "notification_id": notification.notification_id,
        "event": notification.event.value,
    }
    if notification.description is not None:
        message["event_description"] = notification.description
    return message


def parse_notification(body: bytes) -> Notification:
    """Read it; exactly the three events are known (VCI-I-32)."""
    message = read_object(body, what="notification", refuse=InvalidNotificationRequest)
    events = {event.value: event for event in NotificationEvent}
    event = events.get(
        require_text(message.get("event"), what="event", refuse=InvalidNotificationRequest)
    )
    if event is None:
        raise InvalidNotificationRequest("the event is unknown")
    return Notification(
        notification_id=require_text(
            message.get("notification_id"),
            what="notification_id",
            refuse=InvalidNotificationRequest,
        ),
        event=event,
        description=optional_text(message, "event_description", refuse=InvalidNotificationRequest),
    )
