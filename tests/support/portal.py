"""Officers at their agencies' portal: a passkey, a form filled in, a code told, a withdrawal."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import FilePayload, expect

from encoding.strict_json import JsonValue
from mobile_demo.catalog import load_catalog
from mobile_demo.desk import Desk
from mobile_demo.people import agency_for
from mobile_demo.tour import example_of
from tests.support.browser import DESK, Device, Person, load_words
from tests.support.camera import Screen
from tests.support.street import Offered

OFFICERS_NAME = "Keo Bopha"
REASON = "policy cancelled"
DESK_SCALE = 2


def word(key: str) -> str:
    """What the portal says."""
    return load_words("issuer", "en")[key]


@dataclass(slots=True)
class Officer:
    """One officer of one agency at a desk."""

    person: Person
    home: str
    records: dict[str, str] = field(default_factory=dict)

    def enrol(self, link: str) -> None:
        """Register a passkey with a one-time link."""
        self.person.hold_authenticator()
        self.person.page.goto(link)
        self.press("enrol.create")
        self.sees("home.title")

    def offer(self, type_name: str, *, portrait: bytes | None = None) -> Offered:
        """Choose a document, fill in the form by its labels, and make the code."""
        page = self.person.page
        page.goto(f"{self.home}/console")
        labels = load_catalog().by_name(type_name).labels
        page.get_by_role("main").get_by_role("link", name=labels["en"]).click()
        self._fill_in(type_name)
        if portrait is not None:
            self.choose_portrait(portrait)
        self.press("form.send")
        self.sees("offer.title.waiting")
        self.records[type_name] = page.url.rsplit("/", 1)[-1]
        told = page.locator(".tx-code").inner_text()
        return Offered(
            link=page.get_by_label(word("offer.link")).input_value(),
            tx_code="".join(told.split()),
        )

    def choose_portrait(self, photo: bytes) -> None:
        """Choose a photo; the browser makes of it what a document and a code have room for."""
        page = self.person.page
        file: FilePayload = {"name": "me.png", "mimeType": "image/png", "buffer": photo}
        page.locator("[data-photo]").set_input_files(file)
        expect(page.locator("[name='claim.face']")).to_have_value(re.compile("^data:image/webp"))
        expect(page.locator("img.face")).to_be_visible()
        page.locator("canvas.portrait").wait_for()

    def show_code(self) -> Screen:
        """The offer's code on the desk's screen."""
        page = self.person.page
        page.locator("img.qr").scroll_into_view_if_needed()
        return self.person.photograph("img.qr", scale=DESK_SCALE)

    def expect_received(self) -> None:
        """The page says by itself that the document has arrived."""
        self.sees("offer.title.received")

    def revoke(self, type_name: str) -> None:
        """Withdraw a document: a page of its own, a reason and a tick."""
        page = self.person.page
        page.goto(f"{self.home}/console/credentials/{self.records[type_name]}")
        page.get_by_role("link", name=word("change.revoked")).click()
        page.get_by_label(word("change.reason")).fill(REASON)
        page.get_by_label(word("change.confirm")).check()
        self.press("change.do.revoked")
        self.sees("receipt.title")

    def press(self, key: str) -> None:
        """Press the button with these words."""
        self.person.page.get_by_role("button", name=word(key), exact=True).click()

    def sees(self, key: str) -> None:
        """Wait for a heading."""
        heading = self.person.page.get_by_role("heading", name=word(key), exact=True)
        expect(heading).to_be_visible()

    def _fill_in(self, type_name: str) -> None:
        examples = example_of(type_name)
        for claim in load_catalog().by_name(type_name).claims:
            name = claim.path[-1]
            if name in examples:
                place = self.person.page.locator(f"[name='claim.{name}']")
                place.fill(_typed(examples[str(name)]))


@dataclass(slots=True)
class OfficeAtThePortal:
    """All agencies. An officer enrols as soon as there is something to do."""

    desk: Desk
    device: Device
    officers: dict[str, Officer] = field(default_factory=dict)

    def officer_for(self, type_name: str) -> Officer:
        """The officer of the agency that is accredited for a type."""
        agency = agency_for(type_name)
        if agency not in self.officers:
            window = self.device.open(viewport=DESK, scale=DESK_SCALE)
            officer = Officer(window, self.desk.urls["issuer"])
            officer.enrol(
                self.desk.enrolment_link(
                    "issuer", f"/api/v1/agencies/{agency}/officers", {"name": OFFICERS_NAME}
                )
            )
            self.officers[agency] = officer
        return self.officers[agency]

    def offer(self, type_name: str) -> Offered:
        """Offer a document with the example claims."""
        return self.officer_for(type_name).offer(type_name)

    def revoke(self, type_name: str) -> None:
        """Withdraw the document that was offered last."""
        self.officer_for(type_name).revoke(type_name)


def _typed(value: JsonValue) -> str:
    """A claim as an officer types it."""
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)
