"""The portal in a real Chromium: passkeys, policy, keyboard, phones, languages, no scripts."""

import io
import json
import sys
import threading
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from PIL import Image
from werkzeug.serving import make_server

sys.path.insert(0, str(Path(__file__).parent.parent / "services"))

import issuing_city
from issuing_city import IssuingCity, build_settings

from issuer.actors import Actor
from issuer.officers import make_enrolment
from tests.browser.page_stage import AXE, LANGUAGES, RUN_AXE, WATCH

pytestmark = pytest.mark.browser


class PortalCity(IssuingCity):
    """A counter that is reached over HTTP, where it says it is."""

    def token(self, role, **more):
        return super().token(role, audience=self.settings.base_url, **more)

    def invite(self, name="Chan Sopheap"):
        operator = Actor("desk", "operator", None)
        return make_enrolment(self.office, actor=operator, agency="transport", name=name)


@pytest.fixture
def city(tmp_path, monkeypatch):
    server = make_server("127.0.0.1", 0, None, threaded=True)
    base = f"http://localhost:{server.server_port}"
    monkeypatch.setattr(issuing_city, "BASE", base)
    city = PortalCity(build_settings(tmp_path, CITY_ISSUER_URL=base))
    city.open_agency("transport")
    server.app = city.app
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield city
    server.shutdown()
    server.server_close()
    city.close()


