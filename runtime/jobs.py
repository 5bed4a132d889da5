"""
Work that comes back: a thread that runs it every so often and survives its failures.

A ticker belongs to one process. Where several run, the work itself decides whose turn it is
(`once.Once.claim` with the tick as key).
"""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

_logger: Final = logging.getLogger("city.jobs")


class Ticker:
    """Runs `work` when started and then every so often, until stopped."""

    def __init__(self, name: str, every: timedelta, work: Callable[[], None]) -> None:
        self.name = name
        self._every = every.total_seconds()
        self._work = work
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> "Ticker":
        """Begin. A second start changes nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()
        return self

    def stop(self) -> None:
        """End, after the work at hand; waits a little for it."""
        self._stopped.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    def run_once(self) -> bool:
        """Do the work now, here. False, and a line in the log, when it failed."""
        try:
            self._work()
        except Exception:
            _logger.warning("job failed", extra={"job": self.name}, exc_info=True)
            return False
        return True

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.run_once()
            self._stopped.wait(self._every)
