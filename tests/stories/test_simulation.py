"""
A small simulated city keeps the bounds that the rules promise: online sees at once, a bundle and a
staple not after their ages, and four witnesses of which one lies never cosign two histories.
"""

import re
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

import verifier
from cityhall.command_line import main
from cityhall.simulation.city import Size
from cityhall.simulation.phones import make_phones
from cityhall.simulation.pictures import (
    build_table,
    draw_outage,
    draw_visible,
    draw_windows,
    show_time,
)
from cityhall.simulation.public_log import can_fork, every_split
from cityhall.simulation.results import TooSmall, simulate
from cityhall.simulation.rules import build_quorum, load_rules
from cityhall.simulation.windows import Mode, bound

SMALL = Size(agencies=4, residents=60_000, cards_each=3, phones=60, days=12)
HONEST = [
    "no fault",
    "agency's list unreachable",
    "ledger outage, 6 h",
    "one witness refuses",
    "forked log, 1 liar of 4",
]
LONG = "forked log, 2 liars of 4"
WITHHELD = "agency withholds, receipt held"


@pytest.fixture(scope="module")
def results():
    return simulate(SMALL, seed=11)


def test_the_rules_are_those_of_the_product():
    rules = load_rules()
    purpose = (Path(verifier.__file__).parent / "purposes" / "taxi-inspection.json").read_text()
    ages = {int(number) for number in re.findall(r'age_seconds": (\d+)', purpose)}

    assert {rules.online_age, rules.offline_age} == {timedelta(seconds=each) for each in ages}
    assert (rules.phone_refresh, rules.due_epochs) == (timedelta(minutes=1), 2)


def test_online_a_revocation_is_seen_at_once(results):
    longest = results.of("no fault", Mode.ONLINE).longest

    assert longest <= results.rules.newest_copy.total_seconds()


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("fault", HONEST)
def test_nobody_accepts_after_the_bound(results, fault, mode):
    windows = results.of(fault, mode)

    assert 0 <= windows.seconds[0] <= windows.longest <= bound(mode, results.rules)


def test_a_kept_staple_is_of_use_for_its_age_and_a_new_one_for_an_epoch(results):
    kept, newest = (results.of("no fault", mode) for mode in (Mode.KEPT_STAPLE, Mode.STAPLE))
    epoch = results.rules.epoch.total_seconds()

    assert kept.quantile(0.5) > results.rules.staple_age.total_seconds() - 1.1 * epoch
    assert newest.longest < 1.1 * epoch


def test_online_without_the_agency_the_register_is_enough(results):
    slowest = results.of("agency's list unreachable", Mode.ONLINE).longest
    rules = results.rules

    assert slowest < (rules.epoch + rules.counter_refresh).total_seconds() + 2


def test_in_an_outage_good_cards_cannot_be_told_by_who_needs_new_epochs(results):
    online, staple, prefetch = results.outage

    assert (min(online.shares), min(staple.shares)) == (0, 0)
    assert min(prefetch.shares) > 0.9


def test_two_plus_two_never_reach_three_of_four():
    policy = build_quorum()
    even = [split for split in every_split(policy, dishonest=0) if len(split.left) == 2]

    assert even
    assert not any(policy.is_met(split.left) or policy.is_met(split.right) for split in even
                   if len(split.right) == 2)  # fmt: skip


@pytest.mark.parametrize(("liars", "forks"), [(0, False), (1, False), (2, True)])
def test_one_liar_of_four_never_forks_and_two_do(liars, forks):
    assert can_fork(build_quorum(), dishonest=liars) is forks


def test_beyond_what_the_witnesses_bear_only_online_still_knows(results):
    day = timedelta(days=1).total_seconds()

    assert results.of(LONG, Mode.ONLINE).longest <= results.rules.newest_copy.total_seconds()
    assert results.of(LONG, Mode.KEPT_STAPLE).longest > day


def test_a_withheld_update_is_found_by_its_receipt(results):
    rules = results.rules
    due = rules.due_epochs * rules.epoch.total_seconds()

    assert results.alarms
    assert due <= results.alarms[0]
    assert results.alarms[-1] <= due + rules.epoch.total_seconds() + 2
    assert results.of(WITHHELD, Mode.ONLINE).seconds[0] > results.alarms[0]


def test_every_revocation_stands_in_the_lists(results):
    assert results.revoked_in_lists == len(results.history.revocations)


def test_the_same_seed_is_the_same_city():
    tiny = Size(agencies=2, residents=60_000, cards_each=3, phones=20, days=12)
    tables = [build_table(simulate(tiny, seed=seed)) for seed in (3, 3, 5)]

    assert tables[0] == tables[1] != tables[2]


def test_a_city_in_which_nothing_is_revoked_is_too_small():
    with pytest.raises(TooSmall):
        simulate(Size(agencies=1, residents=100, cards_each=1, phones=5, days=12), seed=1)


def test_a_phone_never_holds_what_it_could_not_get():
    for phone in make_phones(40, days=5, interval=60.0, seed=2):
        for time in range(0, 5 * 86_400, 4_931):
            last, following = phone.last_sync(time), phone.next_sync(time)

            assert last <= time <= following
            assert not any(
                start < last < end for start, end in zip(phone.starts, phone.ends, strict=True)
            )


@pytest.mark.parametrize("draw", [draw_visible, draw_windows, draw_outage])
def test_a_picture_is_whole_and_stays_in_its_frame(results, draw):
    picture = ElementTree.fromstring(draw(results))
    height = float(picture.get("height"))
    words = [each for each in picture.iter() if each.tag.endswith("}text")]

    assert {"title", "desc"} <= {each.tag.split("}")[1] for each in picture}
    assert all(0 < float(each.get("y")) < height for each in words)
    assert all(0 <= float(each.get("x")) <= 640 for each in words)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.01, "10 ms"), (1.5, "2 s"), (61, "61 s"), (900, "15 min"), (86_400, "24 h")],
)
def test_a_time_is_shown_as_people_say_it(seconds, shown):
    assert show_time(seconds) == shown


def test_the_command_writes_table_and_pictures(tmp_path, capsys):
    words = ["simulate", "--residents", "60000", "--agencies", "3", "--days", "12"]
    code = main([*words, "--pictures", str(tmp_path)])

    assert code == 0
    assert "| no fault | online |" in capsys.readouterr().out
    assert len([*tmp_path.glob("*.svg")]) == 3
