"""
The newest copy of each status list, straight from its issuer, remembered for a moment.

A revocation counts at once because every check asks for the newest list; under load one question
in `FRESH_FOR` reaches the issuer. An issuer that does not answer is left alone for
`PAUSE_AFTER_FAILURE`: the anchored copies of the snapshot then have to do. Nothing here believes
a list; `credentials.verification` does.
"""

import threading
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from runtime.clock import Clock
from runtime.fetch import Fetched, Fetcher, FetchError

STATUS_LIST_MEDIA_TYPES = "application/statuslist+jwt, application/vc+jwt"
FRESH_FOR = timedelta(milliseconds=250)
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
    """Owns the copies; one fetch a list at a time, several lists at once."""

    def __init__(self, fetcher: Fetcher, *, clock: Clock) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._copies: dict[str, _Copy] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="status-list")

    def fetch(self, uris: Collection[str]) -> Mapping[str, str]:
        """The newest token of each list that its issuer would give."""
        stale = [uri for uri in uris if not self._is_fresh(uri)]
        if len(stale) > 1:
            list(self._pool.map(self._refresh, stale))
        elif stale:
            self._refresh(stale[0])
        copies = {uri: self._copies.get(uri) for uri in uris}
        return {uri: copy.token for uri, copy in copies.items() if copy and copy.token}

    def _is_fresh(self, uri: str) -> bool:
        copy = self._copies.get(uri)
        return copy is not None and self._clock() < copy.fresh_until

    def _refresh(self, uri: str) -> None:
        with self._lock_of(uri):
            if self._is_fresh(uri):
                return
            old = self._copies.get(uri)
            self._copies[uri] = self._ask(uri, old)

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

    def _lock_of(self, uri: str) -> threading.Lock:
        with self._guard:
            if len(self._locks) >= MAX_LISTS:
                self._locks.clear()
                self._copies.clear()
            return self._locks.setdefault(uri, threading.Lock())


def _read_token(answer: Fetched) -> str | None:
    if answer.status != HTTP_OK:
        return None
    try:
        return answer.body.decode("ascii").strip()
    except UnicodeDecodeError:
        return None
