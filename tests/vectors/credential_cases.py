"""Cases about who issued a credential: format, issuer, type, signature, certificates."""

import base64

from tests.vectors import small_city as city
from tests.vectors.case import GOOD_VIEW, RULE, VIEW_RULE, case, demand, rule
from tests.vectors.small_city import (
    DAY,
    HOUR,
    NOW,
    STRANGER,
    TRANSPORT,
    bind,
    claims_of_view,
    issue,
    seconds,
    signer,
    trust,
    vct,
    view,
)
from tests.vectors.small_ledger import AUTHORITY, Authority, x5c_header

FAIL, OPEN = "failed", "indeterminate"
SECOND = DAY / 86_400


def keyed(**changes):
    """A registry in which the transport agency's credential key has other members."""
    entry = TRANSPORT.registry_entry(types=[])
    return trust(transport={"keys": [entry["keys"][0] | changes, entry["keys"][1]]})


def accredited(**times):
    """A registry in which the transport agency is accredited for another time."""
    words = {"types": [vct("taxi-inspection"), vct("driving-licence")], **times}
    return trust(transport={"accreditations": [words]})


def flipped(text):
    """The text with one claim changed after it was signed."""
    header, payload, rest = text.split(".", 2)
    changed = base64.urlsafe_b64decode(payload + "==").replace(b"2A-4417", b"2A-9999")
    return f"{header}.{base64.urlsafe_b64encode(changed).decode().rstrip('=')}.{rest}"


FORMAT = [
    case("a fresh taxi view passes", "the twin of everything below"),
    case("a text that is no credential", "S-125", FAIL, "malformed", text="hello"),
    case("a cut text", "S-125", FAIL, "malformed", text=GOOD_VIEW[:-100]),
    case("an empty text", "S-125", FAIL, "malformed", text=""),
    case(
        "a credential that was not asked for",
        "exactly what the policy names",
        FAIL,
        "malformed",
        presentation={RULE: GOOD_VIEW, "extra": GOOD_VIEW},
    ),
    case("the credential is missing", "every rule is met", FAIL, "claim_missing", presentation={}),
    case("a policy that asks nothing", "empty is never a pass", FAIL, "malformed", policy=demand()),
    case(
        "a policy with one name twice",
        "which of them would be met?",
        FAIL,
        "malformed",
        policy=demand(VIEW_RULE, VIEW_RULE),
    ),
    case(
        "a vct in a vc+sd-jwt",
        "residue of a draft",
        FAIL,
        "malformed",
        spec="standards, Settled",
        text=bind(issue(claims_of_view(), type="vc+sd-jwt")),
    ),
    case(
        "a disclosure that nothing refers to",
        "S-036",
        FAIL,
        "malformed",
        spec="RFC 9901 7.1",
        text=bind(issue(claims_of_view()) + "WyJzYWx0c2FsdHNhbHRzYWx0IiwibmFtZSIsIk1yIFgiXQ~"),
    ),
]

