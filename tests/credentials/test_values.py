"""What is made for each credential is made quickly, and stays what a frozen value is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from credentials.instants import earlier, later, parse_date_time_stamp, parse_numeric_date
from credentials.model import Signed, StatusReference
from credentials.values import value
from credentials.verdict import Check, Outcome


@value(frozen=True, slots=True)
class Place:
    """An example."""

    uri: str
    index: int = 0


def test_values_are_equal_by_their_members_and_hash_alike():
    assert Place("a", 1) == Place(uri="a", index=1) != Place("a", 2)
    assert hash(Place("a", 1)) == hash(Place("a", 1))
    assert len({Place("a"), Place("a", 0), Place("b")}) == 2
    assert replace(Place("a"), index=3) == Place("a", 3)


@pytest.mark.parametrize(
    "made", [Place("a"), StatusReference("a", 1), Check("type", Outcome.PASSED), Signed]
)
def test_a_value_takes_no_other_member(made):
    kind = made if isinstance(made, type) else type(made)

    assert "__slots__" in vars(kind)
    assert "__dict__" not in dir(kind)


NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SOON = NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("one", "other", "last", "first"),
    [
        (None, None, None, None),
        (NOW, None, NOW, NOW),
        (None, NOW, NOW, NOW),
        (NOW, SOON, SOON, NOW),
        (SOON, NOW, SOON, NOW),
    ],
)
def test_an_open_date_leaves_the_other_one(one, other, last, first):
    assert later(one, other) == last
    assert earlier(one, other) == first


@pytest.mark.parametrize("zone", ["Z", "+00:00", "-00:00", "+07:00"])
@pytest.mark.parametrize("fraction", ["", ".0", ".5", ".000000"])
def test_a_stamp_means_the_same_whichever_way_it_is_read(zone, fraction):
    """Only `Z` without a fraction is read in one step."""
    read = parse_date_time_stamp(f"2026-11-22T09:00:00{fraction}{zone}", name="validFrom")
    expected = datetime.fromisoformat(f"2026-11-22T09:00:00{zone.replace('Z', '+00:00')}")
    expected += timedelta(seconds=0.5 if fraction == ".5" else 0)

    assert read == expected
    assert read.tzinfo is UTC


@pytest.mark.parametrize("seconds", [0, 1, 1795338000, 253_402_300_799])
def test_whole_seconds_mean_the_same_as_an_integer_and_as_a_float(seconds):
    assert parse_numeric_date(seconds, name="exp") == parse_numeric_date(float(seconds), name="exp")
    assert parse_numeric_date(seconds, name="exp").tzinfo is UTC
