"""CWTs and COSE_Sign1 with `cwt`: credentials, status lists, and where the two differ."""

from datetime import timedelta

import pytest

from credentials.cose import build_value, parse_value
from credentials.cwt_issuance import issue_cwt
from credentials.errors import Malformed
from credentials.keys import verify_signature
from credentials.reading import read_presentation
from credentials.status import StatusArray, build_status_list_cwt
from credentials.status_lists import is_signed_by, read_status_list_cwt, value_at
from credentials.vc_cose import issue_vc_cose, read_vc_cose
from encoding import base64url
from encoding.cbor import Tagged, build_cbor
from tests.interop.jwt_papers import document, in_der
from tests.interop.our_side import DAY, Party, is_accepted, now, seconds, trust
from tests.interop.peer_page import Hostile, assert_disagreement, assert_exchange

pytestmark = pytest.mark.interop
ALGORITHMS = ("ES256", "ES384", "ES512", "EdDSA")
AGENCY = {name: Party("agency", name) for name in ALGORITHMS}
BY = AGENCY["ES256"]
ISSUER = "https://issuer.city.example/agencies/transport"
VCT = "https://issuer.city.example/types/taxi-inspection"
URI = f"{ISSUER}/status/1"
COSE_ALGORITHM = {"ES256": -7, "ES384": -35, "ES512": -36, "EdDSA": -8}
ALG, CRIT, KID, TYP = 1, 2, 4, 16


def claims(**changes):
    members = {
        "iss": ISSUER,
        "vct": VCT,
        "iat": seconds(now() - DAY),
        "exp": seconds(now() + DAY),
        "plate": "2A-4417",
    }
    return members | changes


def in_cbor(**changes):
    names = {"iss": 1, "exp": 4, "nbf": 5, "iat": 6, "vct": 11}
    return build_value({names.get(name, name): value for name, value in claims(**changes).items()})


def credential(by):
    return issue_cwt(claims(), signer=by.signer, key_id=by.key.thumbprint.encode())


def status_list(by):
    return build_status_list_cwt(
        StatusArray.all_valid(1024),
        uri=URI,
        issued_at=now() - DAY,
        expires_at=now() + DAY,
        ttl=timedelta(minutes=5),
        signer=by.signer,
        key_id=by.key.thumbprint,
    )


def vc_cose(by):
    return issue_vc_cose(document(by), signer=by.signer, key_id=by.method, issued_at=now() - DAY)


def accepted_here(data, by=BY):
    registry = trust(issuer=ISSUER, key=by.key, types=[VCT])
    text = base64url.encode(data)
    return is_accepted(text, registry=registry, types=[VCT], claim=("plate",), bound=False)


def named(jwk, key_id):
    """`cwt` finds a key by its kid alone."""
    return {**jwk, "kid": key_id}


def key_of(by):
    return named(by.jwk, by.key.thumbprint)


def altered(data):
    changed = data.replace(b"2A-4417", b"2A-9999").replace(b"/status/1", b"/status/2")
    assert changed != data
    return changed


def test_cwt_accepts_what_we_sign_and_we_accept_what_it_signs(peers):
    cwt, ours, changed, back = peers["cwt"], {}, {}, {}
    for algorithm, by in AGENCY.items():
        for name, data in {"credential": credential(by), "list": status_list(by)}.items():
            case = (algorithm, name)
            ours[case] = cwt.accepts("verify_cwt", token=data.hex(), jwk=key_of(by))
            changed[case] = not cwt.accepts("verify_cwt", token=altered(data).hex(), jwk=key_of(by))
        case, data = (algorithm, "vc+cose"), vc_cose(by)
        key = named(by.jwk, by.method)
        ours[case] = cwt.accepts("verify_sign1", token=data.hex(), jwk=key)
        changed[case] = not cwt.accepts("verify_sign1", token=altered(data).hex(), jwk=key)
        header = {ALG: COSE_ALGORITHM[algorithm], TYP: 61}
        made = cwt.ask(
            "issue", claims=in_cbor().hex(), protected=build_cbor(header).hex(), jwk=by.private_jwk
        )
        back[algorithm] = accepted_here(bytes.fromhex(made), by)
        assert not accepted_here(altered(bytes.fromhex(made)), by)

    assert all((*ours.values(), *changed.values(), *back.values())), (ours, changed, back)
    assert_exchange("cwt", "cwt", ours=ours, altered=changed, theirs=back)


def test_a_list_that_cwt_signs_is_a_list_here(peers):
    inside = {2: URI, 6: seconds(now()), 4: seconds(now() + DAY), 65533: parse_list(BY)}
    header = {ALG: COSE_ALGORITHM["ES256"], TYP: "application/statuslist+cwt"}
    made = peers["cwt"].ask(
        "issue",
        claims=build_value(inside).hex(),
        protected=build_cbor(header).hex(),
        jwk=BY.private_jwk,
    )

    found = read_status_list_cwt(bytes.fromhex(made))
    assert is_signed_by(found, BY.key)
    assert value_at(found, 7) == 0


def parse_list(by):
    return parse_value(parse_value(status_list(by)).value[2])[65533]


def test_a_vc_cose_that_is_read_here_is_signed_by_the_key_there(peers):
    read = read_vc_cose(vc_cose(BY))

    assert verify_signature(BY.key, read.signing_input, read.signature)


