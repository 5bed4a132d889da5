"""
`city.json`: where a running city can be reached. Written by the supervisor, read by every command.

Holds addresses, process ids and one-time log-in links of the demo; mode 0600.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from cityhall.errors import NoCity
from encoding.strict_json import JsonValue, parse_object

SERVICES = ("register", "issuer", "wallet_api", "verifier", "witness")


@dataclass(frozen=True, slots=True)
class City:
    """A running city as its file describes it."""

    data_dir: Path
    urls: dict[str, str]
    pids: dict[str, int]
    ca_file: Path | None


def city_path(data_dir: Path) -> Path:
    """The file's place."""
    return data_dir / "city.json"


def write_city(data_dir: Path, value: dict[str, JsonValue]) -> None:
    """Replace the file as a whole, so that a reader never sees half of it."""
    path = city_path(data_dir)
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(value, file, ensure_ascii=False, indent=2)
    draft.replace(path)


def read_city_value(data_dir: Path) -> dict[str, JsonValue]:
    """The file's JSON; NoCity when there is none."""
    try:
        return parse_object(city_path(data_dir).read_bytes())
    except FileNotFoundError as error:
        raise NoCity(f"no city runs from {data_dir.name}: start one with ./city demo") from error


def read_city(data_dir: Path) -> City:
    """The city that was started from this data directory; NoCity when its supervisor is gone."""
    value = read_city_value(data_dir)
    urls, pids = value.get("urls"), value.get("pids")
    if not isinstance(urls, dict) or not isinstance(pids, dict):
        raise NoCity("city.json cannot be read: stop the city and start it again")
    city = City(
        data_dir=data_dir,
        urls={name: str(url) for name, url in urls.items()},
        pids={name: pid for name, pid in pids.items() if isinstance(pid, int)},
        ca_file=Path(str(value["ca_file"])) if value.get("ca_file") else None,
    )
    if not is_supervisor(city.pids.get("supervisor", 0)):
        raise NoCity("the city is not running: start it with ./city demo")
    return city


def is_supervisor(pid: int) -> bool:
    """Whether this process is a city's supervisor (a pid alone may have been given away)."""
    if pid <= 0:
        return False
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"cityhall" in words and (b"demo" in words or b"tour" in words)
