"""Us in these tests: keys with their JWKs, a registry that trusts them, and the whole judgement."""

import hashlib
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from credentials.did_key import build_did_key
from credentials.errors import Malformed
from credentials.keys import SoftwareSigner, parse_jwk
from credentials.material import Material
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.reading import read_presentation
from credentials.trust import Accreditation, KeyUse, TrustedIssuer, TrustedKey, TrustRegistry
from credentials.verdict import Outcome
from credentials.verification import verify
from encoding import base64url

DAY = timedelta(days=1)
AUDIENCE = "x509_san_dns:verifier.city.example"
NONCE = "n-0S6_WzA2Mj-7f3bXkq0A"
CURVES = {
    "ES256": (ec.SECP256R1(), 32),
    "ES384": (ec.SECP384R1(), 48),
    "ES512": (ec.SECP521R1(), 66),
}


def now():
    """The peers read the machine's clock, so these tests do as well."""
    return datetime.now(UTC).replace(microsecond=0)


def seconds(moment):
    return int(moment.timestamp())


class Party:
    """Somebody with one key, the same in every run."""

    def __init__(self, name, algorithm="ES256"):
        seed = hashlib.sha256(f"{name} {algorithm}".encode()).digest()
        if algorithm == "EdDSA":
            private, raw = ed25519.Ed25519PrivateKey.from_private_bytes(seed), seed
        else:
            curve, size = CURVES[algorithm]
            number = int.from_bytes(seed, "big") % 2**250
            private, raw = ec.derive_private_key(number, curve), number.to_bytes(size, "big")
        self.algorithm = algorithm
        self.signer = SoftwareSigner(private)
        self.private_key = private
        self.jwk = dict(self.signer.public_jwk)
        self.private_jwk = {**self.jwk, "d": base64url.encode(raw)}
        self.raw = raw
        self.key = parse_jwk(self.jwk)
        self.did = build_did_key(self.key)
        self.method = f"{self.did}#{self.did.removeprefix('did:key:')}"


def trust(*, issuer, key, types, anchors=(), at=None):
    at = at or now()
    keys = (TrustedKey(key, KeyUse.CREDENTIAL, at - 100 * DAY, None, None),) if key else ()
    agency = TrustedIssuer(
        identifiers=(issuer,),
        name={"en": "Transport agency"},
        keys=keys,
        x5c_anchors=tuple(anchors),
        accreditations=(Accreditation(frozenset(types), at - 100 * DAY, None),),
    )
    return TrustRegistry(1, at - DAY, at + DAY, (agency,), ())


def judge(presentation, *, registry, types, claim, bound=True, handover=None, at=None):
    """The whole verdict; only the status is left aside, which has tests of its own."""
    policy = Policy(
        credentials=(CredentialRule("permit", frozenset(types), (claim,)),),
        joins=(),
        status=StatusPolicy(StatusRule.IGNORE, None, require_anchor=False),
        require_holder_binding=bound,
        freshness=timedelta(minutes=5),
        skew=timedelta(seconds=60),
    )
    return verify(
        {"permit": presentation},
        Material(trust=registry, lists={}, log=None, is_replayed=False),
        policy,
        now=at or now(),
        audience=AUDIENCE,
        nonce=NONCE,
        handover=handover,
    )


def is_accepted(presentation, **words):
    """Whether the verdict is plainly positive. Reading comes first, as at the one door."""
    try:
        read = read_presentation(presentation) if isinstance(presentation, str) else presentation
    except Malformed:
        return False
    return judge(read, **words).outcome is Outcome.PASSED


def complaints(verdict):
    return [
        (each.name, each.detail) for each in verdict.checks if each.outcome is not Outcome.PASSED
    ]