# By hand: what `cose` of ours would not write.


def hand_made(protected=None, unprotected=None, *, payload=None, tag=18, signature=None):
    members = {ALG: COSE_ALGORITHM["ES256"]} if protected is None else protected
    header = members
    if not isinstance(members, bytes):
        header = build_value({KID: BY.key.thumbprint.encode(), TYP: 61, **members})
    payload = in_cbor() if payload is None else payload
    signed = build_cbor(["Signature1", header, b"", payload])
    parts = [header, unprotected or {}, payload, signature or BY.signer.sign(signed)]
    return build_value(Tagged(tag, parts) if tag else parts)


def der_signature():
    header = build_value({KID: BY.key.thumbprint.encode(), ALG: -7, TYP: 61})
    signature = BY.signer.sign(build_cbor(["Signature1", header, b"", in_cbor()]))
    return hand_made(signature=in_der(signature))


def twice_in_payload():
    """{1: iss, 1: another, ...}: the head counts one more, and one member comes twice."""
    body = in_cbor()
    return bytes([body[0] + 1]) + b"\x01\x61x" + body[1:]


def twice_in_header():
    key_id = BY.key.thumbprint.encode()
    return b"\xa4\x01\x26\x04\x58" + bytes([len(key_id)]) + key_id + b"\x10\x18\x3d\x01\x26"


MAKERS = {
    "nothing wrong": hand_made,
    "without a tag": lambda: hand_made(tag=None),
    "the tag of CWT around it": lambda: b"\xd8\x3d" + hand_made(),
    "the tag of a MAC": lambda: hand_made(tag=17),
    "alg in the unprotected header": lambda: hand_made({}, {ALG: -7}),
    "a label in both headers": lambda: hand_made(unprotected={ALG: -7}),
    "a label twice in one header": lambda: hand_made(twice_in_header()),
    "a claim twice": lambda: hand_made(payload=twice_in_payload()),
    "a critical header that nobody knows": lambda: hand_made({ALG: -7, CRIT: [-70000], -70000: 1}),
    "an algorithm of another key": lambda: hand_made({ALG: -35}),
    "a signature in DER": der_signature,
    "an end in the past": lambda: hand_made(payload=in_cbor(exp=seconds(now() - DAY))),
    "an end that is text": lambda: hand_made(payload=in_cbor(exp="2099-01-01")),
    "a beginning tomorrow": lambda: hand_made(payload=in_cbor(nbf=seconds(now() + DAY))),
    "bytes behind it": lambda: hand_made() + b"\0",
}
_UNIQUE = (
    "Labels in each of the maps MUST be unique. [...] the message MUST be rejected as malformed"
)
ROWS = (
    ("nothing wrong", True, "RFC 8392 7.2", "every step of it succeeds (our words)"),
    ("without a tag", True, "RFC 9052 2", "the context may tell instead of a tag (our words)"),
    ("the tag of CWT around it", True, "RFC 8392 6", "tag 61 stands before a COSE tag (our words)"),
    ("the tag of a MAC", False, "RFC 9052 2", "tag 17 is a COSE_Mac0 (our words)"),
    (
        "alg in the unprotected header",
        False,
        "RFC 9052 3.1",
        "alg is in the protected header where there is one (our words)",
    ),
    (
        "a label in both headers",
        False,
        "RFC 9052 3",
        "a label in both maps SHOULD be refused (our words)",
    ),
    ("a label twice in one header", False, "RFC 9052 3", _UNIQUE),
    (
        "a claim twice",
        False,
        "RFC 8949 5.6",
        "A map that has duplicate keys may be well-formed, but it is not valid",
    ),
    (
        "a critical header that nobody knows",
        False,
        "RFC 9052 3.1",
        "a label in crit that is not understood is fatal (our words)",
    ),
    (
        "an algorithm of another key",
        False,
        "our rule",
        "one key has one algorithm; RFC 9053 2.1 leaves curve and hash free",
    ),
    (
        "a signature in DER",
        False,
        "RFC 9053 2.1",
        "r and s, one behind the other, of fixed length (our words)",
    ),
    (
        "an end in the past",
        False,
        "RFC 7519 4.1.4",
        "on or after which the JWT MUST NOT be accepted for processing",
    ),
    ("an end that is text", False, "RFC 8392 2", "a NumericDate is a number (our words)"),
    (
        "a beginning tomorrow",
        False,
        "RFC 7519 4.1.5",
        "before which the JWT MUST NOT be accepted for processing",
    ),
    ("bytes behind it", False, "RFC 8949 5.3.1", "nothing remains behind the item (our words)"),
)
HOSTILE = tuple(Hostile(*row) for row in ROWS)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: each.name)
def test_where_they_differ_the_text_decides(peers, hostile):
    data = MAKERS[hostile.name]()

    assert accepted_here(data) is hostile.accepted
    answers = {"cwt": peers["cwt"].accepts("verify_cwt", token=data.hex(), jwk=key_of(BY))}
    assert_disagreement("cwt", hostile, answers)


def test_what_is_no_cbor_is_refused_on_both_sides(peers):
    assert not peers["cwt"].accepts("verify_cwt", token="ff00ff", jwk=BY.jwk)
    with pytest.raises(Malformed):
        read_presentation(base64url.encode(b"\xff\x00\xff"))
