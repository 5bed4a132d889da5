"""CW1: the view as CWT in one short QR text; exact, judged as any view, hostile texts refused."""

import hashlib
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.cwt import read_cwt
from credentials.cwt_issuance import issue_cwt
from credentials.cwt_packing import (
    build_cwt_qr_text,
    lift_cbor,
    lower_cbor,
    pack_cwt,
    read_cwt_qr_text,
    unpack_cwt,
)
from credentials.dictionaries import CWT_DICTIONARIES
from credentials.errors import Malformed
from credentials.lifting import write_uvarint
from credentials.packing import pack, read_qr_text
from credentials.verdict import Outcome, Reason
from encoding import base45, base64url, compression
from encoding.cbor import Tagged, build_cbor
from tests.credentials import cwt_workshop as workshop
from tests.vectors import small_city
from tests.vectors.small_city import HOLDER, NOW, STRANGER, TRANSPORT

NAMES = ["Sok Dara", "សុខ ដារា", "陈大文", "Nguyễn Văn Ánh"]


def demo_view(*, base=None, name="Sok Dara", nonce=workshop.NONCE):
    """The demo's taxi view with its proof; `base`: the address of another city."""
    claims = workshop.demo_claims(name=name)
    if base is not None:
        claims = moved(claims, base)
    return workshop.bind(issue_cwt(claims, signer=TRANSPORT.credential), nonce=nonce)


def moved(value, base):
    if isinstance(value, dict):
        return {name: moved(item, base) for name, item in value.items()}
    if isinstance(value, list):
        return [moved(item, base) for item in value]
    return value.replace(small_city.BASE, base) if isinstance(value, str) else value


def sd_jwt_view(name):
    """The same view as SD-JWT."""
    return small_city.bind(small_city.issue(workshop.demo_claims(name=name)))


def code_of(lifted, blobs=b""):
    """A QR text of two streams, however wrong they are."""
    deflated = compression.deflate_raw(lifted, dictionary=CWT_DICTIONARIES["1"])
    return "CW1:1" + base45.encode(write_uvarint(len(deflated)) + deflated + blobs)


def refusal(text):
    with pytest.raises(Malformed) as caught:
        read_cwt_qr_text(text)
    return caught.value.detail


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("base", ["http://localhost:8401", "https://issuer.phnompenh.example"])
def test_the_taxi_view_fits_270_bytes_and_comes_back_exactly(base, name):
    view = demo_view(base=base, name=name)

    assert len(pack_cwt(view)) <= 270
    assert read_cwt_qr_text(build_cwt_qr_text(view)) == view


@pytest.mark.parametrize("name", NAMES)
def test_it_is_smaller_than_the_same_view_as_cq1(name):
    assert len(pack_cwt(demo_view(name=name))) <= len(pack(sd_jwt_view(name))) - 25


def test_a_scanned_code_is_judged_like_any_view():
    verdict = workshop.judge(read_qr_text(build_cwt_qr_text(demo_view())))

    assert verdict.outcome is Outcome.PASSED, verdict.checks
    assert verdict.claims[workshop.RULE_ID]["zone"] == "Phnom Penh"
    assert [each.credential for each in verdict.checks if each.name == "status"] == [
        workshop.RULE_ID,
        *(name for name, _ in workshop.PAPERS),
    ]


def test_a_screenshot_of_a_code_grows_old():
    """S-127"""
    text = read_qr_text(build_cwt_qr_text(demo_view()))

    verdict = workshop.judge(text, now=NOW + 2 * workshop.MINUTE)

    assert verdict.reasons == (Reason.STALE_CODE,)


def test_a_code_that_another_phone_signed_is_not_its_holders():
    code = build_cwt_qr_text(workshop.bind(workshop.issue(), by=STRANGER))

    assert Reason.HOLDER_NOT_BOUND in workshop.judge(read_qr_text(code)).reasons


def test_every_proof_is_recognised_again():
    """S-127: by what was signed."""
    first, second = (workshop.bind(workshop.issue()) for _ in range(2))
    digests = {read_cwt(each)[0].key_binding.digest for each in (first, second)}
    other = workshop.bind(workshop.issue(), nonce=base64url.encode(b"another one"))

    assert len(digests) == 1
    assert read_cwt(other)[0].key_binding.digest not in digests


def test_keys_signatures_nonces_and_numbers_travel_beside_the_deflated_text():
    view = demo_view()
    (credential,) = read_cwt(view)

    lifted, blobs = lift_cbor(Tagged(18, [b"", {}, view, b""]))

    for random_bytes in (
        credential.signature,
        credential.key_binding.signature,
        base64url.decode(credential.holder_key.jwk["x"]),
        base64url.decode(workshop.NONCE),
    ):
        assert random_bytes in blobs
        assert random_bytes not in lifted
    assert lifted.count(b"https://") == 1


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.binary(max_size=70)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(["http://localhost:8401/a", "https://issuer.example", "http://x"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(-300, 70_000) | st.text("abz", max_size=3), inner, max_size=4)
        | st.builds(Tagged, st.sampled_from([18, 61, 1004]), inner)
        | inner.map(build_cbor)
    ),
    max_leaves=12,
)


