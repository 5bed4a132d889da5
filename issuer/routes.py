"""
The counter's public side: OpenID4VCI 1.0 for wallets, and what everybody may read.

A route parses, calls one piece of work and answers. Errors rise to `runtime.problems`: in OAuth
form on the four protocol endpoints, as problem details elsewhere.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, Response, abort, request

from encoding.strict_json import JsonValue, build_json, parse_object
from issuer.errors import BadRequest, NoSuchPublication
from issuer.grants import redeem
from issuer.issuance import Caller, give_nonce, issue, take_notification
from issuer.offers import read_offer
from issuer.office import Office
from issuer.publications import Document, Shelf, read_status_list
from issuer.verifier_door import VerifierDoor
from issuer.views import read_view, start_view
from openid4vc.errors import InvalidRequest
from openid4vc.oauth import parse_authorization, parse_form

PUBLIC_PATHS = ("/.well-known/", "/agencies/", "/types/", "/contexts/")
LIST_FORMS = ("token", "revocation", "suspension")
DOCUMENT_AGE = 300
_PROTOCOL = re.compile(r"/agencies/[^/]+/(token|nonce|credential|notification)\Z")


def is_protocol_path(path: str) -> bool:
    """Whether errors there speak OAuth."""
    return _PROTOCOL.match(path) is not None


def is_public_path(path: str) -> bool:
    """Whether anybody may read there, from any origin."""
    return path.startswith(PUBLIC_PATHS)


def build_routes(office: Office, *, shelf: Shelf, verifier: VerifierDoor) -> Blueprint:
    """All of it, as one blueprint."""
    blueprint = Blueprint("routes", __name__)
    _add_documents(blueprint, shelf)
    _add_status_lists(blueprint, office)
    _add_protocol(blueprint, office)
    _add_views(blueprint, office, verifier)
    return blueprint


def _add_documents(blueprint: Blueprint, shelf: Shelf) -> None:
    @blueprint.get("/.well-known/<any('openid-credential-issuer', 'oauth-authorization-server', "
                   "'jwt-vc-issuer'):kind>/agencies/<agency>")  # fmt: skip
    def metadata(kind: str, agency: str) -> Response:
        return _answer_document(shelf.agency_document(kind, agency))

    # Wallets of older drafts append instead of inserting (interop 2).
    @blueprint.get("/agencies/<agency>/.well-known/<any('openid-credential-issuer', "
                   "'oauth-authorization-server'):kind>")  # fmt: skip
    def appended_metadata(agency: str, kind: str) -> Response:
        return _answer_document(shelf.agency_document(kind, agency))

    @blueprint.get("/agencies/<agency>/did.json")
    def did_document(agency: str) -> Response:
        return _answer_document(shelf.agency_document("did.json", agency))

    @blueprint.get("/<any('types', 'contexts'):kind>/<name>")
    def type_document(kind: str, name: str) -> Response:
        return _answer_document(shelf.type_document(kind, name))


def _add_status_lists(blueprint: Blueprint, office: Office) -> None:
    @blueprint.get("/agencies/<agency>/status/<int(max=999999):number>")
    def token_list(agency: str, number: int) -> Response:
        if "time" in request.args:
            # TSL-I-05: lists of the past are not kept.
            abort(HTTPStatus.NOT_IMPLEMENTED)
        document = read_status_list(office, agency=agency, number=number, form="token")
        return _answer_document(document, max_age=0)

    @blueprint.get("/agencies/<agency>/status/<int(max=999999):number>/<form>")
    def bitstring_list(agency: str, number: int, form: str) -> Response:
        if form not in LIST_FORMS[1:]:
            raise NoSuchPublication("no such status list")
        document = read_status_list(office, agency=agency, number=number, form=form)
        return _answer_document(document, max_age=0)


def _add_protocol(blueprint: Blueprint, office: Office) -> None:
    @blueprint.get("/agencies/<agency>/offers/<ticket>")
    def offer(agency: str, ticket: str) -> Response:
        return _answer(read_offer(office, agency=agency, ticket=ticket))

    @blueprint.post("/agencies/<agency>/token")
    def token(agency: str) -> Response:
        _refuse_query_token()
        form = parse_form(request.get_data())
        return _answer(
            redeem(office, agency=agency, form=form, dpop=request.headers.getlist("DPoP"))
        )

    @blueprint.post("/agencies/<agency>/nonce")
    def nonce(agency: str) -> Response:
        return _answer(give_nonce(office, agency=agency))

    @blueprint.post("/agencies/<agency>/credential")
    def credential(agency: str) -> Response:
        caller = _read_caller(office, agency, "credential")
        return _answer(issue(office, agency=agency, caller=caller, body=request.get_data()))

    @blueprint.post("/agencies/<agency>/notification")
    def notification(agency: str) -> Response:
        caller = _read_caller(office, agency, "notification")
        take_notification(office, agency=agency, caller=caller, body=request.get_data())
        return Response(status=204)


def _add_views(blueprint: Blueprint, office: Office, verifier: VerifierDoor) -> None:
    @blueprint.post("/agencies/<agency>/views")
    def ask_for_view(agency: str) -> Response:
        view = parse_object(request.get_data()).get("view")
        if not isinstance(view, str):
            raise BadRequest("view must name a view")
        caller = request.remote_addr or ""
        started = start_view(office, verifier, agency=agency, view=view, caller=caller)
        status_uri = f"{office.credential_issuer(agency)}/views/{started.ticket}"
        answer: dict[str, JsonValue] = {
            "id": started.ticket,
            "request_uri": started.request_uri,
            "status_uri": status_uri,
        }
        return _answer(answer, status=201)

    @blueprint.get("/agencies/<agency>/views/<ticket>")
    def view_state(agency: str, ticket: str) -> Response:
        found = read_view(office, verifier, agency=agency, ticket=ticket)
        answer: dict[str, JsonValue] = {"state": found.state.value}
        if found.offer_uri is not None:
            answer["offer_uri"] = found.offer_uri
        if found.verdict is not None:
            answer["verdict"] = dict(found.verdict)
        return _answer(answer)


def _read_caller(office: Office, agency: str, endpoint: str) -> Caller:
    _refuse_query_token()
    return Caller(
        authorization=parse_authorization(request.headers.get("Authorization")),
        dpop=request.headers.getlist("DPoP"),
        url=f"{office.credential_issuer(agency)}/{endpoint}",
    )


def _refuse_query_token() -> None:
    """Addresses end up in logs (VCI-I-18)."""
    if "access_token" in request.args:
        raise InvalidRequest("an access token does not belong into the query")


def _answer(value: Mapping[str, JsonValue], *, status: int = 200) -> Response:
    response = Response(build_json(dict(value)), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _answer_document(document: Document, *, max_age: int = DOCUMENT_AGE) -> Response:
    """Ready-made bytes; `max_age` 0: ask each time, so that a revocation is seen at once."""
    response = Response(document.body, content_type=document.media_type)
    response.headers["ETag"] = document.etag
    response.headers["Cache-Control"] = f"public, max-age={max_age}" if max_age else "no-cache"
    response.make_conditional(request)
    return response
