"""One epoch of a log with any number of lists, trust leaves and epochs, deterministic."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta

from credentials.trust_leaf import TrustStatement, build_statement, build_trust_leaf_of
from ledger.anchor import AnchorProof, Chunk
from ledger.epoch import (
    CHUNK_BYTES,
    EpochLeaf,
    ListLeaf,
    TrustLeaf,
    build_epoch_leaf,
    build_list_leaf,
    chunk_hashes,
    chunk_of,
)
from ledger.merkle import inclusion_proof, leaf_hash, tree_root
from ledger.note import Checkpoint, build_checkpoint_text, build_cosignature, sign_note
from ledger.staple import EpochHead
from ledger.staple_form import build_staple
from ledger.stapling import build_trust_path, cut_staple, hash_trust_leaves
from tests.vectors.small_city import NOW
from tests.vectors.small_ledger import Log

ISSUER = "https://issuer.permits.phnom-penh.gov.example/agencies/transport"
TYPE = "https://issuer.permits.phnom-penh.gov.example/types/taxi-permit"
URI = f"{ISSUER}/status/17"
SIGNED_WITH, STATUS_KEY = hashlib.sha256(b"key").digest(), hashlib.sha256(b"status").digest()
LOG = Log("log.register.phnom-penh.gov.example")


def noise(*words):
    """A hash like any other, of a list, leaf or epoch that nobody looks into."""
    return hashlib.sha256(repr(words).encode()).digest()


def statement(**changes):
    """What the trust leaf says."""
    words = {
        "identifier": ISSUER,
        "type": TYPE,
        "not_before": int((NOW - timedelta(days=400)).timestamp()),
        "not_after": int((NOW + timedelta(days=400)).timestamp()),
        "credential_keys": (SIGNED_WITH,),
        "status_keys": (STATUS_KEY,),
        "accreditation": hashlib.sha256(b"accreditation").digest(),
    }
    return TrustStatement(**(words | changes))


@dataclass
class StapledCity:
    """An epoch in which one list is known and everything beside it is noise."""

    entries: bytes = bytes(4 * CHUNK_BYTES)
    lists: int = 5
    trusted: int = 6
    epochs: int = 9
    ahead: int = 0
    version: int = 1_795_000_000
    time: object = NOW - timedelta(seconds=30)
    seen: object = NOW
    witnesses: int = 2
    statement: TrustStatement = field(default_factory=statement)
    salt: str = ""
    log: Log = LOG
    bits: int = 2

    def proof(self):
        """The way of the list up to a checkpoint."""
        leaf = ListLeaf(
            uri=URI,
            version=self.version,
            bits=self.bits,
            size=len(self.entries) * 8 // self.bits,
            token_digest=noise("token", self.version),
            chunk_root=tree_root(chunk_hashes(self.entries)),
        )
        place = self.lists // 2
        hashes = [noise("list", each) for each in range(self.lists)]
        hashes[place] = leaf_hash(build_list_leaf(leaf))
        epoch = EpochLeaf(
            self.epochs, self.time, self.lists, tree_root(hashes), tree_root(self.trust_hashes())
        )
        log = [noise("epoch", self.salt, each) for each in range(self.epochs - 1)]
        log.append(leaf_hash(build_epoch_leaf(epoch)))
        log += [noise("later", self.salt, each) for each in range(self.ahead)]
        return AnchorProof(
            list_leaf=leaf,
            list_index=place,
            list_path=inclusion_proof(hashes, place),
            epoch_leaf=epoch,
            epoch_index=self.epochs - 1,
            epoch_path=inclusion_proof(log, self.epochs - 1),
            checkpoint=self._sign(Checkpoint(self.log.key.name, len(log), tree_root(log))),
        )

    def _sign(self, checkpoint):
        text = build_checkpoint_text(checkpoint)
        note = sign_note(text, key=self.log.key, signer=self.log.signer)
        for key, witness in self.log.witnesses[: self.witnesses]:
            note += build_cosignature(text, key=key, signer=witness, now=self.seen)
        return note

    def trust_leaf(self):
        """The leaf of the issuer."""
        return build_trust_leaf_of(self.statement)

    def trust_hashes(self):
        """All trust leaves, the issuer's among them."""
        others = [TrustLeaf(noise("trust", each), noise(each)) for each in range(self.trusted - 1)]
        return hash_trust_leaves([*others, self.trust_leaf()])

    def staple(self, index, *, with_head=True, with_trust_path=None):
        """The staple of an entry."""
        proof, number = self.proof(), chunk_of(index, bits=self.bits)
        hashes = chunk_hashes(self.entries)
        chunk = Chunk(
            index=number,
            data=self.entries[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES],
            path=inclusion_proof(hashes, number),
        )
        trust = build_trust_path(
            self.trust_leaf(),
            self.trust_hashes(),
            build_statement(self.statement, signed_with=SIGNED_WITH),
        )
        return cut_staple(
            proof,
            chunk,
            trust,
            with_head=with_head,
            with_trust_path=with_head if with_trust_path is None else with_trust_path,
        )

    def staple_bytes(self, index, **words):
        """The same as bytes."""
        return build_staple(self.staple(index, **words))

    def head(self):
        """What a verifier holds of the epoch."""
        return EpochHead(self.proof().epoch, self.trust_hashes())
