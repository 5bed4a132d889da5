"""
Places where a test can make a write fail before or after it took effect, or kill the process.

`CITY_FAILPOINT=name:mode` arms one of them; production never looks. Every write of the city
stands inside one:

    with failpoint("issuer.issue"), database.writing() as session:
        ...

Modes: `fail-before` raises before the work, `fail-after` when the work is done and only the
answer is lost; `kill-before` and `kill-after` (also plain `kill`) end the process there with
SIGKILL. A third part waits for the n-th visit: `issuer.bulk_row:kill:7`.
"""

import os
import signal
import threading
from collections import Counter
from types import TracebackType
from typing import Final

from runtime.errors import FailpointHit

MODES: Final = ("fail-before", "fail-after", "kill-before", "kill-after", "kill")

_visits: Counter[str] = Counter()
_lock: Final = threading.Lock()


class failpoint:  # noqa: N801 - reads as a statement: `with failpoint("register.publish"):`
    """One named place. Not armed, it costs one look into the environment."""

    __slots__ = ("_mode", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._mode = _armed_mode(name)
        if self._mode in ("fail-before", "kill-before"):
            self._strike()

    def __enter__(self) -> "failpoint":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self._mode in ("fail-after", "kill-after", "kill"):
            self._strike()

    def _strike(self) -> None:
        if self._mode is not None and self._mode.startswith("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        raise FailpointHit(f"failpoint {self.name} is armed")


def _armed_mode(name: str) -> str | None:
    armed = os.environ.get("CITY_FAILPOINT")
    if not armed or os.environ.get("CITY_MODE") == "production":
        return None
    wanted, _, rest = armed.partition(":")
    mode, _, visit = rest.partition(":")
    if wanted != name or mode not in MODES:
        return None
    if visit:
        with _lock:
            _visits[name] += 1
            if str(_visits[name]) != visit:
                return None
    return mode
