"""Limits and codes of compact JWS that no other test saw: found by mutation (docs/mutation.md)."""

import json

import pytest

from credentials.errors import Malformed
from credentials.jose import (
    MAX_HEADER_BYTES,
    build_signing_input,
    encode_token,
    join_signature,
    parse_jws,
    peek_type,
    sign_jws,
)
from encoding import base64url
from tests.credentials.workshop import AGENCY

TYPES = frozenset({"a", ""})


def token(header):
    return f"{base64url.encode(json.dumps(header).encode())}.e30.{base64url.encode(bytes(64))}"


def header_of(size):
    header = {"alg": "ES256", "typ": "a", "x": ""}
    return header | {"x": "x" * (size - len(json.dumps(header)))}


def detail_of(call, *arguments, **options):
    with pytest.raises(Malformed) as caught:
        call(*arguments, **options)
    return caught.value.detail


def test_a_header_is_read_up_to_exactly_its_limit():
    assert parse_jws(token(header_of(MAX_HEADER_BYTES)), types=TYPES).type == "a"
    assert detail_of(parse_jws, token(header_of(MAX_HEADER_BYTES + 1)), types=TYPES) == "too_large"
    assert detail_of(peek_type, token(header_of(MAX_HEADER_BYTES + 99))) == "too_large"


def test_a_larger_payload_is_read_where_the_caller_allows_it():
    text = sign_jws({"x": "x" * 70_000}, type="a", signer=AGENCY)

    assert len(parse_jws(text, types=TYPES, max_bytes=1 << 20).payload["x"]) == 70_000
    assert detail_of(parse_jws, text, types=TYPES) == "too_large"


def test_an_empty_typ_is_not_the_same_as_none_s_010():
    assert parse_jws(token({"alg": "ES256"}), types=TYPES).type == ""
    assert detail_of(parse_jws, token({"alg": "ES256", "typ": ""}), types=TYPES) == "invalid_typ"


def test_what_cannot_be_signed_says_why():
    assert detail_of(build_signing_input, {}, type="a", algorithm="none") == "invalid_signature_alg"
    assert detail_of(join_signature, "a.b", b"short") == "invalid_signature"


def test_a_token_names_its_key_where_it_has_a_name():
    named = encode_token({}, type="a", signer=AGENCY, key_id="k-1")
    nameless = encode_token({}, type="a", signer=AGENCY, key_id=None)

    assert parse_jws(named, types=TYPES).key_id == "k-1"
    assert "kid" not in parse_jws(nameless, types=TYPES).header
