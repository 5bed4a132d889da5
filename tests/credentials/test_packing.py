"""CQ1 gives back every text exactly, stays small, and refuses what is not CQ1 (S-125)."""

import base64
import hashlib
import json
import random
import re
import runpy
import string
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.dictionaries import DICTIONARIES
from credentials.errors import Malformed
from credentials.lifting import MAX_DERIVED, lift, lower
from credentials.packing import (
    build_qr_text,
    header_certificates,
    pack,
    packed_size,
    read_qr_text,
    unpack,
)
from encoding import base45, base64url

VECTORS = Path(__file__).parents[1] / "vectors"
MAKER = runpy.run_path(str(VECTORS / "make_packing.py"))
CERTIFICATE, coordinates, segment, taxi_view = (
    MAKER[name] for name in ("CERTIFICATE", "coordinates", "segment", "taxi_view")
)
CASES = json.loads((VECTORS / "packing.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["Sok Dara", "សុខ ដារា", "陈大文", "Nguyễn Văn Ánh"])
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_taxi_view_fits_one_frame_of_350_bytes(name, seed):
    text = taxi_view(name=name, seed=seed)

    assert len(pack(text)) <= 320
    assert unpack(pack(text)) == text


@pytest.mark.parametrize("name", ["Sok Dara", "សុខ ដារា"])
def test_the_taxi_view_of_a_real_city_fits_one_frame_too(name):
    text = taxi_view(base="https://issuer.phnompenh.gov.kh", name=name)

    assert len(pack(text)) <= 350


def test_a_certificate_that_readers_know_costs_four_bytes():
    text = taxi_view(x5c=[base64.b64encode(CERTIFICATE).decode()])

    qr = build_qr_text(text)
    packed = base45.decode(qr.removeprefix("CQ1:1"))

    assert header_certificates(text) == (CERTIFICATE,)
    assert len(packed) <= 300
    assert read_qr_text(qr, certificates=(b"another", CERTIFICATE)) == text


def test_the_size_of_a_code_is_that_of_its_bytes():
    text = taxi_view()

    assert packed_size(build_qr_text(text)) == len(pack(text))


def test_a_code_that_names_an_unknown_certificate_is_refused():
    qr = build_qr_text(taxi_view(x5c=[base64.b64encode(CERTIFICATE).decode()]))

    with pytest.raises(Malformed) as caught:
        read_qr_text(qr, certificates=())

    assert caught.value.detail == "unknown_certificate"


def test_a_certificate_that_readers_may_not_know_travels_whole():
    text = taxi_view(x5c=[base64.b64encode(CERTIFICATE).decode()])

    assert read_qr_text(build_qr_text(text, certificates=()), certificates=()) == text


def test_the_hash_of_a_key_binding_and_the_second_coordinate_are_not_sent():
    text = taxi_view()
    _, y = coordinates(1)
    sd_hash = hashlib.sha256(text[: text.rfind("~") + 1].encode()).digest()

    lifted, blobs = lift(text, certificates=())

    assert b"\xf9" in lifted
    assert b"\xf7" in lifted or b"\xf8" in lifted
    assert sd_hash not in blobs
    assert base64url.decode(y) not in blobs


def test_more_keys_than_a_reader_derives_travel_whole():
    text = ".".join(part for seed in range(1, 30) for part in coordinates(seed))

    lifted, _ = lift(text, certificates=())

    assert len(re.findall(b"[\xf7\xf8]", lifted)) == MAX_DERIVED
    assert unpack(pack(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "eyJhbGciOiJFUzI1NiJ9.e30.AA",
        f"{segment({'x5c': 'text'})}.e30.AA",
        f"{segment({'x5c': ['%']})}.e30.AA",
        f"{segment([1])}.e30.AA",
    ],
)
def test_a_text_without_certificates_has_none(text):
    assert header_certificates(text) == ()


def test_a_wrong_hash_travels_as_it_is():
    text = taxi_view()
    head, _, proof = text.rpartition("~")
    header, payload, signature = proof.split(".")
    claims = json.loads(base64url.decode(payload)) | {"sd_hash": base64url.encode(b"x" * 32)}
    forged = f"{head}~{header}.{segment(claims)}.{signature}"

    assert unpack(pack(forged)) == forged
    assert b"x" * 32 in lift(forged, certificates=())[1]


def jose_like(rng):
    """A text with the shape of tokens: runs, nested JSON, digits, tildes, several scripts."""
    x, y = coordinates(rng.randrange(1, 2**64))

    def word(depth):
        choice = rng.randrange(14 if depth < 6 else 12)
        if choice < 4:
            return base64url.encode(rng.randbytes(rng.choice([8, 16, 32, 64, 5, 33, 100])))
        if choice < 6:
            return str(rng.randrange(10 ** rng.randrange(1, 13))).zfill(rng.randrange(1, 12))
        if choice < 7:
            return "".join(chr(rng.randrange(0x1780, 0x17F9)) for _ in range(rng.randrange(1, 9)))
        if choice < 8:
            return rng.choice(["陈", "ế", "\U0010ffff", "", " ", "\x00", "À"])
        if choice < 9:
            return f"{x}{rng.choice(['.', '', ','])}{y}"
        if choice < 12:
            return "".join(rng.choices(string.printable, k=rng.randrange(20)))
        inner = [word(depth + 1) for _ in range(rng.randrange(4))]
        return base64url.encode(
            (rng.choice("{[x") + rng.choice([".", ",", "~"]).join(inner)).encode()
        )

    return "".join(word(0) + rng.choice([".", "~", "", '"', "="]) for _ in range(rng.randrange(12)))


def test_every_text_that_looks_like_a_token_comes_back_exactly():
    rng = random.Random(20261122)

    for _ in range(3000):
        text = jose_like(rng)
        if len(text) <= 16_384:
            assert unpack(pack(text)) == text


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_every_text_comes_back_exactly(text):
    assert unpack(pack(text)) == text


@given(st.binary(max_size=200))
@settings(max_examples=500, deadline=None)
def test_random_bytes_are_refused_or_read_but_never_crash(data):
    with suppress(Malformed):
        assert isinstance(unpack(data), str)


@given(lifted=st.binary(max_size=80), blobs=st.binary(max_size=80))
@settings(max_examples=800, deadline=None)
def test_random_escapes_are_refused_or_read_but_never_crash(lifted, blobs):
    with suppress(Malformed):
        assert isinstance(lower(lifted, blobs, certificates=(CERTIFICATE,)), str)


def test_every_cut_of_a_code_is_refused():
    packed = pack(taxi_view())

    for length in range(len(packed)):
        with pytest.raises(Malformed):
            unpack(packed[:length])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_code_is_read_or_refused_as_in_javascript(case):
    """S-125"""
    certificates = tuple(base64.b64decode(text) for text in case["given"]["certificates"])
    if case["reason"] is None:
        assert read_qr_text(case["given"]["qr"], certificates=certificates) == case["expect"]
        return

    with pytest.raises(Malformed) as caught:
        read_qr_text(case["given"]["qr"], certificates=certificates)

    assert caught.value.detail == case["reason"]


def test_text_that_cannot_be_sent_is_refused():
    for text, detail in (("a" * 16_385, "too_large"), ("\ud800", "invalid_utf8")):
        with pytest.raises(Malformed) as caught:
            pack(text)

        assert caught.value.detail == detail


def test_a_published_dictionary_never_changes():
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in DICTIONARIES.items()}

    assert digests == {"1": "59a3b6724d1f346db80ed01086fca279670c3c1af1244493edfbf8e4f93b7a5b"}


def test_browsers_have_the_same_dictionaries():
    maker = runpy.run_path(str(VECTORS / "make_dictionaries.py"))

    assert maker["TARGET"].read_text(encoding="utf-8") == maker["build_module"]()
