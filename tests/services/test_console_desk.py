"""Work at the portal: offers, records and their status, each agency for itself."""

import html
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from issuing_city import IssuingCity, build_settings
from portal_visitor import Browser, invite_officer, read_fields


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


def test_an_offer_shows_its_code_to_the_officer_who_made_it(city, officer):
    place = officer.offer(tx_code="yes").location
    page = officer.get(place).text

    assert "data:image/svg+xml;base64," in page
    assert "openid-credential-offer://?credential_offer_uri=" in page
    assert "http://localhost:8402/offer?credential_offer_uri=" in page
    digits = re.search(r'class="tx-code"[^>]*>(\d{3})<[^>]*> </span>(\d{3})<', page)
    assert digits
    colleague = Browser(city)
    colleague.enrol(invite_officer(city, name="Keo Bopha"))
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


def test_an_offer_that_ran_out_gets_a_new_code(city, officer):
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


def test_another_agencys_things_do_not_exist(city, officer):
    """S-148."""
    credential, _texts = city.issued("taxi-permit")
    place = officer.offer().location
    stranger = Browser(city)
    stranger.enrol(invite_officer(city, "residency", "Sok Dara"))
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
