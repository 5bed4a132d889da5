"""
The trust registry for other readers: the history of keys, EBSI's shapes, ToIP's questions.

Read only, and made of the same statements as the trust tree of the next epoch.
"""

import threading
from datetime import UTC, datetime
from typing import Any, Final

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag
from pydantic import Field

from credentials import ebsi_tir, trqp
from credentials.key_history import KeyHistory, ask_history, build_answer_json, extend_history
from credentials.trust_leaf import TrustStatement
from encoding.strict_json import JsonValue
from register import store
from register.errors import NotListed
from register.governance import parse_content, statements_of
from register.hall import Hall
from register.web import Body, Query, answer_json, describe

EBSI_PATH: Final = "/ebsi/trusted-issuers-registry/v5/issuers"
_PUBLIC = Tag(name="trust", description="The trust registry in other shapes, readable by anybody")
_JSON = describe("application/json")


class KeyQuery(Query):
    """Which key, whose, and when (unix seconds; now when left out)."""

    issuer: str = Field(max_length=2048)
    thumbprint: str = Field(max_length=64)
    at: int | None = Field(default=None, ge=0, le=253_402_300_799)


class PageQuery(Query):
    """Which page, counted from 1."""

    after: int = Field(default=1, ge=1, le=100_000, alias="page[after]")
    size: int = Field(default=ebsi_tir.DEFAULT_SIZE, ge=1, le=ebsi_tir.MAX_SIZE, alias="page[size]")


class DidPath(Query):
    """Which issuer."""

    did: str = Field(max_length=2048)


class AttributePath(Query):
    """Which attribute of which issuer."""

    did: str = Field(max_length=2048)
    attribute: str = Field(max_length=66)


class TrqpBody(Body):
    """A question of the Trust Registry Query Protocol."""

    entity_id: str
    authority_id: str
    action: str
    resource: str
    context: dict[str, Any] | None = None


class KeyArchive:
    """The history of keys, brought up to date with each new version; owns what it has read."""

    def __init__(self, hall: Hall) -> None:
        self._database = hall.database
        self._lock = threading.Lock()
        self._history = KeyHistory()

    def current(self) -> KeyHistory:
        """The history of every version there is."""
        with self._lock:
            with self._database.reading() as session:
                newer = store.trust_since(session, self._history.version)
            for trust in newer:
                at = datetime.fromtimestamp(trust.changed_at, UTC)
                registry = parse_content(trust, issued_at=at, expires_at=at)
                self._history = extend_history(self._history, registry, at=at)
            return self._history


def build_trust_faces(hall: Hall, *, city_url: str) -> APIBlueprint:
    """Every route of other shapes. `city_url`: where the register is, which also names the city."""
    routes = APIBlueprint("trust_faces", __name__, abp_tags=[_PUBLIC])
    _add_history(routes, hall)
    _add_ebsi(routes, hall, city_url=city_url)
    _add_trqp(routes, hall, city_url=city_url)
    return routes


def _add_history(routes: APIBlueprint, hall: Hall) -> None:
    archive = KeyArchive(hall)

    @routes.get("/trust/keys/history", summary="Whose key was this then", responses=_JSON)
    def get_history(query: KeyQuery) -> Response:
        at = hall.clock() if query.at is None else datetime.fromtimestamp(query.at, UTC)
        answer = ask_history(
            archive.current(), identifier=query.issuer, thumbprint=query.thumbprint, at=at
        )
        named = {
            "issuer": query.issuer,
            "thumbprint": query.thumbprint,
            "at": int(at.timestamp()),
        }
        return answer_json({**named, **build_answer_json(answer)})


def _add_ebsi(routes: APIBlueprint, hall: Hall, *, city_url: str) -> None:
    address = f"{city_url}{EBSI_PATH}"

    @routes.get(EBSI_PATH, summary="Issuers, as EBSI lists them", responses=_JSON)
    def get_issuers(query: PageQuery) -> Response:
        dids = ebsi_tir.list_dids(read_statements(hall))
        items: list[JsonValue] = [{"did": did, "href": f"{address}/{did}"} for did in dids]
        page = ebsi_tir.build_page(items, address=address, number=query.after, size=query.size)
        return answer_json(page)

    @routes.get(f"{EBSI_PATH}/<did>", summary="One issuer, as EBSI shows it", responses=_JSON)
    def get_issuer(path: DidPath) -> Response:
        return answer_json(_issuer(hall, path.did))

    @routes.get(f"{EBSI_PATH}/<did>/attributes", summary="Its attributes", responses=_JSON)
    def get_attributes(path: DidPath, query: PageQuery) -> Response:
        _issuer(hall, path.did)
        own = [each for each in read_statements(hall) if each.identifier == path.did]
        at = f"{address}/{path.did}/attributes"
        names = [ebsi_tir.attribute_id(each) for each in own]
        items: list[JsonValue] = [{"id": name, "href": f"{at}/{name}"} for name in names]
        page = ebsi_tir.build_page(items, address=at, number=query.after, size=query.size)
        return answer_json(page)

    @routes.get(f"{EBSI_PATH}/<did>/attributes/<attribute>", summary="One", responses=_JSON)
    def get_attribute(path: AttributePath) -> Response:
        _issuer(hall, path.did)
        for each in read_statements(hall):
            if each.identifier == path.did and ebsi_tir.attribute_id(each) == path.attribute:
                attribute = ebsi_tir.build_attribute(each, city=hall.acts.city)
                return answer_json({"did": path.did, "attribute": attribute})
        raise NotListed("the issuer has no such attribute")


def _add_trqp(routes: APIBlueprint, hall: Hall, *, city_url: str) -> None:
    def facts() -> trqp.TrustFacts:
        return trqp.TrustFacts(
            authorities=(hall.acts.city, city_url),
            statements=read_statements(hall),
            verifiers=hall.governance.registry().verifiers,
        )

    @routes.post("/trqp/authorization", summary="May this entity do this?", responses=_JSON)
    def post_authorization(body: TrqpBody) -> Response:
        query = trqp.parse_query(body.model_dump())
        return answer_json(trqp.answer_authorization(query, facts(), now=hall.clock()))

    @routes.post("/trqp/recognition", summary="Does the city stand by it?", responses=_JSON)
    def post_recognition(body: TrqpBody) -> Response:
        query = trqp.parse_query(body.model_dump())
        return answer_json(trqp.answer_recognition(query, facts(), now=hall.clock()))


def read_statements(hall: Hall) -> list[TrustStatement]:
    """What the newest version states, leaf by leaf."""
    with hall.database.reading() as session:
        newest = store.newest_trust(session)
    return [] if newest is None else statements_of(newest)


def _issuer(hall: Hall, did: str) -> dict[str, JsonValue]:
    found = ebsi_tir.build_issuer(read_statements(hall), did, city=hall.acts.city)
    if found is None:
        raise NotListed("no issuer is listed under this DID")
    return found
