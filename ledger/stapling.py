"""
Making staples and epoch heads from the proofs that the log gives. Pure.
"""

from collections.abc import Sequence

from ledger.anchor import AnchorProof, Chunk
from ledger.chunks import pack_chunk
from ledger.epoch import TrustLeaf, build_trust_leaf
from ledger.merkle import inclusion_proof, leaf_hash
from ledger.staple import EntryPath, Staple, TrustPath
from ledger.staple_form import staple_head


def hash_trust_leaves(leaves: Sequence[TrustLeaf]) -> tuple[bytes, ...]:
    """The leaf hashes of the trust tree, in its order."""
    ordered = sorted(leaves, key=lambda leaf: leaf.key)
    return tuple(leaf_hash(build_trust_leaf(leaf)) for leaf in ordered)


def build_trust_path(leaf: TrustLeaf, hashes: Sequence[bytes], statement: bytes) -> TrustPath:
    """The place of a leaf among these, and its path; it must be one of them."""
    place = hashes.index(leaf_hash(build_trust_leaf(leaf)))
    return TrustPath(
        statement=statement,
        place=place,
        count=len(hashes),
        path=inclusion_proof(hashes, place),
    )


def cut_staple(
    proof: AnchorProof, chunk: Chunk, trust: TrustPath, *, with_head: bool, with_trust_path: bool
) -> Staple:
    """A staple of an anchored list's chunk; without its head for those who hold that."""
    leaf = proof.list_leaf
    return Staple(
        epoch=proof.epoch_leaf.epoch,
        entry=EntryPath(
            data=pack_chunk(chunk.data),
            chunk_path=chunk.path,
            version=leaf.version,
            bits=leaf.bits,
            size=leaf.size,
            token_digest=leaf.token_digest,
            place=proof.list_index,
            list_path=proof.list_path,
        ),
        trust=trust if with_trust_path else TrustPath(trust.statement, trust.place, 0, None),
        head=staple_head(proof.epoch) if with_head else None,
    )
