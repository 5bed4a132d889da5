"""
The counter's own API: checks, sessions, the offline bundle, the registration.

A route parses, calls one function and answers. What may be asked stands in `openapi.json`.
"""

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response, make_response, request

from credentials.verdict import build_verdict_json, format_instant
from encoding.strict_json import JsonValue, build_json, parse_object
from verifier import inspection, registration, sessions
from verifier.bundle import MEDIA_TYPE, BundleShelf
from verifier.callers import Caller
from verifier.desk import Desk
from verifier.errors import VerifierError
from verifier.labels import build_labels_json
from verifier.shift_log import MAX_LOG_BYTES, parse_log, record_log

Authenticate = Callable[[], Caller]
CHECKERS = ("inspector", "business", "operator")
STARTERS = ("inspector", "business", "officer", "operator", "service")
MAX_BODY_BYTES = 320 << 10
"""A presentation of 256 KB and what goes around it."""


class BadRequest(VerifierError):
    """The body is JSON, and not what this route takes."""

    code = "invalid_request"


def build_api(desk: Desk, *, authenticate: Authenticate, shelf: BundleShelf) -> Blueprint:
    """All routes under `/api/v1` that programs and the inspector's phone use."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    _add_checks(api, desk, authenticate)
    _add_sessions(api, desk, authenticate)
    _add_registration(api, desk, authenticate)

    @api.get("/purposes")
    def get_purposes() -> Response:
        return answer_json(build_offer_json(desk))

    @api.get("/bundle")
    def get_bundle() -> Response:
        bundle = shelf.take()
        answer = Response(content_type=MEDIA_TYPE)
        answer.headers["ETag"] = bundle.etag
        answer.headers["Cache-Control"] = "no-cache"
        answer.headers["Vary"] = "Accept-Encoding"
        if bundle.etag in request.headers.get("If-None-Match", ""):
            answer.status_code = HTTPStatus.NOT_MODIFIED
        elif request.accept_encodings["gzip"]:
            answer.set_data(bundle.compressed)
            answer.headers["Content-Encoding"] = "gzip"
        else:
            answer.set_data(bundle.text)
        return answer

    return api


def _add_checks(api: Blueprint, desk: Desk, authenticate: Authenticate) -> None:
    @api.post("/checks")
    def check() -> Response:
        caller = authenticate().require_role(*CHECKERS)
        body = read_body()
        purpose = desk.purposes.find(read_text(body, "purpose"), role=caller.role)
        if ("qr" in body) == ("presentation" in body):
            raise BadRequest("exactly one of qr and presentation is expected")
        inspect = inspection.inspect_qr if "qr" in body else inspection.inspect_presentation
        text = read_text(body, "qr" if "qr" in body else "presentation")
        verdict = inspect(desk, text=text, purpose=purpose, checker=caller.name)
        return answer_json(build_verdict_json(verdict))

    @api.post("/checks/log")
    def log_checks() -> Response:
        caller = authenticate().require_role(*CHECKERS)
        entries = parse_log(read_body(max_bytes=MAX_LOG_BYTES), now=desk.clock())
        return answer_json({"recorded": record_log(desk, entries, checker=caller.name)})


def _add_sessions(api: Blueprint, desk: Desk, authenticate: Authenticate) -> None:
    @api.post("/sessions")
    def start_session() -> Response:
        caller = authenticate().require_role(*STARTERS)
        body = read_body()
        purpose = desk.purposes.find(read_text(body, "purpose"), role=caller.role)
        started = sessions.start(
            desk,
            purpose,
            starter=caller.name,
            is_same_device=read_flag(body, "same_device"),
        )
        shown: dict[str, JsonValue] = {
            "id": started.session.id,
            "request_uri": started.link,
            "qr": started.link,
            "same_device_uri": started.same_device_link,
            "expires_at": format_instant(started.session.expires_at),
        }
        return answer_json(shown, status=HTTPStatus.CREATED)

    @api.get("/sessions/<session_id>")
    def get_session(session_id: str) -> Response:
        caller = authenticate().require_role(*STARTERS)
        shown = sessions.show(
            desk,
            session_id,
            starter=caller.name,
            response_code=request.args.get("response_code"),
        )
        answer = answer_json(shown)
        answer.add_etag()
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.make_conditional(request)
        return answer


def _add_registration(api: Blueprint, desk: Desk, authenticate: Authenticate) -> None:
    @api.get("/registration")
    def get_registration() -> Response:
        certificate = registration.load_certificate(desk)
        return answer_json(registration.build_registration(desk, certificate))

    @api.put("/registration")
    def put_registration() -> Response:
        authenticate().require_role("operator")
        certificate = registration.store_certificate(desk, read_body().get("x5c"))
        return answer_json(registration.build_registration(desk, certificate))


def build_offer_json(desk: Desk) -> dict[str, JsonValue]:
    """What a business may ask for, with the words for its screen."""
    offered = [purpose for purpose in desk.purposes.by_id.values() if "business" in purpose.roles]
    return {
        "purposes": [{"id": each.id, "title": dict(each.title)} for each in offered],
        "labels": build_labels_json(desk.labels),
    }


def read_body(*, max_bytes: int = MAX_BODY_BYTES) -> dict[str, JsonValue]:
    """The request's JSON object; only JSON is taken, so no plain form can send it."""
    if request.mimetype != "application/json":
        raise BadRequest("the body must be application/json")
    return parse_object(request.get_data(), max_bytes=max_bytes)


def read_text(body: dict[str, JsonValue], name: str) -> str:
    """A member that must be a text."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequest(f"{name} must be a text")
    return value


def read_flag(body: dict[str, JsonValue], name: str) -> bool:
    """A member that may be true or false; absent is false."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise BadRequest(f"{name} must be true or false")
    return value


def answer_json(value: dict[str, JsonValue], *, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A JSON answer."""
    return make_response(build_json(value), status, {"Content-Type": "application/json"})
