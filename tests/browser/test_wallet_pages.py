"""The resident's wallet in a real browser: every screen, axe, its policy, by keyboard."""

import socket
import sys
import threading
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from werkzeug.serving import make_server

sys.path.insert(0, str(Path(__file__).parents[1] / "services"))

from wallet_city import WalletCity
from wallet_metadata import CLAIMS

from credentials.packing import read_qr_text
from credentials.reading import read_presentation
from runtime.clock import system_clock

playwright_sync = pytest.importorskip("playwright.sync_api")

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FLAGS = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
READ_CANVAS = """async () => {
  const {readBarcodes, prepareZXingModule} = await import(
    "/modules/node_modules/zxing-wasm/dist/es/reader/index.js");
  prepareZXingModule({overrides: {
    locateFile: (name) => "/modules/node_modules/zxing-wasm/dist/reader/" + name}});
  const qr = document.querySelector("#qr");
  const large = new OffscreenCanvas(qr.width * 6, qr.height * 6);
  const pen = large.getContext("2d");
  pen.imageSmoothingEnabled = false;
  pen.drawImage(qr, 0, 0, large.width, large.height);
  const codes = await readBarcodes(pen.getImageData(0, 0, large.width, large.height));
  return codes[0].text;
}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


class Window:
    """A phone's browser that notes every fault."""

    def __init__(self, playwright, city, **context):
        self.city = city
        self.browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        self.context = self.browser.new_context(
            viewport={"width": 360, "height": 740}, reduced_motion="reduce", **context
        )
        self.page = self.context.new_page()
        self.faults = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message):
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    def go(self, place=""):
        self.page.goto(f"{self.city.settings.base_url}/{place}")

    def click(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def set_up(self):
        self.go()
        self.click("English")
        self.page.fill("#name", "Sok Dara")
        self.click("Set up this phone")
        self.page.get_by_text("No cards yet").wait_for()

    def receive(self, offer):
        self.go("#/scan")
        self.page.fill("#pasted", offer)
        self.click("Open")
        self.click("Look at it")
        self.click("Add it")
        self.page.get_by_role("heading", name="Added to your wallet").wait_for()

    def barriers(self):
        """What axe finds on the screen as it is."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(
            "(rules) => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
        )
        return [
            f"{one['id']}: {node['target']} {node['failureSummary']}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    def close(self):
        self.browser.close()


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    city = WalletCity(
        tmp_path_factory.mktemp("city"),
        clock=system_clock(0),
        CITY_WALLET_URL=f"http://localhost:{port}",
    )
    server = make_server("127.0.0.1", port, city.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield city
    server.shutdown()
    server.server_close()
    thread.join()
    city.close()


@pytest.fixture(scope="module")
def playwright():
    with playwright_sync.sync_playwright() as started:
        yield started


@pytest.fixture
def window(playwright, city):
    window = Window(playwright, city)
    yield window
    window.close()


def test_every_screen_is_without_barriers_and_faults(window, city):
    """WCAG 2.2 AA as far as axe sees it, and nothing that the policy stopped (S-162)."""
    found = {}

    def look(name):
        found[name] = window.barriers()

    window.go()
    window.page.get_by_role("button", name="English").wait_for()
    look("language")
    window.click("English")
    window.page.locator("#name").wait_for()
    look("welcome")
    window.click("Set up this phone")
    window.page.get_by_text("No cards yet").wait_for()
    look("empty")
    window.go("#/scan")
    window.page.fill("#pasted", city.peers.offer())
    look("scan")
    window.click("Open")
    window.page.get_by_role("button", name="Look at it").wait_for()
    look("whose offer")
    window.click("Look at it")
    window.page.get_by_role("button", name="Add it").wait_for()
    look("offer")
    window.click("Add it")
    window.page.get_by_role("heading", name="Added to your wallet").wait_for()
    look("added")
    window.receive(city.peers.offer("taxi-inspection.dc+sd-jwt"))
    window.go("#/cards")
    window.page.locator(".card-list").wait_for()
    look("cards")
    window.page.locator(".card-link").first.click()
    window.page.locator(".claims").first.wait_for()
    look("card")
    for place, ready in (
        ("show", ".purposes"),
        ("show/over-18", ".needs"),
        ("history", ".history"),
    ):
        window.go(f"#/{place}")
        window.page.locator(ready).wait_for()
        look(place)
    window.go("#/settings")
    window.page.locator(".devices").wait_for()
    look("settings")
    window.go("#/show/taxi-inspection")
    window.click("Show the code")
    window.page.locator("#qr[data-modules]").wait_for()
    look("code")
    window.go("#/request/" + _quoted(city.peers.ask()))
    window.click("See what they ask")
    window.page.get_by_role("button", name="Share", exact=True).wait_for()
    look("request")

    assert {name: barriers for name, barriers in found.items() if barriers} == {}
    assert window.faults == []


def _quoted(text):
    return quote(text, safe="")


def test_the_code_holds_a_fresh_key_binding_works_without_signal_and_changes(window, city):
    window.set_up()
    window.receive(city.peers.offer("taxi-inspection.dc+sd-jwt"))
    window.go("#/cards")
    window.page.locator(".ready").wait_for()
    window.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    window.context.set_offline(True)
    window.go("#/code/taxi-inspection")
    window.page.reload()
    window.page.locator("#qr[data-modules]").wait_for()
    first = window.page.evaluate(READ_CANVAS)
    window.page.wait_for_timeout(10_500)
    second = window.page.evaluate(READ_CANVAS)
    (credential,) = read_presentation(
        read_qr_text(first, certificates=[city.peers.issuer_certificate])
    )

    assert first != second
    assert credential.key_binding.audience == "urn:citywallet:qr:taxi-inspection"
    assert credential.key_binding.covers_presentation
    assert credential.types == (f"{city.peers.url}/types/taxi-inspection",)
    assert abs(credential.key_binding.issued_at - city.clock()).total_seconds() < 30
    assert window.faults == []


def test_the_code_is_gone_as_soon_as_the_page_is_hidden(window, city):
    window.set_up()
    window.receive(city.peers.offer("taxi-inspection.dc+sd-jwt"))
    window.go("#/code/taxi-inspection")
    window.page.locator("#qr[data-modules]").wait_for()
    window.page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", {value: true, configurable: true});
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )

    assert window.page.get_by_text("The code is hidden now.").first.is_visible()
    assert window.page.locator("#qr").count() == 0


def test_private_keys_cannot_be_taken_out_of_the_browser(window, city):
    """S-180"""
    window.set_up()
    window.receive(city.peers.offer())
    told = window.page.evaluate(
        """async () => {
          const opened = await new Promise((resolve) => {
            const request = indexedDB.open("citywallet");
            request.onsuccess = () => resolve(request.result);
          });
          const keys = await new Promise((resolve) => {
            const request = opened.transaction("keys").objectStore("keys").getAll();
            request.onsuccess = () => resolve(request.result);
          });
          const tries = keys.map((key) => crypto.subtle.exportKey("jwk", key.pair.privateKey)
            .then(() => "exported", (error) => error.name));
          return {extractable: keys.map((key) => key.pair.privateKey.extractable),
                  tries: await Promise.all(tries)};
        }"""
    )

    assert len(told["tries"]) == 4
    assert set(told["tries"]) == {"InvalidAccessError"}
    assert set(told["extractable"]) == {False}


def test_words_of_an_issuer_never_become_markup(window, city):
    """VCI-W-11"""
    hostile = '<img src=x onerror="document.title=1">{name}&lt;b&gt;'
    metadata = city.peers.metadata()
    for configuration in metadata["credential_configurations_supported"].values():
        configuration["credential_metadata"]["display"] = [{"name": hostile, "locale": "en"}]
    path = next(name for name in city.peers.answers if "openid-credential-issuer" in name)
    good = city.peers.answers[path]
    city.peers.answers[path] = lambda _: metadata
    window.set_up()
    window.receive(city.peers.offer())
    city.peers.answers[path] = good
    window.go("#/cards")
    window.page.locator(".card-list").wait_for()

    assert window.page.locator(".card-label").inner_text() == hostile
    assert window.page.locator(".card img").count() == 0
    assert window.faults == []


def test_a_request_is_answered_and_declined_by_keyboard_alone(window, city):
    window.set_up()
    window.receive(city.peers.offer())
    for key, title in ((" ", "Not shared"), ("Enter", "Shared")):
        window.go("#/cards")
        window.page.locator(".card-list").wait_for()
        window.go("#/request/" + _quoted(city.peers.ask()))
        window.click("See what they ask")
        window.page.get_by_role("button", name="Share", exact=True).wait_for()
        name = "Do not share" if title == "Not shared" else "Share"
        _tab_to(window.page, name)
        window.page.keyboard.press(key)
        window.page.get_by_role("heading", name=title).wait_for()

    assert city.peers.received[-2]["error"] == "access_denied"
    assert "vp_token" in city.peers.received[-1]


def _tab_to(page, name):
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"the keyboard does not reach {name}")


def test_a_scanned_text_that_is_not_for_the_wallet_is_shown_and_not_opened(window, city):
    """S-130"""
    window.set_up()
    for text in (
        "https://phishing.example/offer?credential_offer=%7B%7D",
        "javascript:alert(1)",
        "openid4vp://?client_id=a&request_uri=http://user:pass@bank.example/",
        "WIFI:S:free;;",
    ):
        window.go("#/scan")
        window.page.fill("#pasted", text)
        window.click("Open")
        window.page.get_by_text("This is not for the wallet").wait_for()

        assert window.page.locator(".foreign").inner_text() == text
        assert window.page.url.endswith("#/scan")


def test_an_offer_link_opens_the_wallet_and_its_parameter_stays_in_the_browser(window, city):
    window.set_up()
    link = city.peers.offer().removeprefix("openid-credential-offer://")
    window.go(f"offer{link}")
    window.page.get_by_text(city.peers.url.removeprefix("http://")).wait_for()

    assert urlsplit(window.page.url).path == "/"
    assert urlsplit(window.page.url).query == ""
    assert urlsplit(window.page.url).fragment.startswith("/offer/")


@pytest.mark.parametrize("language", ["km", "zh-Hans", "en"])
def test_no_screen_scrolls_sideways_at_320_pixels(playwright, city, language):
    """WCAG 1.4.10"""
    window = Window(playwright, city)
    window.page.set_viewport_size({"width": 320, "height": 640})
    window.set_up()
    for name in CLAIMS:
        window.receive(city.peers.offer(f"{name}.dc+sd-jwt"))
    window.page.evaluate(
        """(language) => new Promise((resolve) => {
          const request = indexedDB.open("citywallet");
          request.onsuccess = () => {
            const transaction = request.result.transaction("settings", "readwrite");
            transaction.objectStore("settings").put({name: "language", value: language});
            transaction.oncomplete = resolve;
          };
        })""",
        language,
    )
    widths = {}
    for place in ("cards", "show", "show/taxi-inspection", "scan", "history", "settings"):
        window.go(f"#/{place}")
        window.page.reload()
        window.page.locator("h1").wait_for()
        widths[place] = window.page.evaluate("() => document.documentElement.scrollWidth")
    window.close()

    assert {place: width for place, width in widths.items() if width > 320} == {}


def test_the_holder_is_warned_before_showing_a_code_whose_card_was_revoked(window, city):
    window.set_up()
    window.receive(city.peers.offer("driving-licence.dc+sd-jwt"))
    city.peers.status = city.peers.status.all_valid(1024)
    for index in range(1, 1 + len(city.peers.issued)):
        city.peers.set_status(index, "revoked")
    for kept in list(city.counters.holdings.standings._lists):
        del city.counters.holdings.standings._lists[kept]
    window.receive(city.peers.offer("taxi-inspection.dc+sd-jwt"))
    window.go("#/cards")
    window.page.locator(".chip-revoked").first.wait_for()
    window.go("#/show/taxi-inspection")
    window.page.get_by_role("button", name="Show the code").wait_for()

    assert "This card was withdrawn" in window.page.locator(".box.warn").inner_text()


def test_the_camera_is_allowed_on_every_page_of_the_wallet(window, city):
    for place in ("", "offer?credential_offer=x", "authorize?client_id=x"):
        policy = window.page.goto(f"{city.settings.base_url}/{place}").headers["permissions-policy"]

        assert "camera=(self)" in policy
