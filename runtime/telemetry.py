"""
What a service says about itself: JSON logs, request ids, `/health` and `/metrics`.

Logs hold no bodies, no headers, no query strings and no path with its values: a request is
logged under its route. Messages of unexpected errors may quote data, so they are logged only
where `show_messages` allows it; their type and place always are.
"""

import json
import logging
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, Flask, Response, abort, g, has_request_context, jsonify, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

HealthCheck = Callable[[], bool]
"""Whether one thing that the service needs is there."""

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_logger: Final = logging.getLogger("city")


def request_id() -> str:
    """The id of the request at hand, drawn when first asked for."""
    if not has_request_context():
        return "-"
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return str(g.request_id)


def configure_logging(service: str, *, show_messages: bool) -> None:
    """Write the process's log as JSON lines to standard error. Safe to call again."""
    root = logging.getLogger()
    for handler in root.handlers:
        if isinstance(handler.formatter, JsonFormatter):
            return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service, show_messages=show_messages))
    root.addHandler(handler)
    _logger.setLevel(logging.INFO)


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, service: str, *, show_messages: bool) -> None:
        super().__init__()
        self._service = service
        self._show_messages = show_messages

    def format(self, record: logging.LogRecord) -> str:
        """The record's message, its extra fields and, of an error, its type and place."""
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id(),
        }
        fields.update(
            (name, value) for name, value in vars(record).items() if name not in _STANDARD
        )
        if record.exc_info and record.exc_info[1] is not None:
            fields["error"] = self._describe(record.exc_info[1])
        return json.dumps(fields, default=str)

    def _describe(self, error: BaseException) -> dict[str, object]:
        described: dict[str, object] = {
            "type": type(error).__name__,
            "trace": [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ],
        }
        # Errors with a kind are ours and promise to name no person and no secret.
        if self._show_messages or hasattr(error, "kind"):
            described["message"] = str(error)
        if error.__cause__ is not None:
            described["cause"] = self._describe(error.__cause__)
        return described


def register_telemetry(
    app: Flask, *, service: str, checks: Mapping[str, HealthCheck] | None = None
) -> CollectorRegistry:
    """Log and measure every request; serve `/health` and `/metrics`. Returns the registry."""
    registry = CollectorRegistry()
    _measure(app, registry)
    blueprint = Blueprint("telemetry", __name__)
    checked = dict(checks or {})

    @blueprint.get("/health")
    def health() -> tuple[Response, int]:
        found = {name: _holds(check) for name, check in checked.items()}
        is_well = all(found.values())
        answer = {"status": "ok" if is_well else "failing", "service": service, "checks": found}
        return jsonify(answer), 200 if is_well else 503

    @blueprint.get("/metrics")
    def metrics() -> Response:
        # For the machine's own collector. What came through a proxy came from the street.
        if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
            abort(404)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    app.register_blueprint(blueprint)
    return registry


def _holds(check: HealthCheck) -> bool:
    try:
        return check()
    except Exception:
        _logger.warning("health check failed", exc_info=True)
        return False


def _measure(app: Flask, registry: CollectorRegistry) -> None:
    requests = Counter(
        "city_requests", "Answered requests", ("method", "route", "status"), registry=registry
    )
    seconds = Histogram(
        "city_request_seconds", "Time to answer", ("method", "route"), registry=registry
    )

    @app.before_request
    def begin() -> None:
        g.began_at = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "-"
        spent = time.perf_counter() - g.get("began_at", time.perf_counter())
        requests.labels(request.method, route, str(response.status_code)).inc()
        seconds.labels(request.method, route).observe(spent)
        if route not in ("/health", "/metrics"):
            fields = {
                "method": request.method,
                "route": route,
                "status": response.status_code,
                "milliseconds": round(spent * 1000, 1),
                "code": g.get("problem_code"),
            }
            _logger.info("request", extra=fields)
        return response
