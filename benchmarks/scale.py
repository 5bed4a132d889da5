"""
The trees of N statuses in a process of its own, so that its memory is its own.

`python -m benchmarks.scale STATUSES` prints JSON: seconds of the cold build and of epochs, by the
number of changes, the hashes of each, raw hashes per second beside them, and the largest memory.
An epoch hashes changed chunks, the signed lists that changed, their leaves, and its own leaf.
Compressing and signing a list is its agency's work and is not in it.
"""

import hashlib
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ledger.chunk_tree import ChunkTree
from ledger.epoch import (
    CHUNK_BYTES,
    EpochLeaf,
    ListLeaf,
    build_epoch_leaf,
    build_list_leaf,
    chunk_root,
    token_digest,
)
from ledger.merkle import leaf_hash
from ledger.snapshot_tree import SnapshotTree

ENTRIES = 1 << 20
BITS = 2
TOKEN_BYTES = 24_000
"""A signed list of a million two-bit statuses of which one in a hundred is set, compressed."""
CHANGES = (1, 100, 1_000, 20_000)


class Snapshot:
    """All lists of a city with their trees."""

    def __init__(self, lists: int) -> None:
        patterns = [_pattern(seed) for seed in range(16)]
        self.entries = [bytearray(patterns[number % 16]) for number in range(lists)]
        self.trees: list[ChunkTree] = []
        self.tree = SnapshotTree({})
        self.hashes = 0

    def build(self) -> None:
        """Everything, from the raw bits."""
        self.trees = [ChunkTree(entries) for entries in self.entries]
        self.tree = SnapshotTree(dict(self._leaf(number, 1) for number in range(len(self.trees))))
        chunks = ENTRIES * BITS // 8 // CHUNK_BYTES
        self.hashes = len(self.trees) * (2 * chunks + 2)

    def close_epoch(self, epoch: int, changes: list[tuple[int, int]]) -> bytes:
        """What changes of (list, entry) cost; the hash of the epoch's leaf."""
        chunks: dict[int, set[int]] = defaultdict(set)
        for number, entry in changes:
            self.entries[number][entry // 4] ^= 1 << entry % 4 * 2
            chunks[number].add(entry // 4 // CHUNK_BYTES)
        for number, changed in chunks.items():
            self.trees[number].update(self.entries[number], changed)
        root = self.tree.update(dict(self._leaf(number, epoch) for number in chunks))
        now = datetime.fromtimestamp(60 * epoch, UTC)
        leaf = EpochLeaf(epoch, now, len(self.trees), root, bytes(32))
        return leaf_hash(build_epoch_leaf(leaf))

    def _leaf(self, number: int, version: int) -> tuple[str, bytes]:
        uri = f"https://issuer.city.example/agencies/{number % 20}/status/{number}"
        token = memoryview(self.entries[number])[:TOKEN_BYTES].tobytes()
        root = self.trees[number].root
        leaf = ListLeaf(uri, version, BITS, ENTRIES, token_digest(token), root)
        return uri, build_list_leaf(leaf)


def measure(statuses: int) -> dict[str, object]:
    """The figures of a city of this size."""
    snapshot = Snapshot(-(-statuses // ENTRIES))
    raw = raw_hashes()
    cold = _time(snapshot.build)
    chance = random.Random(statuses)
    epochs = {}
    for epoch, count in enumerate(CHANGES, start=2):
        changes = [
            (chance.randrange(len(snapshot.entries)), chance.randrange(ENTRIES))
            for _ in range(count)
        ]
        epochs[count] = _time(partial(snapshot.close_epoch, epoch, changes))
    probe = random.Random(7).randrange(len(snapshot.entries))
    if snapshot.trees[probe].root != chunk_root(bytes(snapshot.entries[probe])):
        raise AssertionError("a kept tree is not the tree made anew")
    return {
        "statuses": statuses,
        "lists": len(snapshot.entries),
        "cold": cold,
        "epochs": epochs,
        "hashes": snapshot.hashes,
        "raw": (raw + raw_hashes()) / 2,
        "megabytes": peak_megabytes(),
    }


def peak_megabytes() -> float:
    """The largest memory of this program; what its parent had does not count, as in `getrusage`."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def raw_hashes() -> float:
    """SHA-256 of 65 bytes per CPU-second: what no tree can beat."""
    sha256, data, count = hashlib.sha256, bytes(65), 300_000
    started = time.thread_time()
    for _ in range(count):
        sha256(data).digest()
    return count / (time.thread_time() - started)


def _pattern(seed: int) -> bytes:
    """A list of which one entry in a hundred is set."""
    chance = random.Random(seed)
    entries = bytearray(ENTRIES * BITS // 8)
    for _ in range(ENTRIES // 100):
        entry = chance.randrange(ENTRIES)
        entries[entry // 4] |= chance.choice((1, 2)) << entry % 4 * 2
    return bytes(entries)


def _time(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return time.thread_time() - started


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
