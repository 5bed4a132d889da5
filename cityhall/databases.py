"""The embedded databases of a city, opened for checks while the services run or stand still."""

import os
from pathlib import Path

from cityhall.errors import NoCity
from runtime.database import Database
from runtime.settings import Settings

FILE = "sqlite:///"
SERVICES = ("register", "issuer", "wallet_api", "verifier", "witness")


def open_databases(data_dir: Path) -> dict[str, Database]:
    """Each service's database that exists; NoCity when there is none, for nothing is not whole."""
    found = {}
    for name in SERVICES:
        url = read_settings(data_dir, name).database_url
        if not url.startswith(FILE) or Path(url.removeprefix(FILE)).exists():
            found[name] = Database(url)
    if not found:
        raise NoCity(f"no city was ever started from {data_dir.name}: see --data-dir")
    return found


def read_settings(data_dir: Path, service: str) -> Settings:
    """A service's settings as it would read them itself, for this data directory."""
    return Settings.from_environment(
        {**os.environ, "CITY_DATA_DIR": str(data_dir)}, service=service
    )
