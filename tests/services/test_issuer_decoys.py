"""Decoys: versions of a list do not say how many changes were real, and no decoy is given away."""

import random
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import IssuingCity, StandInRegister, build_settings

from credentials.model import Status
from credentials.status import StatusArray
from credentials.status_lists import read_status_list
from issuer.check import check
from issuer.decoys import BATCH, CANDIDATES, KINDS, SHARE, count_changes, plan_moves
from issuer.office import BATCH_SIZE
from issuer.status_publisher import publish_list
from issuer.store import decoys as store
from issuer.store import status_lists

SIZE = 16_384
PER_VERSION = {(origin, target): BATCH * weight for origin, target, weight in KINDS}


@pytest.fixture
def city(tmp_path):
    register = StandInRegister()
    city = IssuingCity(build_settings(tmp_path, register_url=register.url))
    city.open_agency("transport")
    yield city
    register.close()


class SmallList:
    """A list in memory with its credentials, its decoys and what was published of it."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.real = dict.fromkeys(self.chance.sample(range(SIZE), 1600), Status.VALID)
        self.decoys = {}
        self.last = StatusArray.all_valid(SIZE)

    def publish(self, changes=()):
        """Change so many credentials from one status to another; the changes that are seen."""
        for origin, target, count in changes:
            held = [index for index, status in self.real.items() if status is origin]
            self.real |= dict.fromkeys(self.chance.sample(held, count), target)
        now = StatusArray.all_valid(SIZE).with_statuses({**self.decoys, **self.real})
        held = self.decoys.keys() | self.real.keys()
        drawn = self.chance.sample(range(SIZE), CANDIDATES)
        moves = plan_moves(
            before=self.last,
            now=now,
            decoys=self.decoys,
            fresh=[index for index in drawn if index not in held],
            draw=self.chance.randrange,
        )
        self.decoys |= moves
        before, self.last = self.last, now.with_statuses(moves)
        return {
            (origin, target): count_changes(before, self.last, origin=origin, target=target)
            for origin, target, _ in KINDS
        }


@pytest.mark.parametrize("revoked", [0, 1, BATCH - 1, BATCH])
@pytest.mark.parametrize("suspended", [0, 1, 2 * BATCH])
def test_a_version_shows_the_same_numbers_whatever_changed(revoked, suspended):
    quiet, busy = SmallList(1), SmallList(2)
    for each in (quiet, busy):
        each.publish()
    changes = [
        (Status.VALID, Status.REVOKED, revoked),
        (Status.VALID, Status.SUSPENDED, suspended),
    ]

    assert busy.publish(changes) == quiet.publish() == PER_VERSION


def test_over_forty_versions_only_batches_are_seen():
    """An agency that revokes nobody, and one that revokes up to twenty each time, look alike."""
    quiet, busy = SmallList(3), SmallList(4)
    chance = random.Random(5)
    real = [chance.randrange(BATCH + 1) for _ in range(40)]
    seen_quiet = [quiet.publish() for _ in real]
    seen_busy = [busy.publish([(Status.VALID, Status.REVOKED, count)]) for count in real]

    assert sum(real) > 40
    assert seen_quiet == seen_busy
    assert quiet.last.bitstring(Status.REVOKED).count(0) > 0
    totals = [each.last.bitstring(Status.REVOKED) for each in (quiet, busy)]
    assert len({sum(byte.bit_count() for byte in total) for total in totals}) == 1


@pytest.mark.parametrize("revoked", [BATCH + 1, 3 * BATCH - 1, 3 * BATCH])
def test_of_many_changes_only_the_number_of_batches_is_seen(revoked):
    city = SmallList(6)
    city.publish()
    seen = city.publish([(Status.VALID, Status.REVOKED, revoked)])

    assert seen[Status.VALID, Status.REVOKED] == -(-revoked // BATCH) * BATCH


def test_reinstated_and_revoked_suspensions_are_hidden_too():
    city = SmallList(7)
    city.publish([(Status.VALID, Status.SUSPENDED, 2 * BATCH)])
    for _ in range(2):
        city.publish()
    seen = city.publish(
        [(Status.SUSPENDED, Status.VALID, 2), (Status.SUSPENDED, Status.REVOKED, 3)]
    )

    assert seen == PER_VERSION


def test_decoys_lie_everywhere_alike():
    """Chi-square over 16 parts of the list: below 37.7 in 999 of 1,000 runs."""
    counts = Counter()
    for seed in range(10):
        each = SmallList(seed)
        for _ in range(20):
            each.publish()
        counts.update(index * 16 // SIZE for index in each.decoys)
    expected = sum(counts.values()) / 16

    assert sum(counts.values()) > 5_000
    assert sum((counts[part] - expected) ** 2 / expected for part in range(16)) < 37.7


def test_decoys_are_bounded_and_then_no_new_ones_come():
    city = SmallList(8)
    for _ in range(SIZE // SHARE // (2 * BATCH) + 40):
        city.publish()

    assert len(city.decoys) <= SIZE // SHARE
    assert not city.decoys.keys() & city.real.keys()


def test_a_batch_has_room_for_every_copy_of_a_credential():
    assert BATCH == BATCH_SIZE


def published(city):
    answer = read_status_list(city.http.get("/agencies/transport/status/1").text)
    return StatusArray(answer.size, answer.entries)


def decoys_of(city):
    with city.office.database.reading() as session:
        return store.load_decoys(session, "transport", 1)


def test_one_revocation_and_none_look_alike_at_the_counter(city):
    credential, _ = city.issued()
    publish_list(city.office, "transport", 1)
    first = published(city)
    city.clock.move(minutes=1)
    city.change_status(credential, "revoked")
    second = published(city)
    city.clock.move(minutes=1)
    publish_list(city.office, "transport", 1)
    third = published(city)

    for before, after in ((first, second), (second, third)):
        assert {
            (origin, target): count_changes(before, after, origin=origin, target=target)
            for origin, target, _ in KINDS
        } == PER_VERSION
    assert check(city.office.database) == []


def test_a_decoy_is_never_given_to_a_credential(city):
    publish_list(city.office, "transport", 1)
    decoys = sorted(decoys_of(city))
    free = next(index for index in range(131_072) if index not in decoys)
    with city.office.database.writing() as session:
        place = status_lists.load_list(session, "transport", 1)
        taken = status_lists.reserve_indices(
            session, place, credential="c", intention="i", drawn=[*decoys, free]
        )
        nobody = status_lists.reserve_indices(
            session, place, credential="c", intention="i", drawn=decoys
        )

    assert len(decoys) >= 2 * BATCH
    assert (taken, nobody) == ((free,), ())


def test_s208_a_decoy_that_a_credential_holds_is_found(city):
    credential, _ = city.issued()
    with city.office.database.writing() as session:
        [(_, index)] = status_lists.load_references(session, credential)
        store.keep_decoys(session, "transport", 1, {index: Status.VALID})

    assert "list 1 of transport has a decoy that a credential holds" in check(city.office.database)
