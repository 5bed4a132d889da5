"""
The mobile-facing API: every route parses, calls one function and answers.

Everything but registration and sessions needs a DPoP-bound token (RFC 9449). `/openapi.json`
describes all of it.
"""

from dataclasses import dataclass
from typing import cast

from flask import current_app, request
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from encoding.strict_json import JsonValue
from wallet_api import messages as m
from wallet_api.answers import (
    show_history,
    show_offer,
    show_request,
    show_session,
    show_signing_inputs,
)
from wallet_api.holdings import Holdings
from wallet_api.model import Caller
from wallet_api.presenting import Presenting
from wallet_api.receiving import Receiving
from wallet_api.residents import RequestProof, Residents
from wallet_api.signatures import DeviceSignature
from wallet_api.store.history import HistoryStore
from wallet_api.viewing import Viewing

EXTENSION = "wallet_api"
Answer = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Counters:
    """Everything that the routes call."""

    residents: Residents
    receiving: Receiving
    holdings: Holdings
    presenting: Presenting
    viewing: Viewing
    history: HistoryStore


api = APIBlueprint(
    "api",
    __name__,
    url_prefix="/api/v1",
    abp_security=[{"dpop": []}],
    abp_responses={400: m.ProblemInfo, 401: m.ProblemInfo, 403: m.ProblemInfo},
)
_RESIDENTS = Tag(name="residents", description="Registration, sessions, devices")
_RECEIVING = Tag(name="receiving", description="Offers and views (OpenID4VCI)")
_HOLDING = Tag(name="holding", description="Cards, views, history")
_PRESENTING = Tag(name="presenting", description="Requests (OpenID4VP)")


@api.post("/residents", tags=[_RESIDENTS], responses={201: m.Session}, security=[])
def register_resident(body: m.Registration) -> tuple[Answer, int]:
    """A new resident; the key of the DPoP proof becomes the first device."""
    signed_in = counters().residents.register(
        proof(), display_name=body.display_name, address=request.remote_addr or "unknown"
    )
    return show_session(signed_in), 201


@api.post("/sessions", tags=[_RESIDENTS], responses={200: m.Session}, security=[])
def open_session() -> Answer:
    """A fresh token for a registered device."""
    return show_session(counters().residents.open_session(proof()))


@api.get("/devices", tags=[_RESIDENTS], responses={200: m.Devices})
def list_devices() -> Answer:
    """The resident's devices."""
    who = caller()
    found = counters().residents.devices(who)
    return {
        "display_name": counters().residents.display_name(who),
        "devices": [
            {
                "id": device.id,
                "created_at": int(device.created_at.timestamp()),
                "last_seen_at": int(device.last_seen_at.timestamp()),
                "is_this": device.id == who.device,
            }
            for device in found
        ],
    }


@api.delete("/devices/<id>", tags=[_RESIDENTS], responses={204: None})
def remove_device(path: m.IdPath) -> tuple[str, int]:
    """A lost phone: its key opens nothing from now on."""
    counters().residents.remove_device(caller(), path.id)
    return "", 204


@api.post("/offers", tags=[_RECEIVING], responses={201: m.OfferInfo})
def preview_offer(body: m.OfferLink) -> tuple[Answer, int]:
    """Read an offer and say what it is."""
    return show_offer(counters().receiving.preview(caller(), body.offer)), 201


@api.get("/offers/<id>", tags=[_RECEIVING], responses={200: m.OfferInfo})
def get_offer(path: m.IdPath) -> Answer:
    """An offer under way."""
    return show_offer(counters().receiving.load(caller(), path.id))


@api.post("/offers/<id>/accept", tags=[_RECEIVING], responses={200: m.SigningInputs})
def accept_offer(path: m.IdPath, body: m.Acceptance) -> Answer:
    """Redeem the code; returns the key proofs to sign."""
    inputs = counters().receiving.accept(
        caller(),
        path.id,
        tx_code=body.tx_code,
        keys=[cast("JsonValue", key) for key in body.keys],
        format=body.format,
    )
    return {"signing_inputs": show_signing_inputs(inputs)}


@api.post("/offers/<id>/proofs", tags=[_RECEIVING], responses={200: m.Proved})
def prove_keys(path: m.IdPath, body: m.Signatures) -> Answer:
    """Send the signed key proofs; returns the cards."""
    who = caller()
    cards, again = counters().receiving.prove(who, path.id, signatures=signatures(body))
    return {
        "credentials": [counters().holdings.load(who, card) for card in cards],
        "signing_inputs": show_signing_inputs(again),
    }


