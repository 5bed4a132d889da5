"""What officers see of their agency's credentials, and nothing of anybody else's."""

from dataclasses import dataclass
from datetime import datetime

from credentials.model import Status, StatusReference
from credentials.verdict import format_instant
from encoding import base64url
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, build_json, parse_json
from issuer.actors import Actor, require_officer
from issuer.errors import BadRequest, NoSuchCredential
from issuer.office import Office
from issuer.store import credentials, status_lists
from issuer.store.credentials import CredentialRecord
from issuer.store.statements import build_seconds, parse_seconds

PAGE = 50
MAX_PAGE = 100  # security.md "Limits"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; None: everything."""

    type_name: str | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first; `next_cursor` leads on, None at the end."""

    records: tuple[CredentialRecord, ...]
    next_cursor: str | None


def read_record(office: Office, *, actor: Actor, credential: str) -> CredentialRecord:
    """One record of the officer's own agency."""
    agency = require_officer(actor)
    with office.database.reading() as session:
        record = credentials.load_credential(session, agency, credential)
    if record is None:
        raise NoSuchCredential("no such credential")
    return record


def read_references(office: Office, record: CredentialRecord) -> tuple[StatusReference, ...]:
    """Where the status of every copy stands."""
    with office.database.reading() as session:
        entries = status_lists.load_references(session, record.id)
    return tuple(
        StatusReference(office.status_list_url(record.agency, number), index)
        for number, index in entries
    )


def list_records(
    office: Office, *, actor: Actor, narrowed: Filter, cursor: str | None, limit: int = PAGE
) -> Page:
    """A page of the agency's records."""
    agency = require_officer(actor)
    limit = max(1, min(limit, MAX_PAGE))
    with office.database.reading() as session:
        found = credentials.load_credentials(
            session,
            agency,
            type_name=narrowed.type_name,
            status=narrowed.status,
            before=None if cursor is None else _parse_cursor(cursor),
            limit=limit + 1,
        )
    shown = found[:limit]
    return Page(shown, _build_cursor(shown[-1]) if len(found) > limit else None)


def build_record_json(record: CredentialRecord) -> dict[str, JsonValue]:
    """A record as the API shows it."""
    return {
        "credential_id": record.id,
        "agency": record.agency,
        "type": record.type,
        "format": record.format,
        "label": record.label,
        "state": record.state.value,
        "status": record.status.value,
        "reason": record.reason,
        "copies": record.copies,
        "offered_at": format_instant(record.offered_at),
        "issued_at": None if record.issued_at is None else format_instant(record.issued_at),
        "valid_until": None if record.valid_until is None else format_instant(record.valid_until),
        "wallet": record.notification_event,
    }


def _build_cursor(record: CredentialRecord) -> str:
    return base64url.encode(build_json([build_seconds(record.offered_at), record.id]))


def _parse_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        value = parse_json(base64url.decode(cursor), max_bytes=500)
    except EncodingError as error:
        raise BadRequest("the cursor cannot be read") from error
    if not isinstance(value, list) or len(value) != 2:
        raise BadRequest("the cursor cannot be read")
    seconds, credential = value
    if type(seconds) is not int or not 0 <= seconds < 2**40 or not isinstance(credential, str):
        raise BadRequest("the cursor cannot be read")
    return parse_seconds(seconds), credential
