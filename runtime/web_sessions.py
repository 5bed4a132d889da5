"""
Log-ins of browsers, kept on the server.

The cookie holds 256 random bits and nothing else; the database holds their SHA-256. A session ends
after some idle time, after an absolute time, or when it is destroyed, whichever comes first. Its
id changes at every step of trust (`rotate`). Writes need the session's CSRF token and must come
from our own pages (OWASP ASVS 5.0 V7 and 3.5.1).

Cookies carry the `__Host-` prefix: Secure, HttpOnly, whole site, no domain. Browsers accept that
on http://localhost as well.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from flask import Request, Response
from sqlalchemy import Row, delete, insert, select, update

from encoding.strict_json import JsonValue, build_json, parse_object
from runtime.clock import Clock
from runtime.database import Database, Session
from runtime.errors import NotAuthenticated, RequestRefused
from runtime.tables import WEB_SESSION

_TOUCH_SECONDS: Final = 15
"""`used_at` is written at most this often, so that reading costs no write."""

_SAFE_METHODS: Final = frozenset(("GET", "HEAD", "OPTIONS"))
CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "X-CSRF-Token"


@dataclass(frozen=True, slots=True)
class WebSession:
    """One browser's log-in. `secret` is the cookie's value and is never stored or logged."""

    secret: str
    subject: str
    content: Mapping[str, JsonValue]
    csrf_token: str
    created_at: datetime
    expires_at: datetime

    def __repr__(self) -> str:
        return f"WebSession(created_at={self.created_at.isoformat()})"


class WebSessions:
    """The sessions of one service."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        cookie_name: str,
        idle: timedelta = timedelta(minutes=15),
        absolute: timedelta = timedelta(hours=12),
        same_site: Literal["Strict", "Lax"] = "Strict",
    ) -> None:
        if not cookie_name.startswith("__Host-"):
            raise ValueError("cookie name must begin with __Host-")
        self._database = database
        self._clock = clock
        self._cookie_name = cookie_name
        self._idle = idle
        self._absolute = absolute
        self._same_site = same_site

    def create(self, *, subject: str, content: Mapping[str, JsonValue]) -> WebSession:
        """Begin a session. Before a log-in is complete the subject may be empty."""
        now = self._clock()
        with self._database.writing() as session:
            session.execute(delete(WEB_SESSION).where(WEB_SESSION.c.expires_at <= _seconds(now)))
            return self._insert(session, subject, content, now, now + self._absolute)

    def load(self, request: Request) -> WebSession | None:
        """The session of this request, or None when there is none or it ended."""
        secret = request.cookies.get(self._cookie_name, "")
        if not secret or len(secret) > 64:
            return None
        now = _seconds(self._clock())
        with self._database.reading() as session:
            row = session.execute(
                select(WEB_SESSION).where(WEB_SESSION.c.id == _digest(secret))
            ).first()
        if row is None or row.expires_at <= now:
            return None
        if row.used_at + int(self._idle.total_seconds()) <= now:
            return None
        if row.used_at + _TOUCH_SECONDS <= now:
            self._touch(secret, now)
        return _read(row, secret)

    def require(self, request: Request) -> WebSession:
        """The session of this request; for writes also proof that our own page sent it."""
        session = self.load(request)
        if session is None:
            raise NotAuthenticated("please log in")
        if request.method not in _SAFE_METHODS:
            self.check_origin(request)
            check_csrf_token(request, session)
        return session

    def check_origin(self, request: Request) -> None:
        """Refuse what another site made the browser send (Fetch Metadata, else Origin)."""
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            if site != "same-origin":
                raise RequestRefused("request comes from another site")
            return
        origin = request.headers.get("Origin")
        if origin is not None and origin != request.host_url.rstrip("/"):
            raise RequestRefused("request comes from another site")

    def rotate(
        self,
        session: WebSession,
        *,
        subject: str | None = None,
        content: Mapping[str, JsonValue] | None = None,
    ) -> WebSession:
        """
        A new id for the same log-in; the old one ends at once.

        Who logs in for the first time starts the absolute time anew.
        """
        now = self._clock()
        is_login = subject is not None and subject != session.subject
        expires_at = now + self._absolute if is_login else session.expires_at
        with self._database.writing() as writing:
            gone = writing.execute(
                delete(WEB_SESSION)
                .where(WEB_SESSION.c.id == _digest(session.secret))
                .returning(WEB_SESSION.c.id)
            ).first()
            if gone is None:
                raise NotAuthenticated("session has ended")
            return self._insert(
                writing,
                session.subject if subject is None else subject,
                session.content if content is None else content,
                now,
                expires_at,
            )

    def update(self, session: WebSession, content: Mapping[str, JsonValue]) -> WebSession:
        """Keep other content in the same session."""
        with self._database.writing() as writing:
            writing.execute(
                update(WEB_SESSION)
                .where(WEB_SESSION.c.id == _digest(session.secret))
                .values(content=build_json(content).decode())
            )
        return replace(session, content=content)

    def destroy(self, session: WebSession) -> None:
        """End this session."""
        with self._database.writing() as writing:
            writing.execute(delete(WEB_SESSION).where(WEB_SESSION.c.id == _digest(session.secret)))

    def destroy_all(self, subject: str) -> None:
        """End every session of one subject, as after a lost device."""
        with self._database.writing() as writing:
            writing.execute(delete(WEB_SESSION).where(WEB_SESSION.c.subject == subject))

    def set_cookie(self, response: Response, session: WebSession) -> None:
        """Give the browser its cookie. It ends with the browser."""
        response.set_cookie(
            self._cookie_name,
            session.secret,
            secure=True,
            httponly=True,
            path="/",
            samesite=self._same_site,
        )

    def clear_cookie(self, response: Response) -> None:
        """Take the cookie away and ask the browser to forget what it kept."""
        response.delete_cookie(
            self._cookie_name, secure=True, httponly=True, path="/", samesite=self._same_site
        )

    def _insert(
        self,
        session: Session,
        subject: str,
        content: Mapping[str, JsonValue],
        now: datetime,
        expires_at: datetime,
    ) -> WebSession:
        secret, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        session.execute(
            insert(WEB_SESSION).values(
                id=_digest(secret),
                subject=subject,
                content=build_json(content).decode(),
                csrf_token=csrf_token,
                created_at=_seconds(now),
                used_at=_seconds(now),
                expires_at=_seconds(expires_at),
            )
        )
        return WebSession(secret, subject, content, csrf_token, now, expires_at)

    def _touch(self, secret: str, now: int) -> None:
        with self._database.writing() as writing:
            writing.execute(
                update(WEB_SESSION)
                .where(WEB_SESSION.c.id == _digest(secret), WEB_SESSION.c.used_at < now)
                .values(used_at=now)
            )


def check_csrf_token(request: Request, session: WebSession) -> None:
    """The token from the form field or the header must be the session's own."""
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not hmac.compare_digest(sent.encode(), session.csrf_token.encode()):
        raise RequestRefused("form is out of date, please load the page again")


def _read(row: Row[tuple[object, ...]], secret: str) -> WebSession:
    return WebSession(
        secret=secret,
        subject=row.subject,
        content=parse_object(row.content),
        csrf_token=row.csrf_token,
        created_at=datetime.fromtimestamp(row.created_at, UTC),
        expires_at=datetime.fromtimestamp(row.expires_at, UTC),
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
