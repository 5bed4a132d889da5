"""What is drawn is read by a foreign reader."""

import re

import numpy
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from encoding.errors import Malformed
from runtime.qr import build_qr_svg, build_qr_terminal, qr_version

SCALE = 4
TEXTS = ["CQ1:" + "6BF+D93Z%*" * 40, "openid4vp://?client_id=x509_san_dns%3Alocalhost", "ទីក្រុង 城市"]


def paint(svg):
    """The picture of an SVG made of horizontal bars, as pixels."""
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg).group(1))
    pixels = numpy.full((size, size), 255, dtype=numpy.uint8)
    dark = svg.rpartition('d="')[2]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", dark):
        pixels[int(y), int(x) : int(x) + int(length)] = 0
    return pixels.repeat(SCALE, axis=0).repeat(SCALE, axis=1)


def paint_terminal(text):
    halves = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}
    rows = []
    for line in text.splitlines():
        rows.append([halves[character][0] for character in line])
        rows.append([halves[character][1] for character in line])
    pixels = numpy.array(rows, dtype=numpy.uint8)
    return pixels.repeat(SCALE, axis=0).repeat(SCALE, axis=1)


def read(pixels):
    return [found.text for found in zxingcpp.read_barcodes(pixels)]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("error", ["L", "M", "Q", "H"])
def test_a_drawn_code_is_read_again(text, error):
    assert read(paint(build_qr_svg(text, error=error))) == [text]


@pytest.mark.parametrize("text", TEXTS)
def test_a_code_in_a_terminal_is_read_again(text):
    assert read(paint_terminal(build_qr_terminal(text))) == [text]


@settings(deadline=None, max_examples=20)
@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", min_size=5, max_size=80))
def test_any_base45_text_is_read_again(text):
    assert read(paint(build_qr_svg(text))) == [text]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("A" * 25, 1),
        ("A" * 26, 2),
        ("A" * 4296, 40),
        ("a" * 17, 1),
        ("a" * 18, 2),
        ("a" * 2953, 40),
    ],
)
def test_versions_are_those_of_the_standard(text, version):
    """ISO/IEC 18004 table 7, level L."""
    assert qr_version(text) == version


@pytest.mark.parametrize("text", ["", "A" * 4297, "a" * 2954])
def test_a_text_that_fits_no_code_is_refused(text):
    with pytest.raises(Malformed) as caught:
        build_qr_svg(text)

    assert caught.value.detail == "too_large"


def test_the_drawing_holds_no_text():
    assert "<script>" not in build_qr_svg("<script>alert(1)</script>")
