"""Bytes that are no CWT credential: refused in Python and on a phone for the same reason."""

from credentials.cose import parse_value
from encoding.cbor import Tagged, build_cbor
from tests.vectors import small_city as city
from tests.vectors.cwt_cases import (
    AUD,
    CNF,
    CNONCE,
    CTI,
    CWT_TYPE,
    EXP,
    FAIL,
    GOOD,
    IAT,
    ISS,
    KCWT,
    KEY_BINDING_TYPE,
    STATUS,
    SUB,
    TYPE,
    VCT,
    doubled,
    forged,
    issue,
    long_head,
    proof_of,
    prove,
    read,
)
from tests.vectors.small_city import TRANSPORT


def malformed(name, why, data):
    """Bytes that are no credential."""
    return read(f"CWT: {name}", why, FAIL, "malformed", data=data)


def keyed(x, **more):
    """A view bound to this COSE key of P-256."""
    key = {1: 2, -1: 1, -2: x, -3: True} | more.get("key", {})
    return forged(claims={CNF: {1: {name: value for name, value in key.items() if value != ...}}})


REFUSED = [
    malformed("duplicate claims", "S-021", forged(payload=doubled())),
    malformed("a long head", "S-021", forged(payload=long_head())),
    malformed("claims without an end", "S-021", forged(payload=b"\xbf\x01\x60\xff")),
    malformed("claims in an array", "RFC 8392", forged(payload=b"\x80")),
    malformed("bytes behind it", "S-021", GOOD + b"\x00"),
    malformed("cut", "S-021", GOOD[:-1]),
    malformed(
        "tag 61 without tag 18",
        "RFC 8392 section 6",
        build_cbor(Tagged(61, parse_value(GOOD).value)),
    ),
    malformed("another tag", "RFC 9052", build_cbor(Tagged(17, parse_value(GOOD).value))),
    malformed("another typ", "S-010", forged(protected={TYPE: "application/statuslist+cwt"})),
    malformed(
        "a proof without a typ", "S-010", prove(issue(), protected={KCWT: parse_value(issue())})
    ),
    malformed("a proof of nothing", "SD-CWT", proof_of(protected={TYPE: KEY_BINDING_TYPE})),
    malformed("a proof of a proof", "SD-CWT", prove(GOOD)),
    malformed("a critical header", "RFC 9052", forged(protected={TYPE: CWT_TYPE, 2: [99]})),
    malformed("alg unprotected", "S-015", forged(unprotected={1: -7})),
    malformed("a header twice", "RFC 9052", forged(unprotected={TYPE: CWT_TYPE})),
    malformed("kid as text", "RFC 9052", forged(protected={TYPE: CWT_TYPE, 4: "kid"})),
    malformed(
        "one certificate in an array", "RFC 9360", forged(protected={TYPE: CWT_TYPE, 33: [b"x"]})
    ),
    malformed("a claim under JWT's name", "RFC 8392", forged(claims={"exp": 1})),
    malformed("iss as bytes", "RFC 8392", forged(claims={ISS: b"x"})),
    malformed("sub empty", "RFC 8392", forged(claims={SUB: ""})),
    malformed("cti as text", "RFC 8392", forged(claims={CTI: "x"})),
    malformed("exp as text", "S-028", forged(claims={EXP: "2027"})),
    malformed("exp of 64 bits", "S-028", forged(claims={EXP: 2**63})),
    malformed("without vct", "RFC 8392", forged(without=(VCT,))),
    malformed("without iss", "RFC 8392", forged(without=(ISS,))),
    malformed("a number beyond JSON", "RFC 8949", forged(claims={"x": 2**53})),
    malformed("a negative number beyond JSON", "RFC 8949", forged(claims={"x": -(2**64)})),
    malformed("an unknown tag in a claim", "RFC 8949", forged(claims={"x": Tagged(0, "now")})),
    malformed("numbered members in a claim", "RFC 8949", forged(claims={"x": {1: 1}})),
    malformed(
        "an index of 3.0",
        "TSL-V-02",
        forged(claims={STATUS: {"status_list": {"idx": 3.0, "uri": TRANSPORT.list}}}),
    ),
    malformed(
        "a link with 3.0", "SD-V-02", forged(claims={"linked": [city.links()[0] | {"index": 3.0}]})
    ),
    malformed("nine links", "a bound", forged(claims={"linked": city.links() * 3})),
    malformed("cnf as bytes", "RFC 8747", forged(claims={CNF: b"x"})),
    malformed("a private key", "S-019", keyed(b"x" * 32, key={-4: b"d"})),
    malformed("a point off the curve", "S-020", keyed(b"\xff" * 32)),
    malformed("a short point", "S-020", keyed(b"\x01" * 31)),
    malformed("a key without y", "S-020", keyed(b"\x01" * 32, key={-3: ...})),
    malformed("an unknown curve", "S-020", keyed(b"\x01" * 32, key={-1: 9})),
    malformed("a proof with an issuer", "SD-CWT", proof_of(claims={ISS: "x"})),
    malformed("a proof without iat", "SD-CWT", proof_of(without=(IAT,))),
    malformed("a proof without aud", "SD-CWT", proof_of(without=(AUD,))),
    malformed("a proof without nonce", "SD-CWT", proof_of(without=(CNONCE,))),
    malformed("a nest", "a bound", b"\x81" * 40),
    malformed("an infinite number", "RFC 8949", forged(payload=b"\xa1\x01\xf9\x7c\x00")),
    malformed("a wide float", "RFC 8949", forged(payload=b"\xa1\x01\xfa\x3f\x80\x00\x00")),
    malformed("broken UTF-8", "S-021", forged(payload=b"\xa1\x01\x61\xff")),
    malformed("undefined", "RFC 8949", forged(payload=b"\xa1\x01\xf7")),
]

CASES = REFUSED
