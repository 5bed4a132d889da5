"""Every write of the verifier fails before and after it took effect; nothing is half done."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "services"))
sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))

from city_papers import FOUR
from software_authenticator import SoftwareAuthenticator
from verifier_counter import VERIFIER_URL, Counter

from encoding import base64url
from runtime.failpoints import failpoint
from verifier import store
from verifier.store import checks

MODES = ("fail-before", "fail-after")
SERVICES = Path(__file__).parent.parent / "services"


@pytest.fixture
def counter(tmp_path):
    counter = Counter(tmp_path)
    counter.register()
    counter.view = counter.driver.receive_taxi_cards()
    yield counter
    counter.close()


@pytest.fixture
def broken(monkeypatch):
    """Arm a failpoint for the acts inside the block."""

    class Broken:
        def __init__(self, name, mode):
            self.armed = f"{name}:{mode}"

        def __enter__(self):
            monkeypatch.setenv("CITY_FAILPOINT", self.armed)

        def __exit__(self, *_error):
            monkeypatch.delenv("CITY_FAILPOINT")

    return Broken


def count(counter):
    with counter.desk.database.reading() as session:
        return checks.count_checks(session)


def respond(counter, request):
    shown = {
        query: counter.driver.present(
            counter.driver.cards[name], audience=request["client_id"], nonce=request["nonce"]
        )
        for query, name in FOUR.items()
    }
    return counter.respond(request, shown)


@pytest.mark.parametrize("mode", MODES)
def test_a_check_is_claimed_and_recorded_together_or_not_at_all(counter, broken, mode):
    body = {"qr": counter.driver.show(counter.view), "purpose": "taxi-inspection"}
    with broken("verifier.record", mode):
        lost = counter.post("/api/v1/checks", body)

    retried = counter.post("/api/v1/checks", body)

    assert lost.status_code == 503
    if mode == "fail-before":
        assert (retried.json["outcome"], count(counter)) == ("passed", 1)
    else:
        # Fail closed: the lost answer was on record, so the same code is used up (I10).
        assert (retried.json["reasons"], count(counter)) == (["replayed"], 2)
    assert store.check(counter.desk.database) == []


@pytest.mark.parametrize("mode", MODES)
def test_an_answer_is_taken_once_whatever_is_lost(counter, broken, mode):
    session = counter.ask()
    request = counter.fetch_request(session)
    with broken("verifier.answer", mode):
        assert respond(counter, request).status_code == 503

    retried = respond(counter, request)

    seen = counter.get(f"/api/v1/sessions/{session['id']}", role="business").json
    assert retried.status_code == (200 if mode == "fail-before" else 400)
    assert seen["verdict"]["outcome"] == "passed"
    assert count(counter) == 1
    assert store.check(counter.desk.database) == []


@pytest.mark.parametrize("mode", MODES)
def test_a_request_can_be_fetched_again_after_a_fault(counter, broken, mode):
    session = counter.ask()
    path = f"/request/{session['qr'].split('request%2F')[1].split('&')[0]}"
    with broken("verifier.fetch_request", mode):
        assert counter.client.get(path).status_code == 503

    assert counter.client.get(path).status_code == 200
    assert respond(counter, counter.fetch_request(session)).status_code == 200


@pytest.mark.parametrize("mode", MODES)
def test_a_session_that_was_not_answered_for_is_nobodys(counter, broken, mode):
    with broken("verifier.start_session", mode):
        lost = counter.post("/api/v1/sessions", {"purpose": "over-18"}, role="business")

    assert lost.status_code == 503
    assert counter.ask("over-18")["id"]
    assert store.check(counter.desk.database) == []


@pytest.mark.parametrize("mode", MODES)
def test_a_refusal_may_be_said_again(counter, broken, mode):
    session = counter.ask()
    request = counter.fetch_request(session)
    path = request["response_uri"].removeprefix(VERIFIER_URL)
    form = {"state": request["state"], "error": "access_denied"}
    with broken("verifier.decline", mode):
        assert counter.client.post(path, data=form).status_code == 503

    counter.client.post(path, data=form)

    seen = counter.get(f"/api/v1/sessions/{session['id']}", role="business").json
    assert seen["state"] == "declined"


@pytest.mark.parametrize("mode", MODES)
def test_material_that_could_not_be_kept_is_fetched_again(counter, broken, mode):
    counter.clock.move(seconds=61)
    counter.city.close_epoch()
    with broken("verifier.save_material", mode), pytest.raises(Exception, match="failpoint"):
        counter.desk.gatherer.refresh()

    counter.desk.gatherer.refresh()

    assert counter.check(counter.driver.show(counter.view))["epoch"] == 2
    restarted = counter.start().extensions["verifier.desk"]
    assert restarted.gatherer.believe(max_age=None).snapshot.epoch == 2


@pytest.mark.parametrize("mode", MODES)
def test_a_shift_log_may_be_sent_again(counter, broken, mode):
    entry = {
        "id": "log-entry-000000001",
        "checked_at": int(counter.clock().timestamp()),
        "purpose": "over-18",
        "outcome": "passed",
        "reasons": [],
        "epoch": 1,
    }
    with broken("verifier.record_log", mode):
        assert counter.post("/api/v1/checks/log", {"checks": [entry]}).status_code == 503

    counter.post("/api/v1/checks/log", {"checks": [entry]})

    assert count(counter) == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_link_is_spent_with_its_passkey_or_not_at_all(counter, broken, mode):
    made = counter.post("/api/v1/inspectors", {"name": "Chan"}, role="operator").json
    token = made["enrolment_link"].split("#")[1]
    passkey = SoftwareAuthenticator(origin=VERIFIER_URL)

    def enrol():
        client = counter.app.test_client()
        secure = {"base_url": "https://localhost:8403"}
        begun = client.post("/api/v1/enrolments/begin", json={"token": token}, **secure)
        if begun.status_code != 200:
            return begun
        challenge = base64url.decode(begun.json["options"]["challenge"])
        return client.post(
            "/api/v1/enrolments",
            json={"response": passkey.register(challenge)},
            headers={"X-CSRF-Token": begun.json["csrf_token"]},
            **secure,
        )

    with broken("verifier.enrol", mode):
        assert enrol().status_code == 503

    assert enrol().status_code == (200 if mode == "fail-before" else 403)
    assert store.check(counter.desk.database) == []


KILLED = textwrap.dedent(
    """
    import json, sys
    sys.path[:0] = json.loads(sys.argv[1])
    from verifier.app import create_app
    from runtime.settings import Settings
    from inspected_city import MovableClock
    settings = Settings.from_environment(json.loads(sys.argv[2]), service="verifier")
    client = create_app(settings, clock=MovableClock()).test_client()
    body, headers = json.loads(sys.argv[3]), json.loads(sys.argv[4])
    print(client.post("/api/v1/checks", json=body, headers=headers).status_code)
    """
)


@pytest.mark.parametrize("mode", ["kill-before", "kill-after"])
def test_kill_in_the_middle_of_a_check_leaves_a_sound_store(counter, mode):
    """S-210: what was recorded is whole, what was not can be checked again."""
    body = {"qr": counter.driver.show(counter.view), "purpose": "taxi-inspection"}
    environ = {
        "CITY_DATA_DIR": str(counter.settings.data_dir),
        "CITY_REGISTER_URL": counter.city.url,
        "CITY_ISSUER_URL": counter.city.url,
        "CITY_VERIFIER_URL": VERIFIER_URL,
        "CITY_BACKGROUND": "no",
    }
    arguments = [[str(SERVICES)], environ, body, counter.headers("inspector")]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *[json.dumps(argument) for argument in arguments]],
        env={**os.environ, "CITY_FAILPOINT": f"verifier.record:{mode}"},
        capture_output=True,
        timeout=60,
        check=False,
    )

    retried = counter.post("/api/v1/checks", body).json

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert retried["reasons"] == ([] if mode == "kill-before" else ["replayed"])
    assert store.check(counter.desk.database) == []


def test_a_failpoint_that_is_not_armed_costs_nothing():
    with failpoint("verifier.record"):
        pass
