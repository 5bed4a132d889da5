"""
A picture's way in real browsers: from the officer's photo to the inspector's screen.

The officer chooses a photo, the browser makes a face of it, the agency signs it beside the view,
the resident's phone shows it in turn with the code, and the inspector's phone, which has no
network, films all of it as badly as "hard75" and shows the face.
"""

import io
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from mobile_demo.tour import FOUR
from tests.support.cities import running_city
from tests.support.pictures import draw_head
from tests.support.portal import OfficeAtThePortal
from tests.support.street import OfficeByPost, new_inspector, new_resident

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NARROW = {"width": 320, "height": 640}
WIDTHS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
GREYS = """
canvas => {
  const { width, height } = canvas;
  const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const at = (x, y) => pixels[4 * (Math.round(y * height) * width + Math.round(x * width))];
  return { hair: at(0.5, 0.1), cheek: at(0.5, 0.35), eye: at(0.38, 0.465), wall: at(0.05, 0.1) };
}
"""


@pytest.fixture
def city():
    with ExitStack() as stack:
        _, desk = stack.enter_context(running_city())
        yield desk


def photo() -> bytes:
    """A photo as an office's camera makes it: large, in colour, 4 by 5."""
    target = io.BytesIO()
    draw_head((640, 800), seed=4).convert("RGB").save(target, "PNG")
    return target.getvalue()


def test_an_inspector_without_network_sees_the_face_that_an_officer_chose(
    city, residents_device, inspectors_device
):
    resident = new_resident(residents_device, city)
    inspector = new_inspector(inspectors_device, city)
    portal, post = OfficeAtThePortal(city, inspectors_device), OfficeByPost(city)
    licence, *others = FOUR
    officer = portal.officer_for(licence)

    resident.paste(officer.offer(licence, portrait=photo()))
    for type_name in others:
        resident.paste(post.offer(type_name))
    resident.fetch_view()
    for person in (resident.person, inspector.person):
        person.context.set_offline(True)
    inspector.camera.film(*resident.show_code_with_picture())
    inspector.open_app()

    inspector.expect_verdict("valid", look="good")
    face = inspector.person.page.locator(".verdict-face")
    expect(face).to_have_attribute("data-state", "signed")
    expect(face.locator("figcaption")).to_have_text(inspector.word("face.signed"))
    greys = face.locator("canvas").evaluate(GREYS)
    assert greys["hair"] + 60 < greys["cheek"] < greys["wall"], greys
    assert greys["eye"] + 60 < greys["cheek"], greys

    for person in (resident.person, inspector.person):
        person.page.set_viewport_size(NARROW)
        assert person.page.evaluate(WIDTHS) <= 0
        assert person.find_barriers() == []
    people = [resident.person, inspector.person, officer.person]
    assert [fault for person in people for fault in person.faults] == []
