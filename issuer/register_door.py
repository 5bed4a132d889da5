"""
The door to the register: hands over signed status lists, and rests a while when nobody opens.

A list that was not taken stays due in the store, so nothing is lost; resting only keeps an absent
register from slowing down the officers who wait for an answer.
"""

from datetime import datetime, timedelta
from threading import Lock

from encoding.strict_json import JsonValue
from runtime.clock import Clock
from runtime.errors import FetchError
from runtime.fetch import Fetcher

REST = timedelta(seconds=5)
MAX_ANSWER = 65_536


class RegisterDoor:
    """One per process."""

    def __init__(self, fetcher: Fetcher, *, register_url: str, clock: Clock) -> None:
        self._fetcher = fetcher
        self._url = f"{register_url}/api/v1/lists"
        self._clock = clock
        self._lock = Lock()
        self._rests_until: datetime | None = None

    @property
    def is_resting(self) -> bool:
        """Whether the last attempt failed only a moment ago."""
        with self._lock:
            return self._rests_until is not None and self._clock() < self._rests_until

    def submit(self, token: str) -> bool:
        """Hand over a list; False when it was not taken."""
        body: dict[str, JsonValue] = {"token": token}
        try:
            is_taken = self._fetcher.post_json(self._url, body, max_bytes=MAX_ANSWER).is_success
        except FetchError:
            is_taken = False
        with self._lock:
            self._rests_until = None if is_taken else self._clock() + REST
        return is_taken
