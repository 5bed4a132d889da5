"""Cases about what credentials hold: Bitstring lists, required claims, joins."""

import base64

from credentials.model import StatusPurpose, StatusReference
from tests.vectors import small_city as city
from tests.vectors.case import (
    RULE,
    case,
    demand,
    rule,
)
from tests.vectors.holder_cases import W3C_RULE, w3c_case
from tests.vectors.small_city import (
    INSURANCE,
    REVOKED,
    STRANGER,
    SUSPENDED,
    TRANSPORT,
    signer,
    trust,
    vct,
    view,
)
from tests.vectors.small_ledger import AUTHORITY

FAIL, OPEN = "failed", "indeterminate"

REVOCATION, SUSPENSION = (f"{TRANSPORT.list}/{word}" for word in ("revocation", "suspension"))
W3C_STATUS = demand(W3C_RULE, anchor=False)


def bitstring_case(name, why, *rest, revoked=None, suspended=None, **words):
    """A W3C credential with both Bitstring lists."""
    references = (
        StatusReference(REVOCATION, 70_000, StatusPurpose.REVOCATION),
        StatusReference(SUSPENSION, 70_000, StatusPurpose.SUSPENSION),
    )
    text = city.present_w3c(city.w3c(city.w3c_document(statuses=references)))
    lists = {
        REVOCATION: [(city.bitstring(TRANSPORT, "revocation", revoked), None)],
        SUSPENSION: [(city.bitstring(TRANSPORT, "suspension", suspended), None)],
    }
    given = {"lists": lists, "policy": W3C_STATUS} | words
    return w3c_case(name, why, *rest, text=text, **given)


UNLISTED = signer("transport status of next year")
CHAIN = (AUTHORITY.leaf(UNLISTED, uri=TRANSPORT.iss),)
ANCHORED = trust(transport={"x5c_anchors": [base64.b64encode(AUTHORITY.der).decode()]})


def certified_lists(*, by):
    """Both Bitstring lists, signed by `by` and with the chain of a key that is not listed."""
    return {
        uri: [(city.bitstring(TRANSPORT, purpose, by=by, x5c=CHAIN), None)]
        for uri, purpose in ((REVOCATION, "revocation"), (SUSPENSION, "suspension"))
    }


BITSTRING = [
    bitstring_case(
        "lists by a certified key that is not listed",
        "the anchor vouches",
        trust=ANCHORED,
        lists=certified_lists(by=UNLISTED),
    ),
    bitstring_case(
        "lists that the certified key did not sign",
        "S-052",
        OPEN,
        "status_unknown",
        trust=ANCHORED,
        lists=certified_lists(by=STRANGER),
    ),
    bitstring_case("both bitstrings are clear", "twin"),
    bitstring_case("revoked on a bitstring", "BSL-04", FAIL, "revoked", revoked={70_000: REVOKED}),
    bitstring_case(
        "suspended on a bitstring", "BSL-04", FAIL, "suspended", suspended={70_000: SUSPENDED}
    ),
    bitstring_case(
        "a neighbour on a bitstring", "S-055", revoked={70_001: REVOKED, 69_999: REVOKED}
    ),
    bitstring_case(
        "a list of the other purpose",
        "BSL-06",
        OPEN,
        "status_unknown",
        lists={
            uri: [(city.bitstring(TRANSPORT, "suspension", uri=uri), None)]
            for uri in (REVOCATION, SUSPENSION)
        },
    ),
    bitstring_case(
        "a bitstring of a stranger",
        "BSL-06",
        OPEN,
        "status_unknown",
        lists={
            REVOCATION: [(city.bitstring(TRANSPORT, "revocation", by=STRANGER), None)],
            SUSPENSION: [(city.bitstring(TRANSPORT, "suspension"), None)],
        },
    ),
    bitstring_case(
        "a bitstring that names another agency",
        "BSL-06",
        OPEN,
        "status_unknown",
        lists={
            REVOCATION: [
                (city.bitstring(INSURANCE, "revocation", by=TRANSPORT.status, uri=REVOCATION), None)
            ],
            SUSPENSION: [(city.bitstring(TRANSPORT, "suspension"), None)],
        },
    ),
]


