"""The portal for officers, as a browser without scripts meets it: door, desk and records."""

import html
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))

from issuing_city import BASE, IssuingCity, build_settings
from software_authenticator import SoftwareAuthenticator

from encoding import base64url
from issuer.actors import Actor
from issuer.officers import make_enrolment

OPERATOR = Actor("desk", "operator", None)
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
PAGE = {"Accept": "text/html"}


@pytest.fixture
def city(tmp_path):
    city = IssuingCity(build_settings(tmp_path))
    city.open_agency("transport")
    city.open_agency("residency")
    yield city
    city.close()


class Browser:
    """A browser at the portal: keeps cookies and reads the token out of forms."""

    def __init__(self, city):
        self.city = city
        self.http = city.app.test_client()
        self.authenticator = SoftwareAuthenticator()

    def get(self, path, **more):
        return self.http.get(path, base_url=BASE, headers=PAGE, **more)

    def post(self, path, fields, *, headers=SAME_SITE, **more):
        return self.http.post(path, base_url=BASE, data=fields, headers={**PAGE, **headers}, **more)

    def say(self, path, value, *, token="", headers=SAME_SITE):
        sent = {**headers, "X-CSRF-Token": token}
        return self.http.post(path, base_url=BASE, json=value, headers=sent)

    def enrol(self, ticket, *, authenticator=None):
        begun = self.say(f"/enrol/{ticket}/begin", {})
        answer = (authenticator or self.authenticator).register(read_challenge(begun))
        token = begun.json["csrf_token"]
        return self.say(f"/enrol/{ticket}/finish", {"response": answer}, token=token)

    def sign_in(self, *, authenticator=None, wait=None):
        begun = self.say("/console/sign-in/begin", {})
        answer = (authenticator or self.authenticator).authenticate(read_challenge(begun))
        if wait:
            self.city.clock.move(**wait)
        token = begun.json["csrf_token"]
        return self.say("/console/sign-in/finish", {"response": answer}, token=token)

    def submit(self, path, fields):
        """Send the form that stands on a page, token and all."""
        return self.post(path, {**fields, "csrf_token": self.token()})

    def token(self):
        return re.search(r'name="csrf_token" value="([^"]+)"', self.get("/console").text)[1]

    def cookie(self):
        return self.http.get_cookie("__Host-portal", domain="localhost")

    def offer(self, type_name="taxi-permit", **more):
        """Fill in the example and send it; answers the page of the offer."""
        form = self.get(f"/console/offers/new/{type_name}?example").text
        return self.submit(f"/console/offers/new/{type_name}", {**read_fields(form), **more})


def read_challenge(begun):
    assert begun.status_code == 200, begun.text
    return base64url.decode(begun.json["options"]["challenge"])


def read_fields(form):
    """What the form holds: inputs and text areas of claims, the format and the request's id."""
    texts = dict(
        re.findall(r'<input type="(?:text|date)"[^>]*value="([^"]*)"[^>]*name="([^"]+)"', form)
    )
    fields = {name: html.unescape(text) for text, name in texts.items()}
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)<', form):
        fields[name] = html.unescape(text)
    fields["request_id"] = re.search(r'name="request_id" value="([^"]+)"', form)[1]
    return fields


@pytest.fixture
def invite(city):
    def make(agency="transport", name="Chan Sopheap"):
        link = make_enrolment(city.office, actor=OPERATOR, agency=agency, name=name)
        return link.removeprefix(f"{BASE}/enrol/")

    return make


@pytest.fixture
def officer(city, invite):
    browser = Browser(city)
    assert browser.enrol(invite()).json == {"next": "/console"}
    return browser


def test_the_enrolment_page_says_who_and_for_which_agency(city, invite):
    page = Browser(city).get(f"/enrol/{invite()}").text

    assert "Chan Sopheap" in page
    assert "transport" in page


def test_an_officer_enrols_signs_out_and_signs_in_again(officer):
    assert "What would you like to issue?" in officer.get("/console").text

    out = officer.submit("/console/sign-out", {})
    assert (out.status_code, out.location) == (303, "/console/sign-in")
    assert officer.get("/console").location == "/console/sign-in"
    assert officer.sign_in().json == {"next": "/console"}
    assert officer.get("/console").status_code == 200


