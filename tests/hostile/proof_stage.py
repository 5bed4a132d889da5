"""
The stage of documents with Data Integrity proofs: one good permit for each suite, and its forger.

`secure` signs whatever it is given: what a strict reader would not even read is signed over some
bytes nobody will ask for. Keys are fixed and signatures deterministic.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from credentials.dids import build_did_jwk
from credentials.errors import Malformed
from credentials.keys import SoftwareSigner, build_public_key
from credentials.proof_input import hash_document, hash_options
from encoding.multibase import encode_multibase
from encoding.strict_json import build_json
from tests.hostile.forms import Form
from tests.hostile.stage import AUDIENCE, DID, NONCE, NOW_SECONDS, OTHER_DID, TYPE, with_members

Json = dict[str, Any]

V2: Final = "https://www.w3.org/ns/credentials/v2"
EXAMPLES: Final = "https://www.w3.org/ns/credentials/examples/v2"
METHOD: Final = f"{DID}#key-1"
_CURVES: Final = {"ES256": (ec.SECP256R1(), SHA256(), 32), "ES384": (ec.SECP384R1(), SHA384(), 48)}


@dataclass(frozen=True)
class FixedSigner(SoftwareSigner):
    """A signer that always gives the same signature for the same bytes (RFC 6979, RFC 8032)."""

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.private_key, ed25519.Ed25519PrivateKey):
            return self.private_key.sign(data)
        _, hashed, size = _CURVES[self.algorithm]
        der = self.private_key.sign(data, ec.ECDSA(hashed, deterministic_signing=True))  # type: ignore[union-attr]
        return b"".join(number.to_bytes(size, "big") for number in decode_dss_signature(der))


def signer_of(name: str, algorithm: str) -> FixedSigner:
    """The key of this name and kind."""
    seed = hashlib.sha256(f"{name} signs with {algorithm}".encode()).digest()
    if algorithm == "EdDSA":
        return FixedSigner(ed25519.Ed25519PrivateKey.from_private_bytes(seed))
    number = int.from_bytes(seed, "big") >> 1
    return FixedSigner(ec.derive_private_key(number, _CURVES[algorithm][0]))


@dataclass(frozen=True)
class Suite:
    """A cryptosuite with one kind of key, and the people who have such keys."""

    name: str
    algorithm: str

    @property
    def label(self) -> str:
        """For ids."""
        return f"{self.name}.{self.algorithm.lower()}"

    @property
    def is_rdf(self) -> bool:
        return "rdfc" in self.name

    @property
    def alone(self) -> Form:
        """A credential that is shown by itself."""
        return Form(f"ldp.{self.label}", "ldp_vc")

    @property
    def wrapped(self) -> Form:
        """A credential in its holder's presentation."""
        return Form(f"ldp-vp.{self.label}", "ldp_vp")

    def signer(self, name: str = "agency") -> FixedSigner:
        """Somebody's key."""
        return signer_of(name, self.algorithm)

    def did(self, name: str = "holder") -> str:
        """The DID that is somebody's key."""
        return build_did_jwk(build_public_key(self.signer(name).private_key.public_key()))

    def hash(self, document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
        """What is signed; of what cannot be read, some bytes."""
        how = (self.is_rdf, "sha384" if self.algorithm == "ES384" else "sha256")
        written = build_json(dict(document))
        try:
            read: Any = {"is_rdf": how[0], "hash_name": how[1], "contexts": None}
            return hash_options(document, options, **read) + _hash_text(written, *how)
        except Malformed:
            return build_json([dict(document), dict(options)])


@lru_cache(maxsize=64)
def _hash_text(text: bytes, is_rdf: bool, hash_name: str) -> bytes:
    """The hash of a document, remembered: most forgeries alter its proof."""
    document = json.loads(text)
    return hash_document(document, is_rdf=is_rdf, hash_name=hash_name, contexts=None)


SUITES: Final = tuple(
    Suite(name, algorithm)
    for name, algorithm in (
        ("eddsa-rdfc-2022", "EdDSA"),
        ("ecdsa-rdfc-2019", "ES256"),
        ("ecdsa-rdfc-2019", "ES384"),
        ("eddsa-jcs-2022", "EdDSA"),
        ("ecdsa-jcs-2019", "ES256"),
        ("ecdsa-jcs-2019", "ES384"),
    )
)
RDF_SUITES: Final = tuple(each for each in SUITES if each.is_rdf)
JCS_SUITES: Final = tuple(each for each in SUITES if not each.is_rdf)


def permit(suite: Suite, **members: Any) -> Json:
    """The permit before it is signed; `...` leaves a member out."""
    good: Json = {
        "@context": [V2, EXAMPLES],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", TYPE],
        "issuer": DID,
        "validFrom": "2026-11-21T09:00:00Z",
        "validUntil": "2026-12-22T09:00:00Z",
        "credentialSubject": {
            "id": suite.did(),
            "plate": "2A-4417",
            "zones": ["A", "B"],
            "seats": 4,
            "vehicle": {"maker": "Tuk & Co", "colour": "ខៀវ"},
        },
    }
    return with_members(good, members)


def options_of(suite: Suite, document: Mapping[str, Any], **members: Any) -> Json:
    """The proof's other members."""
    good: Json = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite.name,
        "created": "2026-11-21T09:00:00Z",
        "verificationMethod": METHOD,
        "proofPurpose": "assertionMethod",
    }
    if not suite.is_rdf and "@context" in document:
        good["@context"] = document["@context"]
    return with_members(good, members)


def prove(suite: Suite, document: Mapping[str, Any], by: str = "agency", **members: Any) -> Json:
    """One proof of a document; `members` are signed along."""
    options = options_of(suite, document, **members)
    signature = suite.signer(by).sign(suite.hash(document, options))
    return {**options, "proofValue": encode_multibase(signature)}


def secure(suite: Suite, document: Json, by: str = "agency", **members: Any) -> Json:
    """The document with its one proof."""
    return {**document, "proof": prove(suite, document, by, **members)}


def present(suite: Suite, *credentials: Json, by: str = "holder", **how: Any) -> Json:
    """A presentation by whoever holds this key; `document` members go into the presentation."""
    shape = with_members(
        {
            "@context": [V2],
            "type": ["VerifiablePresentation"],
            "holder": suite.did(by),
            "verifiableCredential": list(credentials),
        },
        how.pop("document", {}),
    )
    usual = {
        "created": "2026-11-22T08:59:55Z",
        "verificationMethod": f"{suite.did(by)}#0",
        "proofPurpose": "authentication",
        "domain": AUDIENCE,
        "challenge": NONCE,
    }
    return secure(suite, shape, by, **{**usual, **how})


def trusted(suite: Suite) -> Json:
    """The transport agency and the land office, each with a key of this kind."""
    return {
        DID: {
            "keys": [dict(suite.signer().public_jwk)],
            "status_keys": [dict(suite.signer("lists").public_jwk)],
            "types": [TYPE],
        },
        OTHER_DID: {"keys": [dict(suite.signer("land").public_jwk)], "types": ["LandTitle"]},
    }


def line(suite: Suite, shown: Any, **members: Any) -> Json:
    """A judge line; a presentation is asked for its holder's proof."""
    text = shown if isinstance(shown, str) else build_json(shown).decode()
    made: Json = {
        "presentation": text,
        "now": NOW_SECONDS,
        "audience": AUDIENCE,
        "nonce": NONCE,
        "require_holder_binding": '"VerifiablePresentation"' in text,
        "issuers": trusted(suite),
    }
    return with_members(made, members)
