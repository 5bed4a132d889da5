"""
The past of a list, for auditors: its versions, the bytes that are still kept, proofs of old epochs.

Everybody may read it; what is told is the city's own word until the proof beside it is checked.
"""

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag
from pydantic import Field

from encoding import base64url
from encoding.strict_json import JsonValue
from ledger import history, store
from ledger.anchor import build_anchor_proof_json
from ledger.epoch import build_list_leaf
from ledger.errors import NoSuchEntry
from ledger.store import StoredList
from register.hall import Hall
from register.web import Query, answer_json, describe

_PUBLIC = Tag(name="history", description="What lists were, as far as it is kept")
_JSON = describe("application/json")


class VersionsQuery(Query):
    """Which list."""

    uri: str = Field(max_length=2048)


class AtQuery(Query):
    """Which list, in which epoch."""

    uri: str = Field(max_length=2048)
    epoch: int = Field(ge=1, le=2**53 - 1)


def build_history_routes(hall: Hall) -> APIBlueprint:
    """Every route about the past."""
    routes = APIBlueprint("history", __name__, abp_tags=[_PUBLIC], url_prefix="/history")

    @routes.get("/versions", summary="Every version of a list", responses=_JSON)
    def get_versions(query: VersionsQuery) -> Response:
        with hall.database.reading() as session:
            found = history.versions(session, query.uri)
            size = store.published_epoch(session)
        newest = size.size if size else 0
        rows: list[JsonValue] = [_build_version(each, newest=newest) for each in found]
        return answer_json({"uri": query.uri, "epoch": newest, "versions": rows})

    @routes.get("/list", summary="The bytes of a list in an epoch, while they are kept")
    def get_list(query: AtQuery) -> Response:
        with hall.database.reading() as session:
            stored = history.list_at(session, query.uri, query.epoch)
        if stored.token is None:
            raise NoSuchEntry("the bytes of this version are not kept any more")
        return Response(stored.token, content_type=stored.media_type)

    @routes.get("/proof", summary="The proof of a list in an epoch", responses=_JSON)
    def get_proof(query: AtQuery) -> Response:
        with hall.database.reading() as session:
            proof = history.prove_at(session, query.uri, query.epoch)
        return answer_json({"proof": build_anchor_proof_json(proof)})

    return routes


def _build_version(stored: StoredList, *, newest: int) -> JsonValue:
    last = stored.last_epoch
    return {
        "list_leaf": base64url.encode(build_list_leaf(stored.leaf)),
        "first_epoch": stored.first_epoch,
        "last_epoch": None if last is None or last > newest else last,
    }
