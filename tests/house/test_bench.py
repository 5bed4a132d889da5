"""The bench finds its operations, and says honestly what is met. Nothing here is timed."""

import pkgutil
from contextlib import ExitStack

import pytest

from benchmarks import operations
from benchmarks.measure import Row, show_table
from benchmarks.operation import Bench, Operation, available, find_operations, refuse_unless
from benchmarks.operations import verify_many
from benchmarks.papers import build_papers
from benchmarks.peers.client import PeerError


class NoPeers:
    """A machine without peers."""

    def contender(self, operation, **words):
        def fail():
            raise PeerError(operation)

        return fail

    node_contender = contender


@pytest.fixture
def found(monkeypatch):
    monkeypatch.setattr(verify_many, "COUNT", 4)
    with ExitStack() as closing:
        yield find_operations(Bench(build_papers(), NoPeers(), closing))


def test_every_file_of_operations_is_found_and_every_part_runs(found):
    files = [module.name for module in pkgutil.iter_modules(operations.__path__)]
    assert len(found) >= len(files) >= 4
    assert len({each.name for each in found}) == len(found)
    for operation in found:
        for part in operation.parts.values():
            part()


def test_a_row_says_whether_its_aims_are_met():
    row = Row("x", 60, 100, "limit", 30, "peer", aim_of_limit=0.55, aim_of_peer=2.5)

    assert row.aim == "0.55 of the limit, met, 2.50 times the peer, missed"
    assert "aim: 0.55" in show_table([row])
    assert Row("x", 60, 100, "limit", None, "none", aim_of_peer=1.5).aim.endswith("missed")


def test_peers_that_cannot_do_it_are_left_out():
    def fail():
        raise PeerError("no")

    assert list(available({"able": lambda: 1.0, "unable": fail})) == ["able"]


def test_the_fastest_peer_counts_and_the_others_are_named():
    row = Operation(
        "x", lambda: 10.0, lambda: 20.0, "limit", limit_times=2,
        peers={"slow": lambda: 2.0, "fast": lambda: 5.0}, note=lambda rate: f"{rate:.0f} a second",
    ).measure()  # fmt: skip

    assert (row.peer_name, row.of_peer, row.of_limit) == ("fast", 2.0, 1.0)
    assert row.note == "10 a second; slow 2 /s"


def test_what_does_not_hold_is_not_timed():
    with pytest.raises(AssertionError, match="papers"):
        refuse_unless(False, "papers")
