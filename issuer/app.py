"""
The issuing counter, wired together. Importing this does nothing; `create_app` makes it.

Order: settings, database and its migrations, the office with all that the work needs, then the
routes, then the background work that keeps publications and offers up to date.
"""

import os
from datetime import timedelta
from pathlib import Path

from flask import Flask, Response
from flask.json.provider import DefaultJSONProvider
from flask_openapi.models.info import Info
from flask_openapi.openapi import OpenAPI
from pydantic import ValidationError

import credentials
from credentials.catalog import Catalog, parse_credential_type
from encoding.strict_json import JsonValue, build_json, parse_object
from issuer.api import build_api
from issuer.callers import OperatorKeys
from issuer.console import build_desk, register_console
from issuer.errors import BadRequest
from issuer.offers import withdraw_expired
from issuer.office import Office
from issuer.publications import Shelf
from issuer.receipts import hand_over_receipts
from issuer.register_door import RegisterDoor
from issuer.routes import build_routes, is_protocol_path, is_public_path
from issuer.status_publisher import publish_due, push_due
from issuer.verifier_door import VerifierDoor
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

SERVICE = "issuer"
PUBLISH_EVERY = timedelta(seconds=2)
WITHDRAW_EVERY = timedelta(seconds=60)

_HERE = Path(__file__).resolve().parent
_TYPES = Path(credentials.__file__).resolve().parent / "types"


class StrictJson(DefaultJSONProvider):
    """Request bodies go through the strict loader and must be objects (S-012, S-014)."""

    def loads(self, s: str | bytes, **_options: object) -> dict[str, JsonValue]:
        """Read an object, or refuse."""
        return parse_object(s)


def create_app(settings: Settings | None = None, *, clock: Clock | None = None) -> Flask:
    """The app; without settings they come from the environment. `clock` is for tests."""
    if settings is None:
        settings = Settings.from_environment(os.environ, service=SERVICE)
    configure_logging(SERVICE, show_messages=not settings.is_production)
    database = Database(settings.database_url)
    migrate(database, _HERE / "migrations")
    office = build_office(
        settings, database=database, clock=clock or system_clock(settings.clock_offset)
    )
    app = OpenAPI(
        __name__,
        info=Info(title="CityWallet issuer", version="1"),
        security_schemes={"bearer": {"type": "http", "scheme": "bearer"}},
        validation_error_status=400,
        validation_error_callback=_refuse_shape,
        doc_ui=False,
        static_folder=None,
    )
    app.openapi_version = "3.1.0"
    app.json = StrictJson(app)
    app.extensions["office"] = office
    register_telemetry(app, service=SERVICE, checks={"database": lambda: _answers(database)})
    register_security_headers(
        app,
        profile=Profile.PORTAL,
        base_url=settings.base_url,
        is_public_path=is_public_path,
    )
    desk = build_desk(office)
    register_problem_handlers(
        app, is_protocol_path=is_protocol_path, build_page=desk.build_problem_page
    )
    _add_rooms(app, office)
    register_console(app, desk)
    if settings.background:
        start_jobs(office)
    return app


def build_office(settings: Settings, *, database: Database, clock: Clock) -> Office:
    """Everything that the work is done with."""
    fetcher = Fetcher.from_settings(settings)
    return Office(
        settings=settings,
        clock=clock,
        database=database,
        keystore=open_keystore(settings),
        fetcher=fetcher,
        catalog=Catalog(
            tuple(
                parse_credential_type(path.read_bytes()) for path in sorted(_TYPES.glob("*.json"))
            )
        ),
        once=Once(database, clock),
        limiter=Limiter(database, clock),
        register=RegisterDoor(fetcher, register_url=settings.register_url, clock=clock),
    )


def start_jobs(office: Office) -> tuple[Ticker, ...]:
    """Publications that are behind, and offers that ran out; each process may do either."""

    def publish() -> None:
        publish_due(office)
        push_due(office)
        hand_over_receipts(office)

    return (
        Ticker("issuer.publish", PUBLISH_EVERY, publish).start(),
        Ticker("issuer.withdraw", WITHDRAW_EVERY, lambda: _withdraw(office)).start(),
    )


def _add_rooms(app: OpenAPI, office: Office) -> None:
    verifier = VerifierDoor(
        office.fetcher,
        verifier_url=office.settings.verifier_url,
        issuer_url=office.base_url,
        signer=office.service_signer(),
        clock=office.clock,
    )
    app.register_api(build_api(office, OperatorKeys(office.settings.operator_jwks)))
    app.register_blueprint(build_routes(office, shelf=Shelf(office), verifier=verifier))

    @app.get("/openapi.json", doc_ui=False)
    def openapi() -> Response:
        return Response(build_json(app.api_doc), content_type="application/json")


def _withdraw(office: Office) -> None:
    withdraw_expired(office)


def _answers(database: Database) -> bool:
    with database.reading():
        return True


def _refuse_shape(error: ValidationError) -> Response:
    """Name the place and the fault, never the value."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(str(step) for step in first["loc"]) or "the body"
    raise BadRequest(f"{place}: {str(first['msg']).lower()}") from error
