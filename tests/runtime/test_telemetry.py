"""A service says how it is, and says nothing about anybody (I9)."""

import io
import json
import logging

import pytest
from flask import Flask

from runtime.errors import FetchError
from runtime.headers import Profile, register_security_headers
from runtime.problems import register_problem_handlers
from runtime.telemetry import JsonFormatter, configure_logging, register_telemetry

SECRET = "Sokha-12-River-Road"


@pytest.fixture
def log():
    """What the process logs, line by line."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter("counter", show_messages=False))
    root, level = logging.getLogger(), logging.getLogger("city").level
    root.addHandler(handler)
    logging.getLogger("city").setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    logging.getLogger("city").setLevel(level)


@pytest.fixture
def checks():
    return {"database": lambda: True}


@pytest.fixture
def client(checks):
    app = Flask("counter")
    register_problem_handlers(app, is_protocol_path=lambda path: False)
    register_security_headers(app, profile=Profile.PORTAL, base_url="http://localhost")
    register_telemetry(app, service="counter", checks=checks)

    @app.route("/residents/<name>", methods=["GET", "POST"])
    def resident(name):
        if name == "bug":
            raise KeyError(SECRET)
        if name == "outage":
            raise FetchError("register cannot be reached")
        return {"name": name}

    return app.test_client()


def test_a_request_is_logged_under_its_route_and_without_its_values(client, log):
    client.post(
        f"/residents/{SECRET}?token={SECRET}",
        json={"name": SECRET},
        headers={"Authorization": SECRET, "Cookie": SECRET},
    )

    line = log()[-1]
    assert SECRET not in json.dumps(log())
    assert line["route"] == "/residents/<name>"
    assert (line["method"], line["status"], line["service"]) == ("POST", 200, "counter")
    assert line["milliseconds"] >= 0


def test_a_log_line_and_the_answer_share_the_request_id(client, log):
    response = client.get("/residents/a")

    assert log()[-1]["request_id"] == response.headers["X-Request-Id"]


def test_a_bug_is_logged_with_its_place_and_without_its_data(client, log):
    response = client.get("/residents/bug")

    line = next(entry for entry in log() if entry["level"] == "error")
    assert line["error"]["type"] == "KeyError"
    assert any("test_telemetry.py" in frame for frame in line["error"]["trace"])
    assert SECRET not in json.dumps(log())
    assert line["request_id"] == response.headers["X-Request-Id"]


def test_an_error_of_ours_is_logged_with_its_code(client, log):
    client.get("/residents/outage")

    assert (log()[-1]["status"], log()[-1]["code"]) == (503, "temporarily_unavailable")


def test_messages_of_unexpected_errors_are_shown_where_that_is_allowed():
    formatter = JsonFormatter("counter", show_messages=True)
    try:
        try:
            {}["inner"]
        except KeyError as error:
            raise ValueError("outer") from error
    except ValueError as error:
        record = logging.makeLogRecord(
            {"msg": "job %s", "args": ("a",), "exc_info": (type(error), error, None)}
        )
    line = json.loads(formatter.format(record))

    assert line["message"] == "job a"
    assert line["error"]["message"] == "outer"
    assert line["error"]["cause"]["message"] == "'inner'"
    assert line["request_id"] == "-"


def test_a_service_in_order_is_well(client):
    response = client.get("/health")

    assert response.status_code == 200
    assert response.get_json() == {
        "status": "ok",
        "service": "counter",
        "checks": {"database": True},
    }


def failing():
    raise FetchError(SECRET)


@pytest.mark.parametrize("check", [lambda: False, failing])
def test_a_service_that_lacks_something_is_not_well(check):
    app = Flask("counter")
    register_telemetry(app, service="counter", checks={"register": check})
    response = app.test_client().get("/health")

    assert response.status_code == 503
    assert response.get_json()["checks"] == {"register": False}
    assert SECRET not in response.text


def test_requests_are_counted_by_route(client):
    client.get("/residents/a")
    client.get("/residents/b")
    text = client.get("/metrics").text

    route = 'method="GET",route="/residents/<name>"'
    assert f'city_requests_total{{{route},status="200"}} 2.0' in text
    assert f"city_request_seconds_count{{{route}}} 2.0" in text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_metrics_are_not_for_the_street(client, header):
    assert client.get("/metrics", headers={header: "203.0.114.7"}).status_code == 404


def test_two_apps_in_one_process_count_apart(client):
    app = Flask("other")
    register_telemetry(app, service="other")
    client.get("/residents/a")

    assert "city_requests_total{" not in app.test_client().get("/metrics").text


def test_logging_is_set_up_once():
    root, level = logging.getLogger(), logging.getLogger("city").level
    before = list(root.handlers)
    root.handlers.clear()
    configure_logging("counter", show_messages=False)
    configure_logging("counter", show_messages=False)
    added = list(root.handlers)
    root.handlers[:] = before
    logging.getLogger("city").setLevel(level)

    assert len(added) == 1
