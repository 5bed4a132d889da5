"""
Governance in public: who governs, the whole chain of acts, what waits for signatures.

Reading needs nobody's leave. An act is authenticated by its governors' signatures alone, so no
account is asked for either.
"""

from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag
from pydantic import Field

from credentials.governance_act import SignedAct, build_signed_act_json, read_signed_act
from encoding import base64url
from encoding.strict_json import JsonValue, parse_object
from register.act_store import StoredAct
from register.acts import Acts, Submitted
from register.errors import NoSuchProposal
from register.hall import Hall
from register.web import Body, Query, answer_json, describe

MAX_PAGE = 256
_PUBLIC = Tag(name="governance", description="Readable by anybody; acts carry their signatures")
_JSON = describe("application/json")


class ChainQuery(Query):
    """From behind which act on."""

    after: int = Field(default=0, ge=0, le=2**53 - 1)
    limit: int = Field(default=MAX_PAGE, ge=1, le=MAX_PAGE)


class ActBody(Body):
    """An act as a JWS in general JSON serialisation."""

    act: dict[str, Any]


class SignatureBody(Body):
    """One more signature under an act that waits here."""

    protected: str = Field(min_length=1, max_length=8192)
    signature: str = Field(min_length=1, max_length=256)


class ProposalPath(Query):
    """Which act: base64url of its digest."""

    digest: str = Field(max_length=64)


def build_act_routes(hall: Hall) -> APIBlueprint:
    """Every route of governance."""
    routes = APIBlueprint("governance", __name__, abp_tags=[_PUBLIC])
    _add_reading(routes, hall.acts)
    _add_submitting(routes, hall.acts)
    return routes


def _add_reading(routes: APIBlueprint, acts: Acts) -> None:
    @routes.get("/governance", summary="Who governs, and the head of the chain", responses=_JSON)
    def get_governance() -> Response:
        state = acts.state()
        governors = state.governors
        is_alone = acts.is_operator_alone(governors)
        return answer_json(
            {
                "city": state.city,
                "sequence": state.sequence,
                "head": base64url.encode(state.head),
                "version": state.version,
                "threshold": governors.threshold,
                "governors": [
                    {"thumbprint": key.thumbprint, "jwk": dict(key.jwk)} for key in governors.keys
                ],
                "is_operator_alone": is_alone,
                "label": "one key, kept by the register itself, decides alone"
                if is_alone
                else f"{governors.threshold} of {len(governors.keys)} governors decide",
            }
        )

    @routes.get("/governance/acts", summary="The chain of acts, from its first", responses=_JSON)
    def get_acts(query: ChainQuery) -> Response:
        chain = acts.chain(after=query.after, limit=query.limit)
        return answer_json({"city": acts.city, "acts": [build_stored_json(act) for act in chain]})

    @routes.get("/governance/proposals", summary="Acts that wait for signatures", responses=_JSON)
    def get_proposals() -> Response:
        waiting = [
            {"digest": base64url.encode(each.digest), "act": build_signed_act_json(each)}
            for each in acts.proposals()
        ]
        return answer_json({"proposals": waiting})


def _add_submitting(routes: APIBlueprint, acts: Acts) -> None:
    @routes.post("/api/v1/governance/acts", summary="Submit an act", responses=_JSON)
    def post_act(body: ActBody) -> Response:
        return _tell(acts.submit(read_signed_act(body.act)))

    @routes.post(
        "/api/v1/governance/proposals/<digest>/signatures",
        summary="Sign an act that waits",
        responses=_JSON,
    )
    def post_signature(path: ProposalPath, body: SignatureBody) -> Response:
        waiting = acts.find_proposal(path.digest)
        if waiting is None:
            raise NoSuchProposal("no act with this digest waits for signatures")
        return _tell(acts.submit(_with_signature(waiting, body)))


def build_stored_json(act: StoredAct) -> dict[str, JsonValue]:
    """An accepted act as it is published."""
    return {
        "sequence": act.sequence,
        "version": act.version,
        "accepted_at": act.accepted_at,
        "act": parse_object(act.text, max_bytes=1 << 21),
    }


def _with_signature(waiting: SignedAct, body: SignatureBody) -> SignedAct:
    added: dict[str, JsonValue] = {"protected": body.protected, "signature": body.signature}
    return read_signed_act({"payload": base64url.encode(waiting.payload), "signatures": [added]})


def _tell(submitted: Submitted) -> Response:
    """201 once it is true, 202 as long as it waits."""
    return answer_json(
        {
            "digest": submitted.digest,
            "sequence": submitted.sequence,
            "missing": submitted.missing,
            "version": submitted.version,
        },
        status=202 if submitted.missing else 201,
    )
