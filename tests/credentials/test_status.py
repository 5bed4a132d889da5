"""One array, three lists that agree."""

import random
import time
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import Malformed
from credentials.keys import parse_jwk
from credentials.model import Status
from credentials.status import (
    StatusArray,
    read_status_list,
    status_at,
)
from credentials.status_lists import (
    is_signed_by,
)
from encoding.compression import Effort
from tests.credentials.status_papers import (
    BOTH,
    NOW,
    REVOCATION,
    SIGNER,
    SUSPENSION,
    URI,
    credential_of,
    token_of,
)


@pytest.mark.parametrize("effort", Effort)
def test_all_three_lists_say_the_same_of_every_entry(effort):
    rng = random.Random(1)
    statuses = {rng.randrange(2**17): rng.choice(list(Status)) for _ in range(2000)}
    array = StatusArray.all_valid(2**17).with_statuses(statuses)

    token = read_status_list(token_of(array, effort=effort))
    revocation = read_status_list(credential_of(array, REVOCATION, effort=effort))
    suspension = read_status_list(credential_of(array, SUSPENSION, effort=effort))

    assert token.size == revocation.size == suspension.size == 2**17
    for index in [*statuses, 0, 1, 2**17 - 1]:
        expected = statuses.get(index, Status.VALID)
        assert array.status(index) is expected
        assert status_at(token, index, BOTH) is expected
        assert (status_at(revocation, index, REVOCATION) is Status.REVOKED) is (
            expected is Status.REVOKED
        )
        assert (status_at(suspension, index, SUSPENSION) is Status.SUSPENDED) is (
            expected is Status.SUSPENDED
        )


def test_a_list_says_what_its_issuer_wrote():
    listed = read_status_list(token_of(StatusArray.all_valid(64)))

    assert (listed.uri, listed.issuer, listed.bits, listed.purposes) == (URI, None, 2, ("both",))
    assert listed.issued_at == NOW
    assert listed.expires_at == NOW + timedelta(hours=1)
    assert listed.ttl == timedelta(minutes=5)
    assert listed.key_hint.x5c == (b"leaf",)
    assert listed.key_hint.key_id == "key-1"
    assert is_signed_by(listed, parse_jwk(dict(SIGNER.public_jwk)))


def test_a_list_may_be_signed_without_a_key_id():
    listed = read_status_list(token_of(StatusArray.all_valid(8), key_id=None, x5c=()))

    assert (listed.key_hint.key_id, listed.key_hint.x5c) == (None, ())


def test_a_bitstring_credential_says_what_its_issuer_wrote():
    """BSL-02, BSL-08"""
    listed = read_status_list(credential_of(StatusArray.all_valid(2**17), SUSPENSION))

    assert listed.uri == f"{URI}/suspension"
    assert listed.issuer == "did:web:issuer.example"
    assert listed.purposes == ("suspension",)
    assert listed.issued_at == NOW
    assert listed.ttl == timedelta(minutes=5)


@given(st.dictionaries(st.integers(0, 63), st.sampled_from(list(Status))))
@settings(max_examples=100, deadline=None)
def test_an_entry_is_what_it_was_set_to_and_nothing_else_changes(statuses):
    array = StatusArray.all_valid(64).with_statuses(statuses)

    assert [array.status(index) for index in range(64)] == [
        statuses.get(index, Status.VALID) for index in range(64)
    ]


def test_a_status_can_be_taken_back_in_the_array():
    array = StatusArray.all_valid(8).with_statuses({3: Status.SUSPENDED})

    assert array.with_statuses({3: Status.VALID}) == StatusArray.all_valid(8)


@pytest.mark.parametrize("index", [-1, 8, 2**40])
def test_an_entry_outside_of_the_array_is_refused(index):
    array = StatusArray.all_valid(8)

    with pytest.raises(Malformed):
        array.with_statuses({index: Status.REVOKED})
    with pytest.raises(Malformed):
        array.status(index)


@pytest.mark.parametrize("size", [0, -8, 7, 12])
def test_an_array_of_an_odd_size_is_refused(size):
    with pytest.raises(Malformed):
        StatusArray.all_valid(size)


def test_a_bitstring_of_few_entries_is_not_made():
    """BSL-05"""
    with pytest.raises(Malformed) as caught:
        credential_of(StatusArray.all_valid(131_064), REVOCATION)

    assert caught.value.detail == "status_list_length_error"


def test_a_million_entries_are_made_into_three_lists_quickly():
    array = StatusArray.all_valid(2**20)
    started = time.perf_counter()

    array = array.with_statuses({5: Status.REVOKED})
    array.bitstring(Status.REVOKED)
    array.bitstring(Status.SUSPENDED)

    assert time.perf_counter() - started < 0.5