@pytest.fixture
def context(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.add_init_script(WATCH)
    yield context
    context.close()


@pytest.fixture
def page(context):
    page = context.new_page()
    page.breaches = []
    page.on("console", lambda message: note(page, message.text))
    page.on("pageerror", lambda error: page.breaches.append(str(error)))
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


@pytest.fixture
def officer(city, page):
    """A page whose officer has just enrolled."""
    page.goto(city.invite())
    page.click("#passkey")
    page.wait_for_url("**/console")
    return page


def note(page, text):
    if "policy" in text.lower().replace("permissions-policy", "") or "trusted" in text.lower():
        page.breaches.append(text)


def run_axe(page):
    """Axe in a world of its own, so that the page's policy stays as it is."""
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


def look(page):
    """Every language of this page: nothing for axe, nothing wider than a narrow phone."""
    found = []
    for language in LANGUAGES:
        choose_language(page, language)
        page.set_viewport_size({"width": 320, "height": 640})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append((page.url, language, "wider than the phone"))
        found += [(page.url, language, *each) for each in run_axe(page)]
        page.set_viewport_size({"width": 1280, "height": 800})
    choose_language(page, "en")
    return found


def choose_language(page, language):
    with page.expect_navigation():
        page.click(f'.tongues button[value="{language}"]')
    assert page.get_attribute("html", "lang") == language


def issue(page, city, type_name="taxi-permit"):
    page.goto(f"{city.settings.base_url}/console/offers/new/{type_name}?example")
    page.click("form.sheet button[type=submit]")
    page.wait_for_selector("img.qr")


def take(page, city):
    """A wallet follows the link that stands on the page, and types the code."""
    code = "".join(page.inner_text(".tx-code").split())
    reference = page.input_value("#offer-link").partition("credential_offer_uri=")[2]
    offer = city.http.get(urlsplit(unquote(reference)).path).text
    made = {"offer_uri_by_value": f"x:?credential_offer={quote(offer)}"}
    return city.wallet().receive(made, tx_code=code)


def test_from_the_link_to_the_revocation(city, page):
    page.goto(city.invite())
    page.click("#passkey")
    page.wait_for_url("**/console")
    page.click("text=Taxi permit")
    page.click("text=Fill with example")
    page.click("text=Make the QR code")
    page.wait_for_selector("img.qr")
    assert len(take(page, city)) == 1

    page.wait_for_selector(".stage-received")
    page.click("main .actions >> text=Record")
    page.click("text=Revoke")
    page.fill("#reason", "Withdrawn by the court")
    page.check("[name=confirmed]")
    page.click("text=Revoke for good")
    page.wait_for_selector(".receipt")
    assert page.inner_text(".title-row .chip") == "Revoked"
    assert page.inner_text(".history li >> nth=0").startswith("Revoked")
    assert page.breaches == []


@pytest.mark.slow
def test_every_page_is_accessible_in_every_language_and_fits_a_phone(city, page):
    base, found = city.settings.base_url, []
    page.goto(f"{base}/console")
    found += look(page)
    page.goto(city.invite())
    found += look(page)
    page.click("#passkey")
    page.wait_for_url("**/console")
    for path in ("", "/offers/new/driving-licence", "/credentials", "/nothing"):
        page.goto(f"{base}/console{path}")
        found += look(page)
    issue(page, city)
    found += look(page)
    take(page, city)
    page.wait_for_selector(".stage-received")
    found += look(page)
    record = page.url.replace("/offers/", "/credentials/")
    for path in ("", "/status/suspended", "/status/revoked"):
        page.goto(record + path)
        found += look(page)
    page.goto(f"{base}/console/credentials")
    found += look(page)

    assert found == []
    assert page.breaches == []


def test_axe_and_the_watch_would_notice(officer):
    officer.evaluate("document.documentElement.removeAttribute('lang')")
    officer.evaluate("document.querySelector('h1').setAttribute('style', 'color: #eee')")

    assert "html-has-lang" in [name for name, _nodes in run_axe(officer)]
    assert any("style-src" in breach for breach in officer.breaches)


def test_wrong_forms_are_accessible_and_lead_to_the_field(city, officer):
    officer.goto(f"{city.settings.base_url}/console/offers/new/taxi-permit")
    officer.click("text=Make the QR code")
    officer.wait_for_selector("#faults")

    assert officer.evaluate("document.activeElement.id") == "faults"
    assert run_axe(officer) == []
    officer.click("#faults a >> text=Plate")
    assert officer.evaluate("document.activeElement.id") == "claim-plate"


def test_the_keyboard_alone_is_enough(city, page):
    page.goto(city.invite())
    press_to(page, "#passkey")
    page.wait_for_url("**/console")
    press_to(page, "a.type-taxi-permit")
    page.wait_for_selector("form.sheet")
    press_to(page, ".title-row a")
    page.wait_for_url("**?example")
    press_to(page, "form.sheet button[type=submit]")
    page.wait_for_selector("img.qr")
    press_to(page, "a.back")
    page.wait_for_selector(".changes")
    press_to(page, ".changes a.danger")
    page.wait_for_selector("form.confirm")
    press_to(page, "#reason", key=None)
    page.keyboard.type("Wrong person")
    press_to(page, "[name=confirmed]", key="Space")
    press_to(page, "form.confirm button")
    page.wait_for_selector(".receipt")

    assert page.inner_text(".title-row .chip") == "Revoked"


def press_to(page, selector, *, key="Enter"):
    """Tab there, see that the focus is visible, and press."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("place => document.activeElement.matches(place)", selector):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert (selector, outline) == (selector, "solid")
    if key:
        page.keyboard.press(key)


def test_lists_are_narrowed_without_a_new_page(city, officer):
    issue(officer, city, "taxi-permit")
    issue(officer, city, "driving-licence")
    officer.goto(f"{city.settings.base_url}/console/credentials")
    officer.evaluate("window.isTheSame = true")
    officer.select_option("#filter-type", "taxi-permit")
    officer.click("form.filter button")
    officer.wait_for_url("**type=taxi-permit**")
    officer.wait_for_selector("tbody tr:only-child")

    assert officer.evaluate("window.isTheSame") is True
    officer.go_back()
    officer.wait_for_selector("tbody tr:nth-child(2)")
    assert officer.breaches == []


def test_htmx_gets_no_script_into_the_page(city, officer):
    """S-162: what is swapped in is parsed by a policy that knows no scripts."""
    officer.goto(f"{city.settings.base_url}/console/credentials")
    officer.route(
        "**/console/credentials?**",
        lambda route: route.fulfill(
            content_type="text/html",
            body='<section id="records"><script>window.isHurt = true</script>'
            '<img src="x" onerror="window.isHurt = true"></section>',
        ),
    )
    officer.click("form.filter button")
    officer.wait_for_timeout(500)

    assert officer.evaluate("window.isHurt") is None
    assert officer.locator("#records script").count() == 0


def test_a_large_photo_is_made_small_before_it_is_sent(city, officer):
    photo = io.BytesIO()
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(photo, "PNG")
    officer.goto(f"{city.settings.base_url}/console/offers/new/driving-licence?example")
    file = {"name": "me.png", "mimeType": "image/png", "buffer": photo.getvalue()}
    officer.set_input_files("[data-photo]", file)
    officer.wait_for_selector("canvas.portrait")
    officer.click("form.sheet button[type=submit]")
    officer.wait_for_selector("img.qr")

    assert officer.breaches == []


def test_without_scripts_all_but_the_passkey_works(city, officer, chromium):
    plain = chromium.new_context(java_script_enabled=False, locale="en-GB")
    plain.add_cookies(officer.context.cookies())
    page = plain.new_page()
    issue(page, city)
    texts = take(page, city)
    page.click("text=Check now")
    page.click("main .actions >> text=Record")
    page.click("text=Suspend")
    page.fill("#reason", "Inspection overdue")
    page.click("form.confirm button")

    assert len(texts) == 1
    assert page.inner_text(".title-row .chip") == "Suspended"
    plain.close()
