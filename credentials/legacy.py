"""
VCDM 1.1 with linked-data proofs: Ed25519Signature2020 and JsonWebSignature2020.

didkit, in its child process, says only whether a proof verifies. Here a document is read into the
same `Credential` as every other format, so that `verification.verify` judges all that didkit
leaves out: issuer, dates, status, the credentials inside a presentation, whose presentation it is
and for whom. Pure: whoever gathers asks the child (`ask_proofs`); its answers are material,
each under the digest of the very question, so that no answer counts for another document.

Refused before any child is asked: DIDs that would have to be fetched (didkit would fetch them
itself, S-141), contexts that could give a signed claim another meaning (S-033), several proofs.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from credentials.dids import is_key_did, parse_key_did_url
from credentials.errors import Malformed
from credentials.instants import parse_date_time_stamp
from credentials.keys import PublicKey
from credentials.linked_claims import check_signed, is_vocabulary, read_as_signed
from credentials.model import Credential, Format, IssuerKeyHint, KeyBinding
from credentials.status_references import read_legacy_references
from credentials.vcdm1 import (
    CREDENTIAL,
    PRESENTATION,
    check_document,
    claimed_types,
    identifier_of,
    listed_credentials,
    read_dates,
    types_of,
)
from credentials.verdict import format_instant
from encoding import base64url
from encoding import errors as encoding_errors
from encoding.multibase import decode_multibase
from encoding.strict_json import JsonValue, build_json

# Contexts of proofs and status only: none of them names a claim about a person or a thing.
_TECHNICAL_CONTEXTS = (
    "https://w3id.org/security/suites/ed25519-2020/v1",
    "https://w3id.org/security/suites/jws-2020/v1",
    "https://w3id.org/vc/status-list/2021/v1",
)
ED25519_BYTES = 64
PROOF_TYPES = ("Ed25519Signature2020", "JsonWebSignature2020")

Request = dict[str, JsonValue]
"""What the child is asked: `legacy_worker.answer`."""


def read_legacy(document: JsonValue) -> tuple[Credential, ...]:
    """A credential with one embedded proof, or every credential of a presentation with one."""
    if isinstance(document, dict) and PRESENTATION in types_of(document):
        members, binding = _read_presentation(document)
        return tuple(
            replace(_read_credential(each), key_binding=binding)
            for each in listed_credentials(members)
        )
    return (_read_credential(document),)


def build_requests(document: JsonValue) -> dict[str, Request]:
    """What the child must be asked about a document that reads, by `external_proof`."""
    requests = []
    credentials = [document]
    if isinstance(document, dict) and PRESENTATION in types_of(document):
        requests.append(_ask_presentation(document))
        credentials = listed_credentials(document)
    requests += [_ask_credential(each) for each in credentials]
    return {_digest(request): request for request in requests}


def ask_proofs(
    requests: Mapping[str, Request], ask: Callable[[Request], Mapping[str, JsonValue]]
) -> dict[str, bool]:
    """The child's answers for `Material.proofs`. When `ask` fails, nothing is said of a proof."""
    return {name: is_proven(ask(request)) for name, request in requests.items()}


def is_proven(answer: Mapping[str, JsonValue]) -> bool:
    """Only if didkit says that it checked a proof and found nothing wrong."""
    return answer.get("checks") == ["proof"] and answer.get("errors") == []


def build_issue_request(
    document: Mapping[str, JsonValue],
    *,
    private_jwk: Mapping[str, str],
    verification_method: str,
    now: datetime,
    proof_type: str = PROOF_TYPES[0],
) -> Request:
    """What the child is asked to sign a VCDM 1.1 credential with one of `PROOF_TYPES`."""
    options: dict[str, JsonValue] = {
        "type": proof_type,
        "proofPurpose": "assertionMethod",
        "verificationMethod": verification_method,
        "created": format_instant(now),
    }
    return _build_issuance("issue_credential", document, private_jwk, options)


def build_present_request(
    document: Mapping[str, JsonValue],
    *,
    private_jwk: Mapping[str, str],
    verification_method: str,
    audience: str,
    nonce: str,
    now: datetime,
    proof_type: str = PROOF_TYPES[0],
) -> Request:
    """What the child is asked to sign a presentation with; the audience is the `domain`."""
    options: dict[str, JsonValue] = {
        "type": proof_type,
        "proofPurpose": "authentication",
        "verificationMethod": verification_method,
        "created": format_instant(now),
        "challenge": nonce,
        "domain": audience,
    }
    return _build_issuance("issue_presentation", document, private_jwk, options)


def _build_issuance(
    operation: str,
    document: Mapping[str, JsonValue],
    private_jwk: Mapping[str, str],
    options: dict[str, JsonValue],
) -> Request:
    if options["type"] not in PROOF_TYPES:
        raise Malformed("a proof is of a known type", detail="invalid_proof")
    return {
        "operation": operation,
        "document": dict(document),
        "key": dict(private_jwk),
        "options": options,
    }


def _read_credential(document: JsonValue) -> Credential:
    members = check_document(document, required_type=CREDENTIAL)
    _check_contexts(members["@context"])
    check_signed(members)
    issuer = identifier_of(members.get("issuer"))
    proof, key = _read_proof(members, controller=issuer, purpose="assertionMethod")
    subject = members.get("credentialSubject")
    claims = read_as_signed(subject)
    if not isinstance(subject, dict) or not isinstance(claims, dict) or not claims:
        raise Malformed("credentialSubject must hold claims", detail="invalid_subject")
    valid_from, valid_until = read_dates(members)
    if valid_from is None:
        raise Malformed("a credential needs an issuanceDate", detail="invalid_time")
    return Credential(
        format=Format.LDP_VC,
        issuer=issuer,
        types=claimed_types(members),
        claims=claims,
        issued_at=_read_created(proof),
        valid_from=valid_from,
        valid_until=valid_until,
        statuses=read_legacy_references(members),
        links=(),
        holder_key=_read_holder_key(subject),
        key_hint=IssuerKeyHint(
            algorithm=key.algorithm, key_id=str(proof["verificationMethod"]), x5c=()
        ),
        signing_input=b"",
        signature=b"",
        key_binding=None,
        external_proof=_digest(_ask_credential(members)),
        document=members,
    )