def needs(*paths):
    """The view's policy with these claims."""
    return demand(rule(RULE, vct("taxi-inspection"), claims=paths))


RICH = view(zones=["north", "east"], owner={"name": "Sok", "age": None})
CLAIMS = [
    case(
        "a claim is missing", "S-027", FAIL, "claim_missing", policy=needs(("plate",), ("colour",))
    ),
    case(
        "a nested claim",
        "claims path pointer",
        policy=needs(("owner", "name"), ("owner", "age")),
        text=RICH,
    ),
    case(
        "an element of a list",
        "claims path pointer",
        policy=needs(("zones", 1), ("zones", None)),
        text=RICH,
    ),
    case(
        "an element beyond a list",
        "claims path pointer",
        FAIL,
        "claim_missing",
        policy=needs(("zones", 2)),
        text=RICH,
    ),
    case(
        "an element of a text",
        "claims path pointer",
        FAIL,
        "claim_missing",
        policy=needs(("plate", 0)),
        text=RICH,
    ),
    case(
        "a member of a text",
        "claims path pointer",
        FAIL,
        "claim_missing",
        policy=needs(("plate", "name")),
        text=RICH,
    ),
    case(
        "a path that names nothing",
        "empty is never a pass",
        FAIL,
        "claim_missing",
        policy=needs(()),
        text=RICH,
    ),
]

SAME_PLATE = {"name": "same plate", "sides": [["taxi_permit", ["plate"]], ["insurance", ["plate"]]]}
SAME_DRIVER = {
    "name": "same driver",
    "sides": [["taxi_permit", ["holder", "number"]], ["insurance", ["holder", "number"]]],
}
PAIR = demand(
    rule("taxi_permit", vct("taxi-permit")),
    rule("insurance", vct("insurance-certificate")),
    joins=[SAME_PLATE, SAME_DRIVER],
    freshness=300,
)


def joined(name, why, *rest, policy=PAIR, permit=None, **insurance):
    """A permit and an insurance certificate, asked for together."""
    insured = {"vct": vct("insurance-certificate"), "agency": INSURANCE, **insurance}
    return case(
        name,
        why,
        *rest,
        spec="S-042",
        policy=policy,
        nonce="n-42",
        audience="x509_san_dns:verifier.city.example",
        presentation={
            "taxi_permit": city.permit(**(permit or {})),
            "insurance": city.permit(**insured),
        },
    )


JOIN = [
    joined("the same plate and driver", "twin"),
    joined(
        "another plate",
        "another driver's paper in their midst",
        FAIL,
        "join_failed",
        plate="2A-9999",
    ),
    joined(
        "a number and a text",
        "equal in type and value",
        FAIL,
        "join_failed",
        holder={"name": "Sok Dara", "number": "4417"},
    ),
    joined(
        "one and true",
        "equal in type and value",
        FAIL,
        "join_failed",
        permit={"plate": 1},
        plate=True,
    ),
    joined("one side is not disclosed", "a join needs both", FAIL, "join_failed", plate=...),
    joined("equal objects", "deep", permit={"plate": {"a": [1, 2]}}, plate={"a": [1, 2]}),
    joined(
        "unequal objects",
        "deep",
        FAIL,
        "join_failed",
        permit={"plate": {"a": [1, 2]}},
        plate={"a": [2, 1]},
    ),
    joined(
        "a join of nothing",
        "empty is never a pass",
        FAIL,
        "join_failed",
        policy=PAIR | {"joins": [{"name": "nothing", "sides": []}]},
    ),
    joined(
        "a forged insurance with the right plate",
        "nothing unverified counts",
        FAIL,
        "bad_signature",
        by=STRANGER,
    ),
]

CASES = [*BITSTRING, *CLAIMS, *JOIN]
