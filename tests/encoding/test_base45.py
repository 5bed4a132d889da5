"""Base45 as RFC 9285 wants it, strictly."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoding import base45
from encoding.errors import Malformed


@given(st.binary(max_size=100))
def test_what_was_written_is_read_again(data):
    assert base45.decode(base45.encode(data)) == data


@given(st.text(alphabet=base45.ALPHABET, max_size=9) | st.text(max_size=6))
def test_any_other_text_is_refused(text):
    try:
        data = base45.decode(text)
    except Malformed:
        return

    assert base45.encode(data) == text


@pytest.mark.parametrize("text", ["GGW", ":::", "A", "ZZ", "bb8", "BB8\n", "AAAA"])
def test_groups_out_of_range_and_foreign_characters_are_refused(text):
    with pytest.raises(Malformed) as caught:
        base45.decode(text)

    assert caught.value.detail == "invalid_base45"


def test_the_published_examples_come_out(vectors):
    cases = json.loads((vectors / "authored" / "rfc-small-vectors.json").read_text())
    for case in cases["rfc9285_base45"]:
        if "invalid" in case:
            with pytest.raises(Malformed):
                base45.decode(case["invalid"])
        else:
            assert base45.encode(case["text"].encode()) == case["b45"]
            assert base45.decode(case["b45"]) == case["text"].encode()
