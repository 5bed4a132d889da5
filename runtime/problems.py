"""
Errors to HTTP, the only place that knows a status code for an error.

An error of ours has a `kind` and a registered wire `code`; which package it comes from does not
matter. Protocol endpoints answer as OAuth wants it (RFC 6749 section 5.2), everything else as
problem details (RFC 9457). An error without a kind is a bug: it is logged with the request id, and
the answer tells nothing but that id.

An error may carry `headers`, such as WWW-Authenticate, and a `detail` code finer than its wire
code.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from encoding.strict_json import build_json
from runtime.telemetry import request_id

RETRY_SECONDS: Final = 5

_STATUS: Final[Mapping[str, int]] = {
    "malformed": 400,
    "unauthenticated": 401,
    "refused": 403,
    "not_found": 404,
    "conflict": 409,
    "limited": 429,
    "unavailable": 503,
}
_HTTP_CODES: Final[Mapping[int, str]] = {
    401: "access_denied",
    403: "access_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    414: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    431: "too_large",
}
_KEPT_HEADERS: Final = ("Allow", "Retry-After", "WWW-Authenticate")
_logger: Final = logging.getLogger("city.problems")


@dataclass(frozen=True, slots=True)
class Problem:
    """What the other side is told."""

    status: int
    code: str
    message: str
    detail_code: str | None
    headers: Mapping[str, str]

    @property
    def title(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status).phrase


def register_problem_handlers(
    app: Flask,
    *,
    is_protocol_path: Callable[[str], bool],
    build_page: Callable[[Problem], str] | None = None,
) -> None:
    """
    Answer every error of `app`.

    `build_page` makes the HTML for people; without it, and for programs, JSON is sent.
    """

    def answer(error: Exception) -> Response | HTTPException:
        if isinstance(error, HTTPException) and (error.code or 500) < 400:
            return error
        is_protocol = is_protocol_path(request.path)
        problem = _read_problem(error, is_protocol=is_protocol)
        g.problem_code = problem.code
        if is_protocol:
            response = _build_oauth(problem)
        elif build_page is not None and _wants_page():
            response = Response(build_page(problem), content_type="text/html; charset=utf-8")
        else:
            response = _build_details(problem)
        response.status_code = problem.status
        response.headers.update(problem.headers)
        response.headers["Cache-Control"] = "no-store"
        return response

    app.register_error_handler(Exception, answer)


def _read_problem(error: Exception, *, is_protocol: bool) -> Problem:
    if isinstance(error, HTTPException):
        return _read_http_error(error)
    kind, code = getattr(error, "kind", None), getattr(error, "code", None)
    if not isinstance(kind, str) or not isinstance(code, str) or kind not in _STATUS:
        _logger.error("unexpected error", exc_info=error)
        return Problem(500, "server_error", "something went wrong on our side", None, {})
    detail = getattr(error, "detail", None)
    return Problem(
        status=400 if kind == "refused" and is_protocol else _STATUS[kind],
        code=code,
        message=str(error),
        detail_code=detail if isinstance(detail, str) else None,
        headers=_read_headers(error, kind),
    )


def _read_headers(error: Exception, kind: str) -> dict[str, str]:
    headers = dict(getattr(error, "headers", None) or {})
    if kind == "unavailable":
        headers.setdefault("Retry-After", str(RETRY_SECONDS))
    if kind == "unauthenticated":
        headers.setdefault("WWW-Authenticate", "Bearer")
    return headers


def _read_http_error(error: HTTPException) -> Problem:
    status = error.code or 500
    sent = error.get_response().headers
    default = "invalid_request" if status < 500 else "server_error"
    return Problem(
        status=status,
        code=_HTTP_CODES.get(status, default),
        message=HTTPStatus(status).phrase.lower(),
        detail_code=None,
        headers={name: sent[name] for name in _KEPT_HEADERS if name in sent},
    )


def _wants_page() -> bool:
    accepted = request.accept_mimetypes
    return accepted.best_match(["application/json", "text/html"]) == "text/html"


def _build_oauth(problem: Problem) -> Response:
    body = {"error": problem.code, "error_description": _oauth_text(problem.message)}
    return Response(build_json(body), content_type="application/json")


def _oauth_text(message: str) -> str:
    """RFC 6749 allows printable ASCII without quote and backslash."""
    return "".join(
        character if " " <= character <= "~" and character not in '"\\' else "'"
        for character in message
    )


def _build_details(problem: Problem) -> Response:
    body = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.message,
        "code": problem.code,
        "request_id": request_id(),
    }
    if problem.detail_code is not None:
        body["detail_code"] = problem.detail_code
    return Response(build_json(body), content_type="application/problem+json")
