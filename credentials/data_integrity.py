"""
Data Integrity proofs (W3C Recommendations of May 2025): what is signed, signing it, reading it.

Verifiable Credential Data Integrity 1.0 section 4, vc-di-eddsa 1.0 and vc-di-ecdsa 1.0. A suite is
a row of `SUITES`: how the document becomes bytes (RDF or canonical JSON) and which signature
lengths mean which algorithm. What is signed is hash(proof options) || hash(document) (DI-02), so
`keys.verify_signature` judges these proofs like any other signature. With `ecdsa-xi-2023` (W3C
Verifiable Credential Barcodes) the hash of extra information follows, which the document does not
hold: whoever checks such a proof must have it (BAR-01).

Reading refuses what S-031 lists: a proof without type, method or purpose, an unknown cryptosuite,
a `proofValue` that is not base58btc of the exact length, times that are no dateTimeStamps, and a
`previousProof` that is not there (DI-01, DI-05, DI-06). Whether a proof holds is judged elsewhere.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp
from credentials.iris import is_absolute_iri
from credentials.keys import SIGNATURE_SIZES, Signer
from credentials.pinned_contexts import Contexts
from credentials.proof_input import hash_document, hash_options
from credentials.verdict import format_instant
from encoding import errors as encoding_errors
from encoding import multibase
from encoding.strict_json import JsonValue

MAX_PROOFS = 8
MAX_METHOD = 2_048
PROOF_TYPE = "DataIntegrityProof"
ASSERTION = "assertionMethod"
AUTHENTICATION = "authentication"
EXTRA_SUITE = "ecdsa-xi-2023"


@dataclass(frozen=True, slots=True)
class Cryptosuite:
    """
    `is_rdf`: RDFC-1.0 or JCS. `algorithms`: length of a signature to its algorithm.
    `covers_extra`: extra information is signed along.
    """

    name: str
    is_rdf: bool
    algorithms: Mapping[int, str]
    covers_extra: bool = False

    def hash_name(self, algorithm: str) -> str:
        """P-384 goes with SHA-384, in RDFC-1.0 as well (DI-06); everything else with SHA-256."""
        return "sha384" if algorithm == "ES384" else "sha256"


def _sizes(*algorithms: str) -> Mapping[int, str]:
    return {SIGNATURE_SIZES[each]: each for each in algorithms}


SUITES: Mapping[str, Cryptosuite] = {
    each.name: each
    for each in (
        Cryptosuite("eddsa-rdfc-2022", is_rdf=True, algorithms=_sizes("EdDSA")),
        Cryptosuite("eddsa-jcs-2022", is_rdf=False, algorithms=_sizes("EdDSA")),
        Cryptosuite("ecdsa-rdfc-2019", is_rdf=True, algorithms=_sizes("ES256", "ES384")),
        Cryptosuite("ecdsa-jcs-2019", is_rdf=False, algorithms=_sizes("ES256", "ES384")),
        Cryptosuite(
            EXTRA_SUITE, is_rdf=True, algorithms=_sizes("ES256", "ES384"), covers_extra=True
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Options:
    """What every proof says. `members`: all of it; `domains`: whom it is meant for."""

    members: Mapping[str, JsonValue]
    verification_method: str
    purpose: str
    created: datetime | None
    expires: datetime | None
    domains: tuple[str, ...]
    challenge: str | None
    previous: tuple[str, ...]

    @property
    def controller(self) -> str:
        """Whose key it says it is: the method's identifier without its fragment (DI-07)."""
        return self.verification_method.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof of one of the `SUITES` as read."""

    options: Options
    suite: Cryptosuite
    algorithm: str
    signature: bytes


def list_proofs(document: Mapping[str, JsonValue]) -> tuple[dict[str, JsonValue], ...]:
    """The proofs of a document, unread: one object or an array of a few."""
    value = document.get("proof", [])
    listed = value if isinstance(value, list) else [value]
    if not 0 < len(listed) <= MAX_PROOFS:
        raise Malformed("a document has a few proofs", detail="missing_proof")
    proofs = tuple(each for each in listed if isinstance(each, dict))
    if len(proofs) != len(listed):
        raise Malformed("a proof must be an object", detail="invalid_proof")
    return proofs


def parse_proof(members: Mapping[str, JsonValue]) -> Proof:
    """Read one proof; its shape only (DI-01, DI-06)."""
    options = parse_options(members)
    name = members.get("cryptosuite")
    suite = SUITES.get(name) if isinstance(name, str) else None
    if suite is None:
        raise Malformed("a proof's cryptosuite is not known", detail="unsupported_cryptosuite")
    signature = _read_signature(members.get("proofValue"))
    algorithm = suite.algorithms.get(len(signature))
    if algorithm is None:
        raise Malformed("a proof value has another length", detail="invalid_proof_value")
    return Proof(options=options, suite=suite, algorithm=algorithm, signature=signature)


def parse_options(members: Mapping[str, JsonValue]) -> Options:
    """Read what proofs of every cryptosuite have in common (DI-01)."""
    if members.get("type") != PROOF_TYPE:
        raise Malformed(f"a proof's type is not {PROOF_TYPE}", detail="invalid_proof_type")
    method = members.get("verificationMethod")
    if not isinstance(method, str) or not _is_method(method):
        raise Malformed("a proof names no method", detail="invalid_verification_method")
    purpose = members.get("proofPurpose")
    if not isinstance(purpose, str) or not purpose:
        raise Malformed("a proof has no purpose", detail="invalid_proof_purpose")
    name = members.get("id", method)
    if not isinstance(name, str) or not (name == method or is_absolute_iri(name)):
        raise Malformed("a proof's id is not a URL", detail="invalid_proof")
    return Options(
        members=members,
        verification_method=method,
        purpose=purpose,
        created=_read_time(members, "created"),
        expires=_read_time(members, "expires"),
        domains=_read_texts(members, "domain"),
        challenge=_read_text(members, "challenge"),
        previous=_read_texts(members, "previousProof"),
    )


def build_signing_input(
    document: Mapping[str, JsonValue],
    options: Mapping[str, JsonValue],
    *,
    algorithm: str,
    contexts: Contexts | None = None,
    extra: bytes | None = None,
) -> bytes:
    """
    What the suite's key signs: two hashes. `document`: without the proof that is made or checked,
    with those that it builds on; `options`: that proof without its value. `extra`: the extra
    information, of which a third hash is made where the suite covers it.
    """
    suite = SUITES[str(options["cryptosuite"])]
    hash_name = suite.hash_name(algorithm)
    if not suite.is_rdf and "@context" in options:
        document = _with_proof_context(document, options["@context"])
    return (
        hash_options(document, options, is_rdf=suite.is_rdf, hash_name=hash_name, contexts=contexts)
        + hash_document(document, is_rdf=suite.is_rdf, hash_name=hash_name, contexts=contexts)
        + _hash_extra(suite, extra, hash_name)
    )


def read_signing_input(
    document: Mapping[str, JsonValue],
    proof: Proof,
    others: Sequence[Mapping[str, JsonValue]],
    *,
    contexts: Contexts | None = None,
    extra: bytes | None = None,
) -> bytes:
    """What a proof of this document signed; `others` are all its proofs (DI-05)."""
    unsecured = {name: member for name, member in document.items() if name != "proof"}
    members, previous = proof.options.members, proof.options.previous
    if previous:
        unsecured["proof"] = [*find_previous(previous, others, own=members)]
    options = {name: member for name, member in members.items() if name != "proofValue"}
    return build_signing_input(
        unsecured, options, algorithm=proof.algorithm, contexts=contexts, extra=extra
    )


def find_previous(
    previous: Sequence[str],
    proofs: Sequence[Mapping[str, JsonValue]],
    *,
    own: Mapping[str, JsonValue] | None = None,
) -> list[dict[str, JsonValue]]:
    """The proofs that a chain's next link covers, in the order in which it names them."""
    found = []
    for each in previous:
        matching = [proof for proof in proofs if proof.get("id") == each and proof is not own]
        if len(matching) != 1:
            raise Malformed("a previous proof is not there", detail="unknown_previous_proof")
        found.append(dict(matching[0]))
    return found


