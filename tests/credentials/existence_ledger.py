"""Proofs that signatures existed, made with the ledger's own trees, notes and keys."""

import hashlib
from datetime import timedelta

from credentials.existence import existence_digest
from credentials.reading import read_presentation
from encoding import base64url
from ledger.epoch import (
    EpochLeaf,
    build_epoch_leaf,
    snapshot_levels,
    trust_root,
)
from ledger.epoch_proof import EpochProof
from ledger.existence import (
    ExistenceLeaf,
    ExistenceProof,
    build_commitment,
    build_existence_leaf,
    existence_name,
)
from ledger.merkle import inclusion_proof, leaf_hash, tree_root
from ledger.note import Checkpoint, build_checkpoint_text, build_cosignature, sign_note
from tests.vectors.small_ledger import LOG

EPOCH = 40
MINUTE = timedelta(minutes=1)


def digest_of(presented):
    """The digest of the issuer-signed part of a presented credential."""
    (credential,) = read_presentation(presented)
    return existence_digest(credential.signing_input, credential.signature)


def salt_of(digest):
    return hashlib.sha256(b"salt of" + digest).digest()[:16]


def anchor_existence(
    digests, *, issuer, time, seen=None, witnesses=2, log=LOG, others=("https://a", "https://z")
):
    """A proof for each digest, by digest in base64url; `seen`: when the witnesses cosigned."""
    entries = [leaf_hash(build_commitment(each, salt=salt_of(each))) for each in digests]
    leaf = ExistenceLeaf(issuer, len(entries), tree_root(entries))
    named = [(existence_name(issuer), build_existence_leaf(leaf))]
    named += [
        (existence_name(other), build_existence_leaf(ExistenceLeaf(other, 1, bytes(32))))
        for other in others
    ]
    named.sort(key=lambda each: each[0].encode())
    snapshot = snapshot_levels(named)
    place = named.index((existence_name(issuer), build_existence_leaf(leaf)))
    epoch = EpochLeaf(EPOCH, time, len(named), snapshot[-1][0], trust_root(()))
    leaves = [leaf_hash(bytes([count])) for count in range(EPOCH - 1)]
    leaves.append(leaf_hash(build_epoch_leaf(epoch)))
    text = build_checkpoint_text(Checkpoint(log.key.name, EPOCH, tree_root(leaves)))
    note = sign_note(text, key=log.key, signer=log.signer)
    for key, witness in log.witnesses[:witnesses]:
        note += build_cosignature(text, key=key, signer=witness, now=seen or time)
    proof = EpochProof(epoch, EPOCH - 1, inclusion_proof(leaves, EPOCH - 1), note)
    return {
        base64url.encode(digest): (
            ExistenceProof(
                salt=salt_of(digest),
                entry_index=index,
                entry_path=inclusion_proof(entries, index),
                leaf=leaf,
                leaf_index=place,
                leaf_path=inclusion_proof(snapshot[0], place),
                epoch=proof,
            ),
        )
        for index, digest in enumerate(digests)
    }
