"""
The stage of VCDM 1.1 with linked-data proofs: one good permit for each suite, and its forger.

Permits are signed here, since didkit signs nothing for somebody else; presentations are signed by
didkit in a child of its own. Keys are fixed and signatures deterministic. The time is behind that
of any machine, since didkit refuses a proof that was made after the machine's own time.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ed25519

from credentials.dids import build_did_jwk, build_did_key
from credentials.keys import build_public_key
from credentials.legacy import build_present_request
from credentials.model import Status, StatusPurpose
from credentials.proof_input import hash_document
from credentials.status import StatusArray, build_bitstring_credential
from credentials.verdict import format_instant
from encoding import base64url
from encoding.multibase import encode_multibase
from encoding.strict_json import build_json
from runtime.children import ChildPool
from tests.hostile.forms import Form
from tests.hostile.proof_stage import FixedSigner, signer_of
from tests.hostile.stage import AUDIENCE, NONCE, TYPE, with_members

Json = dict[str, Any]

NOW: Final = datetime(2025, 3, 1, 9, tzinfo=UTC)
NOW_SECONDS: Final = int(NOW.timestamp())
DAY: Final = timedelta(days=1)
BASE: Final = "https://www.w3.org/2018/credentials/v1"
STATUS_CONTEXT: Final = "https://w3id.org/vc/status-list/2021/v1"
TERMS: Final = "https://city.example/terms#"
VOCABULARY: Final = {"@vocab": TERMS}
LIST: Final = "https://city.example/status/1"
LIST_SIZE: Final = 131_072
REVOKED: Final = 9
_SECURITY: Final = "https://w3id.org/security#"
_TIME: Final = "http://www.w3.org/2001/XMLSchema#dateTime"
FORMAT: Final = "ldp_vc of VCDM 1.1"


@dataclass(frozen=True)
class Suite:
    """A proof type with one kind of key, and the people who have such keys."""

    proof_type: str
    algorithm: str

    @property
    def alone(self) -> Form:
        """A credential that is shown by itself."""
        return Form(f"ldp1.{self.proof_type}", FORMAT)

    @property
    def wrapped(self) -> Form:
        """A credential in its holder's presentation."""
        return Form(f"ldp1-vp.{self.proof_type}", FORMAT)

    @property
    def context(self) -> str:
        """The context that gives a proof of this type its terms."""
        name = "ed25519-2020" if self.algorithm == "EdDSA" else "jws-2020"
        return f"https://w3id.org/security/suites/{name}/v1"

    @property
    def value(self) -> str:
        """The member of a proof that holds its signature."""
        return "proofValue" if self.algorithm == "EdDSA" else "jws"

    def signer(self, name: str) -> FixedSigner:
        """Somebody's key."""
        return signer_of(name, self.algorithm)

    def did(self, name: str) -> str:
        """The DID that holds somebody's key."""
        key = build_public_key(self.signer(name).private_key.public_key())
        return build_did_key(key) if self.algorithm == "EdDSA" else build_did_jwk(key)

    def method(self, name: str) -> str:
        """The DID URL of the key."""
        return own_method(self.did(name))

    def private_jwk(self, name: str) -> dict[str, str]:
        """What didkit signs with."""
        private = self.signer(name).private_key
        if isinstance(private, ed25519.Ed25519PrivateKey):
            secret = private.private_bytes_raw()
        else:
            secret = private.private_numbers().private_value.to_bytes(32, "big")
        return {**self.signer(name).public_jwk, "d": base64url.encode(secret)}


SUITES: Final = (Suite("Ed25519Signature2020", "EdDSA"), Suite("JsonWebSignature2020", "ES256"))


def own_method(did: str) -> str:
    """The one key of a `did:key` or `did:jwk`."""
    return f"{did}#{did.removeprefix('did:key:') if did.startswith('did:key:') else '0'}"


@cache
def _signing_child() -> ChildPool:
    """It ends with this process."""
    return ChildPool("credentials.legacy_worker", size=1, timeout=20)


@cache
def _ask(request: str) -> str:
    return json.dumps(_signing_child().ask(json.loads(request))["document"])


def _statements(proof: Json) -> bytes:
    """A proof without its signature, as the canonical statements that are signed."""
    words = {
        "http://purl.org/dc/terms/created": f'"{proof["created"]}"^^<{_TIME}>',
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": f"<{_SECURITY}{proof['type']}>",
        f"{_SECURITY}proofPurpose": f"<{_SECURITY}{proof['proofPurpose']}>",
        f"{_SECURITY}verificationMethod": f"<{proof['verificationMethod']}>",
    }
    return "".join(f"_:c14n0 <{word}> {value} .\n" for word, value in words.items()).encode()