def build_options(
    document: Mapping[str, JsonValue],
    *,
    cryptosuite: str,
    algorithm: str,
    verification_method: str,
    purpose: str,
    created: datetime | None,
    extra: Mapping[str, JsonValue] | None = None,
) -> dict[str, JsonValue]:
    """
    The members of a proof to be, without its value.

    With JCS the document's `@context` is repeated in the proof, as other verifiers need it.
    `extra`: `id`, `expires`, `domain`, `challenge`, `nonce`, `previousProof`.
    """
    suite = SUITES.get(cryptosuite)
    if suite is None or algorithm not in suite.algorithms.values():
        raise Malformed("a key does not fit its cryptosuite", detail="unsupported_cryptosuite")
    options: dict[str, JsonValue] = {
        "type": PROOF_TYPE,
        "cryptosuite": cryptosuite,
        **({"created": format_instant(created)} if created is not None else {}),
        "verificationMethod": verification_method,
        "proofPurpose": purpose,
        **(extra or {}),
    }
    if not suite.is_rdf and "@context" in document:
        options["@context"] = document["@context"]
    # What cannot be read back is not signed.
    parse_proof({**options, "proofValue": _blank_value(SIGNATURE_SIZES[algorithm])})
    return options


def sign_document(
    document: Mapping[str, JsonValue],
    options: Mapping[str, JsonValue],
    *,
    signer: Signer,
    contexts: Contexts | None = None,
    extra: bytes | None = None,
) -> dict[str, JsonValue]:
    """The document with one proof more; those that it already has stay (sets and chains)."""
    data = prepare_signing(
        document, options, algorithm=signer.algorithm, contexts=contexts, extra=extra
    )
    return attach_signature(document, options, signature=signer.sign(data))