def test_an_enrolment_link_lets_in_once(city, invite):
    ticket = invite()
    Browser(city).enrol(ticket)

    late = Browser(city)
    assert late.get(f"/enrol/{ticket}").status_code == 404
    assert late.say(f"/enrol/{ticket}/begin", {}).status_code == 404


def test_the_cookie_is_for_this_host_alone_and_changes_at_the_door(city, invite):
    """S-115, S-163."""
    browser, ticket = Browser(city), invite()
    begun = browser.say(f"/enrol/{ticket}/begin", {})
    before = browser.cookie().value
    answer = browser.authenticator.register(read_challenge(begun))
    done = browser.say(
        f"/enrol/{ticket}/finish", {"response": answer}, token=begun.json["csrf_token"]
    )

    (sent,) = done.headers.getlist("Set-Cookie")
    assert {part.strip() for part in sent.split(";")[1:]} == {
        "Secure", "HttpOnly", "Path=/", "SameSite=Strict",
    }  # fmt: skip
    assert browser.cookie().value != before


def test_a_challenge_is_good_for_one_browser_one_try_and_five_minutes(officer):
    """S-120."""
    officer.submit("/console/sign-out", {})
    begun = officer.say("/console/sign-in/begin", {})
    answer = officer.authenticator.authenticate(read_challenge(begun))
    wrong = {"response": SoftwareAuthenticator().authenticate(b"x" * 32)}
    token = begun.json["csrf_token"]

    assert officer.say("/console/sign-in/finish", wrong, token=token).status_code == 401
    again = officer.say("/console/sign-in/finish", {"response": answer}, token=token)
    assert again.status_code == 401
    assert officer.sign_in(wait={"minutes": 5}).status_code == 401
    assert officer.sign_in().status_code == 200


def test_a_ceremony_for_one_link_does_not_open_another(city, invite):
    browser = Browser(city)
    begun = browser.say(f"/enrol/{invite()}/begin", {})
    answer = browser.authenticator.register(read_challenge(begun))
    other = browser.say(
        f"/enrol/{invite()}/finish", {"response": answer}, token=begun.json["csrf_token"]
    )

    assert other.status_code == 401


def test_guessing_at_the_door_is_limited(city):
    browser = Browser(city)
    seen = [browser.say("/console/sign-in/begin", {}).status_code for _ in range(31)]

    assert seen == [200] * 30 + [429]


def test_a_session_ends_after_a_quarter_of_an_hour_without_use(city, officer):
    city.clock.move(minutes=15)

    assert (
        officer.get("/console/credentials").location == "/console/sign-in?next=/console/credentials"
    )


@pytest.mark.parametrize(
    "path", ["/console", "/console/credentials", "/console/offers/new/taxi-permit"]
)
def test_strangers_are_led_to_the_door(city, path):
    answer = Browser(city).get(path)

    assert answer.status_code == 303
    assert answer.location.startswith("/console/sign-in")


def test_what_another_site_sends_is_refused(officer):
    """S-117."""
    fields = {"csrf_token": officer.token()}

    for site in ("cross-site", "same-site", "none"):
        headers = {"Sec-Fetch-Site": site}
        assert officer.post("/console/sign-out", fields, headers=headers).status_code == 403
    assert officer.post("/console/sign-out", {"csrf_token": "x"}).status_code == 403
    assert officer.post("/console/sign-out", {}).status_code == 403
    assert officer.get("/console").status_code == 200


def test_nobody_is_led_to_another_site(officer):
    for place in ("https://evil.example/", "//evil.example", "/\\evil.example", "/console\n"):
        answer = officer.get("/console/sign-in", query_string={"next": place})
        assert answer.location == "/console"


def test_pages_are_not_kept_and_carry_the_strict_policy(officer):
    """S-161."""
    answer = officer.get("/console")

    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert "require-trusted-types-for 'script'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=", answer.text)


def test_the_language_is_the_officers_choice(officer):
    page = officer.get("/console").text
    assert '<html lang="en">' in page

    chosen = officer.submit("/console/language", {"language": "km", "next": "/console/credentials"})
    assert (chosen.status_code, chosen.location) == (303, "/console/credentials")
    page = officer.get("/console/credentials").text
    assert '<html lang="km">' in page
    assert "ប័ណ្ណដែលបានចេញ" in page
    refused = officer.submit("/console/language", {"language": "xx", "next": "/console"})
    assert refused.status_code == 400


