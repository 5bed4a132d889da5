"""Opens the operator's desk of a running city for a command."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from cityhall.city_file import City, read_city
from cityhall.supervisor import build_fetcher
from mobile_demo.desk import Desk
from runtime.clock import system_clock


def open_desk(arguments: argparse.Namespace) -> Desk:
    """The desk of the city that runs from `--data-dir`; NoCity otherwise."""
    return desk_of(read_city(arguments.data_dir))


def desk_of(city: City) -> Desk:
    """The desk of this city."""
    return build_desk(city.data_dir, urls=city.urls, ca_file=city.ca_file)


def build_desk(data_dir: Path, *, urls: Mapping[str, str], ca_file: Path | None) -> Desk:
    """A desk at these addresses."""
    return Desk(
        data_dir=data_dir,
        urls=urls,
        fetcher=build_fetcher(ca_file, urls),
        clock=system_clock(0),
    )
