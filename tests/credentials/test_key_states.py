"""Keys are announced, sign, only verify, end; or are compromised, for good (S-186, S-188)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.key_states import (
    PUBLISHED,
    SHORTEST_ANNOUNCEMENT,
    TRANSITIONS,
    KeyState,
    KeyStateRefused,
    announce,
    check_succession,
    key_state,
    mark_compromised,
    plan_rotation,
    published_keys,
    replace_compromised,
    retire,
    rotate,
    signing_key,
    stop_signing,
)
from credentials.trust import KeyUse, TrustedIssuer, TrustedKey, key_problem
from tests.credentials.workshop import AGENCY, ISSUER, NOW, STRANGER, public_key

OLD, NEW = public_key(AGENCY), public_key(STRANGER)
SECOND, DAY, SKEW = timedelta(seconds=1), timedelta(days=1), timedelta(seconds=60)
YEAR = 365 * DAY


def listed(**changes):
    words = {
        "key": OLD,
        "use": KeyUse.CREDENTIAL,
        "valid_from": NOW - YEAR,
        "valid_until": None,
        "compromised_at": None,
        **changes,
    }
    return TrustedKey(**words)


def agency(*keys):
    return TrustedIssuer((ISSUER,), {"en": "Transport"}, keys or (listed(),), (), ())


def plan(now=NOW):
    return plan_rotation(now=now, longest_cache=7 * DAY, longest_life=YEAR)


def test_s_186_the_states_follow_each_other_and_none_leads_back():
    order = [KeyState.ANNOUNCED, KeyState.ACTIVE, KeyState.VERIFY_ONLY, KeyState.RETIRED]

    for place, state in enumerate(order):
        assert not set(order[: place + 1]) & TRANSITIONS[state]
        assert KeyState.COMPROMISED in TRANSITIONS[state]
    assert TRANSITIONS[KeyState.COMPROMISED] == frozenset()
    assert set(TRANSITIONS) == set(KeyState)


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (NOW, KeyState.ANNOUNCED),
        (NOW + 7 * DAY - SECOND, KeyState.ANNOUNCED),
        (NOW + 7 * DAY, KeyState.ACTIVE),
        (NOW + 1000 * DAY, KeyState.ACTIVE),
    ],
)
def test_s_186_a_new_key_is_announced_until_every_copy_holds_it(at, state):
    key = announce(NEW, KeyUse.CREDENTIAL, plan=plan())

    assert key.announced_at == NOW
    assert key_state(key, now=at) is state


@pytest.mark.parametrize(
    ("at", "state", "problem"),
    [
        (NOW, KeyState.ACTIVE, None),
        (NOW + 7 * DAY - SECOND, KeyState.ACTIVE, None),
        (NOW + 7 * DAY, KeyState.VERIFY_ONLY, None),
        (NOW + 7 * DAY + YEAR - SECOND, KeyState.VERIFY_ONLY, None),
        (NOW + 7 * DAY + YEAR, KeyState.RETIRED, "key_no_longer_valid"),
    ],
)
def test_s_186_an_old_key_verifies_until_its_last_credential_ended(at, state, problem):
    key = stop_signing(listed(), plan=plan())

    assert key_state(key, now=at) is state
    assert key_problem(key, now=at, skew=SKEW, signed_at=NOW) == problem


def test_s_186_a_key_is_public_for_a_day_at_least():
    short = plan_rotation(now=NOW, longest_cache=timedelta(minutes=5), longest_life=DAY)

    assert short.sign_from - short.publish_at == SHORTEST_ANNOUNCEMENT == DAY


@pytest.mark.parametrize(
    ("signed_at", "problem"),
    [
        (None, None),
        (NOW - DAY, None),
        (NOW, None),
        (NOW + SKEW - SECOND, None),
        (NOW + SKEW, "key_no_longer_valid"),
        (datetime.max.replace(tzinfo=NOW.tzinfo), "key_no_longer_valid"),
        (datetime.min.replace(tzinfo=NOW.tzinfo), None),
    ],
)
def test_a_key_that_only_verifies_signs_nothing_new(signed_at, problem):
    key = listed(sign_until=NOW)

    assert key_problem(key, now=NOW + DAY, skew=SKEW, signed_at=signed_at) == problem


def test_one_key_signs_at_any_time_of_a_rotation():
    issuer = rotate(agency(), old=OLD, new=NEW, plan=plan())
    signers = {
        NOW: OLD,
        NOW + 7 * DAY - SECOND: OLD,
        NOW + 7 * DAY: NEW,
        NOW + 3 * YEAR: NEW,
    }

    for at, expected in signers.items():
        active = [key for key in issuer.keys if key_state(key, now=at) is KeyState.ACTIVE]
        assert [key.key for key in active] == [expected]
        assert signing_key(issuer.keys, KeyUse.CREDENTIAL, now=at).key == expected
        assert signing_key(issuer.keys, KeyUse.STATUS, now=at) is None


def test_documents_hold_what_may_still_be_needed():
    issuer = rotate(agency(), old=OLD, new=NEW, plan=plan())
    times = (NOW, NOW + 8 * DAY, NOW + 8 * DAY + YEAR)
    published = [[key.key for key in published_keys(issuer.keys, now=at)] for at in times]

    assert published == [[OLD, NEW], [OLD, NEW], [NEW]]
    assert KeyState.COMPROMISED not in PUBLISHED


def test_s_188_the_emergency_key_signs_at_once():
    issuer = replace_compromised(agency(), old=OLD, new=NEW, since=NOW - DAY, now=NOW)
    old, new = issuer.keys

    assert key_state(old, now=NOW) is KeyState.COMPROMISED
    assert key_state(new, now=NOW) is KeyState.ACTIVE
    assert signing_key(issuer.keys, KeyUse.CREDENTIAL, now=NOW).key == NEW


@pytest.mark.parametrize(
    "key",
    [
        listed(sign_until=NOW - DAY),
        listed(sign_until=NOW + DAY),
        listed(valid_until=NOW),
        listed(valid_until=NOW + DAY),
        listed(valid_from=NOW + DAY),
        listed(compromised_at=NOW),
    ],
)
def test_only_an_active_key_without_an_end_stops_signing(key):
    with pytest.raises(KeyStateRefused):
        stop_signing(key, plan=plan())


@pytest.mark.parametrize("key", [listed(), listed(valid_until=NOW), listed(compromised_at=NOW)])
def test_a_key_that_is_in_use_or_over_is_not_retired(key):
    with pytest.raises(KeyStateRefused):
        retire(key, now=NOW)


@pytest.mark.parametrize("key", [listed(valid_from=NOW + DAY), listed(sign_until=NOW)])
def test_a_key_that_signs_nothing_is_retired(key):
    assert key_state(retire(key, now=NOW), now=NOW) is KeyState.RETIRED


def test_s_188_a_compromise_moves_to_earlier_times_only():
    stolen = mark_compromised(listed(), since=NOW)

    assert mark_compromised(stolen, since=NOW - DAY).compromised_at == NOW - DAY
    assert mark_compromised(stolen, since=NOW).compromised_at == NOW
    with pytest.raises(KeyStateRefused):
        mark_compromised(stolen, since=NOW + SECOND)


@pytest.mark.parametrize(
    "change",
    [
        lambda issuer: rotate(issuer, old=OLD, new=OLD, plan=plan()),
        lambda issuer: rotate(issuer, old=NEW, new=NEW, plan=plan()),
        lambda issuer: replace_compromised(issuer, old=OLD, new=OLD, since=NOW, now=NOW),
        lambda issuer: replace_compromised(issuer, old=NEW, new=NEW, since=NOW, now=NOW),
    ],
)
def test_a_key_is_used_once_and_must_be_there(change):
    with pytest.raises(KeyStateRefused) as refused:
        change(agency())

    assert refused.value.detail == "key_state_refused"


STOLEN = listed(compromised_at=NOW - DAY)
RETIRED = listed(valid_until=NOW - DAY)
STOPPED = listed(sign_until=NOW - DAY, valid_until=NOW + YEAR)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (STOLEN, ()),
        (STOLEN, (listed(),)),
        (STOLEN, (listed(compromised_at=NOW),)),
        (RETIRED, (listed(),)),
        (RETIRED, (listed(valid_until=NOW + DAY),)),
        (STOPPED, (listed(valid_until=NOW + YEAR),)),
        (STOPPED, (replace(STOPPED, sign_until=NOW + DAY),)),
        (listed(), (listed(use=KeyUse.STATUS),)),
    ],
)
def test_an_entry_that_brings_a_key_back_is_refused(before, after):
    with pytest.raises(KeyStateRefused):
        check_succession(agency(before), replace(agency(), keys=after), now=NOW)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (STOLEN, (STOLEN,)),
        (STOLEN, (replace(STOLEN, compromised_at=NOW - YEAR),)),
        (RETIRED, (RETIRED,)),
        (RETIRED, ()),
        (STOPPED, (STOPPED,)),
        (STOPPED, (replace(STOPPED, valid_until=NOW + 2 * YEAR),)),
        (listed(), (listed(compromised_at=NOW),)),
        (listed(), (listed(), announce(NEW, KeyUse.CREDENTIAL, plan=plan()))),
    ],
)
def test_an_entry_that_goes_on_is_accepted(before, after):
    check_succession(agency(before), replace(agency(), keys=after), now=NOW)


moments = st.integers(-1_000_000, 1_000_000).map(lambda number: NOW + timedelta(minutes=number))
ends = st.one_of(st.none(), moments)


@given(sign=ends, valid=ends, stolen=ends, begin=moments, one=moments, two=moments)
def test_whatever_the_times_a_later_state_never_leads_back(sign, valid, stolen, begin, one, two):
    key = listed(valid_from=begin, valid_until=valid, sign_until=sign, compromised_at=stolen)
    before, after = (key_state(key, now=at) for at in sorted((one, two)))
    reachable, found = {before}, set()
    while reachable != found:
        found = reachable
        reachable = found | {each for state in found for each in TRANSITIONS[state]}

    assert after in reachable
