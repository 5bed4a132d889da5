"""Cases about what a policy asks of status, and about the links of a view."""

from tests.vectors import small_city as city
from tests.vectors.case import (
    GOOD_LISTS,
    VIEW_RULE,
    anchored,
    case,
    demand,
)
from tests.vectors.small_city import (
    INSURANCE,
    REVOKED,
    STRANGER,
    SUSPENDED,
    links,
    status_token,
    view,
)
from tests.vectors.small_ledger import LOG

FAIL, OPEN = "failed", "indeterminate"
OWN, INSURED = city.INDEX["view"], city.INDEX["insurance-certificate"]


def alone(token):
    """A copy that is anchored by itself."""
    return (token, LOG.anchor([token])[token])


PURPOSE = [
    case(
        "no status where one is needed", "TSL-V-08", FAIL, "status_unknown", text=view(status=...)
    ),
    case(
        "no status where none is needed",
        "twin",
        text=view(status=...),
        policy=demand(VIEW_RULE, status="if_present"),
    ),
    case(
        "revoked where nobody asks",
        "the policy's choice",
        policy=demand(VIEW_RULE, status="ignore"),
        lists=anchored({"transport": {OWN: REVOKED}}),
    ),
]

LINK = [
    case(
        "the insurance is revoked",
        "the verdict names the link",
        FAIL,
        "revoked",
        lists=anchored({"insurance": {INSURED: REVOKED}}),
    ),
    case(
        "the licence is suspended",
        "the verdict names the link",
        FAIL,
        "suspended",
        lists=anchored({"transport": {city.INDEX["driving-licence"]: SUSPENDED}}),
    ),
    case(
        "the registration's list is missing",
        "S-057",
        OPEN,
        "status_unknown",
        lists={uri: copies for uri, copies in GOOD_LISTS.items() if uri != city.REGISTRY.list},
    ),
    case(
        "a link to a list of another agency",
        "who may not issue it cannot vouch for it",
        FAIL,
        "issuer_not_authorised_for_type",
        text=view(linked=links(**{"insurance-certificate": {"list": city.REGISTRY.list}})),
    ),
    case(
        "a link to a list of nobody",
        "S-052",
        OPEN,
        "status_unknown",
        lists=GOOD_LISTS | {INSURANCE.list: [alone(status_token(INSURANCE, by=STRANGER))]},
    ),
    case("a view without links", "twin", text=view(linked=...)),
]


CASES = [*PURPOSE, *LINK]
