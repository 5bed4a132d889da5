"""
What browsers tell when a page tried something that its policy forbids (W3C Reporting API, CSP 3).

A report may be an attack or a mistake of ours; both belong in the log. It comes from strangers, so
only the names of the directive and of our own page are kept, and only so many in a minute.
"""

import logging
import threading
import time
from typing import Final

from flask import Flask, Response, request

from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_json

PATH: Final = "/csp-reports"
GROUP: Final = "csp"
_PER_MINUTE: Final = 30
_DIRECTIVES: Final = frozenset(
    f"{kind}-src{part}"
    for kind in ("default", "script", "style", "img", "font", "connect", "media", "worker")
    for part in ("", "-elem", "-attr")
) | {"form-action", "base-uri", "frame-ancestors", "require-trusted-types-for", "trusted-types"}
_logger: Final = logging.getLogger("city.csp")


def register_csp_reports(app: Flask) -> None:
    """Take reports at `PATH` and log what they are about."""
    lock = threading.Lock()
    window = {"minute": 0, "count": 0}

    def may_log() -> bool:
        minute = int(time.monotonic() // 60)
        with lock:
            if window["minute"] != minute:
                window.update(minute=minute, count=0)
            window["count"] += 1
            return window["count"] <= _PER_MINUTE

    @app.post(PATH)
    def take_csp_reports() -> Response:
        for directive in read_directives(request.get_data()):
            if may_log():
                _logger.warning("policy violated", extra={"directive": directive})
        return Response(status=204)


def read_directives(data: bytes) -> tuple[str, ...]:
    """The directives that a batch of reports names; nonsense names none."""
    try:
        reports = parse_json(data)
    except EncodingError:
        return ()
    if not isinstance(reports, list):
        return ()
    found = (_read_directive(report) for report in reports[:20])
    return tuple(directive for directive in found if directive is not None)


def _read_directive(report: JsonValue) -> str | None:
    body = report.get("body") if isinstance(report, dict) else None
    directive = body.get("effectiveDirective") if isinstance(body, dict) else None
    return directive if isinstance(directive, str) and directive in _DIRECTIVES else None
