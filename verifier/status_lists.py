"""
The newest copy of each status list, straight from its issuer, remembered for a moment.

A revocation counts at once because every check asks for the newest list; under load one question
in `FRESH_FOR` reaches the issuer. An issuer that does not answer is left alone for
`PAUSE_AFTER_FAILURE`: the anchored copies of the snapshot then have to do. Nothing here believes
a list; `credentials.verification` does.
"""

import threading
from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from runtime.clock import Clock
from runtime.fetch import Fetched, Fetcher, FetchError

STATUS_LIST_MEDIA_TYPES = "application/statuslist+jwt, application/vc+jwt"
FRESH_FOR = timedelta(milliseconds=10)
"""Shorter than any revocation takes to be acknowledged: the next check must know it. Long enough
that under load many checks share one question."""
PAUSE_AFTER_FAILURE = timedelta(seconds=10)
MAX_TOKEN_BYTES = 8 << 20
"""security.md, Limits: status token 8 MB wire."""
MAX_LISTS = 4096
HTTP_OK = 200
HTTP_NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class _Copy:
    token: str | None
    etag: str | None
    fresh_until: datetime


class NewestLists:
    """
    Owns the copies. One question a list is on its way at a time, and who needs its answer waits
    for that one.
    """

    def __init__(self, fetcher: Fetcher, *, clock: Clock) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._copies: dict[str, _Copy] = {}
        self._asked: dict[str, Future[None]] = {}
        self._guard = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="status-list")

    def fetch(self, uris: Collection[str]) -> Mapping[str, str]:
        """The newest token of each list that its issuer would give."""
        now = self._clock()
        awaited = [asked for uri in uris if (asked := self._ask_if_needed(uri, now)) is not None]
        for asked in awaited:
            asked.result()
        copies = {uri: self._copies.get(uri) for uri in uris}
        return {uri: copy.token for uri, copy in copies.items() if copy and copy.token}

    def _ask_if_needed(self, uri: str, now: datetime) -> "Future[None] | None":
        """The answer to wait for, or None where the copy at hand still counts."""
        copy = self._copies.get(uri)
        if copy is not None and now < copy.fresh_until:
            return None
        with self._guard:
            asked = self._asked.get(uri)
            if asked is None or asked.done():
                if len(self._asked) >= MAX_LISTS:
                    self._asked.clear()
                    self._copies.clear()
                asked = self._asked[uri] = self._pool.submit(self._refresh, uri)
            return asked

    def _refresh(self, uri: str) -> None:
        self._copies[uri] = self._ask(uri, self._copies.get(uri))

    def _ask(self, uri: str, old: _Copy | None) -> _Copy:
        headers = {"If-None-Match": old.etag} if old and old.token and old.etag else None
        try:
            answer = self._fetcher.get(
                uri, accept=STATUS_LIST_MEDIA_TYPES, max_bytes=MAX_TOKEN_BYTES, headers=headers
            )
        except FetchError:
            return self._keep(old)
        if answer.status == HTTP_NOT_MODIFIED and old is not None:
            return _Copy(old.token, old.etag, self._clock() + FRESH_FOR)
        token = _read_token(answer)
        if token is None:
            return self._keep(old)
        return _Copy(token, answer.headers.get("etag"), self._clock() + FRESH_FOR)

    def _keep(self, old: _Copy | None) -> _Copy:
        """What was known stays known: an authentic list may only make a verdict worse."""
        until = self._clock() + PAUSE_AFTER_FAILURE
        return _Copy(old.token, old.etag, until) if old else _Copy(None, None, until)


def _read_token(answer: Fetched) -> str | None:
    if answer.status != HTTP_OK:
        return None
    try:
        return answer.body.decode("ascii").strip()
    except UnicodeDecodeError:
        return None
