"""A browser's log-in lasts as long as it should and belongs to our own pages (S-140 family)."""

from datetime import timedelta

import pytest
from flask import Flask, jsonify, request
from sqlalchemy import text

from runtime.problems import register_problem_handlers
from runtime.web_sessions import WebSessions

NAME = "__Host-portal"
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def sessions(database, clock):
    return WebSessions(
        database,
        clock,
        cookie_name=NAME,
        idle=timedelta(minutes=15),
        absolute=timedelta(hours=12),
    )


@pytest.fixture
def client(sessions):
    app = Flask("counter")
    register_problem_handlers(app, is_protocol_path=lambda path: False)

    @app.post("/login")
    def login():
        session = sessions.create(subject="officer:1", content={"role": "officer"})
        response = jsonify(csrf=session.csrf_token)
        sessions.set_cookie(response, session)
        return response

    @app.route("/me", methods=["GET", "POST"])
    def me():
        session = sessions.require(request)
        return {"subject": session.subject, **session.content}

    @app.post("/rotate")
    def rotate():
        session = sessions.rotate(sessions.require(request))
        response = jsonify(csrf=session.csrf_token)
        sessions.set_cookie(response, session)
        return response

    @app.post("/logout")
    def logout():
        sessions.destroy(sessions.require(request))
        response = jsonify({})
        sessions.clear_cookie(response)
        return response

    return app.test_client()


def login(client):
    response = client.post("/login")
    return response.get_json()["csrf"]


def test_the_cookie_is_for_this_host_only_and_for_no_script(client):
    cookie = client.post("/login").headers["Set-Cookie"]
    value = cookie.partition("=")[2].partition(";")[0]

    assert cookie.startswith(f"{NAME}=")
    assert set(cookie.split("; ")[1:]) == {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"}
    assert len(value) == 43


def test_who_logged_in_is_known(client):
    login(client)

    assert client.get("/me").get_json() == {"subject": "officer:1", "role": "officer"}


@pytest.mark.parametrize("value", ["", "guess", "A" * 43, "A" * 100, "\u00e9"])
def test_nobody_else_is(client, value):
    client.set_cookie(NAME, value)

    assert client.get("/me").status_code == 401


def test_a_session_ends_after_idle_time(client, clock):
    login(client)
    clock.forward(minutes=14)
    assert client.get("/me").status_code == 200
    clock.forward(minutes=14)
    assert client.get("/me").status_code == 200
    clock.forward(minutes=15)

    assert client.get("/me").status_code == 401


def test_a_session_ends_after_its_absolute_time_however_busy(client, clock):
    login(client)
    for _ in range(71):
        clock.forward(minutes=10)
        assert client.get("/me").status_code == 200
    clock.forward(minutes=10)

    assert client.get("/me").status_code == 401


def test_a_write_needs_the_token_of_this_session(client):
    token = login(client)
    other = client.application.test_client()
    foreign = login(other)

    assert client.post("/me", headers={**SAME, "X-CSRF-Token": token}).status_code == 200
    assert client.post("/me", headers=SAME, data={"csrf_token": token}).status_code == 200
    for wrong in ("", foreign, token + "x", "\u00e9"):
        assert client.post("/me", headers=SAME, data={"csrf_token": wrong}).status_code == 403
    assert client.post("/me", headers=SAME).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 200),
    ],
)
def test_a_write_from_another_site_is_refused_even_with_the_token(client, headers, status):
    token = login(client)

    assert client.post("/me", headers={**headers, "X-CSRF-Token": token}).status_code == status


def test_a_new_id_ends_the_old_one(client):
    token = login(client)
    old = client.get_cookie(NAME).value
    fresh = client.post("/rotate", headers={**SAME, "X-CSRF-Token": token}).get_json()["csrf"]

    assert client.get_cookie(NAME).value != old
    assert fresh != token
    assert client.get("/me").status_code == 200
    client.set_cookie(NAME, old)
    assert client.get("/me").status_code == 401


def test_logging_out_ends_the_session_on_the_server(client):
    token = login(client)
    old = client.get_cookie(NAME).value
    client.post("/logout", headers={**SAME, "X-CSRF-Token": token})

    assert client.get_cookie(NAME) is None
    client.set_cookie(NAME, old)
    assert client.get("/me").status_code == 401


def test_every_session_of_one_person_can_be_ended(client, sessions):
    login(client)
    other = client.application.test_client()
    login(other)
    sessions.destroy_all("officer:1")

    assert client.get("/me").status_code == 401
    assert other.get("/me").status_code == 401


def test_content_changes_within_the_session(client, sessions):
    session = sessions.create(subject="", content={"challenge": "abc"})
    sessions.update(session, {"challenge": "def"})
    client.set_cookie(NAME, session.secret)

    assert client.get("/me").get_json() == {"subject": "", "challenge": "def"}


def test_logging_in_starts_the_absolute_time_anew_and_stepping_up_does_not(sessions, clock):
    before = sessions.create(subject="", content={})
    clock.forward(minutes=10)
    logged_in = sessions.rotate(before, subject="officer:1", content={})
    clock.forward(minutes=10)
    stepped_up = sessions.rotate(logged_in)

    assert logged_in.expires_at == before.expires_at + timedelta(minutes=10)
    assert stepped_up.expires_at == logged_in.expires_at


def test_the_database_opens_no_session(client, database):
    login(client)
    secret = client.get_cookie(NAME).value
    with database.reading() as session:
        stored = repr(session.execute(text("SELECT * FROM runtime_web_session")).all())

    assert secret not in stored


def test_a_session_shows_no_secret_in_a_log(sessions):
    session = sessions.create(subject="officer:1", content={"name": "Sokha"})

    assert session.secret not in repr(session)
    assert "Sokha" not in repr(session)


def test_reading_costs_no_write_and_rarely_one(client, database, clock):
    login(client)
    with database.count() as soon:
        client.get("/me")
    clock.forward(seconds=15)
    with database.count() as later:
        client.get("/me")

    assert (soon["commits"], later["commits"]) == (0, 1)


def test_ended_sessions_are_cleared(client, database, clock):
    login(client)
    clock.forward(hours=13)
    login(client)
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM runtime_web_session")).scalar_one() == 1


def test_a_cookie_without_the_prefix_is_refused(database, clock):
    with pytest.raises(ValueError, match="__Host-"):
        WebSessions(database, clock, cookie_name="portal")
