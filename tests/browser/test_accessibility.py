"""
The whole city without a mouse and for a screen reader: a driver gets everything by keyboard alone,
and axe finds no barrier on any screen that driver and inspector meet, in Khmer.

Each app has its own tests beside this one; here they run against each other, with everything that
a real agency writes on the screens.
"""

import pytest
from playwright.sync_api import expect

from mobile_demo.tour import FOUR
from tests.support.street import (
    OfficeByPost,
    Resident,
    new_driver,
    new_inspector,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MOST_TABS = 60
FOCUSED = """
() => {
  const at = document.activeElement;
  if (!at || at === document.body) return "";
  const labelled = at.labels?.[0]?.textContent ?? at.getAttribute("aria-label") ?? at.textContent;
  return labelled.replace(/\\s+/g, " ").trim();
}
"""
FOCUS_IS_SEEN = """
() => {
  const {outlineStyle, boxShadow} = getComputedStyle(document.activeElement);
  return outlineStyle !== "none" || boxShadow !== "none";
}
"""


def test_a_driver_gets_and_shows_the_code_by_keyboard_alone(residents_device, city_desk):
    driver = Resident(residents_device.open(), city_desk.urls["wallet_api"])
    page, office = driver.person.page, OfficeByPost(city_desk)
    page.goto(driver.home)
    press(page, "English")
    press(page, driver.word("welcome.start"))
    driver.sees("cards.title")
    for type_name in FOUR:
        offered = office.offer(type_name)
        press(page, driver.word("tabs.scan"))
        write(page, driver.word("scan.paste"), offered.link)
        press(page, driver.word("scan.open"))
        press(page, driver.word("offer.look"))
        write(page, driver.word("offer.code"), offered.tx_code)
        page.keyboard.press("Enter")
        driver.sees("offer.added")
        press(page, driver.word("offer.see_cards"))
        driver.sees("cards.title")
    press(page, driver.word("tabs.show"))
    press(page, driver.word("purpose.taxi-inspection.title"))
    press(page, driver.word("show.get_ready"))
    press(page, driver.word("request.share"))
    press(page, driver.word("show.code"))

    expect(page.locator("#qr[data-modules]")).to_be_visible()
    press(page, driver.word("code.pause"))
    expect(page.get_by_role("button", name=driver.word("code.resume"))).to_be_focused()
    assert driver.person.faults == []
    driver.person.context.close()


def test_no_screen_of_driver_or_inspector_has_a_barrier(
    residents_device, inspectors_device, city_desk
):
    driver = new_driver(residents_device, city_desk, language="km")
    inspector = new_inspector(inspectors_device, city_desk)
    inspector.speak("km")

    barriers = {**look_at_wallet(driver, OfficeByPost(city_desk)), **look_at_app(inspector, driver)}

    assert {name: found for name, found in barriers.items() if found} == {}
    assert driver.person.faults + inspector.person.faults == []
    driver.person.context.close()
    inspector.person.context.close()


def look_at_wallet(driver, office):
    """What axe finds on the driver's screens."""
    page, found = driver.person.page, {}
    for name in ("cards", "show", "show/taxi-inspection", "code/taxi-inspection", "scan"):
        page.goto(f"{driver.home}/#/{name}")
        page.locator(f"body[data-screen={name.split('/')[0]}] h1").wait_for()
        found[name] = driver.person.find_barriers()
    for name in ("history", "settings"):
        page.goto(f"{driver.home}/#/{name}")
        page.locator(f".screen-{name} li").first.wait_for()
        found[name] = driver.person.find_barriers()
    page.goto(f"{driver.home}/#/cards")
    page.locator(".card-link").first.click()
    page.locator(".screen-card .claims").first.wait_for()
    found["card"] = driver.person.find_barriers()
    offered = office.offer("driving-licence")
    page.goto(f"{driver.home}/#/scan")
    page.get_by_label(driver.word("scan.paste")).fill(offered.link)
    driver.press("scan.open")
    driver.press("offer.look")
    page.get_by_label(driver.word("offer.code")).wait_for()
    found["offer"] = driver.person.find_barriers()
    return found


def look_at_app(inspector, driver):
    """What axe finds on the inspector's screens, with a driver's live code before the camera."""
    found = {"camera": inspector.person.find_barriers()}
    inspector.look_at(driver.show_code())
    for verdict, look in (("valid", "good"), ("replayed", "bad")):
        inspector.expect_verdict(verdict, look=look)
        inspector.person.page.locator("#verdict summary").click()
        found[verdict] = inspector.person.find_barriers()
        inspector.open_app()
    inspector.camera.look_away()
    return found


def press(page, name):
    """Go to a button or link by Tab, see that it is marked, and press Enter."""
    reach(page, name)
    assert page.evaluate(FOCUS_IS_SEEN), f"nobody sees that {name} has the focus"
    page.keyboard.press("Enter")


def write(page, name, text):
    """Go to a field by Tab and type; pasting is what a person would do with a link."""
    reach(page, name)
    page.keyboard.insert_text(text)


def reach(page, name):
    """Press Tab until something with this name has the focus, once the screen offers it."""
    page.get_by_text(name, exact=True).first.wait_for()
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).startswith(name):
            return
    raise AssertionError(f"Tab does not reach {name}")