def test_views_are_not_issued_by_hand(officer):
    page = officer.get("/console").text

    assert "/console/offers/new/taxi-permit" in page
    assert "/console/offers/new/taxi-inspection" not in page
    assert officer.get("/console/offers/new/taxi-inspection").status_code == 404
    assert officer.get("/console/offers/new/residency").status_code == 404


def test_a_form_with_faults_keeps_what_was_typed_and_names_each_fault(officer):
    fields = {"claim.plate": "2A-4417 <b>", "claim.valid_until": "31 June", "request_id": "r"}
    answer = officer.submit("/console/offers/new/taxi-permit", fields)

    assert answer.status_code == 400
    assert "2A-4417 &lt;b&gt;" in answer.text
    assert 'value="31 June"' in answer.text
    assert answer.text.count('class="fault"') == 7
    assert 'id="claim-valid_until-fault"' in answer.text
    assert 'id="claim-plate-fault"' not in answer.text


def test_an_offer_shows_its_code_to_the_officer_who_made_it(city, officer, invite):
    place = officer.offer(tx_code="yes").location
    page = officer.get(place).text

    assert "data:image/svg+xml;base64," in page
    assert "openid-credential-offer://?credential_offer_uri=" in page
    assert "http://localhost:8402/offer?credential_offer_uri=" in page
    digits = re.search(r'class="tx-code"[^>]*>(\d{3})<[^>]*> </span>(\d{3})<', page)
    assert digits
    colleague = Browser(city)
    colleague.enrol(invite(name="Keo Bopha"))
    seen = colleague.get(place).text
    assert "credential_offer_uri" not in seen
    assert digits[1] + digits[2] not in seen.replace(" ", "")
    assert "Make a new code" in seen


def test_neither_the_link_nor_the_code_is_in_the_database(city, officer, tmp_path):
    page = officer.get(officer.offer(tx_code="yes").location).text
    link = re.search(r"offers%2F([A-Za-z0-9_-]{43})", page)[1]
    city.office.database.close()
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("*.sqlite3*"))

    assert b"issuer_offer" in stored
    assert link.encode() not in stored


def test_sending_a_form_twice_makes_one_credential(officer):
    """S-213."""
    form = officer.get("/console/offers/new/taxi-permit?example").text
    fields = read_fields(form)
    first = officer.submit("/console/offers/new/taxi-permit", fields)
    second = officer.submit("/console/offers/new/taxi-permit", fields)
    changed = officer.submit("/console/offers/new/taxi-permit", {**fields, "claim.zone": "Takeo"})

    assert first.location == second.location
    assert changed.status_code == 400
    assert "was sent before" in changed.text


def test_the_page_learns_that_the_wallet_has_it(city, officer):
    made = city.offer("taxi-permit").json
    place = f"/console/offers/{made['credential_id']}"
    seen = re.search(r"state\?seen=([^\"]+)", officer.get(place).text)[1]
    assert officer.get(f"{place}/state?seen={seen}").status_code == 204

    city.clock.move(minutes=1)
    later = officer.get(f"{place}/state?seen={seen}")
    assert "23 h 59 min left" in later.text
    city.wallet().receive(made)
    arrived = officer.get(f"{place}/state?seen={seen}")
    assert arrived.headers["HX-Refresh"] == "true"
    assert "in the person&#39;s wallet" in officer.get(place).text


def test_a_page_left_open_stops_asking(city, officer):
    place = officer.offer().location
    city.clock.move(minutes=11)
    page = officer.get(place).text

    assert "hx-get" not in page
    assert "no longer looks by itself" in page


def test_an_offer_that_ran_out_gets_a_new_code(city, officer, invite):
    place = officer.offer().location
    city.clock.move(days=1, minutes=1)
    officer.sign_in()
    assert "The code ran out" in officer.get(place).text

    renewed = officer.submit(f"{place}/renew", {})
    assert (renewed.status_code, renewed.location) == (303, place)
    assert "data:image/svg+xml" in officer.get(place).text


