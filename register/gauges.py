"""
What an operator's collector reads: how old the public epoch is, how many wait, who signed, how far
each chain is behind, what was promised. Read anew at each scrape.
"""

import math
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from register.hall import Hall
from register.standing import Standing, read_standing


class StandingCollector(Collector):
    """The standing as gauges."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing beforehand: a look at the database belongs to a scrape."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every gauge of the moment."""
        yield from build_gauges(read_standing(self._hall))


def register_gauges(metrics: CollectorRegistry, hall: Hall) -> None:
    """Add them to the service's own."""
    metrics.register(StandingCollector(hall))


def build_gauges(standing: Standing) -> Iterator[GaugeMetricFamily]:
    """One family each."""
    age, published = standing.age, standing.published
    plain = (
        (
            "city_epoch_age_seconds",
            "Age of the published epoch",
            math.inf if age is None else age.total_seconds(),
        ),
        ("city_epochs_waiting", "Closed epochs that are not published yet", standing.waiting),
        ("city_log_size", "Published epochs", published.size if published else 0),
        ("city_witnesses_signed", "Witnesses on the published epoch", standing.cosigned),
        ("city_witnesses_needed", "How many of them must sign", standing.threshold),
    )
    for name, text, value in plain:
        yield GaugeMetricFamily(name, text, value=value)
    promises = GaugeMetricFamily("city_receipts", "Promises by their state", labels=["state"])
    for state, count in standing.promises.items():
        promises.add_metric([state.value], count)
    yield promises
    lag = GaugeMetricFamily("city_ledger_lag_epochs", "Epochs behind the log", labels=["ledger"])
    alarm = GaugeMetricFamily("city_ledger_alarm", "Whether a person must look", labels=["ledger"])
    for chain in standing.chains:
        lag.add_metric([chain.caip2], chain.lag)
        alarm.add_metric([chain.caip2], float(chain.alarm is not None))
    yield lag
    yield alarm
