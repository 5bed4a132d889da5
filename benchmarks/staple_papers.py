"""
A staple as a city of a billion credentials has it: 954 lists of 2^20 two-bit statuses, a hundred
trust leaves, a log of 525,600 epochs, three cosignatures. One list is real, what is beside it is
noise.
"""

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from credentials.stapled_status import StapledCredential, StapledStatus, verify_stapled_status
from credentials.trust_leaf import TrustStatement, build_statement, build_trust_leaf_of
from ledger.anchor import AnchorProof, Chunk
from ledger.chunk_tree import ChunkTree
from ledger.epoch import (
    CHUNK_BYTES,
    EpochLeaf,
    ListLeaf,
    build_epoch_leaf,
    build_list_leaf,
    build_trust_leaf,
    chunk_of,
)
from ledger.merkle import inclusion_proof, leaf_hash, tree_root
from ledger.note import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    QuorumPolicy,
    VerifierKey,
    build_checkpoint_text,
    build_cosignature,
    sign_note,
)
from ledger.staple import EpochHead
from ledger.staple_form import build_staple
from ledger.stapling import build_trust_path, cut_staple

LISTS, ENTRIES, TRUSTED, EPOCHS, WITNESSES = 954, 1 << 20, 100, 525_600, 3
INDEX = 777_777
ISSUER = "https://issuer.permits.phnom-penh.gov.example/agencies/transport"
TYPE = "https://issuer.permits.phnom-penh.gov.example/types/taxi-permit"
URI = f"{ISSUER}/status/17"
ORIGIN = "log.register.phnom-penh.gov.example"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StaplePapers:
    """The staple with and without its head, and what its reader knows. `worst`: no zero byte."""

    whole: bytes
    lean: bytes
    worst: tuple[bytes, bytes]
    head: EpochHead
    policy: QuorumPolicy
    credential: StapledCredential

    def verify(self, data: bytes, head: EpochHead | None) -> StapledStatus:
        """As a verifier does."""
        return verify_stapled_status(
            data, credential=self.credential, policy=self.policy, head=head
        )


def build_papers(set_of_hundred: int = 1) -> StaplePapers:
    """A list of which so many entries of a hundred are set."""
    chance = random.Random(set_of_hundred)
    entries = bytearray(ENTRIES // 4)
    for entry in chance.sample(range(ENTRIES), ENTRIES * set_of_hundred // 100):
        entries[entry // 4] |= chance.choice((1, 2)) << entry % 4 * 2
    number = chunk_of(INDEX, bits=2)
    signed_with = noise("key")
    statement = TrustStatement(
        identifier=ISSUER, type=TYPE, not_before=1_700_000_000, not_after=1_900_000_000,
        credential_keys=(signed_with,), status_keys=(noise("status"),),
        accreditation=noise("accreditation"),
    )  # fmt: skip
    leaf = build_trust_leaf_of(statement)
    hashes = [noise("trust", each) for each in range(TRUSTED)]
    hashes[TRUSTED // 2] = leaf_hash(build_trust_leaf(leaf))
    trust = build_trust_path(leaf, hashes, build_statement(statement, signed_with=signed_with))
    proof, policy = _build_proof(ChunkTree(entries).root, tree_root(hashes))
    data = bytes(entries[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES])
    path = ChunkTree(entries).path(number)

    def cut(content: bytes, *, whole: bool) -> bytes:
        chunk = Chunk(number, content, path)
        return build_staple(cut_staple(proof, chunk, trust, with_head=whole, with_trust_path=whole))

    dense = b"\xff" * CHUNK_BYTES
    return StaplePapers(
        whole=cut(data, whole=True),
        lean=cut(data, whole=False),
        worst=(cut(dense, whole=True), cut(dense, whole=False)),
        head=EpochHead(proof=proof.epoch, trust=tuple(hashes)),
        policy=policy,
        credential=StapledCredential(URI, INDEX, False, ISSUER, TYPE, signed_with),
    )


def noise(*words: object) -> bytes:
    """A hash like any other, of something that nobody looks into."""
    return hashlib.sha256(repr(words).encode()).digest()


def _build_proof(chunk_root: bytes, trust_root: bytes) -> tuple[AnchorProof, QuorumPolicy]:
    leaf = ListLeaf(URI, 1_795_000_000, 2, ENTRIES, noise("token"), chunk_root)
    lists = [noise("list", each) for each in range(LISTS)]
    lists[LISTS // 2] = leaf_hash(build_list_leaf(leaf))
    epoch = EpochLeaf(EPOCHS, NOW, LISTS, tree_root(lists), trust_root)
    log = [hashlib.sha256(each.to_bytes(4, "big")).digest() for each in range(EPOCHS - 1)]
    log.append(leaf_hash(build_epoch_leaf(epoch)))
    path = inclusion_proof(log, EPOCHS - 1)
    note, policy = _sign(Checkpoint(ORIGIN, EPOCHS, tree_root(log)))
    proof = AnchorProof(
        leaf, LISTS // 2, inclusion_proof(lists, LISTS // 2), epoch, EPOCHS - 1, path, note
    )
    return proof, policy


def _sign(checkpoint: Checkpoint) -> tuple[str, QuorumPolicy]:
    log, own = _make_key(ORIGIN, 1, ED25519)
    text = build_checkpoint_text(checkpoint)
    note, keys = sign_note(text, key=log, signer=own), []
    for number in range(WITNESSES):
        key, signer = _make_key(f"witness-{number}.university.example", number + 2, COSIGNATURE)
        note += build_cosignature(text, key=key, signer=signer, now=NOW)
        keys.append(key)
    return note, QuorumPolicy(log, tuple(keys), threshold=WITNESSES)


def _make_key(name: str, seed: int, kind: int) -> tuple[VerifierKey, Ed25519PrivateKey]:
    signer = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return VerifierKey(name, kind, signer.public_key().public_bytes_raw()), signer
