"""
The statements that an issuer is about to sign for a base proof.

W3C vc-di-ecdsa 1.0 section 3.6.1 and vc-di-bbs section 3.4.1: up to the signature `ecdsa-sd-2023`
and `bbs-2023` do the same. The statements are grouped, the proof's options are hashed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from credentials.pinned_contexts import Contexts
from credentials.selective_disclosure import LabelMaker, group_statements, split_statements
from credentials.selective_proof_value import build_proof_value, hash_proof
from encoding.cbor import CborValue
from encoding.strict_json import JsonValue


@dataclass(frozen=True, slots=True)
class UnsignedBase:
    """A document, the proof's options with their hash, and its statements in two groups."""

    document: dict[str, JsonValue]
    options: dict[str, JsonValue]
    proof_hash: bytes
    mandatory: list[str]
    others: list[str]

    def with_proof(self, tag: int, components: list[CborValue]) -> dict[str, JsonValue]:
        """The document with these components as the value of its base proof."""
        proof = {**self.options, "proofValue": build_proof_value(tag, components)}
        return {**self.document, "proof": proof}


def prepare_base(
    document: dict[str, JsonValue],
    *,
    cryptosuite: str,
    options: Mapping[str, JsonValue],
    mandatory_pointers: Sequence[str],
    labels: LabelMaker,
    contexts: Contexts,
) -> UnsignedBase:
    """What is to be signed. `options`: the proof's members but its type, suite and value."""
    proof = {**options, "type": "DataIntegrityProof", "cryptosuite": cryptosuite}
    grouped = group_statements(
        document, contexts=contexts, labels=labels, pointers={"mandatory": mandatory_pointers}
    )
    mandatory, others = split_statements(grouped.lines, grouped.groups["mandatory"])
    proof_hash = hash_proof(document, proof, contexts=contexts)
    return UnsignedBase(document, proof, proof_hash, mandatory, others)
