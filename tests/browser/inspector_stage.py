"""The verifier's pages in a real Chromium: a live counter, a phone with a poor camera, axe."""

import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy
import zxingcpp
from PIL import Image, ImageFilter
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

sys.path.insert(0, str(Path(__file__).parent.parent / "services"))

import verifier_counter
from inspected_city import InspectedCity
from taxi_driver import Driver
from verifier_counter import Counter, build_settings

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 360, "height": 740}
CAMERA = (1280, 720)


class WallClock:
    """The machine's time: a browser has no other."""

    def __call__(self):
        return datetime.now(UTC)


class LiveCounter(Counter):
    """The same counter as in the services' tests, reachable over HTTP."""

    def __init__(self, folder):
        self.clock = WallClock()
        self.city = InspectedCity(folder, self.clock)
        self.server = make_server("localhost", 0, lambda *_request: [], threaded=True)
        self.url = f"http://localhost:{self.server.server_port}"
        verifier_counter.VERIFIER_URL = self.url
        self.settings = build_settings(folder, self.city.url)
        self.city.write_operator_keys(self.settings.operator_jwks)
        self.app = self.server.app = self.start()
        self.desk = self.app.extensions["verifier.desk"]
        self.client = self.app.test_client()
        self.driver = Driver(self.city)
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        verifier_counter.VERIFIER_URL = "http://localhost:8403"
        super().close()


class Phone:
    """An inspector's phone: one browser profile, one page."""

    def __init__(self, playwright, folder, *, film=None, language="en", viewport=None):
        arguments = [
            "--no-sandbox",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
        ]
        if film is not None:
            arguments.append(f"--use-file-for-fake-video-capture={film}")
        self.context = playwright.chromium.launch_persistent_context(
            str(folder),
            executable_path=str(CHROMIUM),
            args=arguments,
            headless=True,
            viewport=viewport or PHONE,
            permissions=["camera"],
            reduced_motion="reduce",
            bypass_csp=False,
        )
        self.context.add_init_script(
            f"localStorage.getItem('language') ?? localStorage.setItem('language', '{language}')"
        )
        self.complaints = []
        self.page = self.context.pages[0]
        self.page.set_default_timeout(20_000)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _listen(self, message):
        if message.type == "error" and "ERR_INTERNET_DISCONNECTED" not in message.text:
            self.complaints.append(message.text)

    def open(self, url):
        self.page.goto(url)
        return self.page

    def be_ready(self, counter, state="ready"):
        page = self.open(f"{counter.url}/inspect/")
        page.wait_for_selector(f"#readiness[data-state={state}]")
        return page

    def type_code(self, code):
        """Type a code; the name of the screen that comes."""
        self.page.click("#open-paste")
        self.page.fill("#paste-text", code)
        self.page.click("button[value=check]")
        return self.verdict()

    def verdict(self):
        self.page.wait_for_selector("#verdict:not([hidden]) .verdict-head")
        return self.page.get_attribute("#verdict", "data-screen")

    def scan_next(self):
        self.page.click(".verdict-end button")
        self.page.wait_for_selector("#verdict", state="hidden")

    def install(self):
        """Wait until the app is kept for times without signal."""
        self.page.evaluate("async () => { await navigator.serviceWorker.ready; }")

    def axe(self):
        """What axe finds on the page as it is now."""
        if not self.page.evaluate("() => 'axe' in window"):
            # Through the debugger: the page's own policy forbids what a test brings along.
            session = self.context.new_cdp_session(self.page)
            session.send("Runtime.evaluate", {"expression": AXE.read_text()})
        found = self.page.evaluate(
            "async (tags) => (await axe.run(document, {runOnly: tags})).violations"
            ".map((each) => `${each.id}: ${each.nodes.map((node) => node.target).join(', ')}`)",
            AXE_RULES,
        )
        return sorted(found)

    def close(self):
        self.context.close()


class Stage:
    """Opens phones and closes them all."""

    def __init__(self, folder):
        self.folder = folder
        self.manager = sync_playwright()
        self.playwright = self.manager.start()
        self.phones = []

    def phone(self, name="phone", **details):
        phone = Phone(self.playwright, self.folder / name, **details)
        self.phones.append(phone)
        return phone

    def close(self):
        for phone in self.phones:
            phone.close()
        self.playwright.stop()


def film(text, path, *, frames=8, seed=7):
    """
    A cheap phone's film of the code, as "hard75" of the measurements: the code fills 75 % of the
    height, tilted by about 15 degrees, blurred, shaken, noisy, with little contrast and glare.
    """
    code = Image.fromarray(
        numpy.asarray(
            zxingcpp.create_barcode(text, zxingcpp.QRCode, ec_level="L").to_image(scale=8)
        )
    ).convert("L")
    random = numpy.random.default_rng(seed)
    with path.open("wb") as file:
        for number in range(frames):
            picture = _shoot(code, random, sway=number / frames)
            picture.save(file, "JPEG", quality=85, subsampling="4:2:0")
    return path


def _shoot(code, random, *, sway):
    width, height = CAMERA
    side = int(height * 0.75)
    left, top = (width - side) // 2 + int(12 * sway), (height - side) // 2
    lean = int(side * 0.06)
    page = Image.new("L", CAMERA, 150)
    corners = [
        (left + lean, top),
        (left + side, top + lean),
        (left + side - lean, top + side),
        (left, top + side - lean),
    ]
    square = [(0, 0), (code.width, 0), (code.width, code.height), (0, code.height)]
    warped = code.transform(
        CAMERA,
        Image.Transform.PERSPECTIVE,
        _coefficients(corners, square),
        Image.Resampling.BILINEAR,
        fillcolor=255,
    )
    mask = Image.new("L", code.size, 255).transform(
        CAMERA, Image.Transform.PERSPECTIVE, _coefficients(corners, square)
    )
    page.paste(warped, mask=mask)
    pixels = numpy.asarray(page.filter(ImageFilter.GaussianBlur(1.4)), dtype=float)
    pixels = (pixels + numpy.roll(pixels, 1, axis=1) + numpy.roll(pixels, 2, axis=1)) / 3
    glare = numpy.linspace(0, 45, width)[None, :] * numpy.linspace(1, 0, height)[:, None]
    pixels = 55 + pixels * 0.55 + glare + random.normal(0, 11, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype("uint8")).convert("RGB")


def _coefficients(target, source):
    rows = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    wanted = numpy.array(source, dtype=float).reshape(8)
    return numpy.linalg.solve(numpy.array(rows, dtype=float), wanted)
