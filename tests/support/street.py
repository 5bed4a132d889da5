"""
The people of the story, each with a browser window: what they do, in their own words.

Whatever is pressed is found by the words on it, in the language that the person chose, so that a
button without words, or one that only a mouse can find, ends the story.
"""

import time
from dataclasses import dataclass, field
from typing import Protocol

from playwright.sync_api import Page, expect

from mobile_demo.desk import Desk
from mobile_demo.letters import Letters, text_of
from mobile_demo.people import agency_for
from mobile_demo.tour import FOUR, example_of
from tests.support.browser import Device, Person, load_words
from tests.support.camera import FakeCamera, Screen

LANGUAGES = {"en": "English", "km": "ខ្មែរ", "zh-Hans": "中文"}
INSPECTORS_NAME = "Chan Sophea"
PATIENCE_SECONDS = 20
KEPT_EPOCH = """
() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("inspector");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const asked = opening.result.transaction("kept").objectStore("kept").get("bundle");
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
      const payload = asked.result.text.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
      opening.result.close();
      resolve(JSON.parse(atob(payload)).version);
    };
  };
})
"""


def shift_clock(page: Page, seconds: int) -> None:
    """From now on this page's clock is ahead by so much, and goes on, until it is opened anew."""
    page.evaluate(
        "(ahead) => { const real = Date.now; Date.now = () => real() + ahead; }", seconds * 1000
    )


@dataclass(frozen=True, slots=True)
class Offered:
    """What an officer hands over: a link, and a code by another way."""

    link: str
    tx_code: str


class Office(Protocol):
    """Where documents come from."""

    def offer(self, type_name: str) -> Offered:
        """Offer a document with the example claims."""

    def revoke(self, type_name: str) -> None:
        """Withdraw the document that was offered last."""


@dataclass(slots=True)
class OfficeByPost:
    """Officers who write to the counter's API instead of sitting at the portal."""

    desk: Desk
    offered: dict[str, str] = field(default_factory=dict)

    def offer(self, type_name: str) -> Offered:
        """Offer a document with the example claims."""
        agency = agency_for(type_name)
        answer = self._letters(agency).post(
            "/api/v1/offers",
            {
                "agency": agency,
                "type": type_name,
                "claims": example_of(type_name),
                "tx_code": True,
            },
        )
        self.offered[type_name] = text_of(answer, "credential_id")
        return Offered(text_of(answer, "offer_uri"), text_of(answer, "tx_code"))

    def revoke(self, type_name: str) -> None:
        """Withdraw the document that was offered last."""
        self._letters(agency_for(type_name)).post(
            f"/api/v1/credentials/{self.offered[type_name]}/status",
            {"status": "revoked", "reason": "policy cancelled"},
        )

    def _letters(self, agency: str) -> Letters:
        return self.desk.letters("issuer", role="officer", agency=agency)


@dataclass(slots=True)
class Resident:
    """A resident with the wallet on a phone."""

    person: Person
    home: str
    language: str = "en"

    def word(self, key: str) -> str:
        """What the wallet says."""
        return load_words("mobile_demo/wallet", self.language)[key]

    def press(self, key: str) -> None:
        """Press the button with these words."""
        self.person.page.get_by_role("button", name=self.word(key), exact=True).click()

    def sees(self, key: str) -> None:
        """Wait for a screen with this heading."""
        heading = self.person.page.get_by_role("heading", name=self.word(key), exact=True)
        expect(heading).to_be_visible()

    def set_up(self) -> None:
        """First start: the language, then a key of this phone."""
        page = self.person.page
        page.goto(self.home)
        page.get_by_role("button", name=LANGUAGES[self.language]).click()
        self.press("welcome.start")
        self.sees("cards.title")

    def paste(self, offered: Offered) -> None:
        """Take an offer that came as a link."""
        page = self.person.page
        page.goto(f"{self.home}/#/scan")
        page.get_by_label(self.word("scan.paste")).fill(offered.link)
        self.press("scan.open")
        self.accept(offered.tx_code)

    def scan(self, screen: Screen, camera: FakeCamera, tx_code: str) -> None:
        """Take an offer that an officer shows, with this phone's own camera."""
        camera.film(screen)
        self.person.page.goto(f"{self.home}/#/scan")
        self.accept(tx_code)
        camera.look_away()

    def accept(self, tx_code: str) -> None:
        """Look at an offer, type the code, add the document."""
        self.press("offer.look")
        self.person.page.get_by_label(self.word("offer.code")).fill(tx_code)
        self.press("offer.add")
        self.sees("offer.added")

    def choose_inspector(self) -> None:
        """ "Who is checking?" A taxi inspector."""
        page = self.person.page
        page.goto(f"{self.home}/#/show")
        self.sees("show.title")
        page.get_by_role("link", name=self.word("purpose.taxi-inspection.title")).click()

    def fetch_view(self) -> None:
        """Show the four documents to the agency once, get the small code."""
        self.choose_inspector()
        self.press("show.get_ready")
        self.press("request.share")
        expect(self.person.page.get_by_text(self.word("show.they_see"))).to_be_visible()

    def show_code(self) -> Screen:
        """Show a code that nobody has seen yet, and what the phone's screen looks like."""
        page = self.person.page
        self.choose_inspector()
        self.press("show.code")
        page.locator("#qr[data-modules]").wait_for()
        return self.person.photograph("#qr")

    def show_code_with_picture(self, *, parts: int = 2) -> tuple[Screen, ...]:
        """Show a code and say yes to the picture: every frame that the phone shows in turn."""
        page = self.person.page
        self.choose_inspector()
        self.press("show.code")
        page.locator("#qr[data-modules]").wait_for()
        self.press("code.with_picture")
        frames = []
        for number in range(1, parts + 1):
            page.locator(f"#qr[data-frame='{number}']").wait_for()
            frames.append(self.person.photograph("#qr"))
        self.press("code.pause")
        return self.person.photograph("#qr"), *frames


