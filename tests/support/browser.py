"""
Real browsers for the tests: phones with a camera of their own, desks with a passkey.

Every page is watched: an error in its console, an exception that nobody caught and anything that
the content security policy stopped end up in `faults`, where a test finds them.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.support.camera import FakeCamera, Screen, read_screen

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
SCALE = 3
PATIENCE_MILLISECONDS = 15_000
UNREACHABLE = ("net::ERR_INTERNET_DISCONNECTED", "net::ERR_CONNECTION_REFUSED")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def load_words(app: str, language: str) -> dict[str, str]:
    """The words of an app in a language."""
    return json.loads((ROOT / app / "locales" / f"{language}.json").read_text())


@contextmanager
def playwright_or_skip() -> Iterator[Playwright]:
    """Playwright, where this machine has a Chromium."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        yield playwright


@dataclass(slots=True)
class Person:
    """Somebody with a browser window of their own."""

    page: Page
    context: BrowserContext
    faults: list[str] = field(default_factory=list)

    def hold_authenticator(self) -> None:
        """Give the window an authenticator that knows its owner (CDP WebAuthn)."""
        devtools = self.context.new_cdp_session(self.page)
        devtools.send("WebAuthn.enable")
        devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )

    def photograph(self, selector: str, *, scale: float = SCALE) -> Screen:
        """The window as it looks now, with the place of the code in it."""
        box = self.page.locator(selector).bounding_box()
        assert box is not None
        return read_screen(self.page.screenshot(), box, scale=scale)

    def find_barriers(self) -> list[str]:
        """What axe-core finds on the screen as it is now."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(
            "(rules) => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
        )
        return [
            f"{barrier['id']}: {node['target']} {node['failureSummary']}"
            for barrier in found["violations"]
            for node in barrier["nodes"]
        ]


@dataclass(slots=True)
class Device:
    """A browser with its camera."""

    browser: Browser
    camera: FakeCamera

    def open(
        self, *, viewport: dict[str, int] | None = None, locale: str = "en-GB", scale: float = SCALE
    ) -> Person:
        """A window for somebody who was never here before."""
        shape = viewport or PHONE
        context = self.browser.new_context(
            viewport=shape,
            device_scale_factor=scale,
            is_mobile=shape is PHONE,
            has_touch=shape is PHONE,
            locale=locale,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        person = Person(context.new_page(), context)
        context.on("console", lambda message: _note(person, message))
        context.on("weberror", lambda error: person.faults.append(str(error.error)))
        return person


@contextmanager
def open_device(playwright: Playwright, folder: Path, name: str) -> Iterator[Device]:
    """A browser of its own, with a camera that sees a street."""
    camera = FakeCamera(folder / f"{name}.y4m")
    browser = playwright.chromium.launch(
        executable_path=str(CHROMIUM),
        headless=True,
        args=[*FLAGS, f"--use-file-for-fake-video-capture={camera.path}"],
    )
    try:
        yield Device(browser, camera)
    finally:
        browser.close()


def _note(person: Person, message: ConsoleMessage) -> None:
    """Errors are faults, except that nobody answers while the network is off."""
    if message.type != "error" or any(word in message.text for word in UNREACHABLE):
        return
    person.faults.append(f"{message.location.get('url')}: {message.text}")
