"""Cases about time and the holder: validity, key binding, W3C presentations, replay."""

from tests.vectors import small_city as city
from tests.vectors.case import VIEW_RULE, case, demand, rule
from tests.vectors.small_city import (
    DAY,
    HOUR,
    NOW,
    STRANGER,
    claims_of_view,
    issue,
    seconds,
    vct,
    view,
)

FAIL, OPEN = "failed", "indeterminate"
SECOND = DAY / 86_400

VALIDITY = [
    case("expired", "S-028", FAIL, "expired", text=view(exp=seconds(NOW - 61 * SECOND))),
    case("expired within the skew", "twin", text=view(exp=seconds(NOW - 59 * SECOND))),
    case(
        "not valid yet", "S-028", FAIL, "not_yet_valid", text=view(nbf=seconds(NOW + 61 * SECOND))
    ),
    case("not valid yet within the skew", "twin", text=view(nbf=seconds(NOW + 59 * SECOND))),
    case(
        "issued in the future",
        "S-028",
        FAIL,
        "not_yet_valid",
        text=view(iat=seconds(NOW + 61 * SECOND)),
    ),
    case("an end in the last second of time", "no overflow", text=view(exp=253_402_300_799)),
    case(
        "issued in the last second of time",
        "no overflow",
        FAIL,
        "not_yet_valid",
        text=view(iat=253_402_300_799),
    ),
    case("a beginning in the first second of time", "no overflow", text=view(nbf=0)),
    case("without an end", "not every credential ends", text=view(exp=...)),
    case(
        "ends before it begins",
        "S-028",
        FAIL,
        "malformed",
        text=view(nbf=seconds(NOW), exp=seconds(NOW - 9 * SECOND)),
    ),
]


def bound(**binding):
    """A view whose key binding differs."""
    return view(binding=binding)


BEARER = demand(VIEW_RULE, require_holder_binding=False)
ASKED = {"nonce": "n-42", "audience": "x509_san_dns:verifier.city.example"}
PERMIT = demand(rule("taxi_permit", vct("taxi-permit")), freshness=300)

HOLDER = [
    case(
        "the key binding stripped", "S-039", FAIL, "holder_not_bound", text=issue(claims_of_view())
    ),
    case("another phone signs", "S-040", FAIL, "holder_not_bound", text=bound(by=STRANGER)),
    case("a wrong sd_hash", "S-040", FAIL, "holder_not_bound", text=bound(sd_hash="A" * 43)),
    case("a view without a holder's key", "SD-V-12", FAIL, "holder_not_bound", text=view(cnf=...)),
    case(
        "for another audience",
        "S-040",
        FAIL,
        "wrong_audience",
        text=bound(audience="urn:citywallet:qr:over-18"),
    ),
    case(
        "a verifier without a name",
        "empty is never a pass",
        FAIL,
        "wrong_audience",
        text=bound(audience="x"),
        audience="",
    ),
    case(
        "asked and answered",
        "twin",
        presentation={"taxi_permit": city.permit()},
        policy=PERMIT,
        **ASKED,
    ),
    case(
        "another nonce",
        "S-040",
        FAIL,
        "wrong_nonce",
        presentation={"taxi_permit": city.permit(nonce="n-41")},
        policy=PERMIT,
        **ASKED,
    ),
    case("no binding where none is needed", "SD-V-01", text=issue(claims_of_view()), policy=BEARER),
    case(
        "a stranger's binding where none is needed",
        "SD-V-01",
        text=bound(by=STRANGER),
        policy=BEARER,
    ),
]

W3C_RULE = rule("permit", "TaxiPermit", claims=[("plate",)])
W3C_POLICY = demand(W3C_RULE, status="if_present")
ALL_TIME = {"validFrom": "0001-01-01T00:00:00Z", "validUntil": "9999-12-31T23:59:59Z"}
W3C = city.w3c(city.w3c_document(statuses=()))


def w3c_case(name, why, *rest, text, **words):
    """A case about a W3C credential."""
    given = {"policy": W3C_POLICY, "nonce": "n-42", "spec": "VC-JOSE-COSE"} | words
    return case(name, why, *rest, presentation={"permit": text}, **given)


W3C_CASES = [
    w3c_case("a W3C credential in a presentation", "twin", text=city.present_w3c(W3C)),
    w3c_case(
        "a W3C credential from the first to the last second",
        "no overflow",
        FAIL,
        "issuer_not_authorised_for_type",
        text=city.present_w3c(city.w3c(city.w3c_document(statuses=(), **ALL_TIME), issued_at=None)),
    ),
    w3c_case(
        "a W3C credential of another holder",
        "S-042",
        FAIL,
        "holder_not_bound",
        text=city.present_w3c(W3C, by=STRANGER),
    ),
    w3c_case(
        "two credentials where one is asked for",
        "exactly one",
        FAIL,
        "malformed",
        text=city.present_w3c(W3C, W3C),
    ),
    w3c_case(
        "a W3C type that is not accredited",
        "S-027",
        FAIL,
        "issuer_not_authorised_for_type",
        text=city.present_w3c(
            city.w3c(city.w3c_document(statuses=(), types=("TaxiPermit", "Judge")))
        ),
    ),
    w3c_case(
        "a W3C credential signed by a stranger",
        "S-025",
        FAIL,
        "bad_signature",
        text=city.present_w3c(city.w3c(city.w3c_document(statuses=()), by=STRANGER)),
    ),
]

REPLAY = [
    case("seen before", "S-127", FAIL, "replayed", is_replayed=True),
    case(
        "seen before and old",
        "replayed wins",
        FAIL,
        "replayed",
        is_replayed=True,
        text=bound(at=NOW - HOUR),
    ),
    case("a minute old", "twin", text=bound(at=NOW - 60 * SECOND)),
    case(
        "a screenshot of 61 seconds", "S-127", FAIL, "stale_code", text=bound(at=NOW - 61 * SECOND)
    ),
    case("a phone that is a minute ahead", "twin", text=bound(at=NOW + 60 * SECOND)),
    case(
        "a phone that is further ahead",
        "S-040",
        FAIL,
        "stale_code",
        text=bound(at=NOW + 61 * SECOND),
    ),
    case(
        "an old proof of another phone",
        "whoever wrote its time",
        FAIL,
        "holder_not_bound",
        text=bound(at=NOW - HOUR, by=STRANGER),
    ),
]

CASES = [*VALIDITY, *HOLDER, *W3C_CASES, *REPLAY]
