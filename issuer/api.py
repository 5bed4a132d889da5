"""
The JSON API of officers and operators: agencies, offers, credentials and their status.

A bearer token says who calls; the work decides what that caller may. Another agency's things do
not exist for an officer (S-148). `/openapi.json` is made from the shapes in `api_shapes`.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from credentials.keys import parse_jwk
from credentials.model import Format, Status, StatusReference
from credentials.verdict import format_instant
from encoding.strict_json import JsonValue, build_json
from issuer import api_shapes as shapes
from issuer.actors import Actor, require_officer, require_operator
from issuer.agencies import (
    build_agency_json,
    build_founded_json,
    certify_agency,
    found_agency,
    list_agencies,
    require_known,
)
from issuer.callers import OperatorKeys, recognise
from issuer.errors import BadCertificate, NoSuchAgency
from issuer.offers import MadeOffer, Wish, make_offer, renew_link
from issuer.office import Office
from issuer.officers import make_enrolment
from issuer.publications import formats_of
from issuer.receipts import MAX_EXPORT, list_receipts
from issuer.records import (
    Filter,
    build_record_json,
    list_records,
    read_record,
    read_references,
)
from issuer.status_publisher import publish_agency
from issuer.statuses import Receipt, change_status

AGENCIES = Tag(name="agencies", description="Founding agencies; for operators.")
OFFERS = Tag(name="offers", description="Offering credentials; for officers.")
CREDENTIALS = Tag(name="credentials", description="Records and their status; for officers.")
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}]
MAX_REQUEST_ID = 200

Recognise = Callable[[], Actor]


def build_api(office: Office, keys: OperatorKeys) -> APIBlueprint:
    """The API as one blueprint."""
    blueprint = APIBlueprint(
        "api", __name__, url_prefix="/api/v1", abp_security=SECURITY, doc_ui=True
    )

    def who() -> Actor:
        return recognise(
            request.headers.get("Authorization"),
            keys=keys.current(),
            audience=office.base_url,
            clock=office.clock,
        )

    _add_agencies(blueprint, office, who)
    _add_certification(blueprint, office, who)
    _add_offers(blueprint, office, who)
    _add_records(blueprint, office, who)
    _add_status(blueprint, office, who)
    return blueprint


def _add_agencies(blueprint: APIBlueprint, office: Office, who: Recognise) -> None:
    @blueprint.post("/agencies", tags=[AGENCIES], responses={"201": {"description": "founded"}})
    def found(body: shapes.AgencyBody) -> Response:
        agency = found_agency(
            office, actor=who(), name=body.name, types=tuple(body.types), label=body.label
        )
        publish_agency(office, agency.name)
        return _answer(build_founded_json(office, agency), status=201)

    @blueprint.get("/agencies", tags=[AGENCIES])
    def every() -> Response:
        require_operator(who())
        return _answer({"agencies": [build_agency_json(each) for each in list_agencies(office)]})

    @blueprint.get("/agencies/<agency>", tags=[AGENCIES])
    def one(path: shapes.AgencyPath) -> Response:
        actor = who()
        if actor.role != "operator" and require_officer(actor) != path.agency:
            raise NoSuchAgency("no such agency")
        return _answer(build_founded_json(office, require_known(office, path.agency)))

    @blueprint.get("/service-key", security=[])
    def service_key() -> Response:
        key = parse_jwk(dict(office.service_signer().public_jwk))
        return _answer({**key.jwk, "kid": key.thumbprint, "roles": ["service"]})


def _add_certification(blueprint: APIBlueprint, office: Office, who: Recognise) -> None:
    @blueprint.put("/agencies/<agency>/certificates", tags=[AGENCIES])
    def certify(path: shapes.AgencyPath, body: shapes.CertificatesBody) -> Response:
        agency = certify_agency(
            office,
            actor=who(),
            name=path.agency,
            credential_x5c=_parse_chain(body.credential_x5c),
            status_x5c=_parse_chain(body.status_x5c),
        )
        publish_agency(office, agency.name)
        return _answer(build_agency_json(agency))

    @blueprint.post("/agencies/<agency>/publish", tags=[AGENCIES])
    def publish(path: shapes.AgencyPath) -> Response:
        require_operator(who())
        lists = publish_agency(office, require_known(office, path.agency).name)
        return _answer(
            {
                "lists": [
                    {
                        "list": office.status_list_url(each.agency, each.number),
                        "version": each.version,
                        "is_pushed": each.pushed_version == each.version,
                    }
                    for each in lists
                ]
            }
        )

    @blueprint.post(
        "/agencies/<agency>/officers", tags=[AGENCIES], responses={"201": shapes.EnrolmentLink}
    )
    def enrol(path: shapes.AgencyPath, body: shapes.OfficerBody) -> Response:
        link = make_enrolment(office, actor=who(), agency=path.agency, name=body.name)
        return _answer({"enrolment_link": link}, status=201)


def _add_offers(blueprint: APIBlueprint, office: Office, who: Recognise) -> None:
    @blueprint.get("/types", tags=[OFFERS])
    def types() -> Response:
        agency = require_known(office, require_officer(who()))
        return _answer({"types": [_build_type(office, name) for name in agency.types]})

    @blueprint.post("/offers", tags=[OFFERS], responses={"201": shapes.Offered})
    def offer(body: shapes.OfferBody) -> Response:
        wish = Wish(
            agency=body.agency,
            type=body.type,
            claims=body.claims,
            format=Format(body.format),
            has_tx_code=body.tx_code,
        )
        made = make_offer(office, actor=who(), wish=wish, request_id=_read_request_id())
        return _answer(_build_offer(made), status=201)

    @blueprint.post(
        "/credentials/<credential_id>/offer", tags=[OFFERS], responses={"201": shapes.Offered}
    )
    def renew(path: shapes.CredentialPath) -> Response:
        made = renew_link(office, actor=who(), credential=path.credential_id)
        return _answer(_build_offer(made), status=201)


def _add_records(blueprint: APIBlueprint, office: Office, who: Recognise) -> None:
    @blueprint.get("/credentials", tags=[CREDENTIALS], responses={"200": shapes.Records})
    def records(query: shapes.CredentialQuery) -> Response:
        status = None if query.status is None else Status(query.status)
        page = list_records(
            office,
            actor=who(),
            narrowed=Filter(query.type, status),
            cursor=query.cursor,
            limit=query.limit,
        )
        shown: list[JsonValue] = [build_record_json(record) for record in page.records]
        return _answer({"credentials": shown, "next": page.next_cursor})

    @blueprint.get(
        "/credentials/<credential_id>", tags=[CREDENTIALS], responses={"200": shapes.Record}
    )
    def record(path: shapes.CredentialPath) -> Response:
        found = read_record(office, actor=who(), credential=path.credential_id)
        entries = _build_entries(read_references(office, found))
        return _answer({**build_record_json(found), "entries": entries})


def _add_status(blueprint: APIBlueprint, office: Office, who: Recognise) -> None:
    @blueprint.post(
        "/credentials/<credential_id>/status",
        tags=[CREDENTIALS],
        responses={"200": shapes.Receipt},
    )
    def status(path: shapes.CredentialPath, body: shapes.StatusBody) -> Response:
        receipt = change_status(
            office,
            actor=who(),
            credential=path.credential_id,
            to=Status(body.status),
            reason=body.reason,
        )
        return _answer(build_receipt_json(receipt))

    @blueprint.get("/receipts", tags=[CREDENTIALS], responses={"200": shapes.Receipts})
    def receipts(query: shapes.ReceiptsQuery) -> Response:
        since = datetime.fromtimestamp(query.since, UTC)
        found = list_receipts(office, actor=who(), since=since)
        following = int(found[-1].issued_at.timestamp()) if len(found) == MAX_EXPORT else None
        return _answer({"receipts": [each.text for each in found], "next": following})


def build_receipt_json(receipt: Receipt) -> dict[str, JsonValue]:
    """The receipt and what it says, for people."""
    first = receipt.references[0] if receipt.references else None
    return {
        "receipt": receipt.text,
        "credential_id": receipt.record.id,
        "status": receipt.record.status.value,
        "list": first.uri if first else None,
        "index": first.index if first else None,
        "entries": _build_entries(receipt.references),
        "due_epoch_time": format_instant(receipt.due_at),
        "due_epoch": receipt.due_epoch,
        "is_published": receipt.is_published,
    }


def _build_entries(references: tuple[StatusReference, ...]) -> list[JsonValue]:
    return [{"list": each.uri, "index": each.index} for each in references]


def _build_offer(made: MadeOffer) -> dict[str, JsonValue]:
    offer: dict[str, JsonValue] = {
        "credential_id": made.credential,
        "offer_uri": made.offer_uri,
        "offer_uri_by_value": made.offer_uri_by_value,
        "expires_at": format_instant(made.expires_at),
    }
    if made.tx_code is not None:
        offer["tx_code"] = made.tx_code
    return offer


def _build_type(office: Office, name: str) -> JsonValue:
    credential_type = office.catalog.by_name(name)
    return {
        "name": name,
        "labels": dict(credential_type.labels),
        "is_view": credential_type.is_view,
        "formats": [each.value for each in formats_of(credential_type)],
        "claims": [
            {
                "path": list(claim.path),
                "kind": claim.kind,
                "items": claim.items,
                "required": claim.required,
                "labels": dict(claim.labels),
            }
            for claim in credential_type.claims
        ],
        "example": dict(credential_type.example),
    }


def _parse_chain(texts: list[str]) -> tuple[bytes, ...]:
    try:
        return tuple(base64.b64decode(text, validate=True) for text in texts)
    except (binascii.Error, ValueError) as error:
        raise BadCertificate("a certificate must be base64") from error


def _read_request_id() -> str | None:
    request_id = request.headers.get("Idempotency-Key")
    return request_id[:MAX_REQUEST_ID] if request_id else None


def _answer(value: Mapping[str, Any], *, status: int = 200) -> Response:
    return Response(build_json(dict(value)), status=status, content_type="application/json")
