"""The wallet's tables and the only code that reads or writes them."""

from wallet_api.store.check import check

__all__ = ["check"]
