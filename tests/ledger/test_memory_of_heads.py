"""What a verifier that saw the log before refuses; the staples' own cases are in `staples.json`."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ledger import memory_of_heads
from ledger.epoch import EpochLeaf
from ledger.errors import AnchorError
from ledger.memory_of_heads import MemoryOfHeads, remember_head
from ledger.merkle import consistency_proof, leaf_hash, tree_root
from ledger.note import Checkpoint

HASHES = [leaf_hash(bytes([number])) for number in range(40)]


def head(size, hashes=HASHES):
    return Checkpoint("log.example", size, tree_root(hashes[:size]))


def leaf(epoch):
    return EpochLeaf(epoch, datetime.fromtimestamp(60 * epoch, UTC), 1, bytes(32), bytes(32))


def remember(memory, size, hashes=HASHES, *, proven=True):
    held = memory.head.size if memory.head else 0
    proof = consistency_proof(hashes[:size], held) if proven and 0 < held <= size else None
    return remember_head(memory, head(size, hashes), leaf(size), consistency=proof)


def test_a_log_that_grows_is_followed():
    memory = MemoryOfHeads()
    for size in (1, 2, 3, 3, 8, 21, 40):
        memory = remember(memory, size)

    assert memory.head == head(40)
    assert sorted(memory.epochs) == [1, 2, 3, 8, 21, 40]


def test_a_log_that_does_not_extend_what_was_seen_is_a_fork():
    memory = remember(MemoryOfHeads(), 7)
    other = [leaf_hash(b"x"), *HASHES[1:]]

    with pytest.raises(AnchorError) as refused:
        remember(memory, 9, other)
    assert refused.value.detail == "fork"


@pytest.mark.parametrize("change", ["root", "leaf"])
def test_the_same_size_twice_is_a_fork_without_any_proof(change):
    memory = remember(MemoryOfHeads(), 7)
    one = replace(head(7), root=bytes(32)) if change == "root" else head(7)
    said = leaf(7) if change == "root" else replace(leaf(7), lists=2)

    with pytest.raises(AnchorError) as refused:
        remember_head(memory, one, said, consistency=None)
    assert refused.value.detail == "fork"


def test_a_log_that_shrinks_is_a_rollback():
    with pytest.raises(AnchorError) as refused:
        remember(remember(MemoryOfHeads(), 7), 6)
    assert refused.value.detail == "rollback"


def test_another_logs_head_is_not_taken():
    memory = remember(MemoryOfHeads(), 7)

    with pytest.raises(AnchorError) as refused:
        remember_head(memory, replace(head(8), origin="log.other"), leaf(8), consistency=None)
    assert refused.value.detail == "wrong_log"


def test_the_memory_is_bounded_and_keeps_the_newest(monkeypatch):
    monkeypatch.setattr(memory_of_heads, "KEPT_EPOCHS", 5)
    memory = MemoryOfHeads()
    for size in range(1, 31):
        memory = remember(memory, size)

    assert list(memory.epochs) == list(memory.roots) == [26, 27, 28, 29, 30]
    assert memory.head == head(30)