def test_records_are_narrowed_and_paged(city, officer):
    for _ in range(21):
        city.offer("taxi-permit")
        city.clock.move(seconds=1)
    revoked = city.offer("driving-licence").json["credential_id"]
    city.change_status(revoked, "revoked")
    page = officer.get("/console/credentials").text
    assert page.count('role="rowheader"') == 20

    older = html.unescape(re.search(r'href="(\?[^"]+)" rel="next"', page)[1])
    assert officer.get(f"/console/credentials{older}").text.count('role="rowheader"') == 2
    narrowed = officer.get("/console/credentials?type=driving-licence&status=revoked").text
    assert narrowed.count('role="rowheader"') == 1
    assert "chip-revoked" in narrowed
    assert officer.get("/console/credentials?status=lost").status_code == 400
    assert officer.get("/console/credentials?cursor=x").status_code == 400


def test_suspending_and_reinstating_need_a_reason(city, officer):
    credential, _texts = city.issued("taxi-permit")
    place = f"/console/credentials/{credential}"

    refused = officer.submit(f"{place}/status/suspended", {"reason": "  "})
    assert refused.status_code == 400
    assert city.record(credential)["status"] == "valid"
    done = officer.submit(f"{place}/status/suspended", {"reason": "Inspection overdue"})
    assert (done.status_code, done.location) == (303, place)
    page = officer.get(place).text
    assert "chip-suspended" in page
    assert "Inspection overdue" in page
    assert "Chan Sopheap" in page
    officer.submit(f"{place}/status/valid", {"reason": "Inspected"})
    assert city.record(credential)["status"] == "valid"


def test_revoking_needs_a_tick_and_is_final(city, officer):
    credential, _texts = city.issued("taxi-permit")
    place = f"/console/credentials/{credential}"

    unsure = officer.submit(f"{place}/status/revoked", {"reason": "Withdrawn"})
    assert unsure.status_code == 400
    assert "Withdrawn" in unsure.text
    assert city.record(credential)["status"] == "valid"
    officer.submit(f"{place}/status/revoked", {"reason": "Withdrawn", "confirmed": "yes"})
    assert city.record(credential)["status"] == "revoked"
    assert officer.get(f"{place}/status/valid").status_code == 409
    assert officer.submit(f"{place}/status/valid", {"reason": "Oops"}).status_code == 409
    assert officer.get(f"{place}/status/lost").status_code == 404


def test_the_officer_holds_the_signed_receipt(city, officer):
    credential, _texts = city.issued("taxi-permit")
    place = f"/console/credentials/{credential}"
    assert officer.get(f"{place}/receipt").status_code == 404
    officer.submit(f"{place}/status/suspended", {"reason": "Inspection overdue"})
    receipt = officer.get(f"{place}/receipt")

    assert receipt.headers["Content-Disposition"] == 'attachment; filename="receipt.jwt"'
    assert receipt.text.count(".") == 2
    assert '<time datetime="2026-11-22T12:02:00Z"' in officer.get(place).text


def test_another_agencys_things_do_not_exist(city, officer, invite):
    """S-148."""
    credential, _texts = city.issued("taxi-permit")
    place = officer.offer().location
    stranger = Browser(city)
    stranger.enrol(invite("residency", "Sok Dara"))
    record = f"/console/credentials/{credential}"

    for path in (record, f"{record}/status/revoked", f"{record}/receipt", place, f"{place}/state"):
        answer = stranger.get(path)
        assert (path, answer.status_code) == (path, 404)
        assert "TX-2026" not in answer.text
    fields = {"reason": "x", "confirmed": "yes"}
    assert stranger.submit(f"{record}/status/revoked", fields).status_code == 404
    assert stranger.submit(f"{place}/renew", {}).status_code == 404
    assert "TX-2026" not in stranger.get("/console/credentials").text
    assert city.record(credential)["status"] == "valid"


def test_names_from_a_form_are_text_and_nothing_else(officer):
    """S-157."""
    place = officer.offer(**{"claim.permit_number": "<script>alert(1)</script>"}).location

    for path in (place, place.replace("offers", "credentials"), "/console/credentials"):
        page = officer.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_problems_are_pages_for_people_and_json_for_programs(city, officer):
    page = officer.get("/console/nothing")
    assert page.status_code == 404
    assert "There is nothing here" in page.text

    answer = city.http.get("/console/nothing", headers={"Accept": "application/json"})
    assert answer.content_type == "application/problem+json"
