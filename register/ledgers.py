"""
The chains that carry the log's head, as this register drives them: `CITY_LEDGERS` names the file.

Without a file there are none, and no library of any chain is loaded. A round steps every chain in
bounded threads and keeps what each said; what survives a restart stands in `ledger.chain_store`.
"""

import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from ledger.chain import Chain
from ledger.evm_ledger import NAMESPACE, build_evm_chain, build_transport
from ledger.fleet import Fleet, build_chains
from ledger.ledgers_file import LedgerEntry, load_ledgers
from ledger.reconciler import Report
from runtime.clock import Clock
from runtime.database import Database
from runtime.fetch import Fetcher

PATIENCE = timedelta(seconds=30)
"""How long a transaction may be under way before it offers more."""
ROUND_SECONDS = 10.0


class Ledgers:
    """Rounds over the fleet, and the last report of each chain."""

    def __init__(self, fleet: Fleet | None, *, count: int) -> None:
        self._fleet = fleet
        self.count = count
        self._lock = threading.Lock()
        self._reports: dict[str, Report] = {}

    def tick(self) -> None:
        """One round."""
        if self._fleet is None:
            return
        health = self._fleet.round(seconds=ROUND_SECONDS)
        with self._lock:
            self._reports = {report.caip2: report for report in health.reports}

    def reports(self) -> Mapping[str, Report]:
        """The last report of each chain, by its name."""
        with self._lock:
            return dict(sorted(self._reports.items()))

    def close(self) -> None:
        """Start no further round."""
        if self._fleet is not None:
            self._fleet.close()


def build_ledgers(
    path: Path | None, *, origin: str, database: Database, fetcher: Fetcher, clock: Clock
) -> Ledgers:
    """The chains of the file; none without a file."""
    if path is None:
        return Ledgers(None, count=0)
    transport = build_transport(fetcher)
    entries = load_ledgers(path, namespaces=(NAMESPACE,))

    def build(entry: LedgerEntry) -> Chain:
        return build_evm_chain(entry, origin=origin, transport=transport)

    chains = build_chains(entries, {NAMESPACE: build})
    return Ledgers(Fleet(database, chains, patience=PATIENCE, clock=clock), count=len(chains))
