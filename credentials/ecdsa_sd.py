"""
`ecdsa-sd-2023`: each statement of a credential is signed by itself, and the holder shows some.

W3C vc-di-ecdsa 1.0 sections 3.5 and 3.6; P-256 only. The issuer's signature covers the proof's
options, the statements that nobody may hide and a key of this one proof; that key signs every
other statement. Presentations of one credential can be linked: they share the issuer's signature.

Making a proof takes a fresh P-256 signer and fresh 32 octets for the HMAC. Both are used once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from credentials.errors import Malformed
from credentials.keys import PublicKey, Signer, parse_jwk, verify_signature
from credentials.multikey import build_multikey, parse_multikey
from credentials.pinned_contexts import Contexts
from credentials.selective_base import prepare_base
from credentials.selective_disclosure import (
    HMAC_KEY_BYTES,
    disclose,
    hash_statements,
    hmac_labels,
    label_statements,
    require_hmac_key,
    split_statements,
)
from credentials.selective_proof_value import (
    ECDSA_BASE,
    ECDSA_DERIVED,
    build_proof_value,
    hash_proof,
    parse_proof_value,
    read_each_octets,
    read_indexes,
    read_map,
    read_octets,
    read_texts,
)
from encoding import base64url
from encoding.cbor import CborKey, CborValue
from encoding.multibase import decode_multibase, encode_multibase
from encoding.strict_json import JsonValue

CRYPTOSUITE: Final = "ecdsa-sd-2023"
SIGNATURE_BYTES: Final = 64
MULTIKEY_BYTES: Final = 35
LABEL_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class DerivedProof:
    """
    What the issuer signed, and by how much the document differs from it. `alteration`: why the
    statements are not those that were signed, or None.
    """

    signing_input: bytes
    signature: bytes
    alteration: str | None


@dataclass(frozen=True, slots=True)
class _BaseProof:
    signature: bytes
    key: bytes
    hmac_key: bytes
    signatures: tuple[bytes, ...]
    mandatory_pointers: tuple[str, ...]


def secure(
    document: dict[str, JsonValue],
    *,
    options: Mapping[str, JsonValue],
    mandatory_pointers: Sequence[str],
    signer: Signer,
    proof_signer: Signer,
    hmac_key: bytes,
    contexts: Contexts,
) -> dict[str, JsonValue]:
    """
    The document with a base proof, for its holder only. `options`: the proof's other members,
    such as `created`, `verificationMethod` and `proofPurpose`.
    """
    if signer.algorithm != "ES256" or proof_signer.algorithm != "ES256":
        raise Malformed("ecdsa-sd-2023 takes keys on P-256", detail="unsupported_key")
    require_hmac_key(hmac_key)
    base = prepare_base(
        document,
        cryptosuite=CRYPTOSUITE,
        options=options,
        mandatory_pointers=mandatory_pointers,
        labels=hmac_labels(hmac_key),
        contexts=contexts,
    )
    key = decode_multibase(build_multikey(parse_jwk(dict(proof_signer.public_jwk))))
    signature = signer.sign(base.proof_hash + key + hash_statements(base.mandatory))
    signatures: list[CborValue] = [proof_signer.sign(line.encode("utf-8")) for line in base.others]
    return base.with_proof(
        ECDSA_BASE, [signature, key, hmac_key, signatures, list(mandatory_pointers)]
    )


def derive(
    document: dict[str, JsonValue],
    proof: Mapping[str, JsonValue],
    *,
    selective_pointers: Sequence[str],
    contexts: Contexts,
) -> dict[str, JsonValue]:
    """
    What the holder shows: what is mandatory and what the pointers choose, with a derived proof.
    `document` comes without its proof. A base proof that does not fit the document is refused.
    """
    base = _parse_base(proof)
    shown = disclose(
        document,
        contexts=contexts,
        labels=hmac_labels(base.hmac_key),
        mandatory_pointers=base.mandatory_pointers,
        selective_pointers=selective_pointers,
    )
    if not _are_signed(base.key, shown.others, base.signatures):
        raise Malformed("the base proof is of another document", detail="statement_mismatch")
    labels: dict[CborKey, CborValue] = {
        number: base64url.decode(label.removeprefix("u")) for number, label in shown.labels.items()
    }
    value = build_proof_value(
        ECDSA_DERIVED,
        [
            base.signature,
            base.key,
            [base.signatures[place] for place in shown.shown_places],
            labels,
            [*shown.mandatory_places],
        ],
    )
    return {**shown.revealed, "proof": {**proof, "proofValue": value}}


def read_derived(
    document: dict[str, JsonValue], proof: Mapping[str, JsonValue], *, contexts: Contexts
) -> DerivedProof:
    """
    Read a presented document (without its proof) and its derived proof. Nothing is believed yet:
    the issuer's signature over `signing_input` makes the statements the issuer's.
    """
    parts = parse_proof_value(proof, tag=ECDSA_DERIVED, count=5)
    signature = read_octets(parts[0], size=SIGNATURE_BYTES)
    key = read_octets(parts[1], size=MULTIKEY_BYTES)
    signatures = read_each_octets(parts[2], size=SIGNATURE_BYTES)
    labels = {
        f"c14n{number}": "u" + base64url.encode(read_octets(label, size=LABEL_BYTES))
        for number, label in read_map(parts[3]).items()
    }
    indexes = read_indexes(parts[4])
    proof_hash = hash_proof(document, proof, contexts=contexts)
    lines = label_statements(document, labels, contexts=contexts)
    if lines is None:
        return DerivedProof(proof_hash + key, signature, "label_map_mismatch")
    if indexes and indexes[-1] >= len(lines):
        raise Malformed("a proof has an index out of range", detail="index_out_of_range")
    mandatory, others = split_statements(lines, indexes)
    return DerivedProof(
        signing_input=proof_hash + key + hash_statements(mandatory),
        signature=signature,
        alteration=None if _are_signed(key, others, signatures) else "statement_mismatch",
    )


def _parse_base(proof: Mapping[str, JsonValue]) -> _BaseProof:
    parts = parse_proof_value(proof, tag=ECDSA_BASE, count=5)
    return _BaseProof(
        signature=read_octets(parts[0], size=SIGNATURE_BYTES),
        key=read_octets(parts[1], size=MULTIKEY_BYTES),
        hmac_key=read_octets(parts[2], size=HMAC_KEY_BYTES),
        signatures=tuple(read_each_octets(parts[3], size=SIGNATURE_BYTES)),
        mandatory_pointers=tuple(read_texts(parts[4])),
    )


def _are_signed(key: bytes, lines: Sequence[str], signatures: Sequence[bytes]) -> bool:
    """Whether the key of this proof signed every one of these statements."""
    public = _parse_key(key)
    return len(lines) == len(signatures) and all(
        verify_signature(public, line.encode("utf-8"), signature)
        for line, signature in zip(lines, signatures, strict=True)
    )


def _parse_key(key: bytes) -> PublicKey:
    public = parse_multikey(encode_multibase(key))
    if public.algorithm != "ES256":
        raise Malformed("a proof's own key is not on P-256", detail="unsupported_key")
    return public
