"""
The portal's door: officers enrol by a one-time link, sign in with a passkey, and sign out.

A ceremony's challenge lives in a session without a subject, bound to one browser, for five
minutes and one try (S-120). Whoever passes gets a new session id (S-115). The door is limited by
address, so that guessing is hopeless.
"""

import secrets
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, request

from encoding import base64url
from encoding.strict_json import JsonValue, parse_object
from issuer.agencies import require_known
from issuer.console_desk import (
    HOME,
    SIGN_IN,
    Desk,
    answer_json,
    go,
    read_next,
)
from issuer.console_pages import LANGUAGE_COOKIE
from issuer.errors import BadRequest, NotSignedIn
from issuer.officers import (
    begin_enrolment,
    begin_sign_in,
    finish_enrolment,
    finish_sign_in,
    open_enrolment,
)
from issuer.store.officers import Officer
from issuer.tickets import digest_ticket
from runtime.i18n import LANGUAGES
from runtime.web_sessions import WebSession

CHALLENGE_BYTES = 32
CHALLENGE_LIFE = timedelta(minutes=5)
LANGUAGE_LIFE = timedelta(days=365)
TRIES = 30
TRIES_PER = timedelta(minutes=5)
SIGNING_IN = "sign-in"


def build_door(desk: Desk) -> Blueprint:
    """Everything before and after the work."""
    routes = Blueprint("door", __name__)
    _add_enrolment(routes, desk)
    _add_sign_in(routes, desk)
    _add_language(routes, desk)

    @routes.get("/")
    def front() -> Response:
        return go(HOME)

    @routes.post("/console/sign-out")
    def sign_out() -> Response:
        desk.web_sessions.destroy(desk.visitor().session)
        answer = go(SIGN_IN)
        desk.web_sessions.clear_cookie(answer)
        return answer

    return routes


def _add_enrolment(routes: Blueprint, desk: Desk) -> None:
    @routes.get("/enrol/<ticket>")
    def enrolment(ticket: str) -> Response:
        found = open_enrolment(desk.office, ticket)
        agency = require_known(desk.office, found.agency)
        return desk.answer("enrol.html", visitor=None, enrolment=found, agency=agency)

    @routes.post("/enrol/<ticket>/begin")
    def begin_enrolling(ticket: str) -> Response:
        challenge = _begin(desk)
        options = begin_enrolment(desk.office, ticket, challenge=challenge)
        return _answer_begun(desk, options, challenge, purpose=digest_ticket(ticket))

    @routes.post("/enrol/<ticket>/finish")
    def finish_enrolling(ticket: str) -> Response:
        session, challenge, response = _read_answer(desk, purpose=digest_ticket(ticket))
        officer = finish_enrolment(
            desk.office, ticket, response=response, expected_challenge=challenge
        )
        return _answer_signed_in(desk, session, officer, place=HOME)


def _add_sign_in(routes: Blueprint, desk: Desk) -> None:
    @routes.get(SIGN_IN)
    def door() -> Response:
        place = read_next(request.args.get("next"))
        session = desk.web_sessions.load(request)
        if session is not None and session.subject:
            return go(place)
        return desk.answer("sign_in.html", visitor=None, next=place)

    @routes.post(f"{SIGN_IN}/begin")
    def begin_signing_in() -> Response:
        challenge = _begin(desk)
        options = begin_sign_in(desk.office, challenge=challenge)
        return _answer_begun(desk, options, challenge, purpose=SIGNING_IN)

    @routes.post(f"{SIGN_IN}/finish")
    def finish_signing_in() -> Response:
        session, challenge, response = _read_answer(desk, purpose=SIGNING_IN)
        officer = finish_sign_in(desk.office, response=response, expected_challenge=challenge)
        place = read_next(request.args.get("next"))
        return _answer_signed_in(desk, session, officer, place=place)


def _add_language(routes: Blueprint, desk: Desk) -> None:
    @routes.post("/console/language")
    def choose() -> Response:
        desk.web_sessions.check_origin(request)
        session = desk.web_sessions.load(request)
        if session is not None and session.subject:
            desk.web_sessions.require(request)
        language = request.form.get("language", "")
        if language not in LANGUAGES:
            raise BadRequest("the city does not speak this language")
        answer = go(read_next(request.form.get("next")))
        answer.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=LANGUAGE_LIFE,
            secure=True,
            httponly=True,
            samesite="Strict",
        )
        return answer


def _begin(desk: Desk) -> bytes:
    """A fresh challenge, for our own pages only, and for one address only so many."""
    address = request.remote_addr or ""
    desk.office.limiter.require("portal.door", address, limit=TRIES, per=TRIES_PER)
    desk.web_sessions.check_origin(request)
    _require_json()
    return secrets.token_bytes(CHALLENGE_BYTES)


def _answer_begun(
    desk: Desk, options: dict[str, JsonValue], challenge: bytes, *, purpose: str
) -> Response:
    content: dict[str, JsonValue] = {
        "challenge": base64url.encode(challenge),
        "purpose": purpose,
        "begun_at": int(desk.office.clock().timestamp()),
    }
    session = desk.web_sessions.create(subject="", content=content)
    answer = answer_json({"options": options, "csrf_token": session.csrf_token})
    desk.web_sessions.set_cookie(answer, session)
    return answer


def _read_answer(desk: Desk, *, purpose: str) -> tuple[WebSession, bytes, dict[str, JsonValue]]:
    """The authenticator's answer to the challenge of this browser, which is used up with it."""
    _require_json()
    session = desk.web_sessions.require(request)
    response = parse_object(request.get_data()).get("response")
    if not isinstance(response, dict):
        raise BadRequest("response must be an object")
    content, now = session.content, desk.office.clock()
    begun_at, challenge = content.get("begun_at"), content.get("challenge")
    if session.subject or content.get("purpose") != purpose:
        raise NotSignedIn("no ceremony has begun")
    if not isinstance(begun_at, int) or not isinstance(challenge, str):
        raise NotSignedIn("no ceremony has begun")
    until = datetime.fromtimestamp(begun_at, UTC) + CHALLENGE_LIFE
    if now >= until or not desk.office.once.claim("portal.challenge", challenge, until=until):
        raise NotSignedIn("the challenge was used or is too old")
    return session, base64url.decode(challenge), response


def _answer_signed_in(desk: Desk, session: WebSession, officer: Officer, *, place: str) -> Response:
    content: dict[str, JsonValue] = {"agency": officer.agency, "name": officer.name}
    renewed = desk.web_sessions.rotate(session, subject=officer.id, content=content)
    answer = answer_json({"next": place})
    desk.web_sessions.set_cookie(answer, renewed)
    return answer


def _require_json() -> None:
    """A form of another site cannot send this type without asking first."""
    if request.mimetype != "application/json":
        raise BadRequest("the body must be application/json")
