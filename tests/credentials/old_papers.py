"""VCDM 1.1 papers with linked-data proofs, signed by didkit in a child; every key is fixed."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from credentials.dids import build_did_jwk, build_did_key
from credentials.keys import build_public_key
from credentials.legacy import ask_proofs, build_issue_request, build_present_request
from credentials.material import ListCopy, Material
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.reading import list_proof_requests, read_presentation
from credentials.trust import Accreditation, KeyUse, TrustedIssuer, TrustedKey, TrustRegistry
from credentials.verification import verify
from encoding import base64url
from encoding.strict_json import build_json

# didkit refuses a proof that was made after the time of the machine: this lies behind everybody.
NOW = datetime(2025, 3, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
AUDIENCE = "verifier.city.example"
NONCE = "n-0S6_WzA2Mj"
BASE = "https://www.w3.org/2018/credentials/v1"
STATUS_CONTEXT = "https://w3id.org/vc/status-list/2021/v1"
VOCABULARY = {"@vocab": "https://city.example/terms#"}
LIST = "https://city.example/status/1"


class Person:
    """A key and the DID that holds it."""

    def __init__(self, last_byte, *, curve="Ed25519", method="key"):
        self.seed = bytes(31) + bytes([last_byte])
        if curve == "Ed25519":
            private = Ed25519PrivateKey.from_private_bytes(self.seed)
        else:
            private = ec.derive_private_key(last_byte + 1, ec.SECP256R1())
            self.seed = (last_byte + 1).to_bytes(32, "big")
        self.private = private
        self.key = build_public_key(private.public_key())
        self.jwk = {**self.key.jwk, "d": base64url.encode(self.seed)}
        self.did = build_did_key(self.key) if method == "key" else build_did_jwk(self.key)
        fragment = self.did.removeprefix("did:key:") if method == "key" else "0"
        self.method = f"{self.did}#{fragment}"


ISSUER, HOLDER, THIEF = Person(0), Person(1), Person(2)


def permit(*, holder=HOLDER, issuer=ISSUER, **changes):
    document = {
        "@context": [BASE, VOCABULARY],
        "type": ["VerifiableCredential", "TaxiPermit"],
        "issuer": issuer.did,
        "issuanceDate": "2025-01-01T00:00:00Z",
        "expirationDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": holder.did, "plate": "2A-4417", "zones": ["A", "B"]},
        **changes,
    }
    return {name: value for name, value in document.items() if value is not ...}


def with_status(index, *, purpose="revocation", uri=LIST, kind="StatusList2021Entry"):
    return {
        "@context": [BASE, STATUS_CONTEXT, VOCABULARY],
        "credentialStatus": {
            "id": f"{uri}#{index}",
            "type": kind,
            "statusPurpose": purpose,
            "statusListIndex": str(index),
            "statusListCredential": uri,
        },
    }


def sign(child, document, *, by=ISSUER, proof_type="Ed25519Signature2020", now=NOW):
    request = build_issue_request(
        document,
        private_jwk=by.jwk,
        verification_method=by.method,
        now=now,
        proof_type=proof_type,
    )
    return child.ask(request)["document"]


def present(child, *credentials, by=HOLDER, created=NOW, proof_type="Ed25519Signature2020", **how):
    request = build_present_request(
        {
            "@context": [BASE],
            "type": ["VerifiablePresentation"],
            "holder": by.did,
            "verifiableCredential": list(credentials),
        },
        private_jwk=by.jwk,
        verification_method=by.method,
        audience=how.get("audience", AUDIENCE),
        nonce=how.get("nonce", NONCE),
        now=created,
        proof_type=proof_type,
    )
    return child.ask(request)["document"]


def changed(document, *path, value):
    """The document with one member replaced; its proofs stay as they are."""
    copy = deepcopy(document)
    target = copy
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return copy


def text_of(document):
    return build_json(document).decode()


def registry(*, issuer=ISSUER, identifier=None, types=("TaxiPermit",), expires=DAY, **key):
    since = datetime(2024, 1, 1, tzinfo=UTC)
    listed = {"key": issuer.key, "use": KeyUse.CREDENTIAL, "valid_from": since, **key}
    trusted = TrustedKey(**{"valid_until": None, "compromised_at": None, **listed})
    entry = TrustedIssuer(
        identifiers=(identifier or issuer.did,),
        name={"en": "Transport"},
        keys=(trusted,),
        x5c_anchors=(),
        accreditations=(Accreditation(frozenset(types), since, None),),
    )
    return TrustRegistry(
        version=1, issued_at=NOW - DAY, expires_at=NOW + expires, issuers=(entry,), verifiers=()
    )


def judge(document, *, proofs, trust=None, now=NOW, audience=AUDIENCE, nonce=NONCE, **policy):
    """The verdict on a document, with these answers of the child."""
    lists = {uri: (ListCopy(token, None),) for uri, token in policy.get("lists", {}).items()}
    return verify(
        {"permit": read_presentation(text_of(document))},
        Material(trust or registry(), lists, None, is_replayed=False, proofs=proofs),
        Policy(
            credentials=(CredentialRule("permit", frozenset({"TaxiPermit"}), (("plate",),)),),
            joins=(),
            status=StatusPolicy(policy.get("status", StatusRule.IF_PRESENT), None, False),
            require_holder_binding=policy.get("bound", True),
            freshness=timedelta(minutes=5),
            skew=timedelta(seconds=60),
        ),
        now=now,
        audience=audience,
        nonce=nonce,
    )


def answers(child, document):
    """What the child says of each proof in a document."""
    return ask_proofs(list_proof_requests(text_of(document)), child.ask)


def reasons(child, document, **how):
    """Why the document does not pass, the child being asked."""
    return [
        reason.value for reason in judge(document, proofs=answers(child, document), **how).reasons
    ]
