"""
One story in real browsers: from the agency's desk to the inspector's verdict.

The officer offers, the resident's phone takes and shows, the inspector's phone films the live code
with a camera that is as bad as "hard75" and judges: online, without network, an old picture, a used
code, a withdrawn insurance, and in the end with the whole city switched off.
"""

import re
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from mobile_demo.desk import Desk
from mobile_demo.tour import FOUR
from tests.support.browser import Device
from tests.support.cities import running_city
from tests.support.portal import OfficeAtThePortal
from tests.support.street import (
    Inspector,
    Resident,
    new_inspector,
    new_resident,
    shift_clock,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OLD_CODE_SECONDS = 90
A_DAY_AND_AN_HOUR = 25 * 3600


@dataclass(slots=True)
class Scene:
    """Who is on the stage, and the city behind them."""

    desk: Desk
    city: ExitStack
    office: OfficeAtThePortal
    residents_device: Device
    resident: Resident
    inspector: Inspector

    def faults(self) -> list[str]:
        """What went wrong in any window without anybody seeing it."""
        officers = [officer.person for officer in self.office.officers.values()]
        people = [self.resident.person, self.inspector.person, *officers]
        return [fault for person in people for fault in person.faults]


@pytest.fixture
def scene(residents_device, inspectors_device):
    with ExitStack() as city:
        _, desk = city.enter_context(running_city())
        resident = new_resident(residents_device, desk)
        inspector = new_inspector(inspectors_device, desk)
        office = OfficeAtThePortal(desk, inspectors_device)
        yield Scene(desk, city, office, residents_device, resident, inspector)
        resident.person.context.close()
        inspector.person.context.close()


def test_from_the_agencys_desk_to_the_inspectors_verdict(scene):
    the_resident_gets_the_documents(scene)
    a_live_code_is_green(scene)
    the_same_code_was_used(scene)
    without_network_the_verdict_says_how_old_its_status_is(scene)
    a_screenshot_is_an_old_code(scene)
    a_status_of_yesterday_is_amber(scene)
    with_a_withdrawn_insurance_it_is_red(scene)
    and_stays_red_when_the_city_is_switched_off(scene)

    assert scene.faults() == []


def the_resident_gets_the_documents(scene):
    scanned, *pasted = FOUR
    officer = scene.office.officer_for(scanned)
    offered = officer.offer(scanned)
    scene.resident.scan(officer.show_code(), scene.residents_device.camera, offered.tx_code)
    officer.expect_received()
    for type_name in pasted:
        scene.resident.paste(scene.office.offer(type_name))
    scene.resident.fetch_view()


def a_live_code_is_green(scene):
    scene.inspector.look_at(scene.resident.show_code())
    scene.inspector.expect_verdict("valid", look="good")

    verdict = scene.inspector.person.page.locator("#verdict")
    expect(verdict.get_by_text("2A-4417", exact=True)).to_be_visible()
    expect(verdict.get_by_text(scene.inspector.word("verdict.on_phone"))).to_have_count(0)


def the_same_code_was_used(scene):
    scene.inspector.open_app()
    scene.inspector.expect_verdict("replayed", look="bad")
    expect(scene.inspector.person.page.get_by_text("2A-4417")).to_have_count(0)
    scene.inspector.scan_next()


def without_network_the_verdict_says_how_old_its_status_is(scene):
    for person in (scene.resident.person, scene.inspector.person):
        person.context.set_offline(True)
    scene.inspector.open_app()
    scene.inspector.wait_until_ready("offline")
    scene.inspector.look_at(scene.resident.show_code())
    scene.inspector.expect_verdict("valid", look="good")

    verdict = scene.inspector.person.page.locator("#verdict")
    expect(verdict.get_by_text(scene.inspector.word("verdict.on_phone"))).to_be_visible()
    ages = (scene.inspector.word("age.now"), scene.inspector.word("age.minutes"))
    age = re.compile("|".join(words.format(count=r"\d+") for words in ages))
    expect(verdict.get_by_role("definition").filter(has_text=age)).to_be_visible()
    scene.inspector.scan_next()


def a_screenshot_is_an_old_code(scene):
    picture = scene.resident.show_code()
    shift_clock(scene.inspector.person.page, OLD_CODE_SECONDS)
    scene.inspector.look_at(picture)
    scene.inspector.expect_verdict("stale_code", look="bad")
    expect(scene.inspector.person.page.get_by_text("2A-4417")).to_have_count(0)
    scene.inspector.scan_next()


def a_status_of_yesterday_is_amber(scene):
    shift_clock(scene.inspector.person.page, A_DAY_AND_AN_HOUR - OLD_CODE_SECONDS)
    shift_clock(scene.resident.person.page, A_DAY_AND_AN_HOUR)
    scene.inspector.look_at(scene.resident.show_code())
    scene.inspector.expect_verdict("valid_old", look="warn")

    age = scene.inspector.word("age.hours").format(count=25)
    expect(scene.inspector.person.page.get_by_role("alert").get_by_text(age)).to_be_visible()


def with_a_withdrawn_insurance_it_is_red(scene):
    for person in (scene.resident.person, scene.inspector.person):
        person.context.set_offline(False)
    scene.resident.person.page.reload()
    scene.inspector.camera.look_away()
    scene.inspector.open_app()
    scene.inspector.wait_until_ready("ready")
    scene.office.revoke("insurance-certificate")
    scene.inspector.look_at(scene.resident.show_code())
    expect_withdrawn_insurance(scene)
    scene.inspector.scan_next()


def and_stays_red_when_the_city_is_switched_off(scene):
    scene.inspector.wait_for_epoch(scene.desk.close_epoch()["epoch"])
    scene.city.close()
    scene.inspector.open_app()
    scene.inspector.wait_until_ready("offline")
    scene.resident.person.page.reload()
    scene.inspector.look_at(scene.resident.show_code())
    expect_withdrawn_insurance(scene)


def expect_withdrawn_insurance(scene):
    scene.inspector.expect_verdict("revoked", look="bad")
    named = scene.inspector.word("screen.revoked.why").format(document="Insurance certificate")
    expect(scene.inspector.person.page.get_by_role("alert").get_by_text(named)).to_be_visible()