def prepare_signing(
    document: Mapping[str, JsonValue],
    options: Mapping[str, JsonValue],
    *,
    algorithm: str,
    contexts: Contexts | None = None,
    extra: bytes | None = None,
) -> bytes:
    """What a key that is held elsewhere signs for this document and these options."""
    unsecured = {name: member for name, member in document.items() if name != "proof"}
    previous = _read_texts(options, "previousProof")
    if previous:
        unsecured["proof"] = [*find_previous(previous, list_proofs(document))]
    return build_signing_input(
        unsecured, options, algorithm=algorithm, contexts=contexts, extra=extra
    )


def attach_signature(
    document: Mapping[str, JsonValue], options: Mapping[str, JsonValue], *, signature: bytes
) -> dict[str, JsonValue]:
    """The document with the proof that this signature completes."""
    if len(signature) not in SUITES[str(options["cryptosuite"])].algorithms:
        raise Malformed("a signature has another length", detail="invalid_signature")
    proof: dict[str, JsonValue] = {
        **options,
        "proofValue": multibase.encode_multibase(signature),
    }
    present = [*list_proofs(document)] if "proof" in document else []
    return {**document, "proof": [*present, proof] if present else proof}


def _hash_extra(suite: Cryptosuite, extra: bytes | None, hash_name: str) -> bytes:
    if not suite.covers_extra:
        return b""
    if extra is None:
        raise Malformed("a proof covers what is not here", detail="missing_extra_information")
    return hashlib.new(hash_name, extra).digest()


def _with_proof_context(
    document: Mapping[str, JsonValue], written: JsonValue
) -> dict[str, JsonValue]:
    """
    The document as it was when it was signed: vc-di-eddsa 3.3.2 step 5. Contexts that were added
    later come behind those of the proof; any other difference is refused.
    """
    signed, present = [
        each if isinstance(each, list) else [each] for each in (written, document.get("@context"))
    ]
    if present[: len(signed)] != signed:
        raise Malformed("a proof has other contexts", detail="proof_context_mismatch")
    return {**document, "@context": written}


def _read_signature(value: JsonValue) -> bytes:
    if not isinstance(value, str) or not value.startswith("z"):
        raise Malformed("a proof value is not base58btc", detail="invalid_proof_value")
    try:
        return multibase.decode_multibase(value)
    except encoding_errors.Malformed as error:
        raise Malformed("a proof value is not base58btc", detail="invalid_proof_value") from error


def _read_time(members: Mapping[str, JsonValue], name: str) -> datetime | None:
    return parse_date_time_stamp(members[name], name=name) if name in members else None


def _read_text(members: Mapping[str, JsonValue], name: str) -> str | None:
    value = members.get(name)
    if name in members and not isinstance(value, str):
        raise Malformed(f"a proof's {name} is not text", detail="invalid_proof")
    return value if isinstance(value, str) else None


def _read_texts(members: Mapping[str, JsonValue], name: str) -> tuple[str, ...]:
    """One text or several; each once."""
    if name not in members:
        return ()
    value = members[name]
    listed = value if isinstance(value, list) else [value]
    texts = tuple(each for each in listed if isinstance(each, str) and each)
    if not texts or len(set(texts)) != len(listed):
        raise Malformed(f"a proof's {name} is not text", detail="invalid_proof")
    return texts


def _is_method(text: str) -> bool:
    return len(text) <= MAX_METHOD and _is_remembered_iri(text)


@lru_cache(maxsize=1024)
def _is_remembered_iri(text: str) -> bool:
    """Remembered: the credentials of an issuer all name its one method."""
    return is_absolute_iri(text)


@lru_cache(maxsize=8)
def _blank_value(size: int) -> str:
    return multibase.encode_multibase(bytes(size))
