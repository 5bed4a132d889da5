"""`./city health`: how each service fares."""

import argparse

from cityhall.city_file import SERVICES, read_city
from cityhall.command_line import show
from cityhall.supervisor import build_fetcher, is_healthy
from encoding.strict_json import JsonValue

HELP = "say how each service fares"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No words of its own."""


def run(arguments: argparse.Namespace) -> int:
    """One line a service; 1 when one does not answer."""
    city = read_city(arguments.data_dir)
    fetcher = build_fetcher(city.ca_file, city.urls)
    found = {name: is_healthy(fetcher, city.urls[name]) for name in SERVICES}
    value: dict[str, JsonValue] = {
        name: {"url": city.urls[name], "healthy": healthy, "pid": city.pids.get(name)}
        for name, healthy in found.items()
    }
    lines = [
        f"{name:<11} {'ok' if ok else 'DOWN':<5} {city.urls[name]}" for name, ok in found.items()
    ]
    show(arguments, value, "\n".join(lines))
    return 0 if all(found.values()) else 1
