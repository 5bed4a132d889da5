"""
The driver's picture beside the verdict, on an inspector's phone without network.

The camera films the code and the parts of the face in turn, as the resident's phone shows them.
Whatever is refused is pasted, because what a camera sees is the same text.
"""

import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))

from inspector_stage import CHROMIUM, LiveCounter, Stage, film

from credentials.face import build_face_texts, inspect_picture, sign_face
from credentials.reading import read_credential
from tests.support.browser import load_words
from tests.support.pictures import draw_head, encode_webp

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
PICTURE = inspect_picture(encode_webp(draw_head(seed=1)))
NARROW = {"width": 320, "height": 640}
MIDDLE = """
canvas => {
  const { width, height } = canvas;
  const [shade] = canvas.getContext("2d").getImageData(width / 2, height / 4, 1, 1).data;
  return { width, height, shade };
}
"""


@pytest.fixture(scope="module")
def counter(tmp_path_factory):
    counter = LiveCounter(tmp_path_factory.mktemp("city"))
    counter.register()
    counter.view = counter.driver.receive_taxi_cards()
    yield counter
    counter.close()


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def word(key, language="en", **values):
    return load_words("verifier/inspector", language)[key].format(**values)


def face_of(counter, card, *, picture=PICTURE, signer=None):
    """What the agency signs beside this card."""
    agency = counter.city.agencies["transport"]
    face = sign_face(
        picture, credential=read_credential(card.text), signer=signer or agency.credential
    )
    return build_face_texts(face)


def film_in_turn(texts, path):
    """One film in which each code is to be seen for a quarter of a second."""
    reels = [film(text, path.with_suffix(f".{number}")) for number, text in enumerate(texts)]
    path.write_bytes(b"".join(reel.read_bytes() for reel in reels))
    return path


def expect_face(phone, state, language="en"):
    caption = word(f"face.{state}", language)
    expect(phone.page.locator(".verdict-face figcaption")).to_have_text(caption, timeout=20_000)
    assert phone.page.get_attribute(".verdict-face", "data-state") == state


def test_a_filmed_code_and_face_show_who_it_is_without_network(counter, stage, tmp_path):
    texts = (counter.driver.show(counter.view), *face_of(counter, counter.view))
    phone = stage.phone(film=film_in_turn(texts, tmp_path / "shown.mjpeg"))
    phone.context.route("**/api/v1/checks", lambda route: route.abort())
    phone.open(f"{counter.url}/inspect/")

    assert phone.verdict() == "valid"
    expect_face(phone, "signed")
    drawn = phone.page.locator(".verdict-face canvas").evaluate(MIDDLE)
    assert (drawn["width"], drawn["height"]) == (256, 320)
    assert abs(drawn["shade"] - 165) < 30
    assert phone.axe() == []

    phone.scan_next()
    assert phone.page.locator(".verdict-face").count() == 0
    assert phone.complaints == []


def show_again(counter, card, *face):
    return "\n".join((*face, counter.driver.show(card)))


def of_another_driver(counter):
    return face_of(counter, counter.driver.receive("taxi-permit"))


def of_an_older_view(counter):
    """The same driver's, but signed beside the copy before this one."""
    older = counter.view
    counter.view = counter.driver.receive_taxi_cards()
    return face_of(counter, older)


def by_another_agency(counter):
    signer = counter.city.agencies["insurance"].credential
    return face_of(counter, counter.view, signer=signer)


@pytest.mark.parametrize("take", [of_another_driver, of_an_older_view, by_another_agency])
def test_s_025_s_051_s_129_a_face_of_something_else_is_refused_and_never_drawn(
    counter, stage, take
):
    phone = stage.phone()
    phone.be_ready(counter)
    face = take(counter)

    assert phone.type_code(show_again(counter, counter.view, *face)) == "valid"
    expect_face(phone, "foreign")
    assert phone.page.locator(".verdict-face canvas").count() == 0
    assert phone.axe() == []


def altered(counter):
    first, last = face_of(counter, counter.view)
    return [first, last[:60] + ("0" if last[60] != "0" else "1") + last[61:]]


def no_face_at_all(counter):
    return ["CF1:1/1:QED8WEX0"]


def mixed_parts(counter):
    other = face_of(counter, counter.view, picture=inspect_picture(encode_webp(draw_head(seed=9))))
    return [face_of(counter, counter.view)[0], other[0], other[1]]


@pytest.mark.parametrize("take", [altered, no_face_at_all, mixed_parts])
def test_s_022_s_051_s_125_an_altered_face_is_refused_in_plain_words(counter, stage, take):
    phone = stage.phone()
    phone.be_ready(counter)

    assert phone.type_code(show_again(counter, counter.view, *take(counter))) == "valid"
    figure = phone.page.locator(".verdict-face")
    expect(figure).to_have_attribute("data-state", "broken" if take is not altered else "foreign")
    assert figure.locator("canvas").count() == 0
    assert phone.complaints == []


def test_no_face_is_no_failure_in_khmer_at_320_pixels(counter, stage):
    phone = stage.phone(language="km", viewport=NARROW)
    page = phone.be_ready(counter)

    assert phone.type_code(counter.driver.show(counter.view)) == "valid"
    expect_face(phone, "missing", "km")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert phone.axe() == []
    assert phone.complaints == []


def test_a_card_that_is_not_shown_by_its_holder_gets_no_face(counter, stage):
    """A copied code shows nobody, with or without a picture."""
    phone = stage.phone()
    phone.be_ready(counter)
    stranger = counter.driver.key()
    code = counter.driver.show(counter.view, signer=stranger)

    assert phone.type_code("\n".join((*face_of(counter, counter.view), code))) == "forged"
    assert phone.page.locator(".verdict-face").count() == 0