ISSUER = [
    case(
        "an unknown issuer",
        "S-026",
        FAIL,
        "issuer_not_trusted",
        text=view(iss="https://evil.example"),
    ),
    case(
        "an issuer with a slash",
        "S-026",
        FAIL,
        "issuer_not_trusted",
        text=view(iss=TRANSPORT.iss + "/"),
    ),
    case(
        "an issuer in capitals",
        "S-026",
        FAIL,
        "issuer_not_trusted",
        text=view(iss=TRANSPORT.iss.upper()),
    ),
    case(
        "an issuer with a space",
        "S-026",
        FAIL,
        "issuer_not_trusted",
        text=view(iss=" " + TRANSPORT.iss),
    ),
    case(
        "an empty registry",
        "nobody is trusted",
        FAIL,
        "issuer_not_trusted",
        trust=trust(entries=[]),
    ),
    case(
        "an insurer that issues taxi views",
        "S-025",
        FAIL,
        "issuer_not_authorised_for_type",
        text=view(iss=city.INSURANCE.iss, by=city.INSURANCE.credential),
    ),
    case(
        "accredited for nothing",
        "empty is never a pass",
        FAIL,
        "issuer_not_authorised_for_type",
        trust=trust(transport={"accreditations": []}),
    ),
    case(
        "accreditation ended before the view was issued",
        "S-025",
        FAIL,
        "issuer_not_authorised_for_type",
        trust=accredited(valid_from=seconds(NOW - 9 * DAY), valid_until=seconds(NOW - DAY)),
    ),
    case(
        "accreditation ended after the view was issued",
        "what was issued in time stays good",
        trust=accredited(valid_from=seconds(NOW - 9 * DAY), valid_until=seconds(NOW - HOUR / 2)),
        policy=demand(VIEW_RULE, status="ignore"),
    ),
    case(
        "accreditation begins tomorrow",
        "S-025",
        FAIL,
        "issuer_not_authorised_for_type",
        trust=accredited(valid_from=seconds(NOW + DAY)),
    ),
    case(
        "every claim of the view is among those that the agency may state",
        "claim limits, and the twin of the next two",
        trust=accredited(valid_from=seconds(NOW - 9 * DAY), claims=["face", "name", "plate"]),
    ),
    case(
        "the agency states a claim that it is not accredited for",
        "claim limits",
        FAIL,
        "issuer_not_authorised_for_type",
        trust=accredited(valid_from=seconds(NOW - 9 * DAY), claims=["name"]),
    ),
    case(
        "the agency may state nothing at all",
        "claim limits: empty is no leave",
        FAIL,
        "issuer_not_authorised_for_type",
        trust=accredited(valid_from=seconds(NOW - 9 * DAY), claims=[]),
    ),
    case(
        "the trust registry has expired",
        "S-132: whom to trust is not known today",
        OPEN,
        "issuer_not_trusted",
        trust=trust(expires_at=NOW),
    ),
    case(
        "the trust registry is from the future",
        "the clock or the register is wrong",
        OPEN,
        "issuer_not_trusted",
        trust=trust(issued_at=NOW + HOUR),
    ),
]

TYPE = [
    case(
        "another type of the same agency",
        "S-027",
        FAIL,
        "type_not_accepted",
        text=view(vct=vct("driving-licence")),
    ),
    case(
        "one of several accepted types",
        "twin",
        policy=demand(rule(RULE, vct("over-18"), vct("taxi-inspection"))),
    ),
    case(
        "a policy that accepts no type",
        "empty",
        FAIL,
        "type_not_accepted",
        policy=demand(rule(RULE)),
    ),
    case(
        "a type with a space",
        "S-027",
        FAIL,
        "issuer_not_authorised_for_type",
        text=view(vct=vct("taxi-inspection") + " "),
    ),
]

EDWARDS = signer("transport edwards", edwards=True)
EDWARDS_KEY = {
    "jwk": dict(EDWARDS.public_jwk),
    "use": "credential",
    "valid_from": seconds(NOW - DAY),
}

