"""
`bbs-2023`: a credential whose presentations nobody can tell apart, not even its issuer.

W3C vc-di-bbs (Candidate Recommendation Draft) section 3, baseline feature only: no holder binding
and no pseudonym inside the proof. The issuer signs the statements that may be hidden as messages
of one BBS signature, and what is mandatory through its header; the holder shows a fresh proof of
that signature each time. BLS12-381-SHA-256.

What is shown can still be recognised by its content: an `id`, a status entry, a holder's key or a
`created` of its own undo all of this. See docs/decisions/0025.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from credentials.bbs import SIGNATURE_BYTES, BbsSecretKey, sign, verify_bbs_signature
from credentials.bbs_proof import RandomBytes, count_hidden, prove
from credentials.bbs_suite import require_count
from credentials.bls import G2_BYTES, BbsPublicKey, parse_bbs_public_key
from credentials.errors import Malformed
from credentials.model import UnlinkableProof
from credentials.pinned_contexts import Contexts
from credentials.selective_base import prepare_base
from credentials.selective_disclosure import (
    HMAC_KEY_BYTES,
    disclose,
    hash_statements,
    label_statements,
    require_hmac_key,
    shuffled_labels,
    split_statements,
)
from credentials.selective_proof_value import (
    BBS_BASE,
    BBS_DERIVED,
    build_proof_value,
    hash_proof,
    parse_proof_value,
    read_index,
    read_indexes,
    read_map,
    read_octets,
    read_texts,
)
from encoding.cbor import CborKey, CborValue
from encoding.strict_json import JsonValue

CRYPTOSUITE: Final = "bbs-2023"
HEADER_BYTES: Final = 64
MAX_PRESENTATION_HEADER: Final = 1_024


@dataclass(frozen=True, slots=True)
class DerivedBbsProof:
    """The proof as presented. `alteration`: why the statements are not those of the proof."""

    proof: UnlinkableProof
    alteration: str | None


@dataclass(frozen=True, slots=True)
class _BaseProof:
    signature: bytes
    header: bytes
    key: BbsPublicKey
    hmac_key: bytes
    mandatory_pointers: tuple[str, ...]


def secure(
    document: dict[str, JsonValue],
    *,
    options: Mapping[str, JsonValue],
    mandatory_pointers: Sequence[str],
    secret: BbsSecretKey,
    hmac_key: bytes,
    contexts: Contexts,
) -> dict[str, JsonValue]:
    """
    The document with a base proof, for its holder only. `options`: the proof's other members;
    a `created` among them is seen in every presentation.
    """
    require_hmac_key(hmac_key)
    base = prepare_base(
        document,
        cryptosuite=CRYPTOSUITE,
        options=options,
        mandatory_pointers=mandatory_pointers,
        labels=shuffled_labels(hmac_key),
        contexts=contexts,
    )
    header = base.proof_hash + hash_statements(base.mandatory)
    signature = sign(secret, _messages(base.others), header=header)
    key = secret.public_key.octets
    return base.with_proof(BBS_BASE, [signature, header, key, hmac_key, list(mandatory_pointers)])


def derive(
    document: dict[str, JsonValue],
    proof: Mapping[str, JsonValue],
    *,
    selective_pointers: Sequence[str],
    presentation_header: bytes,
    random_bytes: RandomBytes,
    contexts: Contexts,
) -> dict[str, JsonValue]:
    """
    What the holder shows, with a proof that is made for this once. `presentation_header`: what
    the proof answers, such as a verifier's challenge; `random_bytes`: a source for secrets.
    """
    base = _parse_base(proof)
    shown = disclose(
        document,
        contexts=contexts,
        labels=shuffled_labels(base.hmac_key),
        mandatory_pointers=base.mandatory_pointers,
        selective_pointers=selective_pointers,
    )
    messages = _messages(shown.others)
    header = hash_proof(document, proof, contexts=contexts) + hash_statements(shown.mandatory)
    if header != base.header or not verify_bbs_signature(
        base.key, base.signature, messages, header=header
    ):
        raise Malformed("the base proof is of another document", detail="statement_mismatch")
    bbs_proof = prove(
        base.key,
        base.signature,
        messages,
        disclosed=shown.shown_places,
        header=header,
        presentation_header=presentation_header,
        random_bytes=random_bytes,
    )
    labels: dict[CborKey, CborValue] = {each: int(b[1:]) for each, b in shown.labels.items()}
    places: list[CborValue] = [[*shown.mandatory_places], [*shown.shown_places]]
    value = build_proof_value(BBS_DERIVED, [bbs_proof, labels, *places, presentation_header])
    return {**shown.revealed, "proof": {**proof, "proofValue": value}}


def read_derived(
    document: dict[str, JsonValue], proof: Mapping[str, JsonValue], *, contexts: Contexts
) -> DerivedBbsProof:
    """Read a presented document (without its proof) and its derived proof; nothing is believed."""
    parts = parse_proof_value(proof, tag=BBS_DERIVED, count=5)
    octets = read_octets(parts[0])
    labels = {
        f"c14n{number}": f"b{read_index(label)}" for number, label in read_map(parts[1]).items()
    }
    mandatory_places, disclosed = read_indexes(parts[2]), read_indexes(parts[3])
    presentation_header = read_octets(parts[4])
    if len(presentation_header) > MAX_PRESENTATION_HEADER:
        raise Malformed("a presentation header is too large", detail="too_large")
    count = count_hidden(octets) + len(disclosed)
    require_count(count)
    if disclosed and disclosed[-1] >= count:
        raise Malformed("a proof has an index out of range", detail="index_out_of_range")
    header = hash_proof(document, proof, contexts=contexts)
    lines = label_statements(document, labels, contexts=contexts)
    if lines is not None and mandatory_places and mandatory_places[-1] >= len(lines):
        raise Malformed("a proof has an index out of range", detail="index_out_of_range")
    mandatory, others = split_statements(lines or (), mandatory_places)
    is_whole = len(others) == len(disclosed)
    shown = dict(zip(disclosed, _messages(others), strict=True)) if is_whole else {}
    alteration = None if is_whole else "statement_mismatch"
    return DerivedBbsProof(
        proof=UnlinkableProof(
            proof=octets,
            header=header + hash_statements(mandatory),
            presentation_header=presentation_header,
            disclosed=shown,
        ),
        alteration="label_map_mismatch" if lines is None else alteration,
    )


def _messages(lines: Sequence[str]) -> list[bytes]:
    return [line.encode("utf-8") for line in lines]


def _parse_base(proof: Mapping[str, JsonValue]) -> _BaseProof:
    parts = parse_proof_value(proof, tag=BBS_BASE, count=5)
    return _BaseProof(
        signature=read_octets(parts[0], size=SIGNATURE_BYTES),
        header=read_octets(parts[1], size=HEADER_BYTES),
        key=parse_bbs_public_key(read_octets(parts[2], size=G2_BYTES)),
        hmac_key=read_octets(parts[3], size=HMAC_KEY_BYTES),
        mandatory_pointers=tuple(read_texts(parts[4])),
    )
