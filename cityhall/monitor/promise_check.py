"""
Receipts held against the log: what was promised stands in the first epoch that had to show it.

- `kept`      the epoch shows what was promised, or what a newer receipt for the entry says
- `waiting`   no epoch had to show it yet
- `late`      the epoch does not show it, or no epoch came in time: the breach that a receipt is for
- `gone`      the bytes of that epoch are not kept any more: the receipt came too late to be judged
- `refused`   a receipt that its agency did not sign, or that cannot be read
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from cityhall.errors import DeskError
from cityhall.monitor.findings import Report
from cityhall.monitor.log_check import Head
from cityhall.monitor.past import read_past
from cityhall.monitor.public_log import Absent, PublicLog
from credentials.errors import CredentialError
from credentials.receipt import Receipt, parse_receipt, verify_receipt
from credentials.status_lists import StatusList
from credentials.trust import TrustRegistry
from encoding.errors import EncodingError
from encoding.strict_json import parse_object
from ledger.epoch import parse_epoch_leaf
from ledger.errors import LedgerError
from register.promises import judge

STATES = ("kept", "waiting", "late", "gone", "refused")
MAX_RECEIPTS = 1 << 26


def load_receipts(log: PublicLog, source: str) -> list[str]:
    """Receipts from a folder of files, a file with one a line, or a URL with `receipts`."""
    if source.startswith(("http://", "https://")):
        return _read_texts(log.data(source, max_bytes=MAX_RECEIPTS))
    path = Path(source)
    if path.is_dir():
        files = sorted(path.glob("*.jwt"))
        return [text for file in files for text in _read_texts(file.read_bytes())]
    if not path.is_file():
        raise DeskError(f"no receipts at {source}: name a folder, a file or a URL")
    return _read_texts(path.read_bytes())


def check_promises(
    log: PublicLog,
    head: Head,
    registry: TrustRegistry,
    texts: Sequence[str],
    report: Report,
    *,
    max_age: timedelta,
) -> None:
    """Judge every receipt; each one once."""
    counts: Counter[str] = Counter()
    receipts = []
    for text in dict.fromkeys(texts):
        try:
            receipts.append(verify_receipt(parse_receipt(text), registry=registry))
        except CredentialError as error:
            counts["refused"] += 1
            report.note("receipt_refused", f"a receipt does not count: {error}")
    for receipt in receipts:
        state = _judge(log, head, receipt, receipts, report, max_age=max_age)
        counts[state] += 1
        if state == "late":
            report.breach("overdue", _describe(receipt))
        if state == "gone":
            report.note("receipt_gone", f"too late to judge: {_describe(receipt)}")
    report.promises.update({state: counts[state] for state in STATES})


def _judge(
    log: PublicLog,
    head: Head,
    receipt: Receipt,
    known: Sequence[Receipt],
    report: Report,
    *,
    max_age: timedelta,
) -> str:
    epoch = _due_epoch(log, head, receipt)
    if epoch is None:
        return "late" if report.at - receipt.due_at > max_age else "waiting"
    lists: dict[str, StatusList | None] = {}
    try:
        for uri in {entry.uri for entry in receipt.entries}:
            try:
                lists[uri] = read_past(log, head, uri, epoch).listed
            except Absent:
                lists[uri] = None
        if any(lists[uri] is None and not _was_there(log, uri, epoch) for uri in lists):
            return "late"
    except (LedgerError, CredentialError) as error:
        report.breach("wrong_past", f"what the log shows of epoch {epoch} does not hold: {error}")
        return "late"
    if None in lists.values():
        return "gone"
    return "kept" if judge(receipt, known, lists) else "late"


def _due_epoch(log: PublicLog, head: Head, receipt: Receipt) -> int | None:
    """The first epoch that had to show it; found by halves, since time never goes back."""
    size = head.checkpoint.size

    def is_due(number: int) -> bool:
        leaf = parse_epoch_leaf(log.entries(number - 1, number, size=size)[0])
        return receipt.is_due(epoch=number, at=leaf.time)

    numbers = range(1, size + 1)
    place = bisect_left(numbers, True, key=is_due)
    return numbers[place] if place < size else None


def _was_there(log: PublicLog, uri: str, epoch: int) -> bool:
    """Whether the epoch has the list at all; its bytes may be gone."""
    try:
        log.data(log.past("proof", uri=uri, epoch=epoch))
    except Absent:
        return False
    return True


def _read_texts(data: bytes) -> list[str]:
    try:
        if data.lstrip().startswith(b"{"):
            listed = parse_object(data, max_bytes=MAX_RECEIPTS, max_members=2_000_000).get(
                "receipts", []
            )
            return [str(text) for text in listed] if isinstance(listed, list) else []
        return data.decode().split()
    except (EncodingError, UnicodeDecodeError) as error:
        raise DeskError("a file of receipts cannot be read") from error


def _describe(receipt: Receipt) -> str:
    first = receipt.entries[0] if receipt.entries else None
    place = f"{first.uri} entry {first.index}" if first else "no entry"
    due = f"epoch {receipt.due_epoch}" if receipt.due_epoch else receipt.due_at.isoformat()
    return f"{place} was promised as {receipt.status.value} by {due}"
