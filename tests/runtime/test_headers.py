"""Every answer carries the headers of its counter (security, part J)."""

import logging
import socket
import time
from pathlib import Path

import pytest
from flask import Flask, Response

from runtime.headers import Profile, register_security_headers
from runtime.problems import register_problem_handlers

PROJECT = Path(__file__).resolve().parents[2]
APP = """
from flask import Flask
from runtime.headers import Profile, register_security_headers


def create_app():
    app = Flask("counter")
    app.get("/")(lambda: "hello")
    register_security_headers(app, profile=Profile.PORTAL, base_url="http://localhost")
    return app
"""
PORTAL_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "object-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; report-to csp"
)


def make_client(profile=Profile.PORTAL, base_url="https://portal.city.example", **options):
    app = Flask("counter")
    register_problem_handlers(app, is_protocol_path=lambda path: False)
    register_security_headers(app, profile=profile, base_url=base_url, **options)

    @app.get("/page")
    @app.get("/scan")
    def page():
        return "<h1>page</h1>"

    @app.route("/data", methods=["GET", "POST"])
    @app.get("/public/list")
    def data():
        return {"a": 1}

    @app.get("/script.js")
    def script():
        return Response("1", content_type="text/javascript; charset=utf-8")

    @app.get("/own")
    def own():
        return Response("1", headers={"Cache-Control": "public, max-age=60", "Server": "x"})

    return app.test_client()


def test_a_page_of_the_portal_runs_only_what_is_ours():
    headers = make_client().get("/page").headers

    assert headers["Content-Security-Policy"] == PORTAL_POLICY
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in headers["Permissions-Policy"]


@pytest.mark.parametrize("profile", [Profile.VERIFIER, Profile.WALLET])
def test_pages_that_scan_may_run_webassembly_and_a_worker(profile):
    client = make_client(profile, camera_paths=["/scan"])
    policy = client.get("/scan").headers["Content-Security-Policy"].split("; ")

    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "worker-src 'self'" in policy
    assert "media-src 'self' blob:" in policy
    assert "img-src 'self' data: blob:" in policy
    assert client.get("/script.js").headers["Content-Security-Policy"] == "; ".join(policy)


def test_only_the_pages_that_scan_see_the_camera():
    client = make_client(Profile.VERIFIER, camera_paths=["/scan"])

    assert client.get("/scan").headers["Permissions-Policy"].startswith("camera=(self),")
    assert client.get("/page").headers["Permissions-Policy"].startswith("camera=(),")


@pytest.mark.parametrize("profile", [Profile.PORTAL, Profile.VERIFIER, Profile.WALLET])
def test_data_never_runs(profile):
    policy = make_client(profile).get("/data").headers["Content-Security-Policy"]

    assert policy == "default-src 'none'; frame-ancestors 'none'; sandbox"


def test_public_answers_may_be_read_from_anywhere_and_run_nothing():
    client = make_client(is_public_path=lambda path: path.startswith("/public/"))
    headers = client.get("/public/list").headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Access-Control-Allow-Credentials" not in headers
    assert "Access-Control-Allow-Origin" not in client.get("/data").headers


def test_plain_http_promises_no_strict_transport():
    headers = make_client(base_url="http://localhost:8401").get("/page").headers

    assert "Strict-Transport-Security" not in headers


def test_a_route_keeps_the_header_it_set_and_nobody_names_the_software():
    headers = make_client().get("/own").headers

    assert headers["Cache-Control"] == "public, max-age=60"
    assert headers["Server"] == ""
    assert "X-Powered-By" not in headers


def test_errors_carry_the_same_headers_and_the_same_request_id():
    response = make_client().get("/nowhere")

    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.get_json()["request_id"] == response.headers["X-Request-Id"]


def test_each_request_has_an_id_of_its_own():
    client = make_client()

    ids = {client.get("/page").headers["X-Request-Id"] for _ in range(5)}
    assert len(ids) == 5


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "BREW"])
@pytest.mark.parametrize("path", ["/page", "/nowhere"])
def test_an_odd_verb_is_not_allowed_anywhere(method, path):
    assert make_client().open(path, method=method).status_code == 405


def test_limits_hold_at_the_limit_and_one_beyond():
    """S-240: body 64 KB, header 16 KB, URL 4 KB."""
    client = make_client()

    assert client.get("/page?" + "a" * (4096 - 6)).status_code == 200
    assert client.get("/page?" + "a" * (4096 - 5)).status_code == 414
    assert client.get("/page", headers={"X": "a" * 16_000}).status_code == 200
    assert client.get("/page", headers={"X": "a" * 16_384}).status_code == 431
    assert client.application.config["MAX_CONTENT_LENGTH"] == 65_536


def test_a_page_may_talk_to_origins_that_were_named():
    client = make_client(connect_sources=["https://register.city.example"])
    policy = client.get("/page").headers["Content-Security-Policy"]

    assert "connect-src 'self' https://register.city.example;" in policy


def test_a_violated_policy_is_reported_to_the_page_that_takes_reports(caplog):
    client = make_client()
    violation = {"type": "csp-violation", "body": {"effectiveDirective": "script-src-elem"}}
    hostile = {"body": {"effectiveDirective": "x\ny", "documentURL": "https://a/?token=secret"}}
    reports = [violation, hostile, "text", {"body": 1}, {"body": {}}]
    with caplog.at_level(logging.WARNING):
        response = client.post(
            "/csp-reports", json=reports, headers={"Content-Type": "application/reports+json"}
        )

    assert client.get("/page").headers["Reporting-Endpoints"] == 'csp="/csp-reports"'
    assert response.status_code == 204
    assert [record.directive for record in caplog.records] == ["script-src-elem"]


@pytest.mark.parametrize("data", [b"", b"{}", b"nonsense", b"[[[[", b'[{"body":{"a":1,"a":2}}]'])
def test_a_report_that_is_nonsense_is_taken_and_forgotten(caplog, data):
    assert make_client().post("/csp-reports", data=data).status_code == 204
    assert caplog.records == []


def test_a_flood_of_reports_does_not_flood_the_log(caplog):
    client = make_client()
    report = [{"body": {"effectiveDirective": "script-src"}}] * 20
    for _ in range(10):
        client.post("/csp-reports", json=report)

    assert len(caplog.records) <= 60


def test_granian_does_not_name_itself(tmp_path, start_process):
    (tmp_path / "counter_app.py").write_text(APP)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = start_process(
        "import sys; from granian.cli import entrypoint; sys.argv[0] = 'granian'; entrypoint()",
        *("--interface", "wsgi", "--factory", "--no-ws", "--workers", "1", "--port", port),
        "counter_app:create_app",
        PYTHONPATH=f"{PROJECT}:{tmp_path}",
    )
    try:
        answer = ask(port)
    finally:
        server.terminate()
        server.wait(timeout=30)

    assert b"HTTP/1.1 200" in answer
    assert b"granian" not in answer.lower()


def ask(port):
    """The raw answer to GET /, once the server is there."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
                line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return b"".join(iter(lambda: line.recv(65536), b""))
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
