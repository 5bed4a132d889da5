"""
The register, wired: settings in, a Flask app out. Nothing happens on import.

It sees digests of lists and opaque entries of the trust registry: no person, no credential.
"""

import os
from datetime import timedelta
from pathlib import Path

from flask import Flask

from encoding import base64url
from ledger import store as ledger_store
from ledger.closer import Closer
from ledger.note import ED25519, VerifierKey
from register.act_routes import build_act_routes
from register.acts import Acts
from register.authority import Authority
from register.callers import Callers
from register.gauges import register_gauges
from register.governance import Governance, trust_leaves
from register.hall import Hall
from register.history_routes import build_history_routes
from register.ledgers import build_ledgers
from register.operator_routes import LISTS_PATH, build_operator_routes
from register.page import is_page_path, register_page
from register.promises import Promises
from register.publications import Publications
from register.routes import build_routes
from register.trust_faces import build_trust_faces
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
    app.register_api(build_act_routes(hall))
    app.register_api(build_trust_faces(hall, city_url=settings.base_url))
    app.register_api(build_history_routes(hall))
    register_page(app, hall, city_name=settings.city_name)
    metrics = register_telemetry(
        app, service="register", checks={"database": lambda: _answers(hall)}
    )
    register_gauges(metrics, hall)
    register_problem_handlers(app, is_protocol_path=lambda _path: False)
    register_security_headers(
        app,
        profile=Profile.PORTAL,
        base_url=settings.base_url,
        is_public_path=lambda path: not is_page_path(path),
    )
    app.extensions["register"] = hall
    if settings.background:
        every = min(1.0, settings.epoch_seconds / 4)
        Ticker("register.close", timedelta(seconds=every), hall.closer.tick).start()
        Ticker("register.receipts", timedelta(seconds=every), hall.promises.settle).start()
        if hall.ledgers.count:
            Ticker("register.ledgers", timedelta(seconds=every), hall.ledgers.tick).start()
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
    acts = Acts(
        database,
        city=settings.log_origin,
        signer=keystore.signer("governor", "ES256"),
        clock=clock,
    )
    acts.begin()
    governance = Governance(
        database,
        signer=keystore.signer("trust", "ES256"),
        acts=acts,
        authority=authority,
        clock=clock,
    )
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
        acts=acts,
        governance=governance,
        authority=authority,
        publications=Publications(database),
        witnesses=witnesses,
        callers=Callers(settings.operator_jwks, audience=settings.base_url, clock=clock),
        promises=Promises(database, clock=clock),
        ledgers=build_ledgers(
            settings.ledgers,
            origin=log_key.name,
            database=database,
            fetcher=fetcher,
            clock=clock,
        ),
        epoch_length=timedelta(seconds=settings.epoch_seconds),
    )


def build_log_key(origin: str, signer: ServiceSigner) -> VerifierKey:
    """The key under the log's name; the name is the origin of every checkpoint."""
    return VerifierKey(origin, ED25519, base64url.decode(signer.public_jwk["x"]))


def _answers(hall: Hall) -> bool:
    with hall.database.reading() as session:
        ledger_store.newest_epoch(session)
    return True
