"""One look of the monitor: everything in its order, with what was found and what is remembered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cityhall.monitor.chain_check import check_chains
from cityhall.monitor.findings import Report
from cityhall.monitor.list_check import check_issuers, check_lists
from cityhall.monitor.log_check import Head, check_log
from cityhall.monitor.promise_check import check_promises, load_receipts
from cityhall.monitor.public_log import PublicLog
from cityhall.monitor.seen import load_seen, save_seen
from cityhall.monitor.trust_check import check_trust
from ledger.chain import Chain
from ledger.errors import LedgerError
from runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class Monitor:
    """What a look needs. `folder` holds the memory and the evidence."""

    log: PublicLog
    folder: Path
    clock: Clock
    max_age: timedelta
    receipts: tuple[str, ...] = ()
    chains: Callable[[str], Sequence[Chain]] = lambda _origin: ()

    def look(self) -> Report:
        """Check everything once; what was verified is remembered."""
        seen = load_seen(self.folder / "seen.json")
        report = Report(self.clock())
        evidence = self.folder / "evidence"
        try:
            head = check_log(self.log, seen, report, evidence=evidence, max_age=self.max_age)
        except LedgerError as error:
            report.breach("malformed_log", f"the log cannot be read: {error}")
            head = None
        if head is None:
            return report
        registry = check_trust(self.log, seen, report)
        lists = check_lists(self.log, head, seen, report)
        check_issuers(self.log, lists, report, max_age=self.max_age)
        if self.receipts and registry is not None:
            texts = [text for source in self.receipts for text in load_receipts(self.log, source)]
            check_promises(self.log, head, registry, texts, report, max_age=self.max_age)
        chains = self.chains(head.checkpoint.origin)
        check_chains(self.log, head, chains, report, evidence=evidence)
        save_seen(self.folder / "seen.json", seen)
        return report

    def head(self) -> Head | None:
        """The newest head alone, checked; nothing is remembered."""
        seen = load_seen(self.folder / "seen.json")
        report = Report(self.clock())
        return check_log(
            self.log, seen, report, evidence=self.folder / "evidence", max_age=timedelta.max
        )
