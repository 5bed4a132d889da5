"""
The verifier's counter, put together: settings in, a Flask app out.

Importing this module does nothing. Every driver is made here and handed down.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask import Flask, request

import credentials
from credentials.catalog import Catalog, parse_credential_type
from runtime.children import ChildPool
from runtime.clock import Clock, system_clock
from runtime.database import Database, migrate
from runtime.fetch import Fetcher
from runtime.headers import Profile, register_security_headers
from runtime.jobs import Ticker
from runtime.key_custody import open_keystore
from runtime.once import Limiter, Once
from runtime.problems import register_problem_handlers
from runtime.settings import Settings
from runtime.telemetry import configure_logging, register_telemetry
from runtime.web_sessions import WebSessions
from verifier import sessions
from verifier.account_routes import build_account_routes
from verifier.accounts import Doorman
from verifier.bundle import BundleShelf
from verifier.callers import Caller, OperatorKeys
from verifier.desk import Addresses, Desk
from verifier.documents import load_documents
from verifier.errors import NotSignedIn
from verifier.gathering import Gatherer
from verifier.labels import build_labels, build_type_names
from verifier.page_routes import CAMERA_PATHS, register_pages
from verifier.protocol_routes import build_protocol, is_protocol_path
from verifier.purpose import load_purposes
from verifier.routes import MAX_BODY_BYTES, build_api

COOKIE = "__Host-verify"
REFRESH_EVERY = timedelta(seconds=15)
FORGET_EVERY = timedelta(minutes=5)
LEGACY_SECONDS = 10.0
"""The first question to a child also loads its library."""
IDLE = timedelta(minutes=5)
"""security.md, Headers and cookies: an inspector's phone locks after five minutes."""

_HERE = Path(__file__).resolve().parent
_TYPES = Path(credentials.__file__).resolve().parent / "types"


def create_app(settings: Settings | None = None, *, clock: Clock | None = None) -> Flask:
    """The app of one process; several may share the database."""
    if settings is None:
        settings = Settings.from_environment(os.environ, service="verifier")
    configure_logging("verifier", show_messages=not settings.is_production)
    database = Database(settings.database_url)
    migrate(database, _HERE / "migrations")
    desk = build_desk(
        settings, database=database, clock=clock or system_clock(settings.clock_offset)
    )
    app = Flask(__name__, static_folder=None)
    app.extensions["verifier.desk"] = desk
    _register_routes(app, settings, desk)
    if settings.background:
        _start_jobs(desk)
    return app


def build_desk(settings: Settings, *, database: Database, clock: Clock) -> Desk:
    """The desk, with its keys and drivers."""
    keystore = open_keystore(settings)
    catalog = Catalog(
        tuple(parse_credential_type(path.read_bytes()) for path in sorted(_TYPES.glob("*.json")))
    )
    return Desk(
        database=database,
        clock=clock,
        once=Once(database, clock),
        gatherer=Gatherer(
            database=database,
            fetcher=Fetcher.from_settings(settings),
            clock=clock,
            register_url=settings.register_url,
            documents=load_documents(settings.documents),
        ),
        purposes=load_purposes(
            _HERE / "purposes", types=build_type_names(catalog, issuer_url=settings.issuer_url)
        ),
        labels=build_labels(catalog, city_name=settings.city_name),
        addresses=Addresses(verifier=settings.verifier_url, wallet=settings.wallet_url),
        legacy=ChildPool("credentials.legacy_worker", size=2, timeout=LEGACY_SECONDS),
        request_signer=keystore.signer("request", "ES256"),
        bundle_signer=keystore.signer("bundle", "ES256"),
    )


def _register_routes(app: Flask, settings: Settings, desk: Desk) -> None:
    web_sessions = WebSessions(
        desk.database, desk.clock, cookie_name=COOKIE, idle=IDLE, same_site="Lax"
    )
    door = Doorman(
        database=desk.database,
        clock=desk.clock,
        web_sessions=web_sessions,
        base_url=settings.verifier_url,
        city_name=settings.city_name,
    )
    authenticate = _build_authenticate(settings, desk, web_sessions)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    register_telemetry(app, service="verifier", checks={"database": _database_check(desk)})
    register_problem_handlers(app, is_protocol_path=is_protocol_path)
    register_security_headers(
        app,
        profile=Profile.VERIFIER,
        base_url=settings.verifier_url,
        camera_paths=CAMERA_PATHS,
    )
    app.register_blueprint(build_api(desk, authenticate=authenticate, shelf=BundleShelf(desk)))
    app.register_blueprint(build_protocol(desk))
    app.register_blueprint(
        build_account_routes(
            door, authenticate=authenticate, limiter=Limiter(desk.database, desk.clock)
        )
    )
    register_pages(app)


def _build_authenticate(
    settings: Settings, desk: Desk, web_sessions: WebSessions
) -> Callable[[], Caller]:
    keys = OperatorKeys(settings.operator_jwks, audience=settings.verifier_url, clock=desk.clock)

    def authenticate() -> Caller:
        authorization = request.headers.get("Authorization")
        if authorization is not None:
            return keys.authenticate(authorization)
        session = web_sessions.require(request)
        role = session.content.get("role")
        if not session.subject or not isinstance(role, str):
            raise NotSignedIn("please sign in")
        return Caller(subject=session.subject, role=role)

    return authenticate


def _database_check(desk: Desk) -> Callable[[], bool]:
    def check() -> bool:
        with desk.database.reading():
            return True

    return check


def _start_jobs(desk: Desk) -> None:
    Ticker("verifier.refresh", REFRESH_EVERY, desk.gatherer.refresh).start()
    Ticker("verifier.forget", FORGET_EVERY, lambda: sessions.forget_old_sessions(desk)).start()
