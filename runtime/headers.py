"""
Security headers of every answer, and the outer limits of every request.

Four profiles: `portal` for officers, `verifier` for inspectors, `wallet` for residents, `public`
for metadata and lists that anybody may read from anywhere. A header that a route has set itself
stays. JSON always gets a policy that forbids everything, since nothing in it should ever run. What
a page tries against its policy is reported to `csp_reports`.
"""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Final

from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed, RequestHeaderFieldsTooLarge, RequestURITooLarge

from runtime import csp_reports
from runtime.telemetry import request_id

MAX_BODY: Final = 65_536
MAX_HEADERS: Final = 16_384
MAX_URL: Final = 4_096
METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


class Profile(StrEnum):
    """Who stands at the counter."""

    PORTAL = "portal"
    VERIFIER = "verifier"
    WALLET = "wallet"
    PUBLIC = "public"


_PAGE_POLICY: Final[Mapping[str, tuple[str, ...]]] = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'", "data:"),
    "font-src": ("'self'",),
    "connect-src": ("'self'",),
    "form-action": ("'self'",),
    "base-uri": ("'none'",),
    "object-src": ("'none'",),
    "frame-ancestors": ("'none'",),
}
# Both PWAs read codes from the camera with a WebAssembly reader and work without signal.
_SCANNER: Final[Mapping[str, tuple[str, ...]]] = {
    "script-src": ("'self'", "'wasm-unsafe-eval'"),
    "worker-src": ("'self'",),
    "manifest-src": ("'self'",),
    "media-src": ("'self'", "blob:"),
    "img-src": ("'self'", "data:", "blob:"),
}
_DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
_PUBLIC_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_RUNS: Final = ("text/html", "text/javascript", "application/javascript")
"""Answers whose policy rules a page or a worker."""

_PASSKEYS: Final = "publickey-credentials-get=(self), publickey-credentials-create=(self)"
_DENIED: Final = "geolocation=(), microphone=(), payment=(), usb=(), midi=()"
_STRICT_TRANSPORT: Final = "max-age=63072000; includeSubDomains"


def register_security_headers(
    app: Flask,
    *,
    profile: Profile,
    base_url: str,
    camera_paths: Collection[str] = (),
    is_public_path: Callable[[str], bool] | None = None,
    connect_sources: Collection[str] = (),
    has_trusted_types: bool = True,
) -> None:
    """
    Put headers on every answer of `app` and refuse oversized or odd requests.

    `camera_paths`: pages that scan. `is_public_path`: paths of an app that answer by the public
    profile. `connect_sources`: origins beside its own that its pages may talk to.
    """
    app.config["MAX_CONTENT_LENGTH"] = app.config.get("MAX_CONTENT_LENGTH") or MAX_BODY
    page_policy = build_page_policy(
        profile, connect_sources=connect_sources, has_trusted_types=has_trusted_types
    )
    is_tls = base_url.startswith("https://")
    cameras = frozenset(camera_paths)
    if profile is not Profile.PUBLIC:
        csp_reports.register_csp_reports(app)

    app.before_request(_refuse_outsize)

    @app.after_request
    def add_headers(response: Response) -> Response:
        is_public = is_public_path is not None and is_public_path(request.path)
        chosen = Profile.PUBLIC if is_public else profile
        headers = build_headers(
            chosen,
            page_policy=page_policy if response.mimetype in _RUNS else _DATA_POLICY,
            is_tls=is_tls,
            has_camera=request.path in cameras,
        )
        return _with_headers(response, headers)


def _refuse_outsize() -> None:
    if request.method not in METHODS:
        raise MethodNotAllowed(valid_methods=METHODS)
    if len(request.full_path) > MAX_URL:
        raise RequestURITooLarge
    if sum(len(name) + len(value) for name, value in request.headers) > MAX_HEADERS:
        raise RequestHeaderFieldsTooLarge


def _with_headers(response: Response, headers: Mapping[str, str]) -> Response:
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = request_id()
    # Left out, the server below writes its own name; said empty, nobody's name is sent.
    response.headers["Server"] = ""
    response.headers.pop("X-Powered-By", None)
    return response


def build_page_policy(
    profile: Profile, *, connect_sources: Collection[str] = (), has_trusted_types: bool = True
) -> str:
    """The Content-Security-Policy of a profile's pages and workers."""
    if profile is Profile.PUBLIC:
        return _PUBLIC_POLICY
    policy = dict(_PAGE_POLICY)
    if profile in (Profile.VERIFIER, Profile.WALLET):
        policy.update(_SCANNER)
    policy["connect-src"] = ("'self'", *connect_sources)
    directives = [f"{name} {' '.join(sources)}" for name, sources in policy.items()]
    if has_trusted_types:
        directives.append("require-trusted-types-for 'script'")
    directives.append(f"report-to {csp_reports.GROUP}")
    return "; ".join(directives)


def build_headers(
    profile: Profile, *, page_policy: str, is_tls: bool, has_camera: bool
) -> dict[str, str]:
    """Every header of one answer."""
    headers = {
        "Content-Security-Policy": page_policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    if is_tls:
        headers["Strict-Transport-Security"] = _STRICT_TRANSPORT
    if profile is Profile.PUBLIC:
        headers["Content-Security-Policy"] = _PUBLIC_POLICY
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        headers["Cache-Control"] = "no-cache"
        return headers
    headers["Reporting-Endpoints"] = f'{csp_reports.GROUP}="{csp_reports.PATH}"'
    camera = "camera=(self)" if has_camera else "camera=()"
    headers["Permissions-Policy"] = f"{camera}, {_DENIED}, {_PASSKEYS}"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Cache-Control"] = "no-store"
    return headers
