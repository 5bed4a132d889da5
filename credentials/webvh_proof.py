"""
The proofs of a did:webvh log: `eddsa-jcs-2022` by a did:key, for entries and for witnesses.

Nothing else is accepted, whatever would verify: type, cryptosuite and purpose are exact, and the
body and the fragment of the did:key are the same text (WVH-03). vc-di-eddsa section 3.3.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from credentials.did_key import build_did_key, parse_did_key
from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp
from credentials.keys import Signer, parse_jwk, verify_signature
from credentials.verdict import format_instant
from encoding import errors as encoding_errors
from encoding import multibase
from encoding.strict_json import JsonValue, canonical_json

MAX_PROOFS = 4
_FIXED = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "proofPurpose": "assertionMethod",
}
_NAMES = frozenset(
    {*_FIXED, "id", "verificationMethod", "proofValue", "created", "expires"}
    | {"nonce", "domain", "challenge"}
)


def parse_proofs(value: JsonValue) -> tuple[dict[str, JsonValue], ...]:
    """One proof or an array of a few."""
    listed = value if isinstance(value, list) else [value]
    if not 0 < len(listed) <= MAX_PROOFS:
        raise _fault("an entry must have a few proofs")
    return tuple(_require_object(each) for each in listed)


def read_signer(proof: Mapping[str, JsonValue]) -> str:
    """The did:key that a proof says it is by; nothing is verified."""
    method = proof.get("verificationMethod")
    did, _, fragment = method.partition("#") if isinstance(method, str) else ("", "", "")
    if not did.startswith("did:key:") or fragment != did.removeprefix("did:key:"):
        raise _fault("a proof's body and fragment name different keys")
    return did


def verify_proof(
    document: Mapping[str, JsonValue], proof: Mapping[str, JsonValue], *, now: datetime
) -> str:
    """The did:key that signed the document; a fault when the proof does not hold."""
    if any(proof.get(name) != value for name, value in _FIXED.items()):
        raise _fault("a proof is of another kind than eddsa-jcs-2022")
    # A proof with a context of its own would have to agree with the document's, which has none.
    if not _NAMES.issuperset(proof):
        raise _fault("a proof has an unknown member")
    _check_times(proof, now=now)
    did = read_signer(proof)
    try:
        key = parse_did_key(did)
        text = proof.get("proofValue")
        is_base58 = isinstance(text, str) and text.startswith("z")
        signature = multibase.decode_multibase(str(text)) if is_base58 else b""
        data = _build_input(document, proof)
    except (Malformed, encoding_errors.Malformed) as error:
        raise _fault("a proof cannot be read") from error
    if key.algorithm != "EdDSA" or not verify_signature(key, data, signature):
        raise _fault("a proof does not hold")
    return did


def sign_proof(
    document: Mapping[str, JsonValue], *, signer: Signer, now: datetime
) -> dict[str, JsonValue]:
    """A proof over the document by an Ed25519 key."""
    if signer.algorithm != "EdDSA":
        raise _fault("a log is signed with Ed25519")
    did = build_did_key(parse_jwk(dict(signer.public_jwk)))
    proof: dict[str, JsonValue] = {
        **_FIXED,
        "verificationMethod": f"{did}#{did.removeprefix('did:key:')}",
        "created": format_instant(now),
    }
    value = multibase.encode_multibase(signer.sign(_build_input(document, proof)))
    return {**proof, "proofValue": value}


def _build_input(document: Mapping[str, JsonValue], proof: Mapping[str, JsonValue]) -> bytes:
    """Hash of the proof's options, then hash of the document: section 3.3.4."""
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    return sha256(canonical_json(options)).digest() + sha256(canonical_json(document)).digest()


def _check_times(proof: Mapping[str, JsonValue], *, now: datetime) -> None:
    try:
        if "created" in proof:
            parse_date_time_stamp(proof["created"], name="created")
        if "expires" in proof and parse_date_time_stamp(proof["expires"], name="expires") < now:
            raise _fault("a proof has expired")
    except Malformed as error:
        raise _fault("a proof has an unusable time") from error


def _require_object(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise _fault("a proof must be an object")
    return value


def _fault(message: str) -> Malformed:
    return Malformed(message, detail="invalid_log_proof")
