"""
The door to the register: hands over signed status lists, and rests a while when nobody opens.

A list that was not taken stays due in the store, so nothing is lost; resting only keeps an absent
register from slowing down the officers who wait for an answer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from threading import Lock

from encoding.strict_json import JsonValue
from runtime.clock import Clock
from runtime.errors import FetchError
from runtime.fetch import Fetcher

REST = timedelta(seconds=5)
MAX_ANSWER = 65_536


class Submission(StrEnum):
    """What came of handing over a list. `OUTDATED`: the register has a newer one."""

    TAKEN = "taken"
    OUTDATED = "outdated"
    NOT_TAKEN = "not_taken"


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

    def submit_all(self, tokens: Sequence[str]) -> Submission:
        """Hand over the forms of one list; what came of the first that was not taken, if any."""
        for token in tokens:
            submission = self.submit(token)
            if submission is not Submission.TAKEN:
                return submission
        return Submission.TAKEN

    def submit(self, token: str) -> Submission:
        """Hand over a list."""
        body: dict[str, JsonValue] = {"token": token}
        try:
            answer = self._fetcher.post_json(self._url, body, max_bytes=MAX_ANSWER)
        except FetchError:
            self._rest()
            return Submission.NOT_TAKEN
        if answer.is_success:
            return Submission.TAKEN
        if answer.status == HTTPStatus.CONFLICT:
            return Submission.OUTDATED
        # A refusal (an agency that the register does not know yet) says nothing about other lists.
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._rest()
        return Submission.NOT_TAKEN

    def _rest(self) -> None:
        with self._lock:
            self._rests_until = self._clock() + REST
