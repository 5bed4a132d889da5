"""
Issuing at the desk: choose a type, fill in its form, hand over the code, see it arrive.

The page with the code asks every few seconds how the offer stands, and stops asking after a while:
a page left open must not keep its officer signed in.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request

from credentials.catalog import CredentialType
from credentials.model import Format
from issuer.actors import Actor, require_officer
from issuer.agencies import require_type
from issuer.console_desk import HOME, Desk, Visitor, go
from issuer.console_form import Filled, build_groups, fill_with_example, parse_form
from issuer.console_links import keep_link, open_link
from issuer.errors import BadRequest, NoSuchCredential, OfferIsOver
from issuer.offers import Wish, make_offer, renew_link
from issuer.office import OFFER_LIFE, Office
from issuer.publications import formats_of
from issuer.store import credentials as records
from issuer.store import offers as store
from issuer.store.credentials import CredentialRecord
from issuer.store.offers import OfferState
from runtime.qr import build_qr_svg

ASK_FOR = timedelta(minutes=10)
"""Shorter than an idle session lives."""
MAX_REQUEST_ID = 64


class Stage(StrEnum):
    """How an offer stands, in the officer's words."""

    WAITING = "waiting"
    COLLECTING = "collecting"
    RECEIVED = "received"
    LOCKED = "locked"
    EXPIRED = "expired"
    OVER = "over"


_STAGES = {
    OfferState.OFFERED: Stage.WAITING,
    OfferState.REDEEMED: Stage.COLLECTING,
    OfferState.ISSUING: Stage.COLLECTING,
    OfferState.ISSUED: Stage.RECEIVED,
    OfferState.LOCKED: Stage.LOCKED,
    OfferState.WITHDRAWN: Stage.OVER,
}


@dataclass(frozen=True, slots=True)
class Progress:
    """An offer as its page shows it. `minutes_left` is rounded up."""

    record: CredentialRecord
    stage: Stage
    expires_at: datetime
    minutes_left: int
    is_watched: bool

    @property
    def seen(self) -> str:
        """Changes when the page must change."""
        return f"{self.stage.value}.{self.minutes_left}.{self.is_watched}"


@dataclass(frozen=True, slots=True)
class Code:
    """An offer to be scanned, opened or copied; `tx_code` is told by mouth."""

    picture: str
    offer_uri: str
    wallet_link: str
    tx_code: str | None


