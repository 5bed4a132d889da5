"""Streams come back whole or not at all, and bombs stop at the ceiling."""

import gzip
import random
import tracemalloc
import zlib
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoding import compression
from encoding.compression import Effort
from encoding.errors import Malformed

QUICK_ZLIB = partial(compression.deflate_zlib, effort=Effort.QUICK)
QUICK_GZIP = partial(compression.deflate_gzip, effort=Effort.QUICK)
PAIRS = [
    (compression.deflate_zlib, compression.inflate_zlib),
    (compression.deflate_gzip, compression.inflate_gzip),
    (compression.deflate_raw, compression.inflate_raw),
    (QUICK_ZLIB, compression.inflate_zlib),
    (QUICK_GZIP, compression.inflate_gzip),
]
IDS = ["zlib", "gzip", "raw", "quick zlib", "quick gzip"]


@pytest.mark.parametrize(("deflate", "inflate"), PAIRS, ids=IDS)
@given(data=st.binary(max_size=300))
def test_what_was_deflated_inflates_again(deflate, inflate, data):
    assert inflate(deflate(data), max_bytes=len(data)) == data


@given(data=st.binary(max_size=200), dictionary=st.binary(max_size=100))
def test_a_dictionary_gives_back_the_same(data, dictionary):
    deflated = compression.deflate_raw(data, dictionary=dictionary)

    assert compression.inflate_raw(deflated, max_bytes=200, dictionary=dictionary) == data


@pytest.mark.parametrize(("deflate", "inflate"), PAIRS, ids=IDS)
@given(data=st.binary(max_size=80))
def test_any_bytes_are_inflated_or_refused_as_malformed(deflate, inflate, data):
    try:
        inflated = inflate(data, max_bytes=1000)
    except Malformed:
        return

    assert len(inflated) <= 1000


@pytest.mark.parametrize(("deflate", "inflate"), PAIRS, ids=IDS)
def test_every_shortened_stream_is_refused(deflate, inflate):
    deflated = deflate(b"status " * 40)
    for size in range(len(deflated)):
        with pytest.raises(Malformed) as caught:
            inflate(deflated[:size], max_bytes=1000)

        assert caught.value.detail == "invalid_compression"


@pytest.mark.parametrize(("deflate", "inflate"), PAIRS, ids=IDS)
def test_bytes_after_the_stream_are_refused(deflate, inflate):
    with pytest.raises(Malformed) as caught:
        inflate(deflate(b"list") + b"\0", max_bytes=1000)

    assert caught.value.detail == "invalid_compression"


@pytest.mark.parametrize(("deflate", "inflate"), PAIRS[:2], ids=IDS[:2])
def test_no_flipped_bit_changes_what_comes_out(deflate, inflate):
    data = bytes(range(200))
    deflated = deflate(data)
    for position in range(len(deflated) * 8):
        broken = bytearray(deflated)
        broken[position // 8] ^= 1 << position % 8
        try:
            inflated = inflate(bytes(broken), max_bytes=1000)
        except Malformed:
            continue

        assert inflated == data


def test_two_gzip_members_are_one_too_many():
    with pytest.raises(Malformed):
        compression.inflate_gzip(gzip.compress(b"a") + gzip.compress(b"b"), max_bytes=10)


@pytest.mark.parametrize(("deflate", "inflate"), PAIRS, ids=IDS)
def test_the_ceiling_holds_at_the_limit_and_one_beyond(deflate, inflate):
    deflated = deflate(bytes(1000))

    assert inflate(deflated, max_bytes=1000) == bytes(1000)
    with pytest.raises(Malformed) as caught:
        inflate(deflated, max_bytes=999)
    assert caught.value.detail == "too_large"


@pytest.mark.parametrize(("deflate", "inflate"), PAIRS, ids=IDS)
def test_a_bomb_takes_no_more_memory_than_the_ceiling(deflate, inflate):
    bomb = deflate(bytes(64 * 1024 * 1024))
    tracemalloc.start()
    with pytest.raises(Malformed):
        inflate(bomb, max_bytes=100_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 2_000_000


def test_other_implementations_read_and_write_the_same():
    data = b"\x00\x01\x02" * 5000

    for effort in Effort:
        assert zlib.decompress(compression.deflate_zlib(data, effort=effort)) == data
        assert gzip.decompress(compression.deflate_gzip(data, effort=effort)) == data
    assert compression.inflate_zlib(zlib.compress(data), max_bytes=15_000) == data
    assert compression.inflate_gzip(gzip.compress(data), max_bytes=15_000) == data


def test_the_same_bytes_deflate_the_same_at_any_time():
    for effort in Effort:
        assert compression.deflate_gzip(b"list", effort=effort)[4:8] == bytes(4)
        assert len({compression.deflate_zlib(b"list" * 999, effort=effort) for _ in range(5)}) == 1


def test_tsl_i_01_a_thorough_list_is_that_of_zlib_level_9_and_no_longer_than_a_quick_one():
    dice = random.Random(3)
    data = bytes(dice.choice((1, 4, 16, 64)) if dice.random() < 0.05 else 0 for _ in range(32_768))

    thorough = compression.deflate_zlib(data)

    assert thorough == zlib.compress(data, 9)
    assert len(thorough) <= len(compression.deflate_zlib(data, effort=Effort.QUICK)) < len(data)
