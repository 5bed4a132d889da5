"""Cases of views as CWT, as a CW1 code brings them: judged as a view of any other format."""

import hashlib
from datetime import timedelta

from credentials.cose import build_cose_sign1, parse_value
from credentials.cwt_issuance import attach_cwt_binding, build_cwt_binding_input, issue_cwt
from encoding import base64url
from encoding.cbor import Tagged, build_cbor
from tests.vectors import small_city as city
from tests.vectors.case import anchored, case
from tests.vectors.small_city import (
    HOLDER,
    INDEX,
    NOW,
    QR_AUDIENCE,
    REVOKED,
    STRANGER,
    TRANSPORT,
    claims_of_view,
    public,
    seconds,
    signer,
    trust,
)

FAIL, OPEN = "failed", "indeterminate"
SECOND = timedelta(seconds=1)
NONCE = base64url.encode(b"forty-two bits!!")
ISS, SUB, AUD, EXP, IAT, CTI, CNF, VCT, CNONCE, STATUS = 1, 2, 3, 4, 6, 7, 8, 11, 39, 65535
TYPE, KCWT, CWT_TYPE, KEY_BINDING_TYPE = 16, 13, 61, 294
EDWARDS = signer("a phone of another make", edwards=True)


def issue(*, by=TRANSPORT.credential, key_id=None, **changes):
    """A taxi view as CWT."""
    return issue_cwt(claims_of_view(**changes), signer=by, key_id=key_id)


def bind(cwt, *, by=HOLDER, audience=QR_AUDIENCE, at=NOW - 5 * SECOND):
    """The same with a phone's proof."""
    binding = build_cwt_binding_input(
        cwt, audience=audience, nonce=NONCE, now=at, algorithm=by.algorithm
    )
    return attach_cwt_binding(binding, signature=by.sign(binding.signing_input))


def view(*, binding=None, **words):
    """A view with a fresh proof."""
    return bind(issue(**words), **(binding or {}))


def signed_map(claims, *, by=TRANSPORT.credential, payload=None, **words):
    """A CWT that the house would not issue: any claims, in any bytes."""
    given = {"protected": {TYPE: CWT_TYPE}, "unprotected": {}, "tagged": True} | words
    return build_cose_sign1(payload or build_cbor(claims), signer=by, **given)


def claims_of(cwt):
    """The claims of a CWT."""
    return parse_value(parse_value(cwt).value[2])


def forged(*, without=(), payload=None, protected=None, unprotected=None, tagged=True, **more):
    """A view whose claims the agency signed as they are here, and which the phone presents."""
    claims = claims_of(issue()) | more.pop("claims", {})
    kept = {key: value for key, value in claims.items() if key not in without}
    inner = signed_map(
        kept,
        payload=payload,
        protected=protected or {TYPE: CWT_TYPE},
        unprotected=unprotected or {},
        tagged=tagged,
    )
    return prove(inner, **more)


def prove(inner, *, claims=None, without=(), protected=None, by=HOLDER):
    """A key binding around anything, with any claims of its own."""
    own = {AUD: QR_AUDIENCE, IAT: seconds(NOW - 5 * SECOND), CNONCE: base64url.decode(NONCE)}
    kept = {key: value for key, value in (own | (claims or {})).items() if key not in without}
    header = {TYPE: KEY_BINDING_TYPE, KCWT: parse_value(inner)}
    return signed_map(kept, by=by, protected=header if protected is None else protected)


def proof_of(**words):
    """A good view under a key binding of any kind."""
    return prove(issue(), **words)


def doubled():
    """Claims that say the plate twice."""
    claims = claims_of(issue())
    plate = build_cbor("plate") + build_cbor("9Z-9999")
    return bytes([0xA0 + len(claims) + 1]) + build_cbor(claims)[1:] + plate


def long_head():
    """A claim in a form that is not the shortest."""
    return bytes([0xA0 + len(claims_of(issue())) + 1]) + build_cbor(claims_of(issue()))[1:] + LONG


LONG = build_cbor("zz") + b"\x18\x01"
GOOD = view()
NUMBERS = {"a": [1, -1, 2**53 - 1, 1 - 2**53], "b": [1.5, 2.0, -0.25, 1e300, 3.4028234663852886e38]}
VALUES = NUMBERS | {
    "day": Tagged(1004, "2027-06-30"),
    "none": None,
    "raw": b"\x00\xff",
    "sure": True,
    "words": {"km": "សុខ ដារា", "zh": "陈大文", "__proto__": "x"},
}


def flipped(place):
    """The good view with one bit of another value."""
    data = bytearray(GOOD)
    data[place] ^= 1
    return bytes(data)


def read(name, why, expect="passed", reason=None, *, data=GOOD, **words):
    """A case of these bytes."""
    return case(name, why, expect, reason, text=base64url.encode(data), spec="RFC 8392", **words)


