"""What a watching monitor tells a collector: the figures of its last look, on loopback only."""

import threading
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from cityhall.monitor.findings import Report

LOOPBACK = "127.0.0.1"


class LastLook(Collector):
    """The last report as gauges; before the first there are none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._report: Report | None = None

    def keep(self, report: Report) -> None:
        """From now on this one counts."""
        with self._lock:
            self._report = report

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every gauge."""
        with self._lock:
            report = self._report
        if report is None:
            return
        yield GaugeMetricFamily(
            "city_monitor_looked_at_seconds", "Time of the last look", value=report.at.timestamp()
        )
        yield GaugeMetricFamily(
            "city_monitor_breaches", "What must not be", value=len(report.breaches)
        )
        for name, value in report.figures.items():
            yield GaugeMetricFamily(f"city_monitor_{name}", "As recomputed", value=value)
        for title, label, values in (
            ("city_monitor_ledger_lag_epochs", "ledger", report.lags),
            ("city_monitor_receipts", "state", report.promises),
        ):
            family = GaugeMetricFamily(title, "As recomputed", labels=[label])
            for name, value in values.items():
                family.add_metric([name], value)
            yield family


def serve_gauges(port: int) -> LastLook:
    """Serve them on loopback; 0 lets the system choose a port."""
    registry, last = CollectorRegistry(), LastLook()
    registry.register(last)
    start_http_server(port, addr=LOOPBACK, registry=registry)
    return last
