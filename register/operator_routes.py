"""
What the register does when asked: take lists, close epochs, govern trust, certify, pin witnesses.

Lists and receipts need no account: their signature is the authentication. Everything else is the
operator's, with a bearer token for this service.
"""

import base64
from contextlib import suppress
from typing import Any

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag
from pydantic import Field

from credentials.keys import parse_jwk
from encoding import base64url
from ledger import store
from ledger.errors import WitnessUnavailable
from openid4vc.oauth import ServiceToken
from register.errors import WitnessNotKnown
from register.hall import Hall
from register.publications import build_epoch_json
from register.submissions import take_list
from register.web import Body, answer_json, describe

PREFIX = "/api/v1"
LISTS_PATH = f"{PREFIX}/lists"
_SUBMISSIONS = Tag(name="submissions", description="Authenticated by the list's signature")
_OPERATOR = Tag(name="operator", description="Needs a bearer token with role operator")
_SECURITY: list[dict[str, list[Any]]] = [{"operator": []}]
_CREATED = describe("application/json", status=201)
_TAKEN = describe("application/json", status=202)


class ListBody(Body):
    """A signed status list: `statuslist+jwt`, or a Bitstring list as `vc+jwt`."""

    token: str = Field(min_length=1, max_length=8 << 20)


class ReceiptBody(Body):
    """A `revocation-receipt+jwt`."""

    receipt: str = Field(min_length=1, max_length=65_536)


class IssuerBody(Body):
    """An entry of the trust registry."""

    issuer: dict[str, Any]


class VerifierBody(Body):
    """An entry of the trust registry."""

    verifier: dict[str, Any]


class CertificateBody(Body):
    """A key and the names that the city vouches for."""

    public_jwk: dict[str, Any]
    subject: str
    san_uris: list[str] = Field(default_factory=list)
    san_dns: list[str] = Field(default_factory=list)


class WitnessBody(Body):
    """A witness's key and address."""

    vkey: str = Field(max_length=255)
    url: str = Field(max_length=2048, pattern="^https?://")


class Nothing(Body):
    """No members."""


def build_operator_routes(hall: Hall) -> APIBlueprint:
    """Every route that changes something."""
    routes = APIBlueprint("operator", __name__, url_prefix=PREFIX)
    _add_lists(routes, hall)
    _add_epochs(routes, hall)
    _add_trust(routes, hall)
    _add_keys(routes, hall)
    return routes


def _add_lists(routes: APIBlueprint, hall: Hall) -> None:
    @routes.post("/lists", summary="Submit a status list", responses=_TAKEN, tags=[_SUBMISSIONS])
    def post_list(body: ListBody) -> Response:
        registry = hall.governance.registry()
        leaf, is_new = take_list(hall.database, body.token, registry=registry, now=hall.clock())
        with hall.database.reading() as session:
            newest = store.newest_epoch(session)
        return answer_json(
            {
                "uri": leaf.uri,
                "version": leaf.version,
                "digest": base64url.encode(leaf.token_digest),
                "is_new": is_new,
                # Read after the list was kept: the next epoch to close has it, if not this one.
                "epoch": (newest.size if newest else 0) + 1,
            },
            status=202,
        )

    @routes.post("/receipts", summary="Hand in a receipt", responses=_TAKEN, tags=[_SUBMISSIONS])
    def post_receipt(body: ReceiptBody) -> Response:
        promise, is_new = hall.promises.take(body.receipt, registry=hall.governance.registry())
        return answer_json({"digest": promise.digest, "is_new": is_new}, status=202)


def _add_epochs(routes: APIBlueprint, hall: Hall) -> None:
    @routes.post(
        "/epochs",
        summary="Close an epoch now",
        responses=_CREATED,
        tags=[_OPERATOR],
        security=_SECURITY,
    )
    def post_epoch() -> Response:
        _require_operator(hall)
        number = hall.closer.close()
        # Without a quorum the epoch is closed all the same and published once one answers.
        with suppress(WitnessUnavailable, WitnessNotKnown):
            hall.closer.settle()
        with hall.database.reading() as session:
            epoch = store.load_epoch(session, number)
        return answer_json(build_epoch_json(epoch) if epoch else {}, status=201)


def _add_trust(routes: APIBlueprint, hall: Hall) -> None:
    @routes.post(
        "/issuers",
        summary="Put an issuer",
        responses=_CREATED,
        tags=[_OPERATOR],
        security=_SECURITY,
    )
    def post_issuer(body: IssuerBody) -> Response:
        actor = _require_operator(hall).subject
        version = hall.governance.put_issuer(body.issuer, actor=actor)
        return answer_json({"version": version}, status=201)

    @routes.post(
        "/verifiers",
        summary="Put a verifier",
        responses=_CREATED,
        tags=[_OPERATOR],
        security=_SECURITY,
    )
    def post_verifier(body: VerifierBody) -> Response:
        actor = _require_operator(hall).subject
        version = hall.governance.put_verifier(body.verifier, actor=actor)
        return answer_json({"version": version}, status=201)


def _add_keys(routes: APIBlueprint, hall: Hall) -> None:
    @routes.post(
        "/certificates",
        summary="Certify a key",
        responses=_CREATED,
        tags=[_OPERATOR],
        security=_SECURITY,
    )
    def post_certificate(body: CertificateBody) -> Response:
        _require_operator(hall)
        certificate = hall.authority.certify(
            parse_jwk(body.public_jwk),
            subject=body.subject,
            uris=body.san_uris,
            dns_names=body.san_dns,
        )
        return answer_json({"x5c": [base64.b64encode(certificate).decode()]}, status=201)

    @routes.post(
        "/witnesses",
        summary="Pin a witness",
        responses=_CREATED,
        tags=[_OPERATOR],
        security=_SECURITY,
    )
    def post_witness(body: WitnessBody) -> Response:
        _require_operator(hall)
        hall.witnesses.pin(body.vkey, body.url)
        return answer_json({"vkey": body.vkey}, status=201)


def _require_operator(hall: Hall) -> ServiceToken:
    return hall.callers.require_operator(request.headers.get("Authorization"))
