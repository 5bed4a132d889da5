"""
The door: the operator makes accounts, people enrol, sign in and sign out.

Public routes are limited by address, so that guessing a link or a passkey is hopeless.
"""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, Response, request

from encoding.strict_json import JsonValue
from runtime.once import Limiter
from runtime.web_sessions import WebSession
from verifier import accounts
from verifier.accounts import Doorman
from verifier.callers import Caller
from verifier.routes import BadRequest, answer_json, read_body, read_text

TRIES = 30
TRIES_PER = timedelta(minutes=5)
MAX_NAME = 100


def build_account_routes(
    door: Doorman, *, authenticate: Callable[[], Caller], limiter: Limiter
) -> Blueprint:
    """Everything about accounts, under `/api/v1`."""
    routes = Blueprint("accounts", __name__, url_prefix="/api/v1")
    _add_operator_routes(routes, door, authenticate)
    _add_ceremonies(routes, door, limiter)

    @routes.get("/me")
    def get_me() -> Response:
        session = door.web_sessions.load(request)
        if session is None or not session.subject:
            return answer_json({"role": None, "name": None, "csrf_token": None})
        return _answer_session(session)

    @routes.post("/sign-out")
    def sign_out() -> Response:
        door.web_sessions.destroy(door.web_sessions.require(request))
        answer = Response(status=HTTPStatus.NO_CONTENT)
        door.web_sessions.clear_cookie(answer)
        # S-135. Not "storage": there lie the bundle, and checks that the counter has not seen yet.
        answer.headers["Clear-Site-Data"] = '"cache", "cookies"'
        return answer

    return routes


def _add_operator_routes(
    routes: Blueprint, door: Doorman, authenticate: Callable[[], Caller]
) -> None:
    def create(role: str) -> Response:
        caller = authenticate().require_role("operator")
        name = read_text(read_body(), "name").strip()
        if not name or len(name) > MAX_NAME or not name.isprintable():
            raise BadRequest(f"name must be a line of up to {MAX_NAME} characters")
        account, link = accounts.create_account(door, role=role, name=name, actor=caller.name)
        made: dict[str, JsonValue] = {"id": account.id, "enrolment_link": link}
        return answer_json(made, status=HTTPStatus.CREATED)

    @routes.post("/inspectors")
    def create_inspector() -> Response:
        return create("inspector")

    @routes.post("/businesses")
    def create_business() -> Response:
        return create("business")


def _add_ceremonies(routes: Blueprint, door: Doorman, limiter: Limiter) -> None:
    def limit() -> None:
        limiter.require("verifier.door", request.remote_addr or "", limit=TRIES, per=TRIES_PER)

    @routes.post("/enrolments/begin")
    def begin_enrolment() -> Response:
        limit()
        return _answer_ceremony(
            door, accounts.begin_enrolment(door, read_text(read_body(), "token"))
        )

    @routes.post("/enrolments")
    def finish_enrolment() -> Response:
        limit()
        session = accounts.require_ceremony(door, request)
        return _answer_session(accounts.finish_enrolment(door, session, _read_response()), door)

    @routes.post("/sign-in/begin")
    def begin_sign_in() -> Response:
        limit()
        door.web_sessions.check_origin(request)
        return _answer_ceremony(door, accounts.begin_sign_in(door))

    @routes.post("/sign-in")
    def finish_sign_in() -> Response:
        limit()
        session = accounts.require_ceremony(door, request)
        return _answer_session(accounts.finish_sign_in(door, session, _read_response()), door)


def _read_response() -> dict[str, JsonValue]:
    response = read_body().get("response")
    if not isinstance(response, dict):
        raise BadRequest("response must be an object")
    return response


def _answer_ceremony(door: Doorman, ceremony: accounts.Ceremony) -> Response:
    answer = answer_json({"options": ceremony.options, "csrf_token": ceremony.session.csrf_token})
    door.web_sessions.set_cookie(answer, ceremony.session)
    return answer


def _answer_session(session: WebSession, door: Doorman | None = None) -> Response:
    answer = answer_json(
        {
            "role": session.content.get("role"),
            "name": session.content.get("name"),
            "csrf_token": session.csrf_token,
        }
    )
    if door is not None:
        door.web_sessions.set_cookie(answer, session)
    return answer
