"""
The public shelf of the register: checkpoint, tiles, epochs, lists with proofs, trust.

Everybody may read everything. What can never change is cacheable for ever; the rest has an ETag.
"""

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag
from pydantic import Field
from werkzeug.exceptions import NotAcceptable

from ledger import log
from ledger.note import parse_size
from ledger.quorum import build_policy
from ledger.tiles import parse_tile_path
from register.errors import BadRequest
from register.hall import Hall
from register.publications import MAX_LISTS
from register.web import Body, Query, answer_json, answer_text, describe

FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=1"
JWKS = "application/jwk-set+json"
_PUBLIC = Tag(name="public", description="Readable by anybody")
_TEXT = describe("text/plain")
_BYTES = describe("application/octet-stream")
_JSON = describe("application/json")


class ListQuery(Query):
    """Which list."""

    uri: str = Field(max_length=2048)


class ProofQuery(Query):
    """One list with an entry, or several lists."""

    lists: list[str] = Field(alias="list", min_length=1, max_length=MAX_LISTS)
    index: int | None = Field(default=None, ge=0)


class ProofBody(Body):
    """Several lists."""

    lists: list[str] = Field(min_length=1, max_length=MAX_LISTS)


class SnapshotQuery(Query):
    """`since`: the epoch that the caller holds already."""

    since: int = Field(default=0, ge=0)


class EpochPath(Query):
    """Which epoch: its number, or `latest`."""

    number: str


class TilePath(Query):
    """Which tile, as tlog-tiles writes it."""

    name: str


def build_routes(hall: Hall) -> APIBlueprint:
    """Every public route."""
    routes = APIBlueprint("public", __name__, abp_tags=[_PUBLIC])
    _add_log(routes, hall)
    _add_lists(routes, hall)
    _add_trust(routes, hall)
    return routes


def _add_log(routes: APIBlueprint, hall: Hall) -> None:
    @routes.get("/checkpoint", summary="The newest checkpoint, cosigned", responses=_TEXT)
    def get_checkpoint() -> Response:
        answer = answer_text(hall.publications.checkpoint())
        return _conditional(answer, BRIEFLY)

    @routes.get("/tile/<path:name>", summary="A tile or entry bundle", responses=_BYTES)
    def get_tile(path: TilePath) -> Response:
        tile = parse_tile_path(path.name)
        with hall.database.reading() as session:
            data = log.read_tile(session, tile)
        answer = Response(data, content_type="application/octet-stream")
        return _conditional(answer, FOREVER)

    @routes.get("/epochs/<number>", summary="A published epoch, or `latest`", responses=_JSON)
    def get_epoch(path: EpochPath) -> Response:
        number = None if path.number == "latest" else parse_size(path.number)
        answer = answer_json(hall.publications.epoch(number))
        return _conditional(answer, BRIEFLY)

    @routes.get("/policy", summary="The log and its witnesses (tlog-policy)", responses=_TEXT)
    def get_policy() -> Response:
        return _conditional(answer_text(build_policy(hall.witnesses.policy())), "no-cache")

    @routes.get("/vkey", summary="The key of the log", responses=_TEXT)
    def get_vkey() -> Response:
        return answer_text(hall.log_key.vkey + "\n")


def _add_lists(routes: APIBlueprint, hall: Hall) -> None:
    @routes.get("/lists", summary="A status list as the published epoch has it")
    def get_list(query: ListQuery) -> Response:
        found = hall.publications.list_bytes(query.uri)
        if request.accept_mimetypes.provided and not request.accept_mimetypes[found.media_type]:
            raise NotAcceptable
        answer = Response(found.token, content_type=found.media_type)
        answer.headers["City-Epoch"] = str(found.epoch)
        return _conditional(answer, BRIEFLY)

    @routes.get("/proofs", summary="Proofs of lists; with index a staple", responses=_JSON)
    def get_proofs(query: ProofQuery) -> Response:
        if len(query.lists) == 1:
            members = hall.publications.proof(query.lists[0], index=query.index)
        elif query.index is None:
            members = hall.publications.proofs(query.lists)
        else:
            raise BadRequest("an index goes with one list")
        return _conditional(answer_json(members), BRIEFLY)

    @routes.post("/proofs", summary="Proofs of several lists", responses=_JSON)
    def post_proofs(body: ProofBody) -> Response:
        return answer_json(hall.publications.proofs(body.lists))

    @routes.get("/snapshot", summary="Every list with token and proof", responses=_JSON)
    def get_snapshot(query: SnapshotQuery) -> Response:
        epoch = hall.publications.published().size
        etag = f"epoch-{epoch}-{min(query.since, epoch)}"
        if request.if_none_match.contains(etag):
            answer = Response(status=304)
        else:
            number, body = hall.publications.snapshot(since=query.since)
            etag = f"epoch-{number}-{min(query.since, number)}"
            answer = Response(body, content_type="application/json")
        answer.set_etag(etag)
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def _add_trust(routes: APIBlueprint, hall: Hall) -> None:
    @routes.get("/trust", summary="The signed trust registry")
    def get_trust() -> Response:
        _, token = hall.governance.signed()
        return _conditional(Response(token, content_type="application/jwt"), "no-cache")

    @routes.get("/trust/keys", summary="The keys that sign the trust registry", responses=_JSON)
    def get_trust_keys() -> Response:
        keys = {"keys": [hall.governance.public_jwk]}
        return _conditional(answer_json(keys, media_type=JWKS), "no-cache")

    @routes.get("/root.pem", summary="The city's root certificate")
    def get_root() -> Response:
        pem = hall.authority.root_pem()
        return _conditional(Response(pem, content_type="application/x-pem-file"), "no-cache")


def _conditional(answer: Response, cache_control: str) -> Response:
    answer.add_etag()
    answer.headers["Cache-Control"] = cache_control
    answer.make_conditional(request)
    return answer
