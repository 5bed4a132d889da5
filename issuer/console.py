"""
The portal for officers, put together: its pages, their parts, and the way to the door.

Server-rendered pages that work without scripts, except for passkeys; htmx looks after the state of
an offer and narrows lists without a new page.
"""

from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Flask, Response

import issuer
from issuer.console_desk import HOME, Desk, Stranger, go_to_door
from issuer.console_door import build_door
from issuer.console_offers import build_offers
from issuer.console_pages import Pages
from issuer.console_records import build_records
from issuer.office import Office
from runtime.assets import register_assets
from runtime.web_sessions import WebSessions

COOKIE = "__Host-portal"
IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)

_HERE = Path(issuer.__file__).resolve().parent
_PARTS = _HERE.parent / "node_modules"


def build_desk(office: Office) -> Desk:
    """What the portal's routes work with."""
    return Desk(
        office=office,
        pages=Pages(),
        web_sessions=WebSessions(
            office.database, office.clock, cookie_name=COOKIE, idle=IDLE, absolute=ABSOLUTE
        ),
    )


def register_console(app: Flask, desk: Desk) -> None:
    """Serve the portal."""
    app.register_blueprint(_build_home(desk))
    app.register_blueprint(build_door(desk))
    app.register_blueprint(build_offers(desk))
    app.register_blueprint(build_records(desk))
    app.register_error_handler(Stranger, lambda _stranger: go_to_door())
    register_assets(
        app,
        {
            "/portal": _HERE / "static",
            "/modules/node_modules/htmx.org/dist/htmx.min.js": (
                _PARTS / "htmx.org/dist/htmx.min.js"
            ),
            "/modules/node_modules/@simplewebauthn/browser/esm": (
                _PARTS / "@simplewebauthn/browser/esm"
            ),
        },
    )


def _build_home(desk: Desk) -> Blueprint:
    routes = Blueprint("console", __name__)

    @routes.get(HOME)
    def home() -> Response:
        visitor = desk.visitor()
        types = [desk.office.catalog.by_name(name) for name in visitor.agency.types]
        return desk.answer(
            "home.html", visitor=visitor, types=[each for each in types if not each.is_view]
        )

    return routes
