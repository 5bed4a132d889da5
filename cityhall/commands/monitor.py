"""`./city monitor`: what a stranger finds who believes nothing and recomputes the public log."""

import argparse
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from cityhall.city_file import read_city
from cityhall.command_line import show
from cityhall.errors import DeskError
from cityhall.monitor.explain import LIMITS, changes, describe, explain
from cityhall.monitor.findings import Report
from cityhall.monitor.gauges import serve_gauges
from cityhall.monitor.ledgers import load_readers
from cityhall.monitor.look import Monitor
from cityhall.monitor.public_log import NotReadable, PublicLog
from cityhall.supervisor import build_fetcher
from credentials.errors import CredentialError
from ledger.chain import Chain
from ledger.errors import LedgerError
from runtime.clock import system_clock

HELP = "recompute the public log and look for breaches"
MAX_AGE = 180
EVERY = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to look and what with."""
    parser.add_argument("action", nargs="?", choices=("look", "explain"), default="look")
    parser.add_argument("--register", metavar="URL", help="the register (default: the city's)")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="certificates to trust besides")
    parser.add_argument("--memory", type=Path, metavar="DIR", help="what was seen, and evidence")
    parser.add_argument("--receipts", action="append", default=[], metavar="DIR|FILE|URL")
    parser.add_argument("--ledgers", type=Path, metavar="FILE", help="chains to read as well")
    parser.add_argument("--max-age", type=int, default=MAX_AGE, metavar="SECONDS")
    parser.add_argument("--watch", action="store_true", help="look again and again")
    parser.add_argument("--every", type=int, default=EVERY, metavar="SECONDS")
    parser.add_argument("--port", type=int, metavar="P", help="with --watch: metrics on loopback")
    parser.add_argument("--list", metavar="URI", help="with explain: the list")
    parser.add_argument("--index", type=int, metavar="N", help="with explain: the entry")


def run(arguments: argparse.Namespace) -> int:
    """1 when a breach was found, 3 when the register cannot be read."""
    monitor = build_monitor(arguments)
    if arguments.action == "explain":
        return _explain(arguments, monitor)
    if arguments.watch:
        return _watch(arguments, monitor)
    return _tell(arguments, monitor.look())


def build_monitor(arguments: argparse.Namespace) -> Monitor:
    """A named register, or the one of the city that runs here."""
    ca_file = arguments.ca
    if arguments.register is None:
        city = read_city(arguments.data_dir)
        url, urls, ca_file = city.urls["register"], city.urls, ca_file or city.ca_file
    else:
        url, urls = arguments.register, {"register": arguments.register}
    if arguments.max_age <= 0 or arguments.every <= 0:
        raise DeskError("--max-age and --every are at least 1")
    fetcher = build_fetcher(ca_file, urls)

    def read_chains(origin: str) -> Sequence[Chain]:
        return load_readers(arguments.ledgers, origin=origin, fetcher=fetcher)

    return Monitor(
        log=PublicLog(fetcher, url),
        folder=arguments.memory or arguments.data_dir / "monitor",
        clock=system_clock(0),
        max_age=timedelta(seconds=arguments.max_age),
        receipts=tuple(arguments.receipts),
        chains=read_chains,
    )


def _tell(arguments: argparse.Namespace, report: Report) -> int:
    lines = [f"{each.severity} {each.code}: {each.text}" for each in report.findings]
    figures = ", ".join(f"{name} {value:g}" for name, value in report.figures.items())
    head = "a breach" if report.breaches else "all whole"
    show(arguments, report.describe(), "\n".join([*lines, f"{head}: {figures}"]))
    return 1 if report.breaches else 0


def _watch(arguments: argparse.Namespace, monitor: Monitor) -> int:
    """Until Ctrl-C. A register that is away for a while is told and asked again."""
    last = serve_gauges(arguments.port) if arguments.port is not None else None
    rest = threading.Event()
    while True:
        try:
            report = monitor.look()
        except NotReadable as error:
            report = Report(monitor.clock())
            report.breach(error.code, str(error))
        if last is not None:
            last.keep(report)
        _tell(arguments, report)
        rest.wait(arguments.every)


def _explain(arguments: argparse.Namespace, monitor: Monitor) -> int:
    if arguments.list is None or arguments.index is None:
        raise DeskError("explain needs --list and --index")
    head = monitor.head()
    if head is None:
        raise NotReadable("the log does not hold: see ./city monitor")
    try:
        eras = explain(monitor.log, head, uri=arguments.list, index=arguments.index)
    except (LedgerError, CredentialError) as error:
        raise DeskError(f"the history does not hold: {error}") from error
    value = describe(eras, uri=arguments.list, index=arguments.index)
    lines = [
        f"from epoch {era.first_epoch}: {era.status or 'unknown'} (known by {era.source})"
        for era in changes(eras)
    ]
    limits = [f"public data cannot tell: {limit}" for limit in LIMITS]
    show(arguments, value, "\n".join([*lines, *limits]))
    return 0
