"""The inspector's app as an inspector uses it: camera, verdicts, no signal, keyboard, axe."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from inspector_stage import CHROMIUM, LiveCounter, Stage, film

from credentials.cwt_issuance import attach_cwt_binding, build_cwt_binding_input, issue_cwt
from credentials.cwt_packing import build_cwt_qr_text
from credentials.sd_jwt import parse_sd_jwt

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@pytest.fixture
def counter(tmp_path):
    counter = LiveCounter(tmp_path / "city")
    counter.register()
    counter.view = counter.driver.receive_taxi_cards()
    yield counter
    counter.close()


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def test_a_code_filmed_by_a_poor_camera_turns_the_screen_green(counter, stage, tmp_path):
    code = counter.driver.show(counter.view)
    phone = stage.phone(film=film(code, tmp_path / "code.mjpeg"))

    page = phone.open(f"{counter.url}/inspect/")

    assert phone.verdict() == "valid"
    assert page.inner_text("#verdict h2") == "Valid taxi card"
    assert page.inner_text(".verdict-plate") == "2A-4417"
    assert phone.complaints == []


def test_the_same_code_still_before_the_camera_is_used_up(counter, stage, tmp_path):
    code = counter.driver.show(counter.view)
    phone = stage.phone(film=film(code, tmp_path / "code.mjpeg"))
    phone.open(f"{counter.url}/inspect/")
    phone.verdict()
    phone.scan_next()

    assert phone.verdict() == "replayed"
    assert phone.page.query_selector(".verdict-person") is None


def test_the_app_starts_and_judges_without_signal(counter, stage):
    phone = stage.phone()
    page = phone.be_ready(counter)
    phone.install()
    phone.context.set_offline(True)
    page.reload()
    page.wait_for_selector("#readiness[data-state=offline]")

    assert "No signal" in page.inner_text("#readiness")
    assert phone.type_code(counter.driver.show(counter.view)) == "valid"
    assert "Status as of" in page.inner_text(".verdict-times")
    assert phone.complaints == []


def show_compact(counter):
    """The same view as CWT, as the agency would issue it and the phone show it."""
    card, agency = counter.view, counter.city.agencies["transport"]
    payload = parse_sd_jwt(card.text, types=frozenset({"dc+sd-jwt"})).jws.payload
    binding = build_cwt_binding_input(
        issue_cwt(payload, signer=agency.credential),
        audience=f"urn:citywallet:qr:{card.type}",
        nonce="Zm9ydHktdHdvIGJpdHM",
        now=counter.clock(),
        algorithm="ES256",
    )
    signature = card.holder.sign(binding.signing_input)
    return build_cwt_qr_text(attach_cwt_binding(binding, signature=signature))


def test_a_compact_code_is_judged_without_signal_like_any_other(counter, stage):
    phone = stage.phone()
    phone.be_ready(counter)
    phone.install()
    phone.context.set_offline(True)
    code = show_compact(counter)

    assert phone.type_code(code) == "valid"
    assert phone.page.inner_text(".verdict-plate") == "2A-4417"
    phone.scan_next()
    assert phone.type_code(code) == "replayed"
    assert phone.complaints == []


def test_what_was_used_stays_used_after_a_restart(counter, stage):
    phone = stage.phone("kept")
    phone.be_ready(counter)
    code = counter.driver.show(counter.view)
    phone.type_code(code)
    phone.close()
    stage.phones.remove(phone)

    again = stage.phone("kept")
    again.be_ready(counter)

    assert again.type_code(code) == "replayed"


def test_a_revocation_is_known_after_the_next_bundle(counter, stage):
    phone = stage.phone()
    page = phone.be_ready(counter)
    counter.city.revoke(counter.driver.cards["insurance-certificate"])
    counter.city.close_epoch()
    counter.desk.gatherer.refresh()
    page.click("#open-menu")
    page.click("#refresh")
    page.wait_for_selector("#refresh-result:not(:empty)")
    page.keyboard.press("Escape")

    assert phone.type_code(counter.driver.show(counter.view)) == "revoked"
    assert "Insurance certificate" in page.inner_text(".verdict-why")


def test_forgeries_and_strangers_show_no_claims(counter, stage):
    phone = stage.phone()
    phone.be_ready(counter)
    forged = counter.driver.show(counter.view, signer=counter.driver.key())
    strange = counter.driver.show(
        counter.driver.receive("taxi-inspection", iss="https://evil.example")
    )

    assert phone.type_code(forged) == "forged"
    assert phone.page.query_selector(".verdict-person") is None
    phone.scan_next()
    assert phone.type_code(strange) == "unknown_issuer"
    assert phone.page.query_selector(".verdict-person") is None


def test_what_is_no_city_code_is_no_verdict(counter, stage):
    """S-125: the camera goes on."""
    phone = stage.phone()
    page = phone.be_ready(counter)
    page.click("#open-paste")
    page.fill("#paste-text", "https://evil.example/?q=<img src=x onerror=alert(1)>")
    page.click("button[value=check]")
    page.wait_for_selector("#hint:has-text('not a city card code')")

    assert page.is_hidden("#verdict")
    assert phone.complaints == []


def test_the_whole_check_goes_by_keyboard(counter, stage):
    phone = stage.phone()
    page = phone.be_ready(counter)
    code = counter.driver.show(counter.view)
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.id") == "open-paste":
            break
    page.keyboard.press("Enter")
    page.keyboard.insert_text(code)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert phone.verdict() == "valid"
    assert page.evaluate("() => document.activeElement.tagName") == "H2"
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.className") == "primary":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#verdict", state="hidden")


@pytest.mark.parametrize("language", ["en", "km"])
def test_axe_finds_nothing_on_any_screen(counter, stage, language):
    phone = stage.phone(language=language)
    page = phone.be_ready(counter)
    shown = {"scan": phone.axe()}
    page.click("#open-menu")
    shown["menu"] = phone.axe()
    page.keyboard.press("Escape")
    codes = {
        "valid": counter.driver.show(counter.view),
        "forged": counter.driver.show(counter.view, signer=counter.driver.key()),
        "wrong_card": counter.driver.show(
            counter.driver.receive("over-18"), audience="urn:citywallet:qr:taxi-inspection"
        ),
    }
    for name, code in codes.items():
        assert phone.type_code(code) == name
        page.click("summary")
        shown[name] = phone.axe()
        phone.scan_next()
    for path in ("/enrol/", "/business/"):
        phone.open(counter.url + path)
        page.wait_for_selector("[data-filled]", state="attached")
        shown[path] = phone.axe()

    assert {name: found for name, found in shown.items() if found} == {}


@pytest.mark.parametrize("language", ["en", "km"])
def test_nothing_is_cut_off_at_320_pixels(counter, stage, language):
    """WCAG 2.2, 1.4.10."""
    phone = stage.phone(language=language, viewport={"width": 320, "height": 568})
    widths = {}
    for path in ("/inspect/", "/enrol/", "/business/"):
        page = phone.open(counter.url + path)
        page.wait_for_selector("[data-filled]", state="attached")
        widths[path] = page.evaluate("() => document.documentElement.scrollWidth")
    phone.be_ready(counter)
    phone.type_code(counter.driver.show(counter.view))
    widths["verdict"] = page.evaluate("() => document.getElementById('verdict').scrollWidth")

    assert {name: width for name, width in widths.items() if width > 320} == {}


def test_a_signed_in_inspector_is_on_record_at_the_counter(counter, stage):
    made = counter.post("/api/v1/inspectors", {"name": "Chan Sopheap"}, role="operator").json
    phone = stage.phone()
    session = phone.context.new_cdp_session(phone.page)
    session.send("WebAuthn.enable")
    session.send(
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
    page = phone.open(made["enrolment_link"])
    page.wait_for_selector("#go:not(:empty)")
    page.click("#go")
    page.click("#to-inspect")
    page.wait_for_selector("#readiness[data-state=ready]")
    page.wait_for_selector("#account:has-text('Chan Sopheap')", state="attached")
    counter.city.revoke(counter.driver.cards["insurance-certificate"])

    # The phone's own bundle does not know yet; the counter does.
    assert phone.type_code(counter.driver.show(counter.view)) == "revoked"
    with counter.desk.database.reading() as database:
        rows = database.connection().exec_driver_sql("SELECT outcome FROM verifier_check").all()
    assert [row[0] for row in rows] == ["failed"]
    assert phone.complaints == []
