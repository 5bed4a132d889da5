"""Texts for bytes: each byte string has one text, and every other text is refused."""

import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from encoding import base45, base64url, compression, multibase
from tests.properties.edits import ASCII, detail_of, edited_bytes, edited_text, only_writes, refused

BYTES = st.binary(max_size=200)
NUMBERS = st.integers(0, 2**63 - 1)
FORMS = [
    (compression.deflate_zlib, compression.inflate_zlib),
    (compression.deflate_gzip, compression.inflate_gzip),
    (compression.deflate_raw, compression.inflate_raw),
]


@given(BYTES)
def test_base64url_gives_back_the_bytes(data):
    assert base64url.decode(base64url.encode(data)) == data


@given(edited_text(BYTES.map(base64url.encode)) | st.text(max_size=20))
@example("AB")
@example("AAB")
@example("AA==")
@example("A A")
@example("AA\n")
def test_base64url_reads_only_what_it_writes(text):
    assert only_writes(base64url.decode, base64url.encode, text)


@given(BYTES)
def test_base45_gives_back_the_bytes(data):
    assert base45.decode(base45.encode(data)) == data


@given(edited_text(BYTES.map(base45.encode)) | st.text(base45.ALPHABET, max_size=9))
@example(":::")
@example("::")
@example("GGW")
@example("FGW")
@example("U5")
@example("V5")
def test_base45_reads_only_what_it_writes(text):
    assert only_writes(base45.decode, base45.encode, text)


@given(BYTES)
def test_base58btc_gives_back_the_bytes(data):
    assert multibase.decode_base58btc(multibase.encode_base58btc(data)) == data


@given(edited_text(BYTES.map(multibase.encode_base58btc)) | st.text(ASCII, max_size=20))
@example("111")
@example("1")
@example("0OIl")
@example("é")
def test_base58btc_reads_only_what_it_writes(text):
    assert only_writes(multibase.decode_base58btc, multibase.encode_base58btc, text)


@given(BYTES, st.sampled_from("zu"))
def test_multibase_gives_back_the_bytes(data, base):
    text = multibase.encode_multibase(data, base=base)

    assert text[0] == base
    assert multibase.decode_multibase(text) == data


@given(edited_text(BYTES.map(multibase.encode_multibase)) | st.text(max_size=20))
@example("")
@example("z")
@example("u")
def test_multibase_reads_only_what_it_writes(text):
    def write(data):
        return multibase.encode_multibase(data, base=text[0])

    assert only_writes(multibase.decode_multibase, write, text)


@given(NUMBERS, BYTES)
def test_a_varint_gives_back_the_number_and_what_follows(number, rest):
    assert multibase.decode_varint(multibase.encode_varint(number) + rest) == (number, rest)
    assert multibase.decode_multicodec(multibase.encode_multicodec(number, rest)) == (number, rest)


@given(edited_bytes(NUMBERS.map(multibase.encode_varint)) | BYTES)
@example(b"\x80\x00")
@example(b"\xff" * 9)
@example(b"\xff" * 8 + b"\x7f")
@example(b"")
def test_a_varint_is_read_in_its_shortest_form_only(data):
    def write(found):
        return multibase.encode_varint(found[0]) + found[1]

    assert only_writes(multibase.decode_varint, write, data)


@pytest.mark.parametrize("number", [-1, 2**63])
def test_a_number_beyond_nine_bytes_is_no_varint(number):
    assert detail_of(multibase.encode_varint, number) == "invalid_varint"


@pytest.mark.parametrize(("deflate", "inflate"), FORMS)
@given(data=BYTES, spare=st.integers(0, 3))
def test_inflating_gives_back_the_bytes_up_to_the_ceiling(deflate, inflate, data, spare):
    packed = deflate(data)

    assert inflate(packed, max_bytes=len(data) + spare) == data
    if data:
        assert detail_of(inflate, packed, max_bytes=len(data) - 1) == "too_large"


@pytest.mark.parametrize(("deflate", "inflate"), FORMS)
@given(data=BYTES, tail=st.binary(min_size=1, max_size=3), cut=st.integers(1, 4))
def test_a_stream_is_whole_and_alone(deflate, inflate, data, tail, cut):
    packed = deflate(data)

    assert detail_of(inflate, packed + tail, max_bytes=300) == "invalid_compression"
    assert detail_of(inflate, packed[:-cut], max_bytes=300) == "invalid_compression"


@pytest.mark.parametrize(("deflate", "inflate"), FORMS)
@given(data=st.data())
def test_damaged_streams_are_refused_or_keep_below_the_ceiling(deflate, inflate, data):
    packed = data.draw(edited_bytes(BYTES.map(deflate)))

    assert refused(inflate, packed, max_bytes=300) or len(inflate(packed, max_bytes=300)) <= 300


@given(BYTES, st.binary(max_size=50), st.binary(max_size=50))
def test_a_dictionary_is_part_of_the_code(data, dictionary, other):
    packed = compression.deflate_raw(data, dictionary=dictionary)

    assert compression.inflate_raw(packed, max_bytes=300, dictionary=dictionary) == data
    assert zlib.decompressobj(-15, zdict=dictionary).decompress(packed) == data
    refused(compression.inflate_raw, packed, max_bytes=300, dictionary=other)