def read_progress(office: Office, *, actor: Actor, credential: str) -> Progress:
    """How the offer of this credential stands."""
    agency, now = require_officer(actor), office.clock()
    with office.database.reading() as session:
        record = records.load_credential(session, agency, credential)
        offer = store.load_offer_of(session, agency, credential)
    if record is None or offer is None:
        raise NoSuchCredential("no such credential")
    stage, left = _STAGES[offer.state], offer.expires_at - now
    if stage is Stage.WAITING and left <= timedelta(0):
        stage = Stage.EXPIRED
    is_open = stage in (Stage.WAITING, Stage.COLLECTING)
    minutes = -(-left // timedelta(minutes=1)) if is_open else 0
    is_watched = is_open and OFFER_LIFE - left < ASK_FOR
    return Progress(record, stage, offer.expires_at, max(0, minutes), is_watched)


def build_offers(desk: Desk) -> Blueprint:
    """From the choice of a type to the code in the wallet."""
    routes = Blueprint("console_offers", __name__, url_prefix=f"{HOME}/offers")
    _add_form(routes, desk)
    _add_offer(routes, desk)
    return routes


def _add_form(routes: Blueprint, desk: Desk) -> None:
    @routes.get("/new/<type_name>")
    def form(type_name: str) -> Response:
        visitor = desk.visitor()
        credential_type = _require_issuable(desk, visitor, type_name)
        wants_example = "example" in request.args and not desk.office.settings.is_production
        filled = fill_with_example(credential_type) if wants_example else Filled()
        return _answer_form(desk, visitor, credential_type, filled)

    @routes.post("/new/<type_name>")
    def send(type_name: str) -> Response:
        visitor = desk.visitor()
        credential_type = _require_issuable(desk, visitor, type_name)
        filled = parse_form(credential_type, request.form, _read_images())
        if filled.faults:
            return _answer_form(desk, visitor, credential_type, filled)
        wish = Wish(
            agency=visitor.agency.name,
            type=type_name,
            claims=filled.claims,
            format=_read_format(credential_type),
            has_tx_code="tx_code" in request.form,
        )
        try:
            made = make_offer(
                desk.office, actor=visitor.actor, wish=wish, request_id=_read_request_id()
            )
        except OfferIsOver:
            return _answer_form(desk, visitor, credential_type, filled, was_sent=True)
        desk.web_sessions.update(visitor.session, keep_link(visitor.session, made))
        return go(f"{HOME}/offers/{made.credential}")


def _add_offer(routes: Blueprint, desk: Desk) -> None:
    @routes.get("/<credential>")
    def offer(credential: str) -> Response:
        visitor = desk.visitor()
        progress = read_progress(desk.office, actor=visitor.actor, credential=credential)
        return desk.answer(
            "offer.html",
            visitor=visitor,
            progress=progress,
            type=desk.office.catalog.by_name(progress.record.type),
            code=_build_code(desk, visitor, progress),
        )

    @routes.get("/<credential>/state")
    def state(credential: str) -> Response:
        visitor = desk.visitor()
        progress = read_progress(desk.office, actor=visitor.actor, credential=credential)
        seen = request.args.get("seen", "")
        if seen == progress.seen:
            return Response(status=HTTPStatus.NO_CONTENT)
        if not seen.startswith(f"{progress.stage.value}.") or not progress.is_watched:
            return Response(headers={"HX-Refresh": "true"})
        return desk.answer("_time_left.html", visitor=visitor, progress=progress)

    @routes.post("/<credential>/renew")
    def renew(credential: str) -> Response:
        visitor = desk.visitor()
        try:
            made = renew_link(desk.office, actor=visitor.actor, credential=credential)
        except OfferIsOver:
            # Taken or withdrawn meanwhile: its page says which.
            return go(f"{HOME}/offers/{credential}")
        desk.web_sessions.update(visitor.session, keep_link(visitor.session, made))
        return go(f"{HOME}/offers/{credential}")


def _require_issuable(desk: Desk, visitor: Visitor, type_name: str) -> CredentialType:
    """A type of this agency. Views are made from other credentials, never by hand."""
    if type_name not in visitor.agency.types:
        abort(HTTPStatus.NOT_FOUND)
    credential_type = require_type(desk.office, agency=visitor.agency.name, type_name=type_name)
    if credential_type.is_view:
        abort(HTTPStatus.NOT_FOUND)
    return credential_type


def _answer_form(
    desk: Desk,
    visitor: Visitor,
    credential_type: CredentialType,
    filled: Filled,
    *,
    was_sent: bool = False,
) -> Response:
    is_first = request.method == "GET"
    return desk.answer(
        "offer_form.html",
        visitor=visitor,
        status=HTTPStatus.OK if is_first else HTTPStatus.BAD_REQUEST,
        type=credential_type,
        groups=build_groups(credential_type, filled),
        formats=formats_of(credential_type),
        chosen_format=request.form.get("format", Format.DC_SD_JWT.value),
        has_tx_code=is_first or "tx_code" in request.form,
        request_id=secrets.token_urlsafe(16),
        was_sent=was_sent,
        is_demo=not desk.office.settings.is_production,
    )


def _build_code(desk: Desk, visitor: Visitor, progress: Progress) -> Code | None:
    """The offer's code, in the browser in which it was made, while a wallet may take it."""
    kept = open_link(visitor.session, progress.record.id)
    if progress.stage is not Stage.WAITING or kept is None:
        return None
    picture = build_qr_svg(kept.offer_uri, error="M").encode()
    return Code(
        picture=f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}",
        offer_uri=kept.offer_uri,
        wallet_link=f"{desk.office.settings.wallet_url}/offer?{urlsplit(kept.offer_uri).query}",
        tx_code=kept.tx_code,
    )


def _read_images() -> dict[str, bytes]:
    """Files that were chosen; the body's limit is theirs as well."""
    return {name: file.read() for name, file in request.files.items() if file.filename}


def _read_format(credential_type: CredentialType) -> Format:
    wanted = request.form.get("format", Format.DC_SD_JWT.value)
    for each in formats_of(credential_type):
        if each.value == wanted:
            return each
    raise BadRequest("the type is not issued in this format")


def _read_request_id() -> str | None:
    """Drawn with the form, so that sending it twice makes one credential (S-213)."""
    return request.form.get("request_id", "")[:MAX_REQUEST_ID] or None
