"""Every byte string has one base64url text, and no other text is read."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoding import base64url
from encoding.errors import Malformed


@given(st.binary(max_size=100))
def test_what_was_written_is_read_again(data):
    assert base64url.decode(base64url.encode(data)) == data


@given(st.text(max_size=12) | st.text(alphabet="AQgw-_=+/ \n", max_size=6))
def test_any_other_text_is_refused(text):
    try:
        data = base64url.decode(text)
    except Malformed:
        return

    assert base64url.encode(data) == text


@pytest.mark.parametrize(
    "text", ["Q", "QQ=", "QQ==", "QR", "Q Q", "Q+Q/", "QQ\n", "Q\u00e9", "=", "\ud800\ud800"]
)
def test_a_second_spelling_is_refused(text):
    with pytest.raises(Malformed) as caught:
        base64url.decode(text)

    assert caught.value.detail == "invalid_base64url"


def test_the_challenge_of_rfc_7636_comes_out(vectors):
    known = json.loads((vectors / "authored" / "rfc-small-vectors.json").read_text())[
        "rfc7636_pkce"
    ]
    digest = hashlib.sha256(known["code_verifier"].encode()).digest()

    assert base64url.encode(digest) == known["code_challenge_S256"]
