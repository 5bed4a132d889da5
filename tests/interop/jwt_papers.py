"""`vc+jwt` and `jwt_vc_json` for the peers, and tokens that break one rule."""

from credentials.jwt_vc import issue_jwt_vc
from credentials.vcdm import issue_vc_jwt
from credentials.vcdm1 import build_document
from encoding import base64url
from encoding.strict_json import build_json
from tests.interop.our_side import DAY, Party, is_accepted, now, seconds, trust
from tests.interop.peer_page import Hostile
from tests.interop.sd_jwt_papers import sign

V2 = "https://www.w3.org/ns/credentials/v2"
VOCABULARY = {"@vocab": "https://city.example/terms#"}
TYPE = "TaxiPermit"
AGENCY = {name: Party("agency", name) for name in ("ES256", "ES384", "ES512", "EdDSA")}
BY = AGENCY["ES256"]


def document(by, **changes):
    members = {
        "@context": [V2, VOCABULARY],
        "type": ["VerifiableCredential", TYPE],
        "issuer": by.did,
        "validFrom": (now() - DAY).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "credentialSubject": {"plate": "2A-4417"},
        **changes,
    }
    return {name: value for name, value in members.items() if value is not None}


def issue(by):
    return issue_vc_jwt(document(by), signer=by.signer, key_id=by.method, issued_at=now() - DAY)


def issue_first(by):
    """A credential of VCDM 1.1."""
    members = build_document(
        types=[TYPE],
        contexts=[VOCABULARY],
        issuer=by.did,
        subject={"plate": "2A-4417"},
        subject_id=None,
        issued=now() - DAY,
        expires=now() + DAY,
        statuses=(),
    )
    return issue_jwt_vc(members, signer=by.signer, key_id=by.method, issued_at=now() - DAY)


def accepted_here(text, by=BY):
    registry = trust(issuer=by.did, key=by.key, types=[TYPE])
    return is_accepted(text, registry=registry, types=[TYPE], claim=("plate",), bound=False)


def altered(text):
    header, payload, signature = text.split(".")
    changed = base64url.decode(payload).replace(b"2A-4417", b"2A-9999")
    return ".".join((header, base64url.encode(changed), signature))


def hand_made(payload=None, *, header=None, **changes):
    members = document(BY, **changes) if payload is None else payload
    words = {"type_": "vc+jwt", "header": {"kid": BY.method}, **(header or {})}
    return sign(members, by=BY, **words)


def with_signature(change):
    token = hand_made()
    before, signature = token.rsplit(".", 1)
    return f"{before}.{base64url.encode(change(base64url.decode(signature)))}"


def in_der(signature):
    """The same two numbers as X.509 writes them."""
    halves = [signature[:32], signature[32:]]
    numbers = [half.lstrip(b"\0") or b"\0" for half in halves]
    numbers = [b"\0" + each if each[0] & 0x80 else each for each in numbers]
    body = b"".join(b"\x02" + bytes([len(each)]) + each for each in numbers)
    return b"\x30" + bytes([len(body)]) + body


def doubled():
    return build_json(document(BY)).decode().replace("{", '{"issuer":"did:example:x",', 1)


MAKERS = {
    "nothing wrong": hand_made,
    "no algorithm": lambda: hand_made(header={"alg": "none"}),
    "an algorithm of another key": lambda: hand_made(header={"alg": "ES384"}),
    "a critical header that nobody knows": lambda: hand_made(
        header={"header": {"kid": BY.method, "crit": ["city"], "city": 1}}
    ),
    "an empty crit": lambda: hand_made(header={"header": {"kid": BY.method, "crit": []}}),
    "a crit that is text": lambda: hand_made(
        header={"header": {"kid": BY.method, "crit": "city", "city": 1}}
    ),
    "an unknown header": lambda: hand_made(header={"header": {"kid": BY.method, "city": 1}}),
    "a signature in DER": lambda: with_signature(in_der),
    "a signature of zeros": lambda: with_signature(lambda _: bytes(64)),
    "a signature and one byte more": lambda: with_signature(lambda each: each + b"\0"),
    "padding after the signature": lambda: hand_made() + "==",
    "a line break in the payload": lambda: hand_made().replace(".", ".\n", 1),
    "two members of one name": lambda: hand_made(payload=doubled()),
    "an end in the past": lambda: hand_made(exp=seconds(now() - DAY)),
    "an end that is text": lambda: hand_made(exp="2099-01-01T00:00:00Z"),
    "a beginning tomorrow": lambda: hand_made(nbf=seconds(now() + DAY)),
    "a key in the header": lambda: sign(
        document(BY), by=Party("stranger"), type_="vc+jwt", header={"jwk": Party("stranger").jwk}
    ),
}
_CRIT = "not understood and supported by the recipient, then the JWS is invalid"
_SIZE = "If it is not a 64-octet sequence, the validation has failed"
_UNIQUE = (
    "The Claim Names within a JWT Claims Set MUST be unique; JWT parsers MUST either reject [...] "
    "or use [...] only the lexically last"
)
_PAST = "on or after which the JWT MUST NOT be accepted for processing"
ROWS = (
    ("nothing wrong", True, "RFC 7515 5.2", "Validate the JWS Signature"),
    ("no algorithm", False, "RFC 8725 3.1", "MUST NOT use any other algorithms"),
    (
        "an algorithm of another key",
        False,
        "RFC 8725 3.1",
        "Each key MUST be used with exactly one algorithm",
    ),
    ("a critical header that nobody knows", False, "RFC 7515 4.1.11", _CRIT),
    ("an empty crit", False, "RFC 7515 4.1.11", 'Producers MUST NOT use the empty list "[]"'),
    ("a crit that is text", False, "RFC 7515 4.1.11", "Its value is an array"),
    (
        "an unknown header",
        True,
        "RFC 7515 4",
        "all Header Parameters not defined by this specification MUST be ignored when not "
        "understood",
    ),
    ("a signature in DER", False, "RFC 7518 3.4", _SIZE),
    ("a signature of zeros", False, "RFC 7515 5.2", "Validate the JWS Signature"),
    ("a signature and one byte more", False, "RFC 7518 3.4", _SIZE),
    (
        "padding after the signature",
        False,
        "RFC 7515 2",
        "with all trailing '=' characters omitted",
    ),
    (
        "a line break in the payload",
        False,
        "RFC 7515 2",
        "without the inclusion of any line breaks, whitespace, or other additional characters",
    ),
    ("two members of one name", False, "RFC 7519 4", _UNIQUE),
    ("an end in the past", False, "RFC 7519 4.1.4", _PAST),
    ("an end that is text", False, "RFC 7519 4.1.4", "Its value MUST be a number"),
    (
        "a beginning tomorrow",
        False,
        "RFC 7519 4.1.5",
        "before which the JWT MUST NOT be accepted for processing",
    ),
    (
        "a key in the header",
        False,
        "RFC 8725 3.8",
        "validate that the cryptographic keys [...] belong to the issuer",
    ),
)
HOSTILE = tuple(Hostile(*row) for row in ROWS)
