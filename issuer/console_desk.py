"""
The portal's desk: who sits there, and how pages are answered.

A browser's log-in is a server-side session under `__Host-portal`. Writes need its token and must
come from our own pages; another agency's things do not exist for the officer, because every piece
of work is called as that officer (S-117, S-148).
"""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from flask import Response, redirect, request

from encoding.strict_json import JsonValue, build_json
from issuer.actors import OFFICER, Actor
from issuer.agencies import require_known
from issuer.console_pages import Pages, read_language
from issuer.office import Office
from issuer.store.agencies import Agency
from runtime.problems import Problem
from runtime.web_sessions import WebSession, WebSessions

HOME = "/console"
SIGN_IN = "/console/sign-in"
MAX_NEXT = 300


@dataclass(frozen=True, slots=True)
class Visitor:
    """The officer of this request."""

    session: WebSession
    actor: Actor
    name: str
    agency: Agency


class Stranger(Exception):
    """Nobody is signed in: the way leads to the door."""


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """Everything that the portal's routes work with."""

    office: Office
    pages: Pages
    web_sessions: WebSessions

    def visitor(self) -> Visitor:
        """Who is signed in; a write must prove that our own page sent it."""
        session = self.web_sessions.load(request)
        if session is None or not session.subject:
            raise Stranger
        session = self.web_sessions.require(request)
        agency = require_known(self.office, str(session.content["agency"]))
        return Visitor(
            session=session,
            actor=Actor(subject=session.subject, role=OFFICER, agency=agency.name),
            name=str(session.content["name"]),
            agency=agency,
        )

    def answer(
        self,
        template: str,
        *,
        visitor: Visitor | None,
        status: int = HTTPStatus.OK,
        **values: object,
    ) -> Response:
        """A page."""
        place = request.full_path if request.query_string else request.path
        shown = {
            "visitor": visitor,
            "csrf_token": visitor.session.csrf_token if visitor else "",
            "city_name": self.office.settings.city_name,
            "here": place if request.method == "GET" else request.path,
            **values,
        }
        page = self.pages.render(template, shown, language=read_language(request))
        return Response(page, status=status, content_type="text/html; charset=utf-8")

    def build_problem_page(self, problem: Problem) -> str:
        """What an officer sees when something cannot be done."""
        known = ("401", "403", "404", "409", "413", "429", "503")
        kind = str(problem.status) if str(problem.status) in known else "other"
        session = self.web_sessions.load(request)
        values = {
            "visitor": None,
            "csrf_token": session.csrf_token if session and session.subject else "",
            "city_name": self.office.settings.city_name,
            "here": HOME,
            "kind": kind,
            "problem": problem,
        }
        return self.pages.render("problem.html", values, language=read_language(request))


def go(place: str) -> Response:
    """After a write: look at what came of it (303, so that reloading sends nothing twice)."""
    return redirect(place, HTTPStatus.SEE_OTHER)  # type: ignore[return-value]


def go_to_door() -> Response:
    """To the door, and afterwards back to the page that was asked for."""
    if "HX-Request" in request.headers:
        return Response(headers={"HX-Redirect": SIGN_IN})
    is_page = request.method == "GET" and request.path != HOME
    return go(f"{SIGN_IN}?next={quote(request.path)}" if is_page else SIGN_IN)


def read_next(text: str | None) -> str:
    """A place of our own, never another site's; the front page where it is not."""
    if text is None or len(text) > MAX_NEXT or "\\" in text or not text.isprintable():
        return HOME
    is_ours = text == HOME or text.startswith((f"{HOME}/", f"{HOME}?", "/enrol/"))
    return text if is_ours and text != f"{HOME}/sign-out" else HOME


def answer_json(value: dict[str, JsonValue]) -> Response:
    """An answer for the portal's own scripts."""
    return Response(build_json(value), content_type="application/json")
