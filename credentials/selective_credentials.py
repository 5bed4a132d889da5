"""
Credentials with a selective-disclosure proof, from issuer to verifier: `ecdsa-sd-2023`, `bbs-2023`.

The issuer secures a whole document, the holder derives from it what is shown, the verifier reads
that. A selective proof stands alone in its document: other proofs would cover what is hidden.
What decides about validity may not be hidden, or a holder would hide that a permit has ended:
`visible_pointers` names it, and an issuer of ours always makes it mandatory (S-033, DI-07). What
a foreign issuer left to the holder's choice, no verifier can miss.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credentials import bbs_2023, ecdsa_sd
from credentials.bbs import BbsSecretKey
from credentials.bbs_proof import RandomBytes
from credentials.data_integrity import ASSERTION, Options, list_proofs, parse_options
from credentials.errors import Malformed
from credentials.keys import Signer
from credentials.model import IssuerKeyHint, Signed, UnlinkableProof
from credentials.pinned_contexts import Contexts
from credentials.vcdm_shape import check_credential, issuer_of
from credentials.verdict import format_instant
from encoding.strict_json import JsonValue

SELECTIVE_SUITES: Final = (ecdsa_sd.CRYPTOSUITE, bbs_2023.CRYPTOSUITE)

_VISIBLE: Final = (
    "issuer",
    "validFrom",
    "validUntil",
    "credentialStatus",
    "credentialSchema",
    "relatedResource",
)


@dataclass(frozen=True, slots=True)
class ReadProof:
    """One proof as read: as in `Credential`, `unlinkable` stands in place of a signature."""

    options: Options
    signed: Signed
    alteration: str | None = None
    unlinkable: UnlinkableProof | None = None


def visible_pointers(document: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Pointers to what nobody may hide of this document; contexts and types come by themselves."""
    return tuple(f"/{name}" for name in _VISIBLE if name in document)


def issue_ecdsa_sd(
    document: dict[str, JsonValue],
    *,
    signer: Signer,
    verification_method: str,
    mandatory_pointers: Sequence[str],
    created: datetime | None,
    proof_signer: Signer,
    hmac_key: bytes,
    contexts: Contexts,
) -> dict[str, JsonValue]:
    """For the holder. `proof_signer` (P-256) and `hmac_key` (32 octets) are new and used once."""
    options = _check(document, verification_method=verification_method, created=created)
    return ecdsa_sd.secure(
        document,
        options=options,
        mandatory_pointers=_with_visible(document, mandatory_pointers),
        signer=signer,
        proof_signer=proof_signer,
        hmac_key=hmac_key,
        contexts=contexts,
    )


def issue_bbs(
    document: dict[str, JsonValue],
    *,
    secret: BbsSecretKey,
    verification_method: str,
    mandatory_pointers: Sequence[str],
    hmac_key: bytes,
    contexts: Contexts,
) -> dict[str, JsonValue]:
    """For the holder. The proof has no `created`: it would be a name that every showing carries."""
    options = _check(document, verification_method=verification_method, created=None)
    return bbs_2023.secure(
        document,
        options=options,
        mandatory_pointers=_with_visible(document, mandatory_pointers),
        secret=secret,
        hmac_key=hmac_key,
        contexts=contexts,
    )


def derive_credential(
    secured: Mapping[str, JsonValue],
    *,
    selective_pointers: Sequence[str],
    contexts: Contexts,
    presentation_header: bytes = b"",
    random_bytes: RandomBytes | None = None,
) -> dict[str, JsonValue]:
    """
    What the holder shows of a credential as it was issued. The last two are for `bbs-2023`:
    what the proof answers, and the system's source of randomness.
    """
    document, proof = _part(secured)
    if proof.get("cryptosuite") == ecdsa_sd.CRYPTOSUITE:
        return ecdsa_sd.derive(
            document, proof, selective_pointers=selective_pointers, contexts=contexts
        )
    if proof.get("cryptosuite") != bbs_2023.CRYPTOSUITE or random_bytes is None:
        raise Malformed("nothing can be derived from this", detail="unsupported_cryptosuite")
    return bbs_2023.derive(
        document,
        proof,
        selective_pointers=selective_pointers,
        presentation_header=presentation_header,
        random_bytes=random_bytes,
        contexts=contexts,
    )


def read_selective(secured: Mapping[str, JsonValue], *, contexts: Contexts) -> ReadProof:
    """The one proof of a presented document, and what it says was signed."""
    document, members = _part(secured)
    options = parse_options(members)
    if options.previous:
        raise Malformed("a selective proof builds on no other", detail="unsupported_cryptosuite")
    if members.get("cryptosuite") == ecdsa_sd.CRYPTOSUITE:
        derived = ecdsa_sd.read_derived(document, members, contexts=contexts)
        hint = IssuerKeyHint("ES256", options.verification_method, ())
        signed = Signed(derived.signing_input, derived.signature, hint)
        return ReadProof(options, signed, derived.alteration)
    shown = bbs_2023.read_derived(document, members, contexts=contexts)
    nothing = Signed(b"", b"", IssuerKeyHint("BBS", options.verification_method, ()))
    return ReadProof(options, nothing, shown.alteration, shown.proof)


def _part(secured: Mapping[str, JsonValue]) -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    proofs = list_proofs(secured)
    if len(proofs) != 1:
        raise Malformed("a selective proof stands alone", detail="several_proofs")
    return {name: value for name, value in secured.items() if name != "proof"}, proofs[0]


def _check(
    document: Mapping[str, JsonValue], *, verification_method: str, created: datetime | None
) -> dict[str, JsonValue]:
    """Refuse what no verifier would take; the options of the proof."""
    check_credential(document)
    if verification_method.partition("#")[0] != issuer_of(document):
        raise Malformed("the key is not the issuer's", detail="invalid_verification_method")
    if "proof" in document:
        raise Malformed("a selective proof stands alone", detail="several_proofs")
    return {
        **({"created": format_instant(created)} if created is not None else {}),
        "verificationMethod": verification_method,
        "proofPurpose": ASSERTION,
    }


def _with_visible(document: Mapping[str, JsonValue], pointers: Sequence[str]) -> list[str]:
    return [*dict.fromkeys((*visible_pointers(document), *pointers))]
