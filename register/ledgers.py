"""
The chains that carry the log's head, as far as this process drives them.

A tick steps every chain once, one after the other, and keeps what each step reported; a chain that
fails in a way that nobody foresaw is reported as away and never stops the others. What is stored of
a chain survives a restart and is in `ledger.chain_store`; this is only what was last seen.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Protocol

from ledger.errors import LedgerError
from ledger.reconciler import Report
from runtime.errors import RuntimeServiceError

_logger = logging.getLogger("city.register")


class Stepper(Protocol):
    """One chain: `ledger.reconciler.Reconciler`, or a stand-in."""

    def step(self) -> Report:
        """Do what is missing, and say how the chain stands."""


class Ledgers:
    """Steps every chain and remembers the last report of each."""

    def __init__(self, steppers: Sequence[Stepper] = ()) -> None:
        self._steppers = tuple(steppers)
        self._lock = threading.Lock()
        self._reports: dict[str, Report] = {}

    @property
    def count(self) -> int:
        """How many chains are configured."""
        return len(self._steppers)

    def tick(self) -> None:
        """Step each chain once."""
        for stepper in self._steppers:
            try:
                report = stepper.step()
            except (LedgerError, RuntimeServiceError) as error:
                _logger.warning("a chain could not be stepped", extra={"reason": str(error)})
                continue
            with self._lock:
                self._reports[report.caip2] = report

    def reports(self) -> Mapping[str, Report]:
        """The last report of each chain, by its name."""
        with self._lock:
            return dict(sorted(self._reports.items()))
