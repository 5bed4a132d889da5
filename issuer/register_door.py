"""
The door to the register: hands over signed status lists, and rests a while when nobody opens.

A list that was not taken stays due in the store, so nothing is lost; resting only keeps an absent
register from slowing down the officers who wait for an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from threading import Lock

from encoding.errors import EncodingError
from encoding.strict_json import JsonValue, parse_object
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


@dataclass(frozen=True, slots=True)
class Handover:
    """The same, and the number of the epoch that takes the list, where the register said so."""

    submission: Submission
    epoch: int | None = None


class RegisterDoor:
    """One per process."""

    def __init__(self, fetcher: Fetcher, *, register_url: str, clock: Clock) -> None:
        self._fetcher = fetcher
        self._url = f"{register_url}/api/v1/lists"
        self._receipts_url = f"{register_url}/api/v1/receipts"
        self._clock = clock
        self._lock = Lock()
        self._rests_until: datetime | None = None

    @property
    def is_resting(self) -> bool:
        """Whether the last attempt failed only a moment ago."""
        with self._lock:
            return self._rests_until is not None and self._clock() < self._rests_until

    def submit_all(self, tokens: Sequence[str]) -> Handover:
        """Hand over the forms of one list; what came of the first that was not taken, if any."""
        epochs: list[int | None] = []
        for token in tokens:
            handover = self._submit(self._url, {"token": token})
            if handover.submission is not Submission.TAKEN:
                return handover
            epochs.append(handover.epoch)
        known = [epoch for epoch in epochs if epoch is not None]
        is_known = len(known) == len(tokens) > 0
        return Handover(Submission.TAKEN, max(known) if is_known else None)

    def submit_receipt(self, text: str) -> bool:
        """Hand over a receipt; whether the register keeps it now."""
        if self.is_resting:
            return False
        handover = self._submit(self._receipts_url, {"receipt": text})
        return handover.submission is Submission.TAKEN

    def _submit(self, url: str, body: dict[str, JsonValue]) -> Handover:
        try:
            answer = self._fetcher.post_json(url, body, max_bytes=MAX_ANSWER)
        except FetchError:
            self._rest()
            return Handover(Submission.NOT_TAKEN)
        if answer.is_success:
            return Handover(Submission.TAKEN, _read_epoch(answer.body))
        if answer.status == HTTPStatus.CONFLICT:
            return Handover(Submission.OUTDATED)
        # A refusal (an agency that the register does not know yet) says nothing about other lists.
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._rest()
        return Handover(Submission.NOT_TAKEN)

    def _rest(self) -> None:
        with self._lock:
            self._rests_until = self._clock() + REST


def _read_epoch(body: bytes) -> int | None:
    """The epoch that the register named; a promise is not built on an answer without one."""
    try:
        epoch = parse_object(body).get("epoch")
    except EncodingError:
        return None
    return epoch if type(epoch) is int and epoch > 0 else None
