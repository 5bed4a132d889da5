"""Cases about status lists, the ledger, links, claims and joins."""

import hashlib

from encoding import base64url
from ledger.epoch import build_epoch_leaf, parse_epoch_leaf
from tests.vectors import small_city as city
from tests.vectors.case import (
    GOOD_LISTS,
    VIEW_RULE,
    anchored,
    case,
    demand,
)
from tests.vectors.small_city import (
    DAY,
    HOUR,
    INSURANCE,
    MINUTE,
    NOW,
    REVOKED,
    STRANGER,
    SUSPENDED,
    TRANSPORT,
    claims_of_view,
    seconds,
    status_token,
    trust,
    view,
)
from tests.vectors.small_ledger import LOG, Log

FAIL, OPEN = "failed", "indeterminate"
NEWER = NOW - MINUTE
OWN, INSURED = city.INDEX["view"], city.INDEX["insurance-certificate"]


def transport(*copies):
    """The good lists, but these copies of the transport agency's."""
    return GOOD_LISTS | {TRANSPORT.list: list(copies)}


def unanchored(statuses=None, **words):
    """A copy of the transport agency's list without a proof."""
    return (status_token(TRANSPORT, statuses, **words), None)


def alone(token, *, log=LOG, **epoch):
    """A copy that is anchored by itself."""
    return (token, log.anchor([token], **epoch)[token])


GOOD = GOOD_LISTS[TRANSPORT.list][0]
PLAIN = demand(VIEW_RULE, anchor=False)
OTHER_LOG = Log("another.log.example")
LATER = anchored(epoch=41, time=NOW - MINUTE)
AGED = anchored(time=NOW - HOUR - MINUTE, words={"issued_at": NOW - 2 * HOUR})
REISSUED = status_token(TRANSPORT, issued_at=NEWER)

BAD_NEWS = [
    case("revoked", "anchored", FAIL, "revoked", lists=anchored({"transport": {OWN: REVOKED}})),
    case(
        "suspended", "anchored", FAIL, "suspended", lists=anchored({"transport": {OWN: SUSPENDED}})
    ),
    case("somebody else is revoked", "twin", lists=anchored({"transport": {OWN + 1: REVOKED}})),
    case(
        "revoked since the last epoch",
        "bad news needs no proof",
        FAIL,
        "revoked",
        lists=transport(GOOD, unanchored({OWN: REVOKED}, issued_at=NEWER)),
    ),
    case(
        "suspended since the last epoch",
        "bad news needs no proof",
        FAIL,
        "suspended",
        lists=transport(GOOD, unanchored({OWN: SUSPENDED}, issued_at=NEWER)),
    ),
    case("a newer list without news", "twin", lists=transport(GOOD, unanchored(issued_at=NEWER))),
    case(
        "reinstated",
        "the later anchored list took the suspension back",
        lists=transport(unanchored({OWN: SUSPENDED}, issued_at=NOW - HOUR), GOOD),
    ),
    case(
        "revoked and then valid",
        "S-062: revoked is for ever",
        FAIL,
        "revoked",
        lists=transport(unanchored({OWN: REVOKED}, issued_at=NOW - HOUR), GOOD),
    ),
    case(
        "revoked on an old list only",
        "bad news needs no fresh proof",
        FAIL,
        "revoked",
        lists=AGED | {TRANSPORT.list: [unanchored({OWN: REVOKED}, issued_at=NOW - 2 * HOUR)]},
    ),
    case(
        "revoked beside a list that is too short",
        "bad news counts first",
        FAIL,
        "revoked",
        lists=transport(unanchored({OWN: REVOKED}), unanchored(size=8, issued_at=NEWER)),
    ),
    case(
        "a stranger says revoked",
        "a list that is not authentic says nothing",
        lists=transport(GOOD, unanchored({OWN: REVOKED}, by=STRANGER, issued_at=NEWER)),
    ),
]

UNKNOWN = [
    case("no list at hand", "S-057", OPEN, "status_unknown", lists=transport()),
    case(
        "a list signed by a stranger",
        "S-052",
        OPEN,
        "status_unknown",
        lists=transport(alone(status_token(TRANSPORT, by=STRANGER))),
    ),
    case(
        "a list signed by another agency",
        "S-052",
        OPEN,
        "status_unknown",
        text=view(linked=...),
        lists=transport(alone(status_token(TRANSPORT, by=INSURANCE.status))),
    ),
    case(
        "a list signed by the issuing key",
        "either key of the agency may",
        lists=transport(alone(status_token(TRANSPORT, by=TRANSPORT.credential), epoch=41)),
    ),
    case(
        "a list of another name",
        "TSL-V-02",
        OPEN,
        "status_unknown",
        lists=transport(alone(status_token(TRANSPORT, uri=TRANSPORT.list + "0"))),
    ),
    case(
        "a list that has expired",
        "TSL-V-02",
        OPEN,
        "status_stale",
        lists=transport(alone(status_token(TRANSPORT, expires_at=NOW))),
    ),
    case(
        "a list from the future",
        "S-052",
        OPEN,
        "status_unknown",
        lists=transport(alone(status_token(TRANSPORT, issued_at=NOW + HOUR, expires_at=NOW + DAY))),
    ),
    case(
        "a text in place of a list",
        "S-052",
        OPEN,
        "status_unknown",
        lists=transport(("<html>", None)),
    ),
    case(
        "a view in place of a list",
        "S-010",
        OPEN,
        "status_unknown",
        lists=transport((city.issue(claims_of_view())[:-1], None)),
    ),
    case(
        "an index beyond the list",
        "S-054",
        OPEN,
        "status_unknown",
        text=view(status={"status_list": {"idx": city.SIZE, "uri": TRANSPORT.list}}),
    ),
    case(
        "an application's own status",
        "TSL-V-05",
        OPEN,
        "status_unknown",
        text=view(linked=...),
        lists=transport(alone(city.raw_list(TRANSPORT, bits=2, lst="eNo76fITAAPfAgc"))),
    ),
    case(
        "a status mechanism that nobody knows",
        "JC-08",
        OPEN,
        "status_unknown",
        text=view(status={"crl": {"uri": TRANSPORT.list}}),
    ),
    case(
        "a compromised status key",
        "S-188",
        OPEN,
        "status_unknown",
        trust=trust(
            transport={
                "keys": [
                    TRANSPORT.registry_entry(types=[])["keys"][0],
                    TRANSPORT.registry_entry(types=[])["keys"][1]
                    | {"compromised_at": seconds(NOW - DAY)},
                ]
            }
        ),
    ),
]