JUDGED = [
    read("CWT: a good view", "the reference of this file"),
    read(
        "CWT: named by its key",
        "twin",
        data=view(key_id=public(TRANSPORT.credential).thumbprint.encode()),
    ),
    read("CWT: a raw thumbprint", "twin", data=view(key_id=hashlib.sha256(b"?").digest())),
    read(
        "CWT: with both tags", "RFC 8392 section 6", data=build_cbor(Tagged(61, parse_value(GOOD)))
    ),
    read(
        "CWT: a phone with Ed25519",
        "twin",
        data=view(cnf={"jwk": dict(EDWARDS.public_jwk)}, binding={"by": EDWARDS}),
    ),
    read("CWT: values of every kind", "as JSON has them", data=forged(claims=VALUES)),
    read(
        "CWT: a revoked view",
        "S-050",
        FAIL,
        "revoked",
        lists=anchored({"transport": {INDEX["view"]: REVOKED}}),
    ),
    read(
        "CWT: a revoked link",
        "S-050",
        FAIL,
        "revoked",
        lists=anchored({"insurance": {INDEX["insurance-certificate"]: REVOKED}}),
    ),
    read(
        "CWT: an agency's key that is not listed",
        "S-022",
        FAIL,
        "bad_signature",
        data=view(by=signer("a forger")),
    ),
    read(
        "CWT: a key for lists", "S-191", FAIL, "issuer_not_trusted", data=view(by=TRANSPORT.status)
    ),
    read(
        "CWT: an unknown issuer",
        "S-026",
        FAIL,
        "issuer_not_trusted",
        data=view(iss="https://evil.example"),
    ),
    read(
        "CWT: a stolen key",
        "S-188",
        FAIL,
        "key_compromised",
        trust=trust(
            transport={
                "keys": [
                    key | {"compromised_at": seconds(NOW)}
                    for key in TRANSPORT.registry_entry(types=[])["keys"]
                ]
            }
        ),
    ),
    read(
        "CWT: another type",
        "S-038",
        FAIL,
        "type_not_accepted",
        data=view(vct=city.vct("taxi-permit")),
    ),
    read("CWT: expired", "S-028", FAIL, "expired", data=view(exp=seconds(NOW - 61 * SECOND))),
    read(
        "CWT: the proof has run out",
        "it takes the credential along",
        FAIL,
        "expired",
        data=proof_of(claims={EXP: seconds(NOW - 61 * SECOND)}),
    ),
    read(
        "CWT: the proof begins later",
        "it takes the credential along",
        FAIL,
        "not_yet_valid",
        data=proof_of(claims={5: seconds(NOW + 61 * SECOND)}),
    ),
    read("CWT: without a proof", "S-039", FAIL, "holder_not_bound", data=issue()),
    read(
        "CWT: another phone signs",
        "S-040",
        FAIL,
        "holder_not_bound",
        data=view(binding={"by": STRANGER}),
    ),
    read(
        "CWT: no key of a holder", "SD-V-12", FAIL, "holder_not_bound", data=forged(without=(CNF,))
    ),
    read(
        "CWT: a key by its name only",
        "RFC 8747",
        FAIL,
        "holder_not_bound",
        data=forged(claims={CNF: {3: b"kid"}}),
    ),
    read(
        "CWT: for another audience",
        "S-040",
        FAIL,
        "wrong_audience",
        data=view(binding={"audience": "urn:citywallet:qr:over-18"}),
    ),
    read(
        "CWT: a stale code",
        "S-127",
        FAIL,
        "stale_code",
        data=view(binding={"at": NOW - 61 * SECOND}),
    ),
    read(
        "CWT: a code of tomorrow",
        "S-127",
        FAIL,
        "stale_code",
        data=view(binding={"at": NOW + 61 * SECOND}),
    ),
    read("CWT: seen before", "S-127", FAIL, "replayed", is_replayed=True),
    read(
        "CWT: without the plate", "SD-V-14", FAIL, "claim_missing", data=forged(without=("plate",))
    ),
    read(
        "CWT: without a status", "TSL-V-08", FAIL, "status_unknown", data=forged(without=(STATUS,))
    ),
    read(
        "CWT: a byte of the agency's signature",
        "S-022",
        FAIL,
        "bad_signature",
        data=flipped(GOOD.index(parse_value(issue()).value[3]) + 9),
    ),
    read(
        "CWT: a byte of the name", "S-022", FAIL, "bad_signature", data=flipped(GOOD.index(b"Dara"))
    ),
    read(
        "CWT: a byte of the phone's signature",
        "S-040",
        FAIL,
        "holder_not_bound",
        data=flipped(len(GOOD) - 1),
    ),
]

CASES = JUDGED
