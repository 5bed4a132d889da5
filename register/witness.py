"""
The witness, a service of its own with its own key and database.

In development it learns the key of the register of its settings at first sight; in production an
operator names each log. Nothing happens on import.
"""

import logging
import os
from pathlib import Path

from flask import Flask, Response, request
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag
from pydantic import Field

from encoding import base64url
from ledger.errors import Malformed
from ledger.note import COSIGNATURE, MAX_NOTE_BYTES, VerifierKey, parse_verifier_key
from ledger.witnessing import SIZE_MEDIA_TYPE
from register import witness_store
from register.callers import Callers
from register.errors import LogNotKnown, WitnessRetired
from register.watching import CONFLICT, Witness
from register.web import Body, Query, answer_json, answer_text, build_openapi, describe, limit_body
from runtime.clock import Clock, system_clock
from runtime.database import Database, migrate
from runtime.errors import FetchError
from runtime.fetch import Fetcher
from runtime.headers import Profile, register_security_headers
from runtime.key_custody import Keystore, open_keystore
from runtime.problems import register_problem_handlers
from runtime.settings import Settings
from runtime.telemetry import configure_logging, register_telemetry

MIGRATIONS = Path(__file__).parent / "witness_migrations"
KEY_NAME = "witness"
_PROTOCOL = Tag(name="tlog-witness", description="C2SP tlog-witness")
_TEXT = describe("text/plain")
_logger = logging.getLogger("city.witness")


class LogBody(Body):
    """The verifier key of a log; its name is the origin. One of ML-DSA-44 has 1,752 characters."""

    vkey: str = Field(max_length=2048)


class OriginPath(Query):
    """SHA-256 of a log's origin, in hex."""

    digest: str


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    fetcher: Fetcher | None = None,
) -> Flask:
    """The app; without settings it reads the environment."""
    if settings is None:
        settings = Settings.from_environment(os.environ, service="witness")
    configure_logging("witness", show_messages=not settings.is_production)
    clock = clock or system_clock(settings.clock_offset)
    witness = build_witness(
        settings, clock=clock, fetcher=fetcher or Fetcher.from_settings(settings)
    )
    callers = Callers(settings.operator_jwks, audience=settings.base_url, clock=clock)
    app = build_openapi(
        __name__, title="CityWallet witness", description="Cosigns logs that only ever grow."
    )
    app.security_schemes = {"operator": {"type": "http", "scheme": "bearer"}}
    limit_body(app, {"/add-checkpoint": MAX_NOTE_BYTES + 8192})
    app.register_api(build_routes(witness, callers))
    register_telemetry(app, service="witness")
    register_problem_handlers(app, is_protocol_path=lambda _path: False)
    register_security_headers(app, profile=Profile.PUBLIC, base_url=settings.base_url)
    app.extensions["witness"] = witness
    return app


def build_witness(settings: Settings, *, clock: Clock, fetcher: Fetcher) -> Witness:
    """The witness on its migrated database, with its key."""
    database = Database(settings.database_url)
    migrate(database, MIGRATIONS)
    keystore = open_keystore(settings)
    name = settings.base_url.split("://", 1)[1]
    key = claim_key(database, keystore, name=name)

    def find_log(origin: str) -> str | None:
        if settings.is_production or origin != settings.log_origin:
            return None
        return fetch_log_key(fetcher, settings.register_url, origin)

    return Witness(
        database,
        key=key,
        signer=keystore.signer(KEY_NAME, "EdDSA"),
        clock=clock,
        find_log=find_log,
    )


def claim_key(database: Database, keystore: Keystore, *, name: str) -> VerifierKey:
    """
    The witness's key, bound to this database.

    A key whose database is gone has forgotten what it cosigned; it must never sign again. So the
    database says first that a key is about to be made.
    """
    with database.writing() as session:
        if not witness_store.has_identity(session):
            if KEY_NAME in keystore.names():
                raise WitnessRetired("this witness lost its database: retire its key")
            witness_store.insert_identity(session)
    signer = keystore.signer(KEY_NAME, "EdDSA")
    public_key = base64url.decode(signer.public_jwk["x"])
    with database.writing() as session:
        held = witness_store.bind_identity(session, VerifierKey(name, COSIGNATURE, public_key).vkey)
    key = parse_verifier_key(held)
    if key.public_key != public_key:
        raise WitnessRetired("the database belongs to another witness key")
    return key


def fetch_log_key(fetcher: Fetcher, register_url: str, origin: str) -> str | None:
    """The key that the register itself names, in development only."""
    try:
        answer = fetcher.get(f"{register_url}/vkey", accept="text/plain", max_bytes=1024)
        vkey = answer.body.decode().strip() if answer.status == 200 else ""
        if parse_verifier_key(vkey).name != origin:
            return None
    except (FetchError, UnicodeDecodeError, Malformed):
        return None
    _logger.warning("log pinned at first sight", extra={"vkey": vkey})
    return vkey


def build_routes(witness: Witness, callers: Callers) -> APIBlueprint:
    """Every route of the witness."""
    routes = APIBlueprint("witness", __name__, abp_tags=[_PROTOCOL])

    @routes.post("/add-checkpoint", summary="Cosign a checkpoint", responses=_TEXT)
    def add_checkpoint() -> Response:
        answer = witness.add_checkpoint(request.get_data())
        media_type = "text/plain; charset=utf-8"
        if answer.status == CONFLICT:
            media_type = SIZE_MEDIA_TYPE
        response = Response(answer.body, status=answer.status, content_type=media_type)
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.get("/<digest>/checkpoint", summary="The last checkpoint cosigned", responses=_TEXT)
    def get_checkpoint(path: OriginPath) -> Response:
        note = witness.head(path.digest)
        if note is None:
            raise LogNotKnown("no checkpoint of this log was cosigned here")
        return answer_text(note)

    @routes.get("/evidence", summary="Checkpoints that do not extend a log")
    def get_evidence() -> Response:
        return answer_json(
            {
                "evidence": [
                    {"origin": each.origin, "size": each.size, "note": each.note, "held": each.held}
                    for each in witness.evidence()
                ]
            }
        )

    @routes.get("/vkey", summary="The key of the cosignatures", responses=_TEXT)
    def get_vkey() -> Response:
        return answer_text(witness.key.vkey + "\n")

    @routes.post("/api/v1/logs", summary="Watch a log", security=[{"operator": []}])
    def post_log(body: LogBody) -> Response:
        callers.require_operator(request.headers.get("Authorization"))
        witness.watch(body.vkey)
        return answer_json({"vkey": body.vkey}, status=201)

    return routes
