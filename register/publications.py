"""
What the register shows the public, as bytes made once for each epoch.

A proof always comes with a list's bytes of the same epoch, so a reader never mixes two. The answer
for one published epoch never changes; only which epoch is the published one does.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from credentials.status_lists import read_status_list
from encoding.strict_json import JsonValue, build_json
from ledger import log, store
from ledger.anchor import AnchorProof, Chunk, build_anchor_proof_json, build_chunk_json
from ledger.epoch import CHUNK_BYTES, chunk_hashes, chunk_of
from ledger.errors import NoSuchEntry
from ledger.merkle import inclusion_proof
from ledger.store import Epoch, StoredList
from register.errors import BadRequest
from runtime.database import Database, Session

MAX_LISTS = 256
KEPT_SNAPSHOTS = 2


@dataclass(frozen=True, slots=True)
class PublishedList:
    """The exact bytes of a list in the published epoch."""

    epoch: int
    token: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Proven:
    """The published epoch and the proof of each of its lists, by URI."""

    epoch: Epoch
    proofs: Mapping[str, AnchorProof]


class Publications:
    """Reads the log; keeps the snapshot of the newest epochs ready."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._snapshots: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._proven: Proven | None = None

    def published(self) -> Epoch:
        """The epoch that is served."""
        with self._database.reading() as session:
            return log.published(session)

    def checkpoint(self) -> str:
        """The newest checkpoint with its cosignatures."""
        return self.published().witnessed or ""

    def epoch(self, number: int | None) -> dict[str, JsonValue]:
        """A published epoch; None means the newest."""
        with self._database.reading() as session:
            newest = log.published(session)
            epoch = newest if number is None else store.load_epoch(session, number)
            if epoch is None or epoch.size > newest.size:
                raise NoSuchEntry("this epoch is not published")
        return build_epoch_json(epoch)

    def list_bytes(self, uri: str) -> PublishedList:
        """The bytes that the newest proof of this list is for."""
        with self._database.reading() as session:
            epoch = log.published(session)
            stored = store.list_of_epoch(session, epoch.size, uri)
        if stored is None or stored.token is None:
            raise NoSuchEntry("the list is not in the published epoch")
        return PublishedList(epoch.size, stored.token, stored.media_type)

    def proof(self, uri: str, *, index: int | None) -> dict[str, JsonValue]:
        """The proof of a list; with `index` also the chunk that holds this entry: a staple."""
        with self._database.reading() as session:
            proof = self.proof_of(session, uri)
            members: dict[str, JsonValue] = {"proof": build_anchor_proof_json(proof)}
            if index is not None:
                stored = store.list_of_epoch(session, proof.epoch_leaf.epoch, uri)
                members["chunk"] = build_chunk_json(cut_chunk(stored, index))
        return members

    def proof_of(self, session: Session, uri: str) -> AnchorProof:
        """The proof of one list in the published epoch."""
        proof = self._prove(session).proofs.get(uri)
        if proof is None:
            raise NoSuchEntry("the list is not in the published epoch")
        return proof

    def proofs(self, uris: list[str]) -> dict[str, JsonValue]:
        """The proofs of several lists, all of one epoch, as far as they are anchored."""
        with self._database.reading() as session:
            proven = self._prove(session)
        found = {uri: proven.proofs[uri] for uri in uris if uri in proven.proofs}
        return {
            "epoch": proven.epoch.size,
            "proofs": {uri: build_anchor_proof_json(proof) for uri, proof in found.items()},
        }

    def snapshot(self, *, since: int) -> tuple[int, bytes]:
        """Every list with token and proof; tokens no newer than epoch `since` are null."""
        with self._database.reading() as session:
            number = log.published(session).size
            key = (number, min(since, number))
            with self._lock:
                kept = self._snapshots.get(key)
            if kept is not None:
                return number, kept
            proven = self._prove(session)
            number = proven.epoch.size
            tokens = store.tokens_of_epoch(session, number, since=since)
        lists: list[JsonValue] = [
            {
                "uri": uri,
                "token": tokens[uri].decode() if uri in tokens else None,
                "proof": build_anchor_proof_json(proof),
            }
            for uri, proof in proven.proofs.items()
        ]
        body = build_json({**_describe(proven.epoch), "lists": lists})
        with self._lock:
            self._snapshots[key] = body
            while len(self._snapshots) > KEPT_SNAPSHOTS:
                self._snapshots.popitem(last=False)
        return number, body

    def _prove(self, session: Session) -> Proven:
        """Every proof of the published epoch, made once for the epoch."""
        number = log.published(session).size
        proven = self._proven
        if proven is None or proven.epoch.size != number:
            epoch, proofs = log.anchored_snapshot(session)
            proven = Proven(epoch, {proof.list_leaf.uri: proof for proof in proofs})
            self._proven = proven
        return proven


def build_epoch_json(epoch: Epoch) -> dict[str, JsonValue]:
    """An epoch with everything that its leaf says."""
    return {
        **_describe(epoch),
        "lists": epoch.leaf.lists,
        "lists_root": epoch.leaf.lists_root.hex(),
        "trust_root": epoch.leaf.trust_root.hex(),
        "is_published": epoch.witnessed is not None,
    }


def cut_chunk(stored: StoredList | None, index: int) -> Chunk:
    """The 64 bytes that hold entry `index`, with their path in the list."""
    if stored is None or stored.token is None:
        raise NoSuchEntry("the bytes of the list are gone")
    if not 0 <= index < stored.leaf.size:
        raise BadRequest("the index is outside of the list")
    entries = read_status_list(stored.token.decode()).entries
    number = chunk_of(index, bits=stored.leaf.bits)
    return Chunk(
        index=number,
        data=entries[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES],
        path=inclusion_proof(chunk_hashes(entries), number),
    )


def _describe(epoch: Epoch) -> dict[str, JsonValue]:
    return {
        "epoch": epoch.size,
        "time": int(epoch.leaf.time.timestamp()),
        "size": epoch.size,
        "checkpoint": epoch.witnessed or epoch.checkpoint,
    }