@api.post("/views", tags=[_RECEIVING], responses={201: m.StartedViewInfo})
def start_view(body: m.ViewOrder) -> tuple[Answer, int]:
    """Ask an agency for a view; returns the request to answer."""
    who = caller()
    counters().residents.count_view(who)
    started = counters().viewing.start(who, view=body.view, issuer=body.issuer)
    return {"id": started.id, "request_uri": started.request_uri}, 201


@api.get("/views/<id>", tags=[_RECEIVING], responses={200: m.ViewInfo})
def poll_view(path: m.IdPath) -> Answer:
    """How a view session stands, and its offer once there is one."""
    state, offer_uri = counters().viewing.poll(caller(), path.id)
    return {"id": path.id, "state": state.value, "offer_uri": offer_uri}


@api.get("/credentials", tags=[_HOLDING], responses={200: m.Cards})
def list_credentials() -> Answer:
    """Every card of the resident."""
    cards = counters().holdings.all(caller())
    return {"credentials": [cast("JsonValue", card) for card in cards]}


@api.get("/credentials/<id>", tags=[_HOLDING], responses={200: m.CardInfo})
def get_credential(path: m.IdPath) -> Answer:
    """One card."""
    return counters().holdings.load(caller(), path.id)


@api.delete("/credentials/<id>", tags=[_HOLDING], responses={204: None})
def remove_credential(path: m.IdPath) -> tuple[str, int]:
    """Delete a card with its copies."""
    counters().holdings.remove(caller(), path.id)
    return "", 204


@api.get("/views", tags=[_HOLDING], responses={200: m.ViewCopies})
def list_views() -> Answer:
    """The view copies that this device keeps for showing without signal."""
    views = counters().holdings.views(caller())
    return {"views": [cast("JsonValue", view) for view in views]}


@api.get("/history", tags=[_HOLDING], responses={200: m.History})
def list_history() -> Answer:
    """What was received, shown, declined and deleted, newest first."""
    return {"entries": show_history(counters().history.latest(caller()))}


@api.post("/requests", tags=[_PRESENTING], responses={201: m.RequestInfo})
def open_request(body: m.RequestLinkMessage) -> tuple[Answer, int]:
    """Fetch and verify a presentation request, and say what it would show."""
    return show_request(counters().presenting.open(caller(), body.request)), 201


@api.get("/requests/<id>", tags=[_PRESENTING], responses={200: m.RequestInfo})
def get_request(path: m.IdPath) -> Answer:
    """A request under way."""
    return show_request(counters().presenting.load(caller(), path.id))


@api.post("/requests/<id>/consent", tags=[_PRESENTING], responses={200: m.SigningInputs})
def consent_to_request(path: m.IdPath, body: m.Consent) -> Answer:
    """The resident's choice; returns the proofs to sign."""
    inputs = counters().presenting.consent(caller(), path.id, choices=body.choices)
    return {"signing_inputs": show_signing_inputs(inputs)}


@api.post("/requests/<id>/presentation", tags=[_PRESENTING], responses={200: m.Answered})
def present(path: m.IdPath, body: m.Signatures) -> Answer:
    """Send the signed answer to the verifier."""
    redirect_uri = counters().presenting.present(caller(), path.id, signatures=signatures(body))
    return {"accepted": True, "redirect_uri": redirect_uri}


@api.post("/requests/<id>/decline", tags=[_PRESENTING], responses={200: m.Answered})
def decline(path: m.IdPath) -> Answer:
    """Tell the verifier no."""
    redirect_uri = counters().presenting.decline(caller(), path.id)
    return {"accepted": False, "redirect_uri": redirect_uri}


def counters() -> Counters:
    """What this app was wired with."""
    return cast("Counters", current_app.extensions[EXTENSION])


def caller() -> Caller:
    """Who is asking, proved; 401 otherwise."""
    return counters().residents.authenticate(proof())


def proof() -> RequestProof:
    """What the request brings to prove its device."""
    return RequestProof(
        dpop=request.headers.getlist("DPoP"),
        authorization=request.headers.get("Authorization"),
        method=request.method,
        path=request.path,
    )


def signatures(body: m.Signatures) -> list[DeviceSignature]:
    """The device's signatures as values."""
    return [DeviceSignature(key=one.key, signature=one.signature) for one in body.signatures]
