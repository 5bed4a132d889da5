"""The right edge of a tree, and the past of a list under the newest checkpoint."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent))

from ledgers import City

from ledger import history
from ledger.anchor import verify_list_leaf
from ledger.errors import LogDamaged, Malformed, NoSuchEntry
from ledger.frontier import Frontier
from ledger.merkle import EMPTY_ROOT, leaf_hash, tree_root

LIST = "https://issuer.example/agencies/transport/status/1"


@pytest.fixture
def city(tmp_path):
    city = City(tmp_path)
    for version in (1, 2):
        city.submit(LIST, version)
        city.close()
    city.close()
    return city


def test_a_frontier_gives_the_root_of_every_size_and_can_be_put_down_and_taken_up():
    leaves = [leaf_hash(bytes([number])) for number in range(130)]
    frontier = Frontier()
    roots = [frontier.root()]
    for leaf in leaves:
        frontier = Frontier(frontier.size, frontier.subtrees)
        frontier.append(leaf)
        roots.append(frontier.root())

    assert roots == [tree_root(leaves[:size]) for size in range(131)]
    assert roots[0] == EMPTY_ROOT


@pytest.mark.parametrize(("size", "subtrees"), [(-1, ()), (3, (bytes(32),)), (1, (b"short",))])
def test_a_frontier_that_cannot_be_is_refused(size, subtrees):
    with pytest.raises(Malformed):
        Frontier(size, subtrees)


def test_the_past_of_a_list_is_proved_under_the_newest_checkpoint(city):
    with city.database.reading() as session:
        found = history.versions(session, LIST)
        proofs = [history.prove_at(session, LIST, epoch) for epoch in (1, 2, 3)]
        token = history.list_at(session, LIST, 1).token

    assert [(each.first_epoch, each.last_epoch) for each in found] == [(1, 1), (2, None)]
    anchors = [verify_list_leaf(proof, policy=city.policy, uri=LIST) for proof in proofs]
    assert [(anchor.epoch, anchor.version) for anchor in anchors] == [(1, 1), (2, 2), (3, 2)]
    assert token == f"{LIST} 1".encode()


@pytest.mark.parametrize("epoch", [0, 4])
def test_an_epoch_that_is_not_published_has_no_past(city, epoch):
    with city.database.reading() as session, pytest.raises(NoSuchEntry):
        history.prove_at(session, LIST, epoch)


def test_a_list_that_never_was_has_no_past(city):
    with city.database.reading() as session:
        for ask in (
            lambda: history.versions(session, "x"),
            lambda: history.list_at(session, "x", 1),
            lambda: history.prove_at(session, "x", 1),
        ):
            with pytest.raises(NoSuchEntry):
                ask()


def test_s206_a_past_that_was_changed_is_not_proved(city):
    with city.database.writing() as session:
        session.execute(
            text(
                "UPDATE ledger_epoch SET leaf = (SELECT leaf FROM ledger_epoch"
                " WHERE epoch = 1) WHERE epoch = 2"
            )
        )

    with city.database.reading() as session, pytest.raises(LogDamaged):
        history.prove_at(session, LIST, 2)
