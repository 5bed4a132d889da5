"""
What only a real browser can tell: `__Host-` cookies and passkeys on http://localhost, and a
policy that stops what it should stop and nothing else.
"""

import secrets
import shutil
import threading

import pytest
from flask import Flask, jsonify, request
from werkzeug.serving import make_server

from runtime import passkeys
from runtime.assets import register_assets
from runtime.headers import Profile, register_security_headers
from runtime.problems import register_problem_handlers
from runtime.web_sessions import WebSessions

pytestmark = pytest.mark.browser

PAGE = (
    '<!doctype html><title>counter</title><p id="out"></p>'
    '<script type="module" src="/app/page.js"></script>'
)
SCRIPT = """
const post = async (path, body, token) => {
  const response = await fetch(path, {
    method: "POST", headers: {"Content-Type": "application/json", "X-CSRF-Token": token ?? ""},
    body: JSON.stringify(body ?? {}),
  });
  return response.json();
};
window.post = post;
window.begin = () => post("/begin");
window.register = async (token) => {
  const options = await post("/options", {}, token);
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = await navigator.credentials.create({publicKey});
  return post("/register", credential.toJSON(), token);
};
window.login = async (token) => {
  const options = await post("/challenge", {}, token);
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({publicKey});
  return post("/login", credential.toJSON(), token);
};
// The driver's own calls may run text as code; what runs later may not.
const later = (work) => new Promise((resolve) => setTimeout(() => {
  try { resolve(work()); } catch (error) { resolve(error.name); }
}));
window.compile = async () => {
  try {
    await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    return "compiled";
  } catch (error) { return error.name; }
};
window.inject = () => later(() => { document.getElementById("out").innerHTML = "<b>x</b>"; });
window.evaluate = () => later(() => eval("1"));
document.getElementById("out").textContent = "ready";
"""


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def serve(database, clock, tmp_path):
    servers = []

    def start(profile):
        (tmp_path / "page.js").write_text(SCRIPT)
        server = make_server("127.0.0.1", 0, Flask("counter"), threaded=True)
        origin = f"http://localhost:{server.server_port}"
        server.app = make_app(profile, origin, database, clock, tmp_path)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return origin

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def make_app(profile, origin, database, clock, folder):
    app = Flask("counter", static_folder=None)
    sessions = WebSessions(database, clock, cookie_name="__Host-portal")
    register_problem_handlers(app, is_protocol_path=lambda path: False)
    register_security_headers(app, profile=profile, base_url=origin)
    register_assets(app, {"/app": folder})
    known = {}

    @app.get("/")
    def page():
        return PAGE

    @app.post("/begin")
    def begin():
        session = sessions.create(subject="", content={})
        response = jsonify(csrf=session.csrf_token)
        sessions.set_cookie(response, session)
        return response

    def draw_challenge(session):
        known["challenge"] = secrets.token_bytes(32)
        return known["challenge"]

    @app.post("/options")
    def options():
        return passkeys.registration_options(
            rp_id="localhost",
            rp_name="Demo City",
            user_id=b"officer-1",
            user_name="officer",
            challenge=draw_challenge(sessions.require(request)),
        )

    @app.post("/register")
    def register():
        sessions.require(request)
        known["passkey"] = passkeys.verify_registration(
            response=request.get_json(),
            expected_challenge=known["challenge"],
            expected_origin=origin,
            expected_rp_id="localhost",
        )
        return {"registered": True}

    @app.post("/challenge")
    def challenge():
        return passkeys.authentication_options(
            rp_id="localhost", challenge=draw_challenge(sessions.require(request))
        )

    @app.post("/login")
    def login():
        session = sessions.require(request)
        passkeys.verify_authentication(
            response=request.get_json(),
            passkey=known["passkey"],
            expected_challenge=known["challenge"],
            expected_origin=origin,
            expected_rp_id="localhost",
        )
        renewed = sessions.rotate(session, subject="officer:1")
        response = jsonify(subject=renewed.subject, csrf=renewed.csrf_token)
        sessions.set_cookie(response, renewed)
        return response

    return app


@pytest.fixture
def open_page(browser, serve):
    contexts = []

    def go(profile):
        context = browser.new_context()
        contexts.append(context)
        page = context.new_page()
        page.goto(serve(profile))
        page.wait_for_function("document.getElementById('out').textContent === 'ready'")
        return page

    yield go
    for context in contexts:
        context.close()


def add_authenticator(page):
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
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


def test_a_host_cookie_lives_on_localhost_and_no_script_sees_it(open_page):
    page = open_page(Profile.PORTAL)
    page.evaluate("begin()")
    (cookie,) = page.context.cookies()

    assert cookie["name"] == "__Host-portal"
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")
    assert page.evaluate("document.cookie") == ""


def test_a_passkey_is_made_and_logs_in_on_localhost(open_page):
    page = open_page(Profile.PORTAL)
    add_authenticator(page)
    token = page.evaluate("begin()")["csrf"]
    before = page.context.cookies()[0]["value"]

    assert page.evaluate("token => register(token)", token) == {"registered": True}
    answer = page.evaluate("token => login(token)", token)
    assert answer["subject"] == "officer:1"
    assert page.context.cookies()[0]["value"] != before
    refused = page.evaluate("token => post('/challenge', {}, token)", token)
    assert refused["code"] == "access_denied"


def test_the_portal_runs_no_foreign_text_as_code(open_page):
    page = open_page(Profile.PORTAL)

    assert page.evaluate("inject()") == "TypeError"
    assert page.evaluate("evaluate()") == "EvalError"
    assert page.evaluate("compile()") == "CompileError"


@pytest.mark.parametrize("profile", [Profile.VERIFIER, Profile.WALLET])
def test_pages_that_scan_compile_webassembly_and_still_run_no_text(open_page, profile):
    page = open_page(profile)

    assert page.evaluate("compile()") == "compiled"
    assert page.evaluate("inject()") == "TypeError"
    assert page.evaluate("evaluate()") == "EvalError"
