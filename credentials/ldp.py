"""
W3C credentials and presentations with Data Integrity proofs as presented: `ldp_vc`, `ldp_vp`.

VCDM 2.0 with Verifiable Credential Data Integrity 1.0. Shape first (`vcdm_shape`), then what each
proof signed (`data_integrity`); whether a key of the issuer signed it is judged elsewhere. Every
proof must be the issuer's: several are a set, or a chain when they name each other, and all of
them must hold (DI-05). A presentation's proof is the holder's: its `domain` is the audience, its
`challenge` the nonce. Credentials in a presentation are embedded, or enveloped as JOSE.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from credentials.data_integrity import (
    ASSERTION,
    AUTHENTICATION,
    EXTRA_SUITE,
    Options,
    list_proofs,
    parse_proof,
    read_signing_input,
)
from credentials.errors import Malformed
from credentials.json_ld import demand_contexts
from credentials.model import Credential, Format, IssuerKeyHint, KeyBinding, Signed
from credentials.pinned_contexts import Contexts, bundled_contexts
from credentials.registered import bind_to_holder
from credentials.selective_credentials import SELECTIVE_SUITES, ReadProof, read_selective
from credentials.vcdm_reading import read_vcdm
from credentials.vcdm_shape import check_presentation, issuer_of, types_of
from credentials.vp_jose import list_contained, read_enveloped
from encoding import base64url
from encoding.strict_json import JsonValue

ContextLists = Mapping[str, Collection[Sequence[str]]]
"""Type to the lists of contexts that its credentials may have (S-033)."""


def read_ldp(
    document: dict[str, JsonValue],
    *,
    contexts: Contexts | None = None,
    context_lists: ContextLists | None = None,
    controllers: Mapping[str, Collection[str]] | None = None,
    extra: bytes | None = None,
) -> tuple[Credential, ...]:
    """
    Every credential of a document with proofs. `contexts`: the bundled ones and the city's own;
    `context_lists`: types whose list of contexts must be exactly this. `controllers`: issuer to
    further identifiers whose keys are its own, where the caller knows of such (DI-07). `extra`: the
    extra information that proofs of one suite cover; of a single credential only.
    """
    known = contexts if contexts is not None else bundled_contexts()
    if "VerifiablePresentation" not in types_of(document):
        return (_read_credential(document, known, context_lists or {}, controllers or {}, extra),)
    check_presentation(document)
    binding, until = _read_binding(document, known) if "proof" in document else (None, None)
    credentials = [
        read_enveloped(entry)
        if "EnvelopedVerifiableCredential" in types_of(entry)
        else _read_credential(entry, known, context_lists or {}, controllers or {})
        for entry in list_contained(document)
    ]
    # A presentation that is past its own time takes its credentials along.
    return tuple(
        replace(each, key_binding=binding, valid_until=earliest(each.valid_until, until))
        for each in credentials
    )


def _read_credential(
    document: dict[str, JsonValue],
    contexts: Contexts,
    context_lists: ContextLists,
    controllers: Mapping[str, Collection[str]],
    extra: bytes | None = None,
) -> Credential:
    demand_contexts(document, context_lists)
    issuer = issuer_of(document)
    read = read_issuer_proofs(
        document, issuer=issuer, contexts=contexts, controllers=controllers, extra=extra
    )
    first, *others = read
    alterations = [each.alteration for each in read if each.alteration is not None]
    return read_vcdm(
        document,
        format=Format.LDP_VC,
        signed=first.signed,
        binding=None,
        created=first.options.created,
        expires=earliest(*[each.options.expires for each in read]),
        alteration=alterations[0] if alterations else None,
        co_signatures=tuple([each.signed for each in others]),
        unlinkable_proof=first.unlinkable,
    )


def read_issuer_proofs(
    document: Mapping[str, JsonValue],
    *,
    issuer: str,
    contexts: Contexts,
    controllers: Mapping[str, Collection[str]],
    extra: bytes | None = None,
) -> list[ReadProof]:
    """Every proof of a credential, each by its issuer and made for this; one at least."""
    proofs = list_proofs(document)
    read = [_read_proof(document, each, proofs, contexts, extra) for each in proofs]
    own = (issuer, *controllers.get(issuer, ()))
    for each in read:
        _require(each.options, controllers=own, purpose=ASSERTION)
    return read


def _read_proof(
    document: Mapping[str, JsonValue],
    members: dict[str, JsonValue],
    proofs: Sequence[Mapping[str, JsonValue]],
    contexts: Contexts,
    extra: bytes | None,
) -> ReadProof:
    """
    What one proof says and what it signed. A derived proof stands alone. Extra information is in
    hand to be vouched for: a proof that does not cover it says nothing about it.
    """
    if extra is not None and members.get("cryptosuite") != EXTRA_SUITE:
        raise Malformed("a proof does not cover it all", detail="uncovered_extra_information")
    if members.get("cryptosuite") in SELECTIVE_SUITES:
        return read_selective(document, contexts=contexts)
    proof = parse_proof(members)
    hint = IssuerKeyHint(proof.algorithm, proof.options.verification_method, ())
    signing_input = read_signing_input(document, proof, proofs, contexts=contexts, extra=extra)
    return ReadProof(proof.options, Signed(signing_input, proof.signature, hint))


def _read_binding(
    document: Mapping[str, JsonValue], contexts: Contexts
) -> tuple[KeyBinding | None, datetime | None]:
    """The holder's proof, and when it expires."""
    proofs = list_proofs(document)
    if len(proofs) > 1:
        raise Malformed("a presentation has several proofs", detail="several_proofs")
    proof = parse_proof(proofs[0])
    options = proof.options
    holder = document.get("holder")
    name = holder.get("id") if isinstance(holder, dict) else holder
    _require(
        options,
        controllers=(name if isinstance(name, str) else options.controller,),
        purpose=AUTHENTICATION,
    )
    if not options.domains and options.challenge is None:
        # Addressed to nobody and answering nothing, it binds nobody: it is an envelope.
        return None, options.expires
    signing_input = read_signing_input(document, proof, proofs, contexts=contexts)
    binding = KeyBinding(
        # Meant for several, it is not meant for us alone: sets are compared as sets (DI-01).
        audience=options.domains[0] if len(options.domains) == 1 else "",
        nonce=options.challenge or "",
        issued_at=options.created,
        signing_input=signing_input,
        signature=proof.signature,
        algorithm=proof.algorithm,
        covers_presentation=True,
        digest=base64url.encode(hashlib.sha256(signing_input).digest()),
    )
    return bind_to_holder(binding, holder), options.expires


def _require(options: Options, *, controllers: Collection[str], purpose: str) -> None:
    """DI-07: the key is that party's own, and the proof was made for this."""
    if options.purpose != purpose:
        raise Malformed(f"a proof is not for {purpose}", detail="invalid_proof_purpose")
    if options.controller not in controllers:
        raise Malformed("a proof is by somebody else", detail="invalid_verification_method")


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of these moments; None where there is none."""
    return min([each for each in moments if each is not None], default=None)
