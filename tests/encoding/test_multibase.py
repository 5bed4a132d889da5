"""Multibase texts and varints, one spelling each."""

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoding import multibase
from encoding.errors import Malformed

FILES = {
    "basic": b"yes mani !",
    "leading_zero": b"\0yes mani !",
    "two_leading_zeros": b"\0\0yes mani !",
}


@given(st.binary(max_size=80), st.sampled_from("zu"))
def test_what_was_written_is_read_again(data, base):
    assert multibase.decode_multibase(multibase.encode_multibase(data, base=base)) == data


@given(st.text(max_size=8).map(lambda text: "z" + text) | st.text(max_size=8))
def test_any_other_text_is_refused(text):
    try:
        data = multibase.decode_multibase(text)
    except Malformed:
        return

    assert multibase.encode_multibase(data, base=text[0]) == text


@given(st.integers(0, 2**63 - 1), st.binary(max_size=5))
def test_a_varint_is_read_again_and_the_rest_is_left(number, rest):
    assert multibase.decode_varint(multibase.encode_varint(number) + rest) == (number, rest)


@given(st.binary(max_size=12))
def test_any_other_varint_is_refused(data):
    try:
        number, rest = multibase.decode_varint(data)
    except Malformed:
        return

    assert multibase.encode_varint(number) + rest == data


@pytest.mark.parametrize("number", [-1, 2**63])
def test_a_number_that_fits_no_varint_is_refused(number):
    with pytest.raises(Malformed):
        multibase.encode_varint(number)


@pytest.mark.parametrize("text", ["", "f00", "z0", "zO", "zl", "u=", "m"])
def test_unknown_bases_and_characters_are_refused(text):
    with pytest.raises(Malformed):
        multibase.decode_multibase(text)


@pytest.mark.parametrize("base", ["m", ""])
def test_unknown_bases_are_not_written(base):
    with pytest.raises(Malformed):
        multibase.encode_multibase(b"", base=base)


def test_a_long_base58_text_is_refused_before_its_quadratic_work():
    with pytest.raises(Malformed) as caught:
        multibase.decode_multibase("z" + "2" * 1_000_000)

    assert caught.value.detail == "too_large"


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_published_texts_come_out(vectors, name):
    with (vectors / "multibase" / f"{name}.csv").open() as file:
        texts = dict(csv.reader(file, skipinitialspace=True))

    assert multibase.encode_multibase(FILES[name]) == texts["base58btc"]
    assert multibase.encode_multibase(FILES[name], base="u") == texts["base64url"]
    assert multibase.decode_multibase(texts["base58btc"]) == FILES[name]
    assert multibase.decode_multibase(texts["base64url"]) == FILES[name]


def test_the_keys_of_did_key_examples_name_their_kind(vectors):
    known = json.loads((vectors / "did-key" / "ed25519-x25519.json").read_text())
    dids = [did for did in known if did.startswith("did:key:z6Mk")]

    assert dids
    for did in dids:
        codec, key = multibase.decode_multicodec(
            multibase.decode_multibase(did.removeprefix("did:key:"))
        )
        assert (codec, len(key)) == (multibase.ED25519_PUBLIC_KEY, 32)
        text = multibase.encode_multibase(multibase.encode_multicodec(codec, key))
        assert f"did:key:{text}" == did