def _read_presentation(
    document: dict[str, JsonValue],
) -> tuple[dict[str, JsonValue], KeyBinding | None]:
    members = check_document(document, required_type=PRESENTATION)
    _check_contexts(members["@context"])
    holder = identifier_of(members.get("holder"))
    proof, key = _read_proof(members, controller=holder, purpose="authentication")
    if {"challenge", "domain"}.isdisjoint(proof):
        # Addressed to nobody and answering nothing, it binds nobody.
        return members, None
    nonce, audience = proof.get("challenge"), proof.get("domain")
    if not (isinstance(nonce, str) and nonce and isinstance(audience, str) and audience):
        raise Malformed("a proof has challenge and domain", detail="invalid_proof")
    created = parse_date_time_stamp(proof.get("created"), name="created")
    # One text among many that the proof fits: a replay is known by what nobody can change.
    signed: list[JsonValue] = [holder, nonce, audience, int(created.timestamp())]
    binding = KeyBinding(
        audience=audience,
        nonce=nonce,
        issued_at=created,
        signing_input=b"",
        signature=b"",
        algorithm=key.algorithm,
        covers_presentation=True,
        digest=_digest(signed),
        external_proof=_digest(_ask_presentation(members)),
        proof_key=key,
    )
    return members, binding


def _ask_credential(document: JsonValue) -> Request:
    return {"operation": "verify_credential", "document": document}


def _ask_presentation(document: Mapping[str, JsonValue]) -> Request:
    """didkit compares challenge and domain with what it is told: they are judged here instead."""
    options: dict[str, JsonValue] = {"proofPurpose": "authentication"}
    proof = document.get("proof")
    for name in ("challenge", "domain"):
        if isinstance(proof, dict) and name in proof:
            options[name] = proof[name]
    return {"operation": "verify_presentation", "document": dict(document), "options": options}


def _digest(value: JsonValue) -> str:
    return base64url.encode(hashlib.sha256(build_json(value)).digest())


def _check_contexts(contexts: JsonValue) -> None:
    """After the base context, technical ones and one vocabulary for everything else."""
    listed = contexts[1:] if isinstance(contexts, list) else []
    for context in listed:
        if not is_vocabulary(context) and context not in _TECHNICAL_CONTEXTS:
            raise Malformed("a context is not known", detail="unknown_context")
    if sum(isinstance(context, dict) for context in listed) > 1:
        raise Malformed("a document has several vocabularies", detail="unknown_context")


def _read_proof(
    document: Mapping[str, JsonValue], *, controller: str, purpose: str
) -> tuple[Mapping[str, JsonValue], PublicKey]:
    """The one proof, and the key of the DID that made it, which must be the controller's own."""
    if not is_key_did(controller):
        raise Malformed("only DIDs that hold their key are read", detail="unsupported_did")
    proof = document.get("proof")
    if not isinstance(proof, dict) or proof.get("type") not in PROOF_TYPES:
        raise Malformed("a document has one proof of a known type", detail="invalid_proof")
    contexts = proof.get("@context", [])
    for context in contexts if isinstance(contexts, list) else [contexts]:
        if context not in _TECHNICAL_CONTEXTS:
            raise Malformed("a context is not known", detail="unknown_context")
    _check_value(proof)
    if proof.get("proofPurpose") != purpose:
        raise Malformed(f"a proof is not for {purpose}", detail="invalid_proof_purpose")
    method = proof.get("verificationMethod")
    if not isinstance(method, str) or method.partition("#")[0] != controller:
        raise Malformed("a proof is by somebody else", detail="invalid_verification_method")
    return proof, parse_key_did_url(method)


def _check_value(proof: Mapping[str, JsonValue]) -> None:
    """The signature in its one text: didkit takes other bases, and falls over what is no text."""
    is_multibase = proof["type"] == PROOF_TYPES[0]
    value = proof.get("proofValue" if is_multibase else "jws")
    try:
        text = value if isinstance(value, str) else ""
        is_signature = _is_base58_signature(text) if is_multibase else _is_detached_jws(text)
    except encoding_errors.Malformed as error:
        raise Malformed("a proof has no signature", detail="invalid_proof_value") from error
    if not is_signature:
        raise Malformed("a proof has no signature", detail="invalid_proof_value")


def _is_base58_signature(text: str) -> bool:
    """Ed25519Signature2020: 64 bytes in base58btc."""
    return text.startswith("z") and len(decode_multibase(text)) == ED25519_BYTES


def _is_detached_jws(text: str) -> bool:
    """JsonWebSignature2020: a JWS whose payload is left out (RFC 7797)."""
    header, dots, signature = text.partition("..")
    return bool(dots and base64url.decode(header) and base64url.decode(signature))


def _read_created(proof: Mapping[str, JsonValue]) -> datetime | None:
    """When the issuer says that it signed; didkit holds that only against the machine's clock."""
    if "created" not in proof:
        return None
    return parse_date_time_stamp(proof["created"], name="created")


def _read_holder_key(subject: Mapping[str, JsonValue]) -> PublicKey | None:
    subject_id = subject.get("id")
    if not isinstance(subject_id, str) or not is_key_did(subject_id):
        return None
    return parse_key_did_url(subject_id)
