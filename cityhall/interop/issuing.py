"""
Issuing for VCALM: `/credentials/issue` and `/presentations/issue`.

What comes in must be a conforming VCDM 2.0 document before anything is changed in it (S-030).
Then the issuer becomes the endpoint's own DID, as VCALM wants it, and the document is secured the
way this path prefix stands for.
"""

import os
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from cityhall.interop.issuers import VC_JWT, InteropIssuer
from cityhall.interop.lists import InteropList
from cityhall.interop.options import IssueOptions, ProofOptions
from credentials.data_integrity import (
    ASSERTION,
    AUTHENTICATION,
    SUITES,
    build_options,
    sign_document,
)
from credentials.ecdsa_sd import secure
from credentials.errors import Malformed
from credentials.keys import SoftwareSigner
from credentials.ldp_issuing import issue_ldp
from credentials.pinned_contexts import bundled_contexts
from credentials.related_resources import check_resources
from credentials.selective_credentials import derive_credential, issue_bbs, issue_ecdsa_sd
from credentials.vcdm import build_envelope, issue_vc_jwt
from credentials.vcdm1 import BASE_CONTEXT as FIRST_CONTEXT
from credentials.vcdm1_integrity import add_proof_context, check_first_version, issue_first_version
from credentials.vcdm_shape import check_credential, check_presentation
from credentials.verdict import format_instant
from encoding.strict_json import JsonValue

HMAC_OCTETS: Final = 32
_FIRST_VISIBLE: Final = ("/issuer", "/issuanceDate")
PRESENTATION_SUITE: Final = "ecdsa-rdfc-2019"
"""With it the P-256 issuers sign presentations whose own suite makes credentials only."""


def is_first_version(document: Mapping[str, JsonValue]) -> bool:
    """Whether a document says that it follows VCDM 1.1."""
    contexts = document.get("@context")
    return isinstance(contexts, list) and contexts[:1] == [FIRST_CONTEXT]


def issue_credential(
    issuer: InteropIssuer,
    document: JsonValue,
    options: IssueOptions,
    *,
    status_list: InteropList,
    now: datetime,
) -> dict[str, JsonValue]:
    """The secured credential: a document with a proof, or an envelope."""
    if not isinstance(document, dict):
        raise Malformed("a credential must be an object", detail="not_an_object")
    _check(document)
    credential = _adopt(document, member="issuer", did=issuer.did)
    if issuer.adds_status:
        if "credentialStatus" in credential:
            raise Malformed("the issuer adds the status itself", detail="unexpected_status")
        name = credential.setdefault("id", f"urn:uuid:{uuid.uuid4()}")
        credential["credentialStatus"] = status_list.add(str(name))
    return _secure(issuer, credential, options, now=now)


def issue_presentation(
    issuer: InteropIssuer, document: JsonValue, options: ProofOptions, *, now: datetime
) -> dict[str, JsonValue]:
    """The presentation with the proof of the endpoint as its holder."""
    if not isinstance(document, dict):
        raise Malformed("a presentation must be an object", detail="not_an_object")
    check_presentation(document)
    if "proof" in document:
        raise Malformed("a presentation has its proof already", detail="several_proofs")
    if issuer.signer is None:
        raise Malformed("this issuer signs no presentations", detail="unsupported_cryptosuite")
    presentation = _adopt({"holder": issuer.did, **document}, member="holder", did=issuer.did)
    answers = {"domain": options.domain, "challenge": options.challenge}
    proof = build_options(
        presentation,
        cryptosuite=issuer.cryptosuite if issuer.cryptosuite in SUITES else PRESENTATION_SUITE,
        algorithm=issuer.signer.algorithm,
        verification_method=issuer.verification_method,
        purpose=AUTHENTICATION,
        created=now,
        extra={name: value for name, value in answers.items() if value is not None},
    )
    return sign_document(presentation, proof, signer=issuer.signer)


def derive(document: JsonValue, pointers: tuple[str, ...]) -> dict[str, JsonValue]:
    """What a holder shows of a credential with a selective proof."""
    if not isinstance(document, dict):
        raise Malformed("a credential must be an object", detail="not_an_object")
    return derive_credential(
        document,
        selective_pointers=pointers,
        contexts=bundled_contexts(),
        random_bytes=os.urandom,
    )


def _check(document: dict[str, JsonValue]) -> None:
    if is_first_version(document):
        check_first_version(document)
        return
    check_credential(document)
    check_resources(document)


def _adopt(document: Mapping[str, JsonValue], *, member: str, did: str) -> dict[str, JsonValue]:
    """The same document of the endpoint's own DID; whatever else an object says of it stays."""
    party = document[member]
    return {**document, member: {**party, "id": did} if isinstance(party, dict) else did}


def _secure(
    issuer: InteropIssuer,
    credential: dict[str, JsonValue],
    options: IssueOptions,
    *,
    now: datetime,
) -> dict[str, JsonValue]:
    if issuer.cryptosuite in ("ecdsa-sd-2023", "bbs-2023"):
        return _secure_selectively(issuer, credential, options, now=now)
    if options.mandatory_pointers is not None:
        raise Malformed("this suite knows no mandatoryPointers", detail="unknown_option")
    if issuer.signer is None:
        raise Malformed("this issuer has no key", detail="unsupported_key")
    method = issuer.verification_method
    if issuer.cryptosuite == VC_JWT:
        signer = issuer.signer
        return build_envelope(issue_vc_jwt(credential, signer=signer, key_id=method, issued_at=now))
    issue = issue_first_version if is_first_version(credential) else issue_ldp
    return issue(
        credential,
        signer=issuer.signer,
        verification_method=method,
        cryptosuite=issuer.cryptosuite,
        created=now,
    )


def _secure_selectively(
    issuer: InteropIssuer, credential: dict[str, JsonValue], options: IssueOptions, *, now: datetime
) -> dict[str, JsonValue]:
    pointers, hmac_key = options.mandatory_pointers or (), os.urandom(HMAC_OCTETS)
    method = issuer.verification_method
    if issuer.bbs_secret is not None:
        return issue_bbs(
            credential,
            secret=issuer.bbs_secret,
            verification_method=method,
            mandatory_pointers=pointers,
            hmac_key=hmac_key,
            contexts=bundled_contexts(),
        )
    if issuer.signer is None:
        raise Malformed("this issuer has no key", detail="unsupported_key")
    proof_signer = SoftwareSigner(ec.generate_private_key(ec.SECP256R1()))
    if is_first_version(credential):
        return secure(
            add_proof_context(credential),
            options=_options(method, now),
            mandatory_pointers=[*dict.fromkeys((*_FIRST_VISIBLE, *pointers))],
            signer=issuer.signer,
            proof_signer=proof_signer,
            hmac_key=hmac_key,
            contexts=bundled_contexts(),
        )
    return issue_ecdsa_sd(
        credential,
        signer=issuer.signer,
        verification_method=method,
        mandatory_pointers=pointers,
        created=now,
        proof_signer=proof_signer,
        hmac_key=hmac_key,
        contexts=bundled_contexts(),
    )


def _options(method: str, now: datetime) -> dict[str, JsonValue]:
    return {
        "created": format_instant(now),
        "verificationMethod": method,
        "proofPurpose": ASSERTION,
    }