def _signature(suite: Suite, signed: bytes, by: str) -> Json:
    """The member of the proof that holds it."""
    signer = suite.signer(by)
    if suite.value == "proofValue":
        return {"proofValue": encode_multibase(signer.sign(signed))}
    header = base64url.encode(build_json({"alg": "ES256", "crit": ["b64"], "b64": False}))
    signature = signer.sign(header.encode() + b"." + signed)
    return {"jws": f"{header}..{base64url.encode(signature)}"}


def permit(suite: Suite, **members: Any) -> Json:
    """The permit before it is signed; `...` leaves a member out."""
    good: Json = {
        "@context": [BASE, VOCABULARY],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", TYPE],
        "issuer": suite.did("agency"),
        "issuanceDate": "2025-01-01T00:00:00Z",
        "expirationDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": suite.did("holder"),
            "plate": "2A-4417",
            "zones": ["A", "B"],
            "seats": 4,
            "vehicle": {"maker": "Tuk & Co", "colour": "ខៀវ"},
        },
    }
    return with_members(good, members)


def secure(
    suite: Suite, document: Json, by: str = "agency", *, created: datetime = NOW, **options: Any
) -> Json:
    """The document with its proof; `options` are signed along."""
    proof: Json = {
        "@context": [suite.context],
        "type": suite.proof_type,
        "proofPurpose": "assertionMethod",
        "verificationMethod": suite.method(by),
        "created": format_instant(created),
        **options,
    }
    digest = hash_document(document, is_rdf=True, hash_name="sha256", contexts=None)
    signed = hashlib.sha256(_statements(proof)).digest() + digest
    return {**document, "proof": {**proof, **_signature(suite, signed, by)}}


def issue(suite: Suite, **members: Any) -> Json:
    """The permit with these members, signed by the agency."""
    return secure(suite, permit(suite, **members))


def present(
    suite: Suite,
    *credentials: Any,
    by: str = "holder",
    created: datetime = NOW,
    document: Json | None = None,
    options: Json | None = None,
) -> Json:
    """
    A presentation by whoever holds this key; `document`: members of the presentation, `options`:
    of its proof.
    """
    shape: Json = {
        "@context": [BASE],
        "type": ["VerifiablePresentation"],
        "holder": suite.did(by),
        "verifiableCredential": list(credentials),
    }
    request: Any = build_present_request(
        with_members(shape, document or {}),
        private_jwk=suite.private_jwk(by),
        verification_method=suite.method(by),
        audience=AUDIENCE,
        nonce=NONCE,
        now=created,
        proof_type=suite.proof_type,
    )
    request["options"] = with_members(request["options"], options or {})
    signed: Json = json.loads(_ask(json.dumps(request)))
    return signed


def with_proof(document: Json, **members: Any) -> Json:
    """The document with members of its proof set anew, after it was signed."""
    return {**document, "proof": with_members(document["proof"], members)}


def with_subject(document: Json, **members: Any) -> Json:
    """The document with claims set anew, after it was signed."""
    subject = with_members(document["credentialSubject"], members)
    return {**document, "credentialSubject": subject}


def status_members(index: int | str, **members: Any) -> Json:
    """What a permit says of its status."""
    entry = {
        "id": f"{LIST}#{index}",
        "type": "StatusList2021Entry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index),
        "statusListCredential": LIST,
    }
    return {
        "@context": [BASE, STATUS_CONTEXT, VOCABULARY],
        "credentialStatus": with_members(entry, members),
    }


@cache
def status_list(suite: Suite, by: str = "agency") -> str:
    """The agency's list, in which one permit is revoked, signed by whomever."""
    return build_bitstring_credential(
        StatusArray.all_valid(LIST_SIZE).with_statuses({REVOKED: Status.REVOKED}),
        purpose=StatusPurpose.REVOCATION,
        uri=LIST,
        issuer=suite.did("agency"),
        valid_from=NOW - DAY,
        valid_until=NOW + DAY,
        ttl=timedelta(minutes=5),
        signer=suite.signer(by),
        key_id=suite.method("agency"),
    )


def trusted(suite: Suite, **changes: Any) -> Json:
    """The transport agency and the land office."""
    agency = {
        "keys": [dict(suite.signer("agency").public_jwk)],
        "types": [TYPE],
        **changes,
    }
    land = {"keys": [dict(suite.signer("land").public_jwk)], "types": ["LandTitle"]}
    return {suite.did("agency"): agency, suite.did("land"): land}


def line(suite: Suite, shown: Any, **members: Any) -> Json:
    """A judge line; a presentation is asked for its holder's proof."""
    text = build_json(shown).decode()
    made: Json = {
        "presentation": text,
        "now": NOW_SECONDS,
        "audience": AUDIENCE,
        "nonce": NONCE,
        "require_holder_binding": '"VerifiablePresentation"' in text,
        "issuers": trusted(suite),
        "status_lists": {LIST: status_list(suite)},
    }
    return with_members(made, members)
