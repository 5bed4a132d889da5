"""
The register, wired: settings in, a Flask app out. Nothing happens on import.

It sees digests of lists and opaque entries of the trust registry: no person, no credential.
"""

import math
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask import Flask
from prometheus_client import CollectorRegistry, Gauge

from encoding import base64url
from ledger import store as ledger_store
from ledger.closer import Closer
from ledger.note import ED25519, VerifierKey
from ledger.store import Epoch
from register.authority import Authority
from register.callers import Callers
from register.governance import Governance, trust_leaves
from register.hall import Hall
from register.operator_routes import LISTS_PATH, build_operator_routes
from register.publications import Publications
from register.routes import build_routes
from register.web import MAX_JSON_BYTES, build_openapi, limit_body
from register.witnesses import Witnesses
from runtime.clock import Clock, system_clock
from runtime.database import Database, migrate
from runtime.fetch import Fetcher
from runtime.headers import Profile, register_security_headers
from runtime.jobs import Ticker
from runtime.key_custody import ServiceSigner, open_keystore
from runtime.problems import register_problem_handlers
from runtime.settings import Settings
from runtime.telemetry import configure_logging, register_telemetry

MIGRATIONS = Path(__file__).parent / "migrations"
_TITLE = "CityWallet register"
_ABOUT = "The public log of status lists and of the trust registry."


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    fetcher: Fetcher | None = None,
) -> Flask:
    """The app; without settings it reads the environment."""
    if settings is None:
        settings = Settings.from_environment(os.environ, service="register")
    configure_logging("register", show_messages=not settings.is_production)
    hall = build_hall(
        settings,
        clock=clock or system_clock(settings.clock_offset),
        fetcher=fetcher or Fetcher.from_settings(settings),
    )
    app = build_openapi(__name__, title=_TITLE, description=_ABOUT)
    app.security_schemes = {"operator": {"type": "http", "scheme": "bearer"}}
    limit_body(app, {LISTS_PATH: MAX_JSON_BYTES})
    app.register_api(build_routes(hall))
    app.register_api(build_operator_routes(hall))
    metrics = register_telemetry(
        app, service="register", checks={"database": lambda: _answers(hall)}
    )
    register_gauges(metrics, hall)
    register_problem_handlers(app, is_protocol_path=lambda _path: False)
    register_security_headers(app, profile=Profile.PUBLIC, base_url=settings.base_url)
    app.extensions["register"] = hall
    if settings.background:
        every = min(1.0, settings.epoch_seconds / 4)
        Ticker("register.close", timedelta(seconds=every), hall.closer.tick).start()
    return app


def build_hall(settings: Settings, *, clock: Clock, fetcher: Fetcher) -> Hall:
    """The register's parts, on a migrated database."""
    database = Database(settings.database_url)
    migrate(database, MIGRATIONS)
    keystore = open_keystore(settings)
    log_signer = keystore.signer("log", "EdDSA")
    log_key = build_log_key(settings.log_origin, log_signer)
    authority = Authority(
        database,
        signer=keystore.signer("root", "ES256"),
        city_name=settings.city_name,
        clock=clock,
    )
    governance = Governance(
        database, signer=keystore.signer("trust", "ES256"), authority=authority, clock=clock
    )
    governance.begin()
    first_url = None if settings.is_production else settings.witness_url
    witnesses = Witnesses(database, log_key=log_key, fetcher=fetcher, first_url=first_url)
    closer = Closer(
        database,
        key=log_key,
        signer=log_signer,
        quorum=witnesses.quorum,
        trust=trust_leaves,
        clock=clock,
        epoch_length=timedelta(seconds=settings.epoch_seconds),
    )
    return Hall(
        database=database,
        clock=clock,
        log_key=log_key,
        closer=closer,
        governance=governance,
        authority=authority,
        publications=Publications(database),
        witnesses=witnesses,
        callers=Callers(settings.operator_jwks, audience=settings.base_url, clock=clock),
    )


def build_log_key(origin: str, signer: ServiceSigner) -> VerifierKey:
    """The key under the log's name; the name is the origin of every checkpoint."""
    return VerifierKey(origin, ED25519, base64url.decode(signer.public_jwk["x"]))


def register_gauges(metrics: CollectorRegistry, hall: Hall) -> None:
    """What an operator watches: how old the public epoch is, and how many wait for witnesses."""

    def measure(read: Callable[[Epoch | None, Epoch | None], float]) -> Callable[[], float]:
        def value() -> float:
            with hall.database.reading() as session:
                newest = ledger_store.newest_epoch(session)
                return read(newest, ledger_store.published_epoch(session))

        return value

    def age(_newest: Epoch | None, published: Epoch | None) -> float:
        return (hall.clock() - published.leaf.time).total_seconds() if published else math.inf

    def waiting(newest: Epoch | None, published: Epoch | None) -> float:
        return (newest.size if newest else 0) - (published.size if published else 0)

    Gauge("city_epoch_age_seconds", "Age of the published epoch", registry=metrics).set_function(
        measure(age)
    )
    Gauge(
        "city_epochs_waiting", "Closed epochs that are not published yet", registry=metrics
    ).set_function(measure(waiting))


def _answers(hall: Hall) -> bool:
    with hall.database.reading() as session:
        ledger_store.newest_epoch(session)
    return True
