"""
Making W3C credentials and presentations with Data Integrity proofs: `ldp_vc`, `ldp_vp`.

Every document passes `vcdm_shape` before it is signed. A device that keeps its key is given the
bytes to sign and hands back the signature; what it holds is never asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from credentials.data_integrity import (
    ASSERTION,
    AUTHENTICATION,
    attach_signature,
    build_options,
    prepare_signing,
    sign_document,
)
from credentials.dids import build_did_jwk
from credentials.errors import Malformed
from credentials.keys import PublicKey, Signer, parse_jwk
from credentials.pinned_contexts import Contexts
from credentials.vcdm import build_envelope
from credentials.vcdm_shape import (
    BASE_CONTEXT,
    check_credential,
    check_presentation,
    issuer_of,
)
from credentials.verdict import format_instant
from encoding.strict_json import JsonValue


def issue_ldp(
    document: Mapping[str, JsonValue],
    *,
    signer: Signer,
    verification_method: str,
    cryptosuite: str,
    created: datetime | None,
    expires: datetime | None = None,
    proof_id: str | None = None,
    previous: Sequence[str] = (),
    contexts: Contexts | None = None,
) -> dict[str, JsonValue]:
    """
    The credential with a proof by its issuer, beside those that it has. `previous`: ids of those
    that this one covers (a chain). `contexts`: the bundled ones and the city's own.
    """
    check_credential(document)
    if verification_method.partition("#")[0] != issuer_of(document):
        raise Malformed("the key is not the issuer's", detail="invalid_verification_method")
    extra: dict[str, JsonValue] = {}
    if proof_id is not None:
        extra["id"] = proof_id
    if expires is not None:
        extra["expires"] = format_instant(expires)
    if previous:
        extra["previousProof"] = previous[0] if len(previous) == 1 else [*previous]
    options = build_options(
        document,
        cryptosuite=cryptosuite,
        algorithm=signer.algorithm,
        verification_method=verification_method,
        purpose=ASSERTION,
        created=created,
        extra=extra,
    )
    return sign_document(document, options, signer=signer, contexts=contexts)


@dataclass(frozen=True, slots=True)
class PresentationInput:
    """A presentation that lacks its signature; `signing_input` is what the holder's key signs."""

    document: Mapping[str, JsonValue]
    options: Mapping[str, JsonValue]
    signing_input: bytes


def build_ldp_presentation_input(
    credentials: Sequence[Mapping[str, JsonValue] | str],
    *,
    holder_key: PublicKey,
    cryptosuite: str,
    audience: str,
    nonce: str,
    created: datetime,
    contexts: Contexts | None = None,
) -> PresentationInput:
    """
    What the holder's device signs to present these credentials together. Documents are embedded,
    texts (`vc+jwt`, `vc+sd-jwt` without a key binding) enveloped.
    """
    if not credentials:
        raise Malformed("a presentation holds credentials", detail="empty_presentation")
    holder = build_did_jwk(holder_key)
    entries: list[JsonValue] = [
        build_envelope(each) if isinstance(each, str) else dict(each) for each in credentials
    ]
    document: dict[str, JsonValue] = {
        "@context": [BASE_CONTEXT],
        "type": ["VerifiablePresentation"],
        "holder": holder,
        "verifiableCredential": entries,
    }
    check_presentation(document)
    options = build_options(
        document,
        cryptosuite=cryptosuite,
        algorithm=holder_key.algorithm,
        verification_method=f"{holder}#0",
        purpose=AUTHENTICATION,
        created=created,
        extra={"domain": audience, "challenge": nonce},
    )
    data = prepare_signing(document, options, algorithm=holder_key.algorithm, contexts=contexts)
    return PresentationInput(document=document, options=options, signing_input=data)


def attach_ldp_signature(prepared: PresentationInput, signature: bytes) -> dict[str, JsonValue]:
    """The presentation with the holder's signature over its `signing_input`."""
    return attach_signature(prepared.document, prepared.options, signature=signature)


def build_ldp_presentation(
    credentials: Sequence[Mapping[str, JsonValue] | str],
    *,
    signer: Signer,
    cryptosuite: str,
    audience: str,
    nonce: str,
    created: datetime,
    contexts: Contexts | None = None,
) -> dict[str, JsonValue]:
    """Both steps with a key at hand."""
    prepared = build_ldp_presentation_input(
        credentials,
        holder_key=parse_jwk(dict(signer.public_jwk)),
        cryptosuite=cryptosuite,
        audience=audience,
        nonce=nonce,
        created=created,
        contexts=contexts,
    )
    return attach_ldp_signature(prepared, signer.sign(prepared.signing_input))
