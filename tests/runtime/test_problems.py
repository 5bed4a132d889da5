"""An error of any package becomes the same answer, and a bug tells nothing."""

import logging

import pytest
from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge

from runtime.errors import TooManyRequests
from runtime.problems import register_problem_handlers


def make_error(kind, code="some_code", message="this is not right", **more):
    return type("Made", (Exception,), {"kind": kind, "code": code, **more})(message)


class Errors:
    """What the next request raises."""

    next: Exception | None = None


@pytest.fixture
def errors():
    return Errors()


@pytest.fixture
def client(errors):
    app = Flask("counter")
    app.config["MAX_CONTENT_LENGTH"] = 10
    register_problem_handlers(
        app,
        is_protocol_path=lambda path: path.startswith("/token"),
        build_page=lambda problem: f"<h1>{problem.status} {problem.code}</h1>",
    )

    @app.route("/token", methods=["POST"])
    @app.get("/api")
    def fail():
        raise errors.next

    @app.post("/body")
    def body():
        return request.get_data()

    return app.test_client()


@pytest.mark.parametrize(
    ("kind", "on_api", "on_protocol"),
    [
        ("malformed", 400, 400),
        ("refused", 403, 400),
        ("unauthenticated", 401, 401),
        ("not_found", 404, 404),
        ("conflict", 409, 409),
        ("limited", 429, 429),
        ("unavailable", 503, 503),
    ],
)
def test_a_kind_has_one_status_on_each_side(client, errors, kind, on_api, on_protocol):
    errors.next = make_error(kind)

    assert client.get("/api").status_code == on_api
    assert client.post("/token").status_code == on_protocol


def test_protocol_paths_speak_oauth(client, errors):
    errors.next = make_error("refused", "invalid_grant", 'the "code" is spent, \u6c34')
    response = client.post("/token")

    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.get_json() == {
        "error": "invalid_grant",
        "error_description": "the 'code' is spent, '",
    }


def test_other_paths_speak_problem_details(client, errors):
    errors.next = make_error("malformed", detail="duplicate_member")
    response = client.get("/api")
    details = response.get_json()

    assert response.content_type == "application/problem+json"
    assert len(details.pop("request_id")) == 16
    assert details == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "this is not right",
        "code": "some_code",
        "detail_code": "duplicate_member",
    }


def test_people_get_a_page_and_programs_do_not(client, errors):
    errors.next = make_error("not_found")
    page = client.get("/api", headers={"Accept": "text/html,*/*;q=0.8"})
    program = client.get("/api", headers={"Accept": "*/*"})
    protocol = client.post("/token", headers={"Accept": "text/html"})

    assert page.text == "<h1>404 some_code</h1>"
    assert page.content_type == "text/html; charset=utf-8"
    assert program.content_type == "application/problem+json"
    assert protocol.content_type == "application/json"


@pytest.mark.parametrize(
    "error",
    [
        ValueError("Sokha lives at 12 River Road"),
        make_error("nonsense", message="Sokha"),
        make_error(None, message="Sokha"),
        make_error("refused", code=None, message="Sokha"),
    ],
)
def test_a_bug_tells_nothing_but_its_request_id(client, errors, caplog, error):
    errors.next = error
    with caplog.at_level(logging.ERROR):
        response = client.get("/api")

    assert response.status_code == 500
    assert response.get_json()["code"] == "server_error"
    assert "Sokha" not in response.text
    assert caplog.records[0].exc_info[1] is error


def test_an_error_may_bring_headers(client, errors):
    errors.next = TooManyRequests("too many requests", retry_after=42)
    limited = client.get("/api")
    errors.next = make_error("unauthenticated", headers={"WWW-Authenticate": 'DPoP algs="ES256"'})
    unknown = client.get("/api")

    assert limited.headers["Retry-After"] == "42"
    assert unknown.headers["WWW-Authenticate"] == 'DPoP algs="ES256"'


def test_whoever_is_unavailable_says_when_to_come_back(client, errors):
    errors.next = make_error("unavailable")

    assert client.get("/api").headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/api", 405, "method_not_allowed"),
        ("POST", "/body", 413, "too_large"),
    ],
)
def test_errors_of_the_framework_look_the_same(client, method, path, status, code):
    response = client.open(path, method=method, data=b"x" * 11)

    assert response.status_code == status
    assert response.get_json()["code"] == code


def test_a_wrong_method_names_the_right_ones(client):
    assert set(client.delete("/api").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_redirect_is_not_an_error(client, errors):
    from werkzeug.routing import RequestRedirect

    errors.next = RequestRedirect("https://city.example/")

    assert client.get("/api").status_code == 308


def test_a_body_at_the_limit_is_taken(client):
    assert client.post("/body", data=b"x" * 10).data == b"x" * 10
    assert RequestEntityTooLarge.code == 413