SIGNATURE = [
    case("a claim changed after signing", "S-025", FAIL, "bad_signature", text=flipped(GOOD_VIEW)),
    case(
        "another agency's key",
        "S-025",
        FAIL,
        "bad_signature",
        text=view(by=city.INSURANCE.credential),
    ),
    case(
        "a stranger's key with the agency's kid",
        "S-025",
        FAIL,
        "bad_signature",
        text=view(by=STRANGER, header={"kid": city.public(TRANSPORT.credential).thumbprint}),
    ),
    case(
        "the status key",
        "S-191: one key, one purpose",
        FAIL,
        "issuer_not_trusted",
        text=view(by=TRANSPORT.status),
    ),
    case("a kid that nobody knows", "kid is a hint", text=view(header={"kid": "some-name"})),
    case("no kid at all", "kid is a hint", text=view(header={})),
    case(
        "a compromised key",
        "S-188",
        FAIL,
        "key_compromised",
        trust=keyed(compromised_at=seconds(NOW - SECOND)),
    ),
    case("a key compromised tomorrow", "twin", trust=keyed(compromised_at=seconds(NOW + DAY))),
    case(
        "a key that has ended",
        "S-186",
        FAIL,
        "issuer_not_trusted",
        trust=keyed(valid_until=seconds(NOW)),
    ),
    case("a key that ends in a second", "twin", trust=keyed(valid_until=seconds(NOW + SECOND))),
    case(
        "a key that has not begun",
        "S-186",
        FAIL,
        "issuer_not_trusted",
        trust=keyed(valid_from=seconds(NOW + HOUR)),
    ),
    case(
        "a key that only verifies, on a view from before",
        "S-186: a rotation refuses nobody",
        trust=keyed(sign_until=seconds(NOW - HOUR / 2), announced_at=seconds(NOW - 9 * DAY)),
    ),
    case(
        "a key that only verifies, on a view from after",
        "S-186: it signs nothing new",
        FAIL,
        "issuer_not_trusted",
        trust=keyed(sign_until=seconds(NOW - 2 * HOUR)),
    ),
    case(
        "a key that stopped signing within the skew",
        "twin: clocks differ a little",
        trust=keyed(sign_until=seconds(NOW - HOUR - 59 * SECOND)),
    ),
    case(
        "a key that stopped signing a minute before the view",
        "S-186: the skew is over",
        FAIL,
        "issuer_not_trusted",
        trust=keyed(sign_until=seconds(NOW - HOUR - 60 * SECOND)),
    ),
    case(
        "an issuer without keys",
        "empty",
        FAIL,
        "issuer_not_trusted",
        trust=trust(transport={"keys": []}),
    ),
    case(
        "an Ed25519 key",
        "the other algorithm",
        text=view(by=EDWARDS),
        trust=trust(transport={"keys": [*TRANSPORT.registry_entry(types=[])["keys"], EDWARDS_KEY]}),
    ),
]

ANCHORED = trust(transport={"x5c_anchors": [base64.b64encode(AUTHORITY.der).decode()]})
ONLY_ANCHORED = trust(
    transport={
        "x5c_anchors": [base64.b64encode(AUTHORITY.der).decode()],
        "keys": TRANSPORT.registry_entry(types=[])["keys"][1:],
    }
)
LEAF = AUTHORITY.leaf(TRANSPORT.credential, uri=TRANSPORT.iss)


def certified(*certificates, by=None):
    """A view that names its key by certificates."""
    return view(header=x5c_header(*certificates), by=by)


CERTIFICATES = [
    case("a certificate of the city", "HAIP x5c", text=certified(LEAF), trust=ANCHORED),
    case(
        "a certified key that is not listed",
        "the anchor vouches",
        text=certified(LEAF),
        trust=ONLY_ANCHORED,
    ),
    case("certificates where none are anchored", "the listed key counts", text=certified(LEAF)),
    case(
        "a certificate of another city",
        "S-046",
        FAIL,
        "issuer_not_trusted",
        trust=ANCHORED,
        text=certified(Authority("Other Root").leaf(TRANSPORT.credential, uri=TRANSPORT.iss)),
    ),
    case(
        "a certificate for another agency",
        "S-046",
        FAIL,
        "issuer_not_trusted",
        trust=ANCHORED,
        text=certified(AUTHORITY.leaf(TRANSPORT.credential, uri=city.INSURANCE.iss)),
    ),
    case(
        "an expired certificate",
        "S-046",
        FAIL,
        "issuer_not_trusted",
        trust=ANCHORED,
        text=certified(AUTHORITY.leaf(TRANSPORT.credential, uri=TRANSPORT.iss, validity=DAY)),
    ),
    case(
        "the anchor inside the chain",
        "S-046",
        FAIL,
        "issuer_not_trusted",
        trust=ANCHORED,
        text=certified(LEAF, AUTHORITY.der),
    ),
    case(
        "a certified key did not sign",
        "S-025",
        FAIL,
        "bad_signature",
        trust=ONLY_ANCHORED,
        text=certified(LEAF, by=STRANGER),
    ),
    case(
        "a certified key that is compromised",
        "S-188",
        FAIL,
        "key_compromised",
        text=certified(LEAF),
        trust=ANCHORED
        | {
            "issuers": [
                ANCHORED["issuers"][0]
                | {"keys": keyed(compromised_at=seconds(NOW - DAY))["issuers"][0]["keys"]},
                *ANCHORED["issuers"][1:],
            ]
        },
    ),
]

CASES = [*FORMAT, *ISSUER, *TYPE, *SIGNATURE, *CERTIFICATES]