@given(VALUES)
@settings(max_examples=600, deadline=None)
def test_every_value_comes_back_exactly(value):
    data = build_cbor(value)

    assert unpack_cwt(pack_cwt(data)) == data


@given(st.binary(max_size=200))
@settings(max_examples=500, deadline=None)
def test_random_bytes_are_refused_or_read_but_never_crash(data):
    """S-125"""
    with suppress(Malformed):
        assert isinstance(unpack_cwt(data), bytes)


@given(lifted=st.binary(max_size=80), blobs=st.binary(max_size=80))
@settings(max_examples=800, deadline=None)
def test_random_streams_are_refused_or_read_but_never_crash(lifted, blobs):
    """S-125"""
    with suppress(Malformed):
        read_cwt_qr_text(code_of(lifted, blobs))
    with suppress(Malformed):
        lower_cbor(b"\xff" + lifted, blobs)


def test_every_cut_of_a_code_is_refused():
    packed = pack_cwt(demo_view())

    for length in range(len(packed)):
        with pytest.raises(Malformed):
            unpack_cwt(packed[:length])


REFUSED = {
    "nothing": ("", "not_a_city_code"),
    "another prefix": ("CQ1:1AB", "not_a_city_code"),
    "lower case": ("cw1:1AB", "not_a_city_code"),
    "a text no QR code holds": ("CW1:1" + "A" * 4_296, "not_a_city_code"),
    "no dictionary": ("CW1:", "unknown_dictionary"),
    "a newer dictionary": ("CW1:2AB", "unknown_dictionary"),
    "foreign characters": ("CW1:1ab", "invalid_base45"),
    "an empty code": ("CW1:1", "damaged_code"),
    "no origin": (code_of(b"\xf6"), "damaged_code"),
    "a long origin": (code_of(b"x" * 65 + b"\xff\xf6"), "damaged_code"),
    "two values": (code_of(b"\xff\xf6\xf6"), "damaged_code"),
    "spare bytes": (code_of(b"\xff\xf6", b"x"), "damaged_code"),
    "missing bytes": (code_of(b"\xff\x43", b"xy"), "damaged_code"),
    "a text without an end": (code_of(b"\xff\x7fabc"), "damaged_code"),
    "a text that is not UTF-8": (code_of(b"\xff\x7f\xf8\xff"), "invalid_utf8"),
    "an infinite number": (code_of(b"\xff\xf9\x7c\x00"), "not_a_number"),
    "an endless array": (code_of(b"\xff\x9f\xf6"), "damaged_code"),
    "a huge array": (code_of(b"\xff\x9b"), "damaged_code"),
    "a key twice": (code_of(b"\xff\xa2\x01\x01\x01\x01"), "damaged_code"),
    "a key of truth": (code_of(b"\xff\xa1\xf5\x01"), "damaged_code"),
    "a key that is an array": (code_of(b"\xff\xa1\x80\x01"), "damaged_code"),
    "a deep nest": (code_of(b"\xff" + b"\x81" * 200), "too_deep"),
    "nested byte strings": (code_of(b"\xff" + b"\x5f" * 200), "too_deep"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_code_that_is_not_cw1_is_refused(name):
    """S-125"""
    text, detail = REFUSED[name]

    assert refusal(text) == detail


def test_a_bomb_stops_at_16_kilobytes():
    """S-125: many uses of a long origin, and a long run of zeros."""
    begin = time.perf_counter()

    assert refusal(code_of(b"http://" + b"x" * 57 + b"\xff\x7f" + b"\xfe" * 9_000 + b"\xff")) == (
        "too_large"
    )
    assert refusal(code_of(b"\xff" + b"\xf6" * 20_000)) == "too_large"
    assert time.perf_counter() - begin < 1


def test_what_has_no_one_encoding_is_not_packed():
    for data, detail in (
        (b"\x18\x01", "not_deterministic"),
        (b"\xa2\x02\x00\x01\x00", "not_deterministic"),
        (b"\x59\x40\x01" + b"x" * 16_385, "too_large"),
    ):
        with pytest.raises(Malformed) as caught:
            pack_cwt(data)
        assert caught.value.detail == detail


def test_a_published_dictionary_never_changes():
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in CWT_DICTIONARIES.items()}

    assert digests == {"1": "5856ff5246dd510865155d0c541a73aeb1273f631047ab3e06bd25b821494d69"}


def test_only_the_phone_that_holds_the_key_can_sign():
    holder_key = read_cwt(demo_view())[0].holder_key

    assert holder_key.jwk == dict(HOLDER.public_jwk)
