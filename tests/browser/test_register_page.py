"""The register's page in a real Chromium: three languages, phone and desk, nothing in the way."""

import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "services"))

from registered_city import AGENCY, LIST, RegisteredCity

from credentials.model import Status, StatusReference
from credentials.receipt import Receipt, sign_receipt
from ledger.chain import ChainHead, LogHead
from ledger.chain_store import Alarm
from ledger.reconciler import Report, State
from tests.browser.page_stage import AXE, LANGUAGES, RUN_AXE, WATCH

pytestmark = pytest.mark.browser


class Reported:
    """Chains as a round of the fleet leaves them."""

    def __init__(self, *reports):
        self.found = {report.caip2: report for report in reports}
        self.count = len(reports)

    def reports(self):
        return self.found


@pytest.fixture
def city(tmp_path):
    city = RegisteredCity(tmp_path)
    city.admit()
    yield city
    city.close_down()


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.add_init_script(WATCH)
    page = context.new_page()
    page.faults = []
    page.on("console", lambda message: page.faults.append(message.text))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    yield page
    context.close()


def publish(city, statuses=None):
    city.submit(city.list_token(statuses=statuses))
    city.close_epoch()


def hand_in(city, index):
    promise = Receipt(
        issuer=AGENCY,
        issued_at=city.now,
        status=Status.REVOKED,
        entries=(StatusReference(LIST, index),),
        due_at=city.now + timedelta(seconds=120),
        due_epoch=None,
    )
    text = sign_receipt(promise, signer=city.status_key, header={})
    assert city.client.post("/api/v1/receipts", json={"receipt": text}).status_code == 202


def chain(city, name, state, lag, alarm=None):
    final = ChainHead(LogHead(1, 1, bytes(32)), height=4711, block_hash=bytes(32))
    return Report(name, state, city.now, lag, final, "", alarm)


def with_chains(city):
    """One that keeps up, one that is slow, one that was forked."""
    forked = Alarm("foreign_head", "a head that the log never had")
    object.__setattr__(
        city.hall,
        "ledgers",
        Reported(
            chain(city, "eip155:31337", State.CURRENT, 0),
            chain(city, "eip155:31338", State.SENT, 7),
            chain(city, "eip155:31339", State.STOPPED, 3, forked),
        ),
    )


def run_axe(page):
    devtools = page.context.new_cdp_session(page)
    frame = devtools.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = devtools.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})
    place = {"contextId": world["executionContextId"]}
    devtools.send("Runtime.evaluate", {"expression": AXE.read_text(), **place})
    answer = devtools.send(
        "Runtime.evaluate",
        {"expression": RUN_AXE, "awaitPromise": True, "returnByValue": True, **place},
    )
    return json.loads(answer["result"]["value"])


def look(page, url):
    """Every language at both widths: nothing for axe, nothing wider than the screen."""
    found = []
    for language in LANGUAGES:
        page.goto(f"{url}/?lang={language}")
        assert page.get_attribute("html", "lang") == language
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append((language, width, "wider than the screen"))
            found += [(language, width, *each) for each in run_axe(page)]
    return found


def test_the_page_has_no_barrier_and_no_breach_in_any_mood(city, page):
    url = city.environ["CITY_REGISTER_URL"]
    starting = look(page, url)
    publish(city, {7: Status.REVOKED})
    publish(city)
    hand_in(city, 9)
    well = look(page, url)
    with_chains(city)
    alarmed = look(page, url)

    assert starting + well + alarmed == []
    assert page.faults == []


def test_people_are_told_what_stands_and_what_is_wrong(city, page):
    url = city.environ["CITY_REGISTER_URL"]
    publish(city)
    page.goto(url)
    calm = page.text_content("h1")
    label = page.text_content(".tag")
    hand_in(city, 9)
    city.now += timedelta(minutes=5)
    page.goto(url)
    late = page.text_content("h1")
    publish(city)
    city.hall.promises.settle()
    with_chains(city)
    page.goto(url)

    assert calm == "Everything is up to date"
    assert label == "same operator"
    assert late == "The register is late"
    assert page.text_content("h1") == "Something is wrong"
    assert "Broken promises: 1" in page.text_content("main")
    assert "This ledger is forked" in page.text_content("main")
    assert "epochs behind: 7" in page.text_content("main")


def test_the_figures_come_up_to_date_by_themselves_and_speak_when_the_mood_changes(city, page):
    publish(city)
    page.clock.install()
    page.goto(city.environ["CITY_REGISTER_URL"])
    before = page.text_content(".figure dd")
    publish(city)
    city.now += timedelta(minutes=9)
    page.clock.run_for(11_000)
    page.wait_for_selector(".mood-late")

    assert (before, page.text_content(".figure dd")) == ("1", "2")
    assert page.text_content("#spoken") == "The register is late"
    assert page.faults == []


def test_the_page_is_whole_without_script(city, chromium):
    publish(city)
    context = chromium.new_context(java_script_enabled=False, locale="km")
    page = context.new_page()
    page.goto(city.environ["CITY_REGISTER_URL"])

    assert page.get_attribute("html", "lang") == "km"
    assert page.text_content(".figure dd") == "1"
    context.close()
