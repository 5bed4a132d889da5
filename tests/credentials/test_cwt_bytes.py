"""Whatever bytes come, reading a CWT gives a credential or Malformed (S-021, S-129)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.cwt import read_cwt
from credentials.errors import Malformed
from credentials.verdict import Outcome
from tests.credentials import cwt_workshop as workshop

VIEW = workshop.view()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xd2",
        b"\xd2\x80",
        b"\x84\x40\xa0\x40\x40",
        b"\xd2\x84\x40\xa0\xf6\x40",
        b"\xc1" * 100,
        b"\x81" * 100_000,
        b"\x9f" + b"\x00" * 10 + b"\xff",
        b"\x9a\xff\xff\xff\xff",
        b"\xd8\x1c\x80",
        workshop.issue() + b"\x00",
        workshop.issue()[:-1],
    ],
)
def test_bytes_that_are_no_cwt_are_refused(data):
    """S-021"""
    with pytest.raises(Malformed):
        read_cwt(data)


def test_a_claim_that_stands_twice_is_refused():
    """S-012, S-021"""

    def twice(parts):
        parts[2] = b"\xa2\x01\x61a\x01\x61b"

    with pytest.raises(Malformed) as caught:
        read_cwt(workshop.edit(workshop.issue(), twice))

    assert caught.value.detail == "duplicate_member"


@given(st.binary(max_size=120))
@settings(max_examples=300, deadline=None)
def test_random_bytes_never_crash_the_reader(data):
    for attempt in (data, b"\xd2\x84" + data):
        with pytest.raises(Malformed):
            read_cwt(attempt)


@given(st.integers(0, 10_000), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_a_flipped_byte_never_passes(place, flip):
    """S-129"""
    data = bytearray(VIEW)
    data[place % len(data)] ^= flip

    assert workshop.judge(bytes(data)).outcome is not Outcome.PASSED
