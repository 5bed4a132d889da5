"""Limits of disclosures and codes, exactly: gaps that mutation showed (docs/mutation.md)."""

import hashlib

import pytest

from credentials.disclosures import parse_disclosure, reveal_claims
from credentials.errors import Malformed
from credentials.jose import parse_jws
from credentials.lifting import MAX_TEXT, lift, lower, read_uvarint
from credentials.packing import pack, unpack
from credentials.sd_jwt import SD_JWT_TYPES, parse_sd_jwt
from encoding import base64url
from encoding.strict_json import build_json
from tests.credentials.workshop import issue_permit

MAX_DEPTH = 32


def detail_of(call, *arguments, **options):
    with pytest.raises(Malformed) as caught:
        call(*arguments, **options)
    return caught.value.detail


def disclosure(*members):
    return parse_disclosure(base64url.encode(build_json(list(members))), hash_name="sha-256")


def nested(depth, inner, *, in_array):
    """An object or array within another, `depth` of them in all."""
    value = inner
    for _ in range(depth):
        value = [value] if in_array else {"a": value}
    return value


@pytest.mark.parametrize("in_array", [True, False])
def test_claims_are_placed_up_to_a_depth_of_32(in_array):
    deepest = {"a": nested(MAX_DEPTH - 1, 1, in_array=in_array)}

    assert reveal_claims(deepest, [], visible=frozenset()) == deepest
    for extra in (MAX_DEPTH, MAX_DEPTH + 1, MAX_DEPTH + 5):
        too_deep = {"a": nested(extra, 1, in_array=in_array)}
        assert detail_of(reveal_claims, too_deep, [], visible=frozenset()) == "too_deep"


@pytest.mark.parametrize("in_array", [True, False])
def test_what_is_disclosed_counts_from_where_it_stands(in_array):
    def hide(depth):
        value = nested(depth, 1, in_array=True)
        shown = disclosure("salt", value) if in_array else disclosure("salt", "a", value)
        plain = {"l": [{"...": shown.digest}]} if in_array else {"l": {"_sd": [shown.digest]}}
        return plain, [shown]

    fits = hide(MAX_DEPTH - 2)

    assert reveal_claims(*fits, visible=frozenset())
    assert detail_of(reveal_claims, *hide(MAX_DEPTH - 1), visible=frozenset()) == "too_deep"


def test_a_disclosure_of_four_members_is_none():
    assert detail_of(disclosure, "salt", "name", 1, 2) == "invalid_disclosure"


def test_a_text_beyond_ascii_is_called_so():
    assert detail_of(parse_sd_jwt, "ក~", types=SD_JWT_TYPES) == "not_ascii"


def test_an_sd_jwt_keeps_the_header_of_its_issuer():
    token = issue_permit(header={"kid": "k-7"}).partition("~")[0]

    assert parse_jws(token, types=SD_JWT_TYPES).key_id == "k-7"


def test_a_code_of_many_pieces_stops_unfolding_s_034():
    """Each piece is small; together they go beyond what any code may unfold to."""
    piece = b"\xfb"
    blob = b"\xac\x02" + bytes(300)

    assert detail_of(lower, piece * 300, blob * 300, certificates=()) == "too_large"
    assert len(lower(piece * 40, blob * 40, certificates=())) == 16_000


def test_eight_values_are_derived_and_the_ninth_travels():
    """Digests of the text before: the reader hashes for eight of them and no more."""

    digest = base64url.encode(hashlib.sha256(b"a~").digest())
    text = "a~" + ".".join([digest] * 12)
    lifted, blobs = lift(text, certificates=())

    assert lifted.count(b"\xf9") == 8
    assert len(blobs) == 4 * 32
    assert lower(lifted, blobs, certificates=()) == text
    assert detail_of(lower, b"\xf9" * 9, b"", certificates=()) == "too_large"


def test_the_hash_is_of_all_up_to_the_last_tilde():

    digest = base64url.encode(hashlib.sha256(b"a~b~").digest())
    lifted, blobs = lift("a~b~" + digest, certificates=())

    assert (lifted, blobs) == (b"a~b~\xf9", b"")
    assert lower(lifted, blobs, certificates=()) == "a~b~" + digest


def test_numbers_take_three_or_four_bytes():
    for number, sizes in ((99_999, 0), (100_000, 3), (2**24 - 1, 3), (2**24, 4), (2**32 - 1, 4)):
        lifted, blobs = lift(f"n={number};", certificates=())
        assert (len(blobs), len(lifted)) == (sizes, 4 if sizes else 8)
    assert lift(f"n={2**32};", certificates=()) == (f"n={2**32};".encode(), b"")


def test_counts_have_three_bytes_at_most():
    assert read_uvarint(b"\xff\xff\x7f", 0) == (2**21 - 1, 3)
    assert detail_of(read_uvarint, b"\xff\xff\xff\x01", 0) == "damaged_code"


def test_a_text_is_packed_up_to_its_limit():
    assert unpack(pack("a" * MAX_TEXT)) == "a" * MAX_TEXT
    assert detail_of(pack, "a" * (MAX_TEXT + 1)) == "too_large"
