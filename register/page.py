"""
The register's page for people: `GET /`, in three languages, and its style.

It is made on the server and needs no script; a small module brings the figures up to date while
somebody looks. The language stands in the address, so the page sets no cookie and knows nobody.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, Flask, Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from credentials.verdict import format_instant
from register.hall import Hall
from register.standing import read_standing
from runtime.assets import register_assets
from runtime.i18n import Catalog, choose_language

FOLDER = "/page"
LANGUAGE_NAMES = (("en", "English"), ("km", "ខ្មែរ"), ("zh-Hans", "中文"))
_HERE = Path(__file__).resolve().parent
_SHARED = _HERE.parent / "issuer" / "static"
"""The sheets and signs of the city's desks; the register adds its own beside them."""


def is_page_path(path: str) -> bool:
    """Whether a path is the page's, under the policy of pages, or everybody's data."""
    return path == "/" or path.startswith((f"{FOLDER}/", "/csp-reports"))


def register_page(app: Flask, hall: Hall, *, city_name: str) -> None:
    """Serve the page and its parts."""
    app.register_blueprint(_build_page(hall, city_name))
    register_assets(
        app,
        {
            f"{FOLDER}/own": _HERE / "static",
            f"{FOLDER}/base.css": _SHARED / "base.css",
            f"{FOLDER}/pages.css": _SHARED / "pages.css",
            f"{FOLDER}/signs.svg": _SHARED / "signs.svg",
            f"{FOLDER}/portal.svg": _SHARED / "portal.svg",
        },
    )


def _build_page(hall: Hall, city_name: str) -> Blueprint:
    routes = Blueprint("page", __name__)
    words = Catalog(_HERE / "locales")
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    @routes.get("/")
    def page() -> Response:
        language = choose_language(
            request.headers.get("Accept-Language", ""), chosen=request.args.get("lang")
        )

        def text(key: str, **values: object) -> str:
            return words.text(language, key, **values)

        html = templates.get_template("register.html").render(
            standing=read_standing(hall),
            language=language,
            languages=LANGUAGE_NAMES,
            city_name=city_name,
            origin=hall.log_key.name,
            text=text,
            span=lambda value: _build_span(value, text),
            machine=format_instant,
            clock=_build_clock,
        )
        answer = Response(html, content_type="text/html; charset=utf-8")
        answer.headers["Vary"] = "Accept-Language"
        return answer

    return routes


def _build_span(value: timedelta, text: Callable[..., str]) -> str:
    """A span of time in its largest whole unit."""
    seconds = int(value.total_seconds())
    for name, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return text(f"span.{name}", count=seconds // size)
    return text("span.seconds", count=seconds)


def _build_clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