ANCHORS = [
    case(
        "no proof", "good needs proof", OPEN, "status_not_anchored", lists=transport(unanchored())
    ),
    case(
        "a proof for other bytes",
        "good needs proof",
        OPEN,
        "status_not_anchored",
        lists=transport((REISSUED, GOOD[1])),
    ),
    case(
        "a proof for a list of another size",
        "good needs proof",
        OPEN,
        "status_not_anchored",
        lists=transport(alone(GOOD[0], size=128)),
    ),
    case(
        "a proof of another log",
        "good needs proof",
        OPEN,
        "status_not_anchored",
        lists=transport(alone(GOOD[0], log=OTHER_LOG)),
    ),
    case(
        "too few witnesses",
        "good needs proof",
        OPEN,
        "status_not_anchored",
        lists=transport(alone(GOOD[0], witnesses=1)),
    ),
    case("no log is known", "nothing is anchored", OPEN, "status_not_anchored", log=None),
    case("no anchor is asked for", "judge", log=None, policy=PLAIN, lists=transport(unanchored())),
    case(
        "no anchor is asked for and the list is old",
        "its own date counts",
        OPEN,
        "status_stale",
        log=None,
        policy=PLAIN,
        lists=transport(unanchored(issued_at=NOW - HOUR - MINUTE)),
    ),
    case(
        "no anchor is asked for, suspended and taken back",
        "the newest list counts",
        log=None,
        policy=PLAIN,
        lists=transport(unanchored({OWN: SUSPENDED}, issued_at=NOW - HOUR), unanchored()),
    ),
    case("an epoch that is too old", "status is not fresh", OPEN, "status_stale", lists=AGED),
    case(
        "a fresh list that is not anchored helps no old epoch",
        "good needs proof",
        OPEN,
        "status_stale",
        lists=AGED | {TRANSPORT.list: [AGED[TRANSPORT.list][0], unanchored()]},
    ),
    case(
        "an old epoch where age does not matter",
        "twin",
        lists=AGED,
        policy=demand(VIEW_RULE, max_age=None),
    ),
    case("an epoch of exactly the age", "twin", lists=anchored(time=NOW - HOUR)),
    case(
        "the newer of two epochs counts",
        "twin",
        lists=AGED | {uri: [AGED[uri][0], LATER[uri][0]] for uri in AGED},
    ),
    case(
        "an epoch from the future",
        "M: a log must not post-date",
        OPEN,
        "status_stale",
        lists=anchored(time=NOW + HOUR),
    ),
    case(
        "an epoch that its witnesses saw before it began",
        "a log must not post-date",
        OPEN,
        "status_not_anchored",
        lists=anchored(time=NOW + HOUR, seen=NOW),
    ),
]


def leaf_digest(copy):
    """The SHA-256 of the epoch leaf in a copy's proof."""
    leaf = build_epoch_leaf(parse_epoch_leaf(base64url.decode(copy[1]["epoch_leaf"])))
    return base64url.encode(hashlib.sha256(leaf).digest())


FORKED = anchored({"insurance": {1: REVOKED}})
BACK = alone(status_token(TRANSPORT, issued_at=NEWER), epoch=41, versions={TRANSPORT.list: 39})

HISTORY = [
    case(
        "two versions of one epoch",
        "the log shows different people different things",
        OPEN,
        "fork",
        lists=GOOD_LISTS | {INSURANCE.list: FORKED[INSURANCE.list]},
    ),
    case(
        "an epoch that differs from memory",
        "fork",
        OPEN,
        "fork",
        memory={"epochs": {"40": "A" * 43}, "versions": {}},
    ),
    case(
        "an epoch as remembered",
        "twin",
        memory={"epochs": {"40": leaf_digest(GOOD)}, "versions": {TRANSPORT.list: 40}},
    ),
    case(
        "a list that went back",
        "a later epoch holds an earlier version",
        OPEN,
        "rollback",
        lists=transport(GOOD, BACK),
    ),
    case(
        "a list that is older than memory",
        "rollback",
        OPEN,
        "rollback",
        memory={"epochs": {}, "versions": {TRANSPORT.list: 41}},
    ),
    case(
        "a revoked list in a forked log",
        "bad news counts first",
        FAIL,
        "revoked",
        lists=GOOD_LISTS
        | {INSURANCE.list: anchored({"insurance": {INSURED: REVOKED}})[INSURANCE.list]},
    ),
]

CASES = [*BAD_NEWS, *UNKNOWN, *ANCHORS, *HISTORY]
