"""The wallet's tables and the only code that reads or writes them."""

from pathlib import Path

from wallet_api.store.check import check

__all__ = ["MIGRATIONS", "check"]

MIGRATIONS = Path(__file__).parent.parent / "migrations"
