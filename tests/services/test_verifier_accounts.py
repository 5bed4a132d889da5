"""Inspectors and businesses: one-time links, passkeys, web sessions."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))

from software_authenticator import PRESENT, SoftwareAuthenticator
from verifier_counter import VERIFIER_URL, Counter

from encoding import base64url
from runtime.audit import verify_chain

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def counter(tmp_path):
    counter = Counter(tmp_path)
    yield counter
    counter.close()


class Browser:
    """A browser of one person, with a passkey."""

    def __init__(self, counter, *, base_url="https://localhost:8403"):
        self.counter = counter
        self.base_url = base_url
        self.client = counter.app.test_client()
        self.passkey = SoftwareAuthenticator(origin=VERIFIER_URL)
        self.csrf_token = ""

    def post(self, path, value, **headers):
        sent = {**SAME_ORIGIN, "X-CSRF-Token": self.csrf_token, **headers}
        return self.client.post(path, json=value, headers=sent, base_url=self.base_url)

    def get(self, path):
        return self.client.get(path, base_url=self.base_url)

    def enrol(self, token, **details):
        begun = self.post("/api/v1/enrolments/begin", {"token": token})
        if begun.status_code != 200:
            return begun
        self.csrf_token = begun.json["csrf_token"]
        challenge = base64url.decode(begun.json["options"]["challenge"])
        response = self.passkey.register(challenge, **details)
        return self._enter(self.post("/api/v1/enrolments", {"response": response}))

    def sign_in(self, **details):
        begun = self.post("/api/v1/sign-in/begin", {})
        self.csrf_token = begun.json["csrf_token"]
        challenge = base64url.decode(begun.json["options"]["challenge"])
        response = self.passkey.authenticate(challenge, **details)
        return self._enter(self.post("/api/v1/sign-in", {"response": response}))

    def _enter(self, answer):
        if answer.status_code == 200:
            self.csrf_token = answer.json["csrf_token"]
        return answer


def make_link(counter, role="inspectors", name="Chan Sopheap"):
    answer = counter.post(f"/api/v1/{role}", {"name": name}, role="operator")
    assert answer.status_code == 201
    return answer.json["enrolment_link"].removeprefix(f"{VERIFIER_URL}/enrol/#")


def test_an_inspector_enrols_and_may_check_at_once(counter):
    browser = Browser(counter)
    entered = browser.enrol(make_link(counter))
    view = counter.driver.receive_taxi_cards()

    checked = browser.post(
        "/api/v1/checks", {"qr": counter.driver.show(view), "purpose": "taxi-inspection"}
    )

    assert (entered.json["role"], entered.json["name"]) == ("inspector", "Chan Sopheap")
    assert checked.json["outcome"] == "passed"
    assert browser.get("/api/v1/me").json["role"] == "inspector"
    assert verify_chain(counter.desk.database) == []


def test_a_link_works_once(counter):
    token = make_link(counter)
    Browser(counter).enrol(token)

    again = Browser(counter).enrol(token)

    assert (again.status_code, again.json["code"]) == (403, "enrolment_refused")


def test_a_link_ends_after_a_day(counter):
    token = make_link(counter)
    counter.clock.move(days=1)

    assert Browser(counter).enrol(token).status_code == 403


def test_a_guessed_link_reads_like_a_used_one(counter):
    """S-118."""
    guessed = Browser(counter).enrol("guess")
    token = make_link(counter)
    Browser(counter).enrol(token)
    used = Browser(counter).enrol(token)

    assert guessed.json["detail"] == used.json["detail"]


def test_signing_in_takes_the_passkey_and_gives_a_new_session(counter):
    """S-115."""
    browser = Browser(counter)
    browser.enrol(make_link(counter, role="businesses", name="Riverside Hotel"))
    first = browser.client.get_cookie("__Host-verify").value
    browser.client.delete_cookie("__Host-verify")

    entered = browser.sign_in()

    assert entered.json["role"] == "business"
    assert browser.client.get_cookie("__Host-verify").value != first


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"flags": PRESENT},
        {"kind": "webauthn.create"},
    ],
)
def test_a_passkey_answer_for_somebody_else_is_refused(counter, wrong):
    """S-120."""
    browser = Browser(counter)
    browser.enrol(make_link(counter))

    refused = browser.sign_in(**wrong)

    assert (refused.status_code, refused.json["code"]) == (403, "sign_in_refused")


def test_a_challenge_is_good_for_one_try(counter):
    browser = Browser(counter)
    browser.enrol(make_link(counter))
    begun = browser.post("/api/v1/sign-in/begin", {})
    browser.csrf_token = begun.json["csrf_token"]
    challenge = base64url.decode(begun.json["options"]["challenge"])
    browser.post("/api/v1/sign-in", {"response": browser.passkey.authenticate(bytes(32))})

    late = browser.post("/api/v1/sign-in", {"response": browser.passkey.authenticate(challenge)})

    assert late.status_code == 403


def test_an_unknown_passkey_is_refused_like_any_other(counter):
    browser = Browser(counter)
    browser.enrol(make_link(counter))
    browser.passkey = SoftwareAuthenticator(origin=VERIFIER_URL)

    assert browser.sign_in().json["code"] == "sign_in_refused"


def test_a_write_needs_the_token_of_its_own_page(counter):
    """S-117."""
    browser = Browser(counter)
    browser.enrol(make_link(counter))
    body = {"qr": "CQ1:1AA", "purpose": "taxi-inspection"}

    forged = browser.post("/api/v1/checks", body, **{"X-CSRF-Token": "guess"})
    foreign = browser.post("/api/v1/checks", body, **{"Sec-Fetch-Site": "cross-site"})

    assert forged.status_code == 403
    assert foreign.status_code == 403


def test_an_idle_phone_locks_after_five_minutes(counter):
    browser = Browser(counter)
    browser.enrol(make_link(counter))
    counter.clock.move(minutes=5)

    assert browser.get("/api/v1/me").json["role"] is None


def test_signing_out_ends_the_session(counter):
    browser = Browser(counter)
    browser.enrol(make_link(counter))
    cookie = browser.client.get_cookie("__Host-verify").value

    left = browser.post("/api/v1/sign-out", {})
    assert left.status_code == 204
    assert left.headers["Clear-Site-Data"] == '"cache", "cookies"'  # S-135
    browser.client.set_cookie("__Host-verify", cookie, secure=True)
    assert browser.get("/api/v1/me").json["role"] is None


def test_the_cookie_is_as_the_table_says(counter):
    """S-163."""
    browser = Browser(counter)
    begun = browser.post("/api/v1/sign-in/begin", {})
    cookie = begun.headers["Set-Cookie"]

    assert cookie.startswith("__Host-verify=")
    for attribute in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert attribute in cookie
    assert "Domain" not in cookie


def test_only_the_operator_makes_accounts(counter):
    for role in ("inspector", "business", "officer", "service"):
        answer = counter.post("/api/v1/inspectors", {"name": "Mallory"}, role=role)
        assert answer.status_code == 403
    assert counter.client.post("/api/v1/inspectors", json={"name": "x"}).status_code == 401


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "two\nlines", 7, None])
def test_a_name_is_one_readable_line(counter, name):
    assert counter.post("/api/v1/inspectors", {"name": name}, role="operator").status_code == 400


def test_guessing_at_the_door_is_limited(counter):
    answers = [Browser(counter).enrol("guess").status_code for _ in range(31)]

    assert answers[-1] == 429
    assert set(answers[:-1]) == {403}


def test_no_secret_of_a_link_or_session_is_stored(counter):
    token = make_link(counter)
    browser = Browser(counter)
    browser.enrol(token)
    cookie = browser.client.get_cookie("__Host-verify").value
    with counter.desk.database.reading() as session:
        dump = "\n".join(session.connection().connection.driver_connection.iterdump())

    assert token not in dump
    assert cookie not in dump


def test_a_key_that_may_sign_for_counters_never_speaks_as_an_operator(counter):
    """The issuer's service key is bound to its role in the operator's key file."""
    from encoding.strict_json import build_json

    keys = counter.city.keys
    operator = dict(keys.signer("operator", "ES256").public_jwk)
    bound = {**operator, "roles": ["service"]}
    counter.settings.operator_jwks.write_bytes(build_json({"keys": [bound]}))

    refused = counter.post("/api/v1/inspectors", {"name": "Mallory"}, role="operator")

    assert refused.status_code == 401


@pytest.mark.parametrize("roles", ["operator", None, {}, 1, [], ["service"], [None]])
def test_a_limit_of_a_key_that_cannot_be_read_is_no_leave_to_speak_for_all(counter, roles):
    """A slip in the operator's key file takes rights away, it never gives them."""
    from encoding.strict_json import build_json

    operator = dict(counter.city.keys.signer("operator", "ES256").public_jwk)
    slip = build_json({"keys": [{**operator, "roles": roles}]})
    counter.settings.operator_jwks.write_bytes(slip)

    assert counter.post("/api/v1/inspectors", {"name": "M"}, role="operator").status_code == 401
