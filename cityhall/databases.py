"""The embedded databases of a city, opened for checks while the services run or stand still."""

from pathlib import Path

from cityhall.errors import NoCity
from runtime.database import Database

SERVICES = ("register", "issuer", "wallet_api", "verifier", "witness")


def open_databases(data_dir: Path) -> dict[str, Database]:
    """Each service's database that exists; NoCity when there is none, for nothing is not whole."""
    found = {}
    for name in SERVICES:
        path = data_dir / f"{name}.sqlite3"
        if path.exists():
            found[name] = Database(f"sqlite:///{path}")
    if not found:
        raise NoCity(f"no city was ever started from {data_dir.name}: see --data-dir")
    return found
