"""
The wallet's counter, wired: settings in, a Flask app out. Nothing happens on import.

The service holds no holder key. It can lose credentials; it can never present one without the
resident's device (architecture 9).
"""

import os
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask_openapi.models.info import Info
from flask_openapi.openapi import OpenAPI
from pydantic import ValidationError

import credentials
from credentials.catalog import parse_credential_type
from runtime.clock import Clock, system_clock
from runtime.database import Database, migrate
from runtime.fetch import Fetcher
from runtime.headers import Profile, register_security_headers
from runtime.key_custody import open_keystore
from runtime.once import Limiter, Once
from runtime.problems import register_problem_handlers
from runtime.settings import Settings
from runtime.telemetry import configure_logging, register_telemetry
from wallet_api.encryption import load_key_file
from wallet_api.errors import BadRequest
from wallet_api.holdings import Holdings
from wallet_api.issuer_client import IssuerClient
from wallet_api.offered import OfferReader
from wallet_api.pages import LINKS, build_pages
from wallet_api.presenting import Presenting
from wallet_api.receiving import Receiving
from wallet_api.requested import RequestReader
from wallet_api.residents import Residents
from wallet_api.routes import EXTENSION, Counters, api
from wallet_api.standings import Standings
from wallet_api.store import MIGRATIONS
from wallet_api.store.cards import CardStore
from wallet_api.store.errands import ErrandStore
from wallet_api.store.history import HistoryStore
from wallet_api.store.residents import ResidentStore
from wallet_api.store.trust import TrustStore
from wallet_api.strict_requests import StrictRequest
from wallet_api.trust_feed import TrustFeed
from wallet_api.verifier_client import VerifierClient
from wallet_api.viewing import Viewing

TYPES = Path(credentials.__file__).parent / "types"


def create_app(settings: Settings | None = None, *, clock: Clock | None = None) -> Flask:
    """The app; None reads the settings from the environment and takes the machine's clock."""
    if settings is None:
        settings = Settings.from_environment(os.environ, service="wallet_api")
    configure_logging(settings.service, show_messages=not settings.is_production)
    database = Database(settings.database_url)
    migrate(database, MIGRATIONS)
    app = OpenAPI(
        __name__,
        info=Info(title="CityWallet, mobile-facing API", version="1"),
        security_schemes={
            "dpop": {
                "type": "http",
                "scheme": "DPoP",
                "description": "RFC 9449: an access token bound to the device's key",
            }
        },
        doc_ui=False,
        validation_error_status=400,
        validation_error_callback=refuse_invalid,
        static_folder=None,
    )
    app.request_class = StrictRequest
    app.extensions[EXTENSION] = wire(
        settings, database, clock or system_clock(settings.clock_offset)
    )
    app.register_api(api)
    app.add_url_rule("/openapi.json", "openapi", lambda: app.api_doc)
    build_pages(app, settings)
    register_problem_handlers(app, is_protocol_path=lambda _path: False)
    register_security_headers(
        app, profile=Profile.WALLET, base_url=settings.base_url, camera_paths=("/", *LINKS)
    )
    register_telemetry(app, service=settings.service, checks={"database": is_answering(database)})
    return app


def wire(settings: Settings, database: Database, clock: Clock) -> Counters:
    """Every part with what it needs."""
    fetcher = Fetcher.from_settings(settings)
    is_rehearsal = not settings.is_production
    errands, cards = ErrandStore(database, clock), CardStore(database, clock)
    trust = TrustFeed(
        store=TrustStore(database),
        fetcher=fetcher,
        register_url=settings.register_url,
        clock=clock,
    )
    issuers = IssuerClient(fetcher, allow_http_loopback=is_rehearsal)
    verifiers = VerifierClient(fetcher)
    return Counters(
        residents=wire_residents(settings, database, clock),
        receiving=Receiving(
            errands=errands,
            cards=cards,
            client=issuers,
            reader=OfferReader(issuers, trust, allow_http_loopback=is_rehearsal),
            trust=trust,
            view_types=load_view_types(),
            clock=clock,
        ),
        holdings=Holdings(cards, Standings(fetcher=fetcher, trust=trust, clock=clock)),
        presenting=Presenting(
            errands=errands,
            cards=cards,
            client=verifiers,
            reader=RequestReader(verifiers, trust, allow_http_loopback=is_rehearsal),
            clock=clock,
        ),
        viewing=Viewing(errands, fetcher, trust, clock),
        history=HistoryStore(database),
    )


def wire_residents(settings: Settings, database: Database, clock: Clock) -> Residents:
    """The front desk, with the key file and the key that signs access tokens."""
    key = load_key_file(settings.wallet_kek_file, may_create=not settings.is_production)
    store = ResidentStore(database, key, clock)
    store.check_key()
    keystore = open_keystore(settings)
    return Residents(
        store=store,
        once=Once(database, clock),
        limiter=Limiter(database, clock),
        signer=keystore.signer("access-token", "ES256"),
        base_url=settings.base_url,
        clock=clock,
    )


def load_view_types() -> frozenset[str]:
    """The names of the types that are views: the copies that a device keeps offline."""
    types = (parse_credential_type(path.read_bytes()) for path in sorted(TYPES.glob("*.json")))
    return frozenset(one.name for one in types if one.is_view)


def refuse_invalid(error: ValidationError) -> object:
    """A body of the wrong shape: say where, never what."""
    place = ".".join(str(part) for part in error.errors()[0]["loc"]) or "body"
    raise BadRequest(f"the member {place} is missing or has the wrong shape")


def is_answering(database: Database) -> Callable[[], bool]:
    """A health check that reads."""

    def check() -> bool:
        with database.reading() as session:
            session.connection()
        return True

    return check