@dataclass(slots=True)
class Inspector:
    """An inspector with the app on a phone, looking through its camera."""

    person: Person
    home: str
    camera: FakeCamera
    language: str = "en"

    def word(self, key: str) -> str:
        """What the app says."""
        return load_words("verifier/inspector", self.language)[key]

    def enrol(self, link: str) -> None:
        """Register a passkey with a one-time link, and start to work."""
        page = self.person.page
        self.person.hold_authenticator()
        page.goto(link)
        page.get_by_role("button", name=self.word("enrol.create")).click()
        page.get_by_role("link", name=self.word("enrol.to_inspect")).click()
        self.wait_until_ready("ready")

    def open_app(self) -> None:
        """Open the app anew; what the camera sees now is what it sees."""
        self.person.page.goto(f"{self.home}/inspect/")

    def wait_until_ready(self, state: str) -> None:
        """Until the app says how it stands, and the camera runs."""
        page = self.person.page
        page.locator(f"#readiness[data-state={state}]").wait_for()
        page.locator("body[data-camera=running]").wait_for()

    def speak(self, language: str) -> None:
        """Choose another language in the menu."""
        page = self.person.page
        page.get_by_role("button", name=self.word("menu.open")).click()
        page.locator("#menu").get_by_role("button", name=LANGUAGES[language]).click()
        self.language = language
        page.locator(f"html[lang={language}]").wait_for(state="attached")
        page.locator("#menu").get_by_role("button", name=self.word("close")).click()

    def look_at(self, screen: Screen) -> None:
        """Point the camera at somebody's phone."""
        self.camera.film(screen)

    def expect_verdict(self, name: str, *, look: str) -> None:
        """Wait for a verdict: which screen it is, its colour, and its words as the headline."""
        page = self.person.page
        place = page.locator("#verdict")
        place.wait_for()
        expect(place).to_have_attribute("data-screen", name)
        expect(place).to_have_attribute("data-look", look)
        key = f"screen.{name}.title"
        words = load_words("verifier/inspector", self.language)
        title = words.get(f"{key}.taxi-inspection") or words[key]
        expect(page.get_by_role("alert").get_by_role("heading", name=title)).to_be_visible()

    def scan_next(self) -> None:
        """Put the phone down and go on."""
        self.camera.look_away()
        self.person.page.get_by_role("button", name=self.word("verdict.next")).click()
        self.person.page.locator("#verdict").wait_for(state="hidden")

    def update(self) -> None:
        """Ask for the newest status in the menu."""
        page = self.person.page
        page.get_by_role("button", name=self.word("menu.open")).click()
        page.get_by_role("button", name=self.word("ready.refresh")).click()
        expect(page.locator("#refresh-result")).to_have_text(self.word("ready.refreshed"))
        page.locator("#menu").get_by_role("button", name=self.word("close")).click()

    def wait_for_epoch(self, epoch: int) -> None:
        """Update until the phone keeps a bundle with the status of this epoch."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.person.page.evaluate(KEPT_EPOCH) < epoch:
            assert time.monotonic() < deadline, "the newest status does not reach the phone"
            self.update()


def new_resident(device: Device, desk: Desk, *, language: str = "en") -> Resident:
    """A resident whose phone is set up."""
    resident = Resident(device.open(), desk.urls["wallet_api"], language)
    resident.set_up()
    return resident


def new_driver(device: Device, desk: Desk, *, language: str = "en") -> Resident:
    """A taxi driver with the four documents and the code for inspections."""
    driver = new_resident(device, desk, language=language)
    office = OfficeByPost(desk)
    for type_name in FOUR:
        driver.paste(office.offer(type_name))
    driver.fetch_view()
    return driver


def new_inspector(device: Device, desk: Desk) -> Inspector:
    """An inspector who has just enrolled."""
    inspector = Inspector(device.open(), desk.urls["verifier"], device.camera)
    inspector.enrol(
        desk.enrolment_link("verifier", "/api/v1/inspectors", {"name": INSPECTORS_NAME})
    )
    return inspector
