"""The portal's door, as a browser without scripts meets it, and what holds on every page."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import IssuingCity, build_settings
from portal_visitor import Browser, invite_officer, read_challenge
from software_authenticator import SoftwareAuthenticator


@pytest.fixture
def city(tmp_path):
    city = IssuingCity(build_settings(tmp_path))
    city.open_agency("transport")
    city.open_agency("residency")
    yield city
    city.close()


@pytest.fixture
def officer(city):
    browser = Browser(city)
    assert browser.enrol(invite_officer(city)).json == {"next": "/console"}
    return browser


def test_the_enrolment_page_says_who_and_for_which_agency(city):
    page = Browser(city).get(f"/enrol/{invite_officer(city)}").text

    assert "Chan Sopheap" in page
    assert "transport" in page


def test_an_officer_enrols_signs_out_and_signs_in_again(officer):
    assert "What would you like to issue?" in officer.get("/console").text

    out = officer.submit("/console/sign-out", {})
    assert (out.status_code, out.location) == (303, "/console/sign-in")
    assert officer.get("/console").location == "/console/sign-in"
    assert officer.sign_in().json == {"next": "/console"}
    assert officer.get("/console").status_code == 200


def test_an_enrolment_link_lets_in_once(city):
    ticket = invite_officer(city)
    Browser(city).enrol(ticket)

    late = Browser(city)
    assert late.get(f"/enrol/{ticket}").status_code == 404
    assert late.say(f"/enrol/{ticket}/begin", {}).status_code == 404


def test_the_cookie_is_for_this_host_alone_and_changes_at_the_door(city):
    """S-115, S-163."""
    browser, ticket = Browser(city), invite_officer(city)
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


def test_a_ceremony_for_one_link_does_not_open_another(city):
    browser = Browser(city)
    begun = browser.say(f"/enrol/{invite_officer(city)}/begin", {})
    answer = browser.authenticator.register(read_challenge(begun))
    other = browser.say(
        f"/enrol/{invite_officer(city)}/finish",
        {"response": answer},
        token=begun.json["csrf_token"],
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


def test_problems_are_pages_for_people_and_json_for_programs(city, officer):
    page = officer.get("/console/nothing")
    assert page.status_code == 404
    assert "There is nothing here" in page.text

    answer = city.http.get("/console/nothing", headers={"Accept": "application/json"})
    assert answer.content_type == "application/problem+json"
