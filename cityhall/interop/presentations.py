"""
The holder's proof of a presentation as it came in: read, then judged for one challenge and domain.

A Data Integrity proof or an enveloping `vp+jwt`. The key is the one that the proof itself names
by a `did:key` or `did:jwk`, and a `holder` must be that DID (DI-07). VC Data Integrity 1.0 section
4.4, VC-JOSE-COSE section 3.1.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cityhall.interop.options import ProofOptions
from cityhall.interop.problems import (
    CRYPTOGRAPHIC,
    INVALID_CHALLENGE,
    INVALID_DOMAIN,
    PROOF_VERIFICATION,
    RANGE,
    Problem,
    build_problem,
)
from credentials.data_integrity import AUTHENTICATION, list_proofs, parse_proof, read_signing_input
from credentials.dids import parse_key_did_url
from credentials.errors import Malformed
from credentials.jose import parse_jws
from credentials.keys import PublicKey, verify_signature
from credentials.pinned_contexts import bundled_contexts
from credentials.registered import read_times
from credentials.vc_jose import refuse_wrapped
from credentials.vcdm_shape import BASE_CONTEXT, check_presentation, types_of
from encoding.strict_json import JsonValue

ENVELOPED: Final = "EnvelopedVerifiablePresentation"
SKEW: Final = timedelta(seconds=60)

_ENVELOPE: Final = "data:application/vp+jwt,"


@dataclass(frozen=True, slots=True)
class HolderProof:
    """One proof: what it says, the key that it names, and what that key is said to have signed."""

    controller: str
    purpose: str
    challenge: str | None
    domains: tuple[str, ...]
    begins: datetime | None
    ends: datetime | None
    key: PublicKey
    algorithm: str
    signing_input: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Presented:
    """A presentation without its envelope, and every proof of its holder."""

    document: Mapping[str, JsonValue]
    proofs: tuple[HolderProof, ...]


def read_presented(value: JsonValue) -> Presented:
    """Shape only; nothing is believed yet."""
    if not isinstance(value, dict):
        raise Malformed("a presentation must be an object", detail="not_an_object")
    if ENVELOPED in types_of(value):
        return _read_envelope(value)
    check_presentation(value)
    proofs = list_proofs(value)
    return Presented(value, tuple([_read_proof(value, each, proofs) for each in proofs]))


def judge_holder_proof(
    proof: HolderProof, holder: JsonValue, options: ProofOptions, *, now: datetime
) -> list[Problem]:
    """Everything that is wrong with one proof."""
    name = holder.get("id") if isinstance(holder, dict) else holder
    wrong = {
        (CRYPTOGRAPHIC, "bad_signature"): proof.algorithm != proof.key.algorithm
        or not verify_signature(proof.key, proof.signing_input, proof.signature),
        (PROOF_VERIFICATION, "invalid_proof_purpose"): proof.purpose != AUTHENTICATION,
        (PROOF_VERIFICATION, "holder_mismatch"): name not in (None, proof.controller),
        (INVALID_CHALLENGE, "wrong_challenge"): options.challenge is not None
        and proof.challenge != options.challenge,
        (INVALID_DOMAIN, "wrong_domain"): options.domain is not None
        and proof.domains != (options.domain,),
        (RANGE, "expired"): proof.ends is not None and proof.ends <= now - SKEW,
        (RANGE, "not_yet_valid"): proof.begins is not None and proof.begins > now + SKEW,
    }
    return [
        build_problem(kind, "the holder's proof does not hold", code=code)
        for (kind, code), is_wrong in wrong.items()
        if is_wrong
    ]


def _read_proof(
    document: Mapping[str, JsonValue],
    members: dict[str, JsonValue],
    proofs: tuple[dict[str, JsonValue], ...],
) -> HolderProof:
    proof = parse_proof(members)
    options = proof.options
    return HolderProof(
        controller=options.controller,
        purpose=options.purpose,
        challenge=options.challenge,
        domains=options.domains,
        begins=options.created,
        ends=options.expires,
        key=parse_key_did_url(options.verification_method),
        algorithm=proof.algorithm,
        signing_input=read_signing_input(document, proof, proofs, contexts=bundled_contexts()),
        signature=proof.signature,
    )


def _read_envelope(envelope: Mapping[str, JsonValue]) -> Presented:
    contexts, url = envelope.get("@context"), envelope.get("id")
    listed = contexts if isinstance(contexts, list) else [contexts]
    if BASE_CONTEXT not in listed or types_of(envelope) != (ENVELOPED,):
        raise Malformed("an envelope lacks its context or type", detail="invalid_envelope")
    if not isinstance(url, str) or not url.startswith(_ENVELOPE):
        raise Malformed("an envelope's id is no vp+jwt", detail="unsupported_media_type")
    jws = parse_jws(url.removeprefix(_ENVELOPE), types=frozenset({"vp+jwt"}))
    refuse_wrapped(jws, content_type="vp")
    check_presentation(jws.payload)
    key_id, audience = jws.key_id or "", jws.payload.get("aud")
    challenge = jws.payload.get("nonce")
    _, begins, ends = read_times(jws.payload)
    proof = HolderProof(
        controller=key_id.partition("#")[0],
        purpose=AUTHENTICATION,
        challenge=challenge if isinstance(challenge, str) else None,
        domains=(audience,) if isinstance(audience, str) else (),
        begins=begins,
        ends=ends,
        key=parse_key_did_url(key_id),
        algorithm=jws.algorithm,
        signing_input=jws.signing_input,
        signature=jws.signature,
    )
    return Presented(jws.payload, (proof,))
