"""
The public shelf of the register: checkpoint, tiles, epochs, lists with proofs, trust.

Everybody may read everything. What can never change is cacheable for ever; the rest has an ETag.
"""

from typing import Literal

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag
from pydantic import Field
from werkzeug.exceptions import NotAcceptable

from encoding import base64url
from encoding.errors import Malformed
from ledger import log
from ledger.note import parse_size
from ledger.quorum import build_policy
from ledger.staple_form import MEDIA_TYPE as CBOR
from ledger.tiles import parse_tile_path
from register.errors import BadRequest
from register.hall import Hall
from register.publications import MAX_LISTS
from register.staples import Asked, Staples
from register.web import Body, Query, answer_json, answer_text, describe

FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=1"
JWKS = "application/jwk-set+json"
_PUBLIC = Tag(name="public", description="Readable by anybody")
_TEXT = describe("text/plain")
_BYTES = describe("application/octet-stream")
_JSON = describe("application/json")
_CBOR = describe(CBOR)


class ListQuery(Query):
    """Which list."""

    uri: str = Field(max_length=2048)


class ProofQuery(Query):
    """
    One list with an entry, or several lists. For a staple also: the epoch whose head is held, the
    issuer and type of the credential, and the thumbprint of the key that signed it.
    """

    lists: list[str] = Field(alias="list", min_length=1, max_length=MAX_LISTS)
    index: int | None = Field(default=None, ge=0)
    form: Literal["json", "staple"] | None = None
    have: int | None = Field(default=None, ge=1)
    issuer: str | None = Field(default=None, max_length=2048)
    type: str | None = Field(default=None, max_length=2048)
    key: str | None = Field(default=None, max_length=64)


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
    _add_proofs(routes, hall)
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


def _add_proofs(routes: APIBlueprint, hall: Hall) -> None:
    staples = Staples(hall.database, hall.publications)

    @routes.get("/head", summary="The newest epoch as staples need it", responses=_CBOR)
    def get_head() -> Response:
        return _conditional(Response(staples.head(), content_type=CBOR), BRIEFLY)

    @routes.get("/proofs", summary="Proofs of lists; with index a staple", responses=_JSON)
    def get_proofs(query: ProofQuery) -> Response:
        if wants_staple(query):
            answer = Response(staples.staple(build_asked(query)), content_type=CBOR)
            answer.vary.add("Accept")
            return _conditional(answer, BRIEFLY)
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


def wants_staple(query: ProofQuery) -> bool:
    """Said by `form`, else by an Accept header that prefers CBOR."""
    if query.form is not None:
        return query.form == "staple"
    accepted = request.accept_mimetypes
    return accepted.provided and accepted.best_match(["application/json", CBOR]) == CBOR


def build_asked(query: ProofQuery) -> Asked:
    """The question for a staple in a query."""
    if len(query.lists) != 1 or query.index is None:
        raise BadRequest("a staple is of one entry of one list")
    try:
        signed_with = None if query.key is None else base64url.decode(query.key)
    except Malformed as error:
        raise BadRequest("the key is a thumbprint in base64url") from error
    return Asked(
        uri=query.lists[0],
        index=query.index,
        have=query.have,
        issuer=query.issuer,
        type=query.type,
        signed_with=signed_with,
    )


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
