"""
What was issued, and its status: look, narrow, suspend, reinstate, revoke.

A change needs a reason and a page of its own that says what will happen; revoking needs a tick
besides, since nobody can undo it. Afterwards the officer holds the signed receipt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request

from credentials.errors import CredentialError
from credentials.model import Status
from credentials.receipt import parse_receipt
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_object
from issuer.actors import Actor, require_officer
from issuer.console_desk import HOME, Desk, Visitor, go
from issuer.errors import BadRequest
from issuer.office import Office
from issuer.receipts import newest_receipt
from issuer.records import Filter, list_records, read_record, read_references
from issuer.statuses import MAX_REASON, Receipt, change_status
from issuer.store import officers
from issuer.store.credentials import CredentialRecord, RecordState
from runtime import audit

ROWS = 20
HISTORY = 100
STATUSES = (Status.VALID, Status.SUSPENDED, Status.REVOKED)


class Standing(StrEnum):
    """State and status of a record in one word."""

    WAITING = "waiting"
    OVER = "over"
    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Event:
    """A line of a record's history. `actor`: a name, or a text's key."""

    at: datetime
    action: str
    actor: str
    is_officer: bool
    detail: Mapping[str, JsonValue]


def standing(record: CredentialRecord, *, now: datetime) -> Standing:
    """What an officer sees first."""
    if record.status is Status.REVOKED:
        return Standing.REVOKED
    if record.state is RecordState.WITHDRAWN:
        return Standing.OVER
    if record.status is Status.SUSPENDED:
        return Standing.SUSPENDED
    if record.state is RecordState.OFFERED:
        return Standing.WAITING
    is_expired = record.valid_until is not None and record.valid_until <= now
    return Standing.EXPIRED if is_expired else Standing.VALID


def changes_of(record: CredentialRecord, *, now: datetime) -> tuple[Status, ...]:
    """What may be done to it. What nobody took yet can only be taken back."""
    found = standing(record, now=now)
    if found in (Standing.REVOKED, Standing.OVER):
        return ()
    if found is Standing.SUSPENDED:
        return (Status.VALID, Status.REVOKED)
    return (Status.REVOKED,) if found is Standing.WAITING else (Status.SUSPENDED, Status.REVOKED)


def read_history(office: Office, *, actor: Actor, credential: str) -> tuple[Event, ...]:
    """The audit entries of one record of the officer's own agency, newest first."""
    agency = require_officer(actor)
    read_record(office, actor=actor, credential=credential)
    with office.database.reading() as session:
        entries = audit.load_entries(session, limit=HISTORY, subject=credential)
        names = {name: officers.load_officer(session, name) for name in {e.actor for e in entries}}
    known = {name: found for name, found in names.items() if found and found.agency == agency}
    return tuple(
        Event(
            at=datetime.fromisoformat(entry.at).astimezone(UTC),
            action=entry.action,
            actor=known[entry.actor].name if entry.actor in known else _group(entry.actor),
            is_officer=entry.actor in known,
            detail=_read_detail(entry.detail),
        )
        for entry in entries
    )


def build_records(desk: Desk) -> Blueprint:
    """Everything about credentials that exist."""
    routes = Blueprint("console_records", __name__, url_prefix=f"{HOME}/credentials")
    _add_list(routes, desk)
    _add_record(routes, desk)
    _add_change(routes, desk)
    return routes


def _add_list(routes: Blueprint, desk: Desk) -> None:
    @routes.get("")
    def every() -> Response:
        visitor = desk.visitor()
        type_name, status = _read_filter(visitor)
        page = list_records(
            desk.office,
            actor=visitor.actor,
            narrowed=Filter(type_name, status),
            cursor=request.args.get("cursor") or None,
            limit=ROWS,
        )
        chosen = {"type": type_name or "", "status": status.value if status else ""}
        following = {**chosen, "cursor": page.next_cursor or ""}
        return desk.answer(
            "records.html",
            visitor=visitor,
            rows=[(each, standing(each, now=desk.office.clock())) for each in page.records],
            types=[desk.office.catalog.by_name(name) for name in visitor.agency.types],
            labels={each.name: each.labels for each in desk.office.catalog.types},
            statuses=STATUSES,
            chosen=chosen,
            is_first="cursor" not in request.args,
            next_page=f"?{urlencode(following)}" if page.next_cursor else None,
        )


