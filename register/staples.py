"""
Staples of the published epoch, cut for a wallet that shows them or for a verifier.

The log holds digests of trust leaves only; what they say is found again among the versions of the
trust registry. A staple never speaks of a leaf that is not in its epoch.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from credentials.status_lists import read_status_list
from credentials.trust_leaf import TrustStatement, build_statement, build_trust_leaf_of
from ledger import log, store
from ledger.anchor import AnchorProof, Chunk
from ledger.chunk_tree import ChunkTree
from ledger.epoch import CHUNK_BYTES, TrustLeaf, chunk_of
from ledger.errors import NoSuchEntry
from ledger.staple import EpochHead
from ledger.staple_form import build_epoch_head, build_staple
from ledger.stapling import build_trust_path, cut_staple, hash_trust_leaves
from register.errors import BadRequest
from register.governance import statements_of
from register.publications import Publications
from register.store import every_trust
from runtime.database import Database, Session

KEPT_LISTS = 64
"""Chunk trees that are kept between requests: of two-bit lists of a million entries 8 MB each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Which entry, and for whom: `have` is the epoch whose head the verifier holds. `issuer` and
    `type` choose the trust leaf where the list's owner has several; `signed_with` is the thumbprint
    of the credential's key, which need not be repeated.
    """

    uri: str
    index: int
    have: int | None
    issuer: str | None
    type: str | None
    signed_with: bytes | None


@dataclass(frozen=True, slots=True)
class _Trust:
    """The trust tree of the published epoch: the leaf hashes in order, and what leaves say."""

    epoch: int
    hashes: tuple[bytes, ...]
    statements: tuple[tuple[TrustStatement, TrustLeaf], ...]


@dataclass(frozen=True, slots=True)
class _KeptList:
    """The chunks of one version of a list."""

    entries: bytes
    tree: ChunkTree


class Staples:
    """Cuts staples and heads; keeps the trust tree of the epoch and the trees of some lists."""

    def __init__(self, database: Database, publications: Publications) -> None:
        self._database = database
        self._publications = publications
        self._lock = threading.Lock()
        self._lists: OrderedDict[bytes, _KeptList] = OrderedDict()
        self._trust: _Trust | None = None

    def staple(self, asked: Asked) -> bytes:
        """The staple of an entry in the published epoch."""
        with self._database.reading() as session:
            proof = self._publications.proof_of(session, asked.uri)
            trust = self._read_trust(session, proof.epoch_leaf.epoch)
            kept = self._read_list(session, proof)
        if not 0 <= asked.index < proof.list_leaf.size:
            raise BadRequest("the index is outside of the list")
        statement, leaf = _choose(trust.statements, asked)
        number = chunk_of(asked.index, bits=proof.list_leaf.bits)
        start = number * CHUNK_BYTES
        chunk = Chunk(number, kept.entries[start : start + CHUNK_BYTES], kept.tree.path(number))
        keys = statement.credential_keys
        signed_with = asked.signed_with or (keys[0] if len(keys) == 1 else None)
        path = build_trust_path(
            leaf, trust.hashes, build_statement(statement, signed_with=signed_with)
        )
        is_whole = asked.have != proof.epoch_leaf.epoch
        staple = cut_staple(proof, chunk, path, with_head=is_whole, with_trust_path=is_whole)
        return build_staple(staple)

    def head(self) -> bytes:
        """The head of the published epoch, with the hashes of its trust leaves."""
        with self._database.reading() as session:
            proof = log.published_proof(session)
            trust = self._read_trust(session, proof.leaf.epoch)
        return build_epoch_head(EpochHead(proof=proof, trust=trust.hashes))

    def _read_trust(self, session: Session, epoch: int) -> _Trust:
        known = self._trust
        if known is not None and known.epoch == epoch:
            return known
        leaves = store.trust_of_epoch(session, epoch)
        self._trust = _Trust(epoch, hash_trust_leaves(leaves), _find_statements(session, leaves))
        return self._trust

    def _read_list(self, session: Session, proof: AnchorProof) -> _KeptList:
        digest = proof.list_leaf.token_digest
        with self._lock:
            kept = self._lists.get(digest)
            if kept is not None:
                self._lists.move_to_end(digest)
                return kept
        stored = store.list_of_epoch(session, proof.epoch_leaf.epoch, proof.list_leaf.uri)
        if stored is None or stored.token is None:
            raise NoSuchEntry("the bytes of the list are gone")
        entries = read_status_list(stored.token.decode()).entries
        kept = _KeptList(entries, ChunkTree(entries))
        with self._lock:
            self._lists[digest] = kept
            while len(self._lists) > KEPT_LISTS:
                self._lists.popitem(last=False)
        return kept


def _find_statements(
    session: Session, leaves: Sequence[TrustLeaf]
) -> tuple[tuple[TrustStatement, TrustLeaf], ...]:
    """What the leaves of an epoch say: the newest version of the registry that they are of."""
    anchored = set(leaves)
    for version in reversed(every_trust(session)):
        stated = [(each, build_trust_leaf_of(each)) for each in statements_of(version)]
        if stated and all(leaf in anchored for _, leaf in stated):
            return tuple(stated)
    return ()


def _choose(
    statements: Sequence[tuple[TrustStatement, TrustLeaf]], asked: Asked
) -> tuple[TrustStatement, TrustLeaf]:
    """The one statement that is asked for, else the only one of the list's owner."""
    found = [
        (statement, leaf)
        for statement, leaf in statements
        if asked.type in (None, statement.type)
        and (
            statement.identifier == asked.issuer
            if asked.issuer is not None
            else asked.uri.startswith(statement.identifier + "/")
        )
    ]
    if not found:
        raise NoSuchEntry("the trust registry of the epoch says nothing of this issuer and type")
    if len(found) > 1:
        raise BadRequest("the issuer has several types: say which")
    return found[0]
