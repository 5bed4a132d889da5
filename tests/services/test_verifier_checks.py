"""What is shown is checked: POST /api/v1/checks."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from verifier_counter import Counter, reasons

from encoding import base64url
from verifier.store import checks


@pytest.fixture
def counter(tmp_path):
    counter = Counter(tmp_path)
    yield counter
    counter.close()


def test_a_fresh_code_of_a_licensed_driver_passes(counter):
    view = counter.driver.receive_taxi_cards()

    verdict = counter.check(counter.driver.show(view))

    assert reasons(verdict) == ("passed", [])
    assert verdict["purpose"] == "taxi-inspection"
    assert verdict["claims"]["taxi_inspection"]["plate"] == "2A-4417"
    assert verdict["epoch"] == 1
    assert verdict["checked_at"] == verdict["status_as_of"] == "2026-11-22T12:00:00Z"


def test_the_same_code_again_is_replayed_also_in_another_process(counter):
    view = counter.driver.receive_taxi_cards()
    code = counter.driver.show(view)
    counter.check(code)
    other = counter.start().test_client()

    again = counter.post("/api/v1/checks", {"qr": code, "purpose": "taxi-inspection"}, client=other)

    assert reasons(again.json)[0] == "failed"
    assert again.json["reasons"] == ["replayed"]


def test_a_used_code_stays_replayed_when_it_is_old_as_well(counter):
    view = counter.driver.receive_taxi_cards()
    code = counter.driver.show(view)
    counter.check(code)
    counter.clock.move(seconds=90)

    assert counter.check(code)["reasons"] == ["replayed"]


def test_a_code_with_the_other_signature_of_the_same_proof_is_replayed(counter):
    view = counter.driver.receive_taxi_cards()
    audience = "urn:citywallet:qr:taxi-inspection"
    shown = counter.driver.present(view, audience=audience)
    twin = flip_signature(shown)
    counter.post("/api/v1/checks", {"presentation": shown, "purpose": "taxi-inspection"})

    again = counter.post("/api/v1/checks", {"presentation": twin, "purpose": "taxi-inspection"})

    assert twin != shown
    assert again.json["reasons"] == ["replayed"]


def test_a_forged_copy_does_not_use_up_the_drivers_code(counter):
    view = counter.driver.receive_taxi_cards()
    audience = "urn:citywallet:qr:taxi-inspection"
    shown = counter.driver.present(view, audience=audience)
    forged = shown[:-4] + ("AAAA" if shown[-4:] != "AAAA" else "BBBB")
    refused = counter.post("/api/v1/checks", {"presentation": forged, "purpose": "taxi-inspection"})

    honest = counter.post("/api/v1/checks", {"presentation": shown, "purpose": "taxi-inspection"})

    assert refused.json["outcome"] == "failed"
    assert honest.json["outcome"] == "passed"


def test_a_code_that_was_never_scanned_is_stale_after_90_seconds(counter):
    view = counter.driver.receive_taxi_cards()
    code = counter.driver.show(view)
    counter.clock.move(seconds=90)

    assert counter.check(code)["reasons"] == ["stale_code"]


def test_a_revoked_insurance_counts_at_once_and_is_named(counter):
    view = counter.driver.receive_taxi_cards()
    counter.check(counter.driver.show(view))
    counter.clock.move(seconds=1)
    counter.city.revoke(counter.driver.cards["insurance-certificate"])

    verdict = counter.check(counter.driver.show(view))

    assert reasons(verdict) == ("failed", [("revoked", "insurance-certificate")])
    assert verdict["claims"]["taxi_inspection"]["name"] == "Sok Dara"


def test_a_revocation_counts_from_the_snapshot_when_the_issuer_is_away(counter):
    view = counter.driver.receive_taxi_cards()
    counter.check(counter.driver.show(view))
    counter.clock.move(seconds=61)
    counter.city.revoke(view)
    counter.city.close_epoch()
    counter.desk.gatherer.refresh()
    counter.city.shelf.is_away = True

    verdict = counter.check(counter.driver.show(view))

    assert reasons(verdict) == ("failed", [("revoked", "taxi_inspection")])


def test_a_valid_status_needs_a_young_enough_epoch(counter):
    view = counter.driver.receive_taxi_cards()
    counter.check(counter.driver.show(view))
    counter.clock.move(minutes=20)
    counter.city.shelf.is_away = True

    verdict = counter.check(counter.driver.show(view))

    assert verdict["outcome"] == "indeterminate"
    assert verdict["reasons"] == ["status_stale"]


def test_an_old_snapshot_is_refreshed_before_it_is_used(counter):
    view = counter.driver.receive_taxi_cards()
    counter.check(counter.driver.show(view))
    counter.clock.move(minutes=20)
    counter.city.close_epoch()

    verdict = counter.check(counter.driver.show(view))

    assert verdict["outcome"] == "passed"
    assert verdict["epoch"] == 2


def test_an_older_snapshot_never_replaces_a_newer_one(counter):
    view = counter.driver.receive_taxi_cards()
    old = counter.city.shelf.files["/snapshot"]
    counter.clock.move(seconds=61)
    counter.city.close_epoch()
    counter.check(counter.driver.show(view))
    counter.city.shelf.files["/snapshot"] = old
    counter.desk.gatherer.refresh()

    assert counter.check(counter.driver.show(view))["epoch"] == 2


def test_what_was_believed_survives_a_restart_without_the_register(counter):
    view = counter.driver.receive_taxi_cards()
    counter.check(counter.driver.show(view))
    counter.city.shelf.is_away = True
    restarted = counter.start().test_client()

    verdict = counter.post(
        "/api/v1/checks",
        {"qr": counter.driver.show(view), "purpose": "taxi-inspection"},
        client=restarted,
    )

    assert verdict.json["outcome"] == "passed"


def test_without_any_trust_registry_nothing_is_judged(counter):
    counter.city.shelf.is_away = True
    view = counter.driver.receive_taxi_cards()

    answer = counter.post(
        "/api/v1/checks", {"qr": counter.driver.show(view), "purpose": "taxi-inspection"}
    )

    assert answer.status_code == 503
    assert answer.json["code"] == "material_unavailable"
    assert "Retry-After" in answer.headers


def test_a_trust_registry_of_another_key_is_not_believed(counter):
    view = counter.driver.receive_taxi_cards()
    counter.check(counter.driver.show(view))
    counter.city.publish_trust(without=("transport",), signed_by="thief")
    counter.clock.move(minutes=20)

    verdict = counter.check(counter.driver.show(view))

    assert "issuer_not_trusted" not in verdict["reasons"]


def test_an_agency_that_is_not_accredited_for_the_type_is_refused(counter):
    card = counter.driver.receive("taxi-inspection", agency="residency")

    verdict = counter.check(counter.driver.show(card))

    assert verdict["outcome"] == "failed"
    assert verdict["reasons"][0] == "issuer_not_authorised_for_type"
    assert verdict["claims"] is None


def test_nothing_is_fetched_for_a_credential_of_an_unknown_issuer(counter):
    """S-141: a URL inside an unverified credential is never fetched."""
    trap = f"{counter.city.url}/trap"
    card = counter.driver.receive(
        "taxi-inspection",
        iss="https://evil.example",
        status={"status_list": {"uri": trap, "idx": 1}},
    )

    verdict = counter.check(counter.driver.show(card))

    assert verdict["outcome"] == "failed"
    assert "/trap" not in counter.city.shelf.asked


def test_a_list_that_a_trusted_issuer_names_is_fetched_although_it_is_new(counter):
    agency = counter.city.agencies["transport"]
    uri = f"{agency.identifier}/status/2"
    card = counter.driver.receive("taxi-inspection", status={"status_list": {"uri": uri, "idx": 1}})

    verdict = counter.check(counter.driver.show(card))

    assert f"{uri}".removeprefix(counter.city.url) in counter.city.shelf.asked
    assert verdict["reasons"] == ["status_unknown"]


def test_a_code_for_another_audience_is_refused(counter):
    view = counter.driver.receive_taxi_cards()

    verdict = counter.check(counter.driver.show(view, audience="urn:citywallet:qr:over-18"))

    assert verdict["reasons"] == ["wrong_audience"]


def test_a_card_shown_by_another_phone_is_refused(counter):
    view = counter.driver.receive_taxi_cards()

    verdict = counter.check(counter.driver.show(view, signer=counter.driver.key()))

    assert verdict["reasons"] == ["holder_not_bound"]
    assert verdict["claims"] is None


def test_proof_of_age_needs_the_claim_to_be_true(counter):
    adult = counter.driver.receive("over-18")
    child = counter.driver.receive("over-18", claims={"age_over_18": False})

    assert counter.check(counter.driver.show(adult), purpose="over-18")["outcome"] == "passed"
    verdict = counter.check(counter.driver.show(child), purpose="over-18")
    assert reasons(verdict) == ("failed", [("claim_missing", "over_18")])


def test_a_business_licence_is_checked_by_its_own_code(counter):
    card = counter.driver.receive("business-licence")

    verdict = counter.check(counter.driver.show(card), purpose="business-licence", role="business")

    assert verdict["outcome"] == "passed"


def test_another_kind_of_card_is_not_accepted(counter):
    card = counter.driver.receive("over-18")
    code = counter.driver.show(card, audience="urn:citywallet:qr:taxi-inspection")

    verdict = counter.check(code)

    assert "type_not_accepted" in verdict["reasons"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"purpose": "taxi-inspection", "qr": "HELLO"}, "malformed_qr"),
        ({"purpose": "taxi-inspection", "qr": "CQ1:"}, "malformed_qr"),
        ({"purpose": "taxi-inspection", "qr": "CQ1:1" + "A" * 5000}, "malformed_qr"),
        ({"purpose": "taxi-inspection", "qr": "CQ1:1ÿÿÿÿ"}, "malformed_qr"),
        ({"purpose": "taxi-inspection", "presentation": "a.b.c"}, "malformed_presentation"),
        ({"purpose": "taxi-inspection", "presentation": "~~~"}, "malformed_presentation"),
        ({"purpose": "taxi-inspection", "presentation": "x" * 270_000}, "malformed_presentation"),
        ({"purpose": "taxi-inspection"}, "invalid_request"),
        ({"purpose": "taxi-inspection", "qr": 7}, "invalid_request"),
        ({"purpose": "taxi-inspection", "qr": "a", "presentation": "b"}, "invalid_request"),
        ({"purpose": "no-such-thing", "qr": "CQ1:1AA"}, "unknown_purpose"),
        ({"qr": "CQ1:1AA"}, "invalid_request"),
    ],
)
def test_what_cannot_be_read_gets_a_stable_code_and_leaves_no_trace(counter, body, code):
    answer = counter.post("/api/v1/checks", body)

    assert answer.status_code == 400
    assert answer.json["code"] == code
    assert count_checks(counter) == 0


def test_a_body_that_is_not_json_is_refused(counter):
    headers = counter.headers("inspector")
    odd = counter.client.post("/api/v1/checks", data={"qr": "x"}, headers=headers)
    twice = counter.client.post(
        "/api/v1/checks",
        data=b'{"purpose":"over-18","purpose":"taxi-inspection","qr":"x"}',
        headers={**headers, "Content-Type": "application/json"},
    )

    assert odd.status_code == 400
    assert twice.status_code == 400
    assert twice.json["detail_code"] == "duplicate_member"


def test_only_inspectors_businesses_and_the_operator_may_check(counter):
    body = {"qr": "CQ1:1AA", "purpose": "taxi-inspection"}

    assert counter.client.post("/api/v1/checks", json=body).status_code == 401
    assert counter.post("/api/v1/checks", body, role="officer").status_code == 403
    wrong = {"Authorization": "Bearer nonsense"}
    assert counter.client.post("/api/v1/checks", json=body, headers=wrong).status_code == 401


def test_a_purpose_of_the_agencies_is_not_for_inspectors(counter):
    """S-087: nobody asks for more than their purposes."""
    answer = counter.post("/api/v1/checks", {"qr": "CQ1:1AA", "purpose": "taxi-inspection-view"})

    assert answer.status_code == 403
    assert answer.json["code"] == "purpose_not_allowed"


def test_the_record_of_a_check_names_nobody(counter):
    """S-233: only the result is kept."""
    view = counter.driver.receive_taxi_cards()
    counter.check(counter.driver.show(view))
    with counter.desk.database.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT * FROM verifier_check").mappings().all()

    assert len(rows) == 1
    assert rows[0]["outcome"] == "passed"
    assert rows[0]["checker"] == "inspector:desk"
    assert "Dara" not in str(rows)
    assert "2A-4417" not in str(rows)


def flip_signature(presentation):
    """The same proof with the other valid ECDSA signature: s becomes n - s."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    head, signature = presentation.rsplit(".", 1)
    raw = base64url.decode(signature)
    s = (order - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    return f"{head}.{base64url.encode(raw[:32] + s)}"


def count_checks(counter):
    with counter.desk.database.reading() as session:
        return checks.count_checks(session)


def test_a_register_that_hangs_holds_nobody_up_who_knows_enough(counter, monkeypatch):
    """One request in a while asks; the others go by what they have."""
    import threading

    view = counter.driver.receive_taxi_cards()
    counter.check(counter.driver.show(view))
    counter.clock.move(minutes=20)
    is_asked, may_answer = threading.Event(), threading.Event()

    def hang():
        is_asked.set()
        may_answer.wait(20)

    monkeypatch.setattr(counter.desk.gatherer, "refresh", hang)
    first = threading.Thread(target=counter.check, args=[counter.driver.show(view)])
    first.start()
    assert is_asked.wait(10)

    verdict = counter.check(counter.driver.show(view))

    may_answer.set()
    first.join()
    assert verdict["reasons"] == ["status_stale"]