def _add_record(routes: Blueprint, desk: Desk) -> None:
    @routes.get("/<credential>")
    def one(credential: str) -> Response:
        visitor, now = desk.visitor(), desk.office.clock()
        record = read_record(desk.office, actor=visitor.actor, credential=credential)
        return desk.answer(
            "record.html",
            visitor=visitor,
            record=record,
            standing=standing(record, now=now),
            changes=changes_of(record, now=now),
            type=desk.office.catalog.by_name(record.type),
            places=read_references(desk.office, record),
            history=read_history(desk.office, actor=visitor.actor, credential=credential),
            receipt=_read_receipt(desk, visitor, credential),
        )

    @routes.get("/<credential>/receipt")
    def receipt(credential: str) -> Response:
        visitor = desk.visitor()
        read_record(desk.office, actor=visitor.actor, credential=credential)
        kept = newest_receipt(desk.office, actor=visitor.actor, credential=credential)
        if kept is None:
            abort(HTTPStatus.NOT_FOUND)
        answer = Response(kept.text, content_type="application/jwt")
        answer.headers["Content-Disposition"] = 'attachment; filename="receipt.jwt"'
        return answer


def _add_change(routes: Blueprint, desk: Desk) -> None:
    @routes.get("/<credential>/status/<to>")
    def ask(credential: str, to: str) -> Response:
        visitor = desk.visitor()
        record = read_record(desk.office, actor=visitor.actor, credential=credential)
        return _answer_change(desk, visitor, record, _read_change(desk, record, to))

    @routes.post("/<credential>/status/<to>")
    def change(credential: str, to: str) -> Response:
        visitor = desk.visitor()
        record = read_record(desk.office, actor=visitor.actor, credential=credential)
        status = _read_change(desk, record, to)
        if _find_fault(status) is not None:
            return _answer_change(desk, visitor, record, status, fault=_find_fault(status))
        receipt = change_status(
            desk.office,
            actor=visitor.actor,
            credential=credential,
            to=status,
            reason=request.form["reason"],
        )
        desk.web_sessions.update(visitor.session, _keep_receipt(visitor, receipt))
        return go(f"{HOME}/credentials/{credential}")


def _answer_change(
    desk: Desk,
    visitor: Visitor,
    record: CredentialRecord,
    status: Status,
    *,
    fault: str | None = None,
) -> Response:
    return desk.answer(
        "status.html",
        visitor=visitor,
        status=HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        record=record,
        standing=standing(record, now=desk.office.clock()),
        type=desk.office.catalog.by_name(record.type),
        to=status,
        fault=fault,
        reason=request.form.get("reason", ""),
        max_reason=MAX_REASON,
    )


def _read_change(desk: Desk, record: CredentialRecord, to: str) -> Status:
    """What the page is about; a change that cannot be made has no page."""
    allowed = changes_of(record, now=desk.office.clock())
    for status in allowed:
        if status.value == to:
            return status
    is_known = to in [each.value for each in STATUSES]
    return abort(HTTPStatus.CONFLICT if is_known else HTTPStatus.NOT_FOUND)


def _find_fault(status: Status) -> str | None:
    if not 0 < len(request.form.get("reason", "").strip()) <= MAX_REASON:
        return "reason"
    is_confirmed = status is not Status.REVOKED or "confirmed" in request.form
    return None if is_confirmed else "confirm"


def _read_filter(visitor: Visitor) -> tuple[str | None, Status | None]:
    type_name, status = request.args.get("type") or None, request.args.get("status") or None
    if type_name is not None and type_name not in visitor.agency.types:
        raise BadRequest("the agency has no such type")
    if status is not None and status not in [each.value for each in STATUSES]:
        raise BadRequest("there is no such status")
    return type_name, None if status is None else Status(status)


def _keep_receipt(visitor: Visitor, receipt: Receipt) -> dict[str, JsonValue]:
    kept: dict[str, JsonValue] = {
        "credential": receipt.record.id,
        "is_published": receipt.is_published,
    }
    return {**visitor.session.content, "receipt": kept}


def _read_receipt(desk: Desk, visitor: Visitor, credential: str) -> dict[str, object] | None:
    """
    The last change's receipt, and whether this browser made the change just now; a kept text that
    cannot be read is a matter for fsck and shows as none.
    """
    kept = newest_receipt(desk.office, actor=visitor.actor, credential=credential)
    if kept is None:
        return None
    try:
        promise = parse_receipt(kept.text).receipt
    except CredentialError:
        return None
    session = visitor.session.content.get("receipt")
    is_new = isinstance(session, dict) and session.get("credential") == credential
    return {
        "text": kept.text,
        "issued_at": promise.issued_at,
        "due_at": promise.due_at,
        "due_epoch": promise.due_epoch,
        "is_new": is_new,
        "is_published": isinstance(session, dict) and session.get("is_published") is True,
    }


def _group(actor: str) -> str:
    return actor if actor in ("wallet", "issuer") else "other"


def _read_detail(text: str) -> Mapping[str, JsonValue]:
    try:
        return parse_object(text)
    except EncodingError:
        return {}
