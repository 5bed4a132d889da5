"""What all tests share: the rule for skipping, the vectors, sockets to loopback only."""

import os
import socket
from pathlib import Path

import pytest

VECTORS_REASON = "published vectors are not at hand: set CITY_VECTORS"


def pytest_addoption(parser):
    parser.addoption("--everything", action="store_true", help="fail instead of skipping")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """With --everything a skipped test fails, unless it needs published vectors."""
    outcome = yield
    report = outcome.get_result()
    if not item.config.getoption("--everything") or not report.skipped:
        return
    if hasattr(report, "wasxfail") or "CITY_VECTORS" in str(report.longrepr):
        return
    report.outcome = "failed"
    report.longrepr = f"skipped although everything was asked for: {report.longrepr}"


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of published vectors."""
    folder = os.environ.get("CITY_VECTORS")
    if not folder or not Path(folder).is_dir():
        pytest.skip(VECTORS_REASON)
    return Path(folder)


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch):
    """No test reaches another machine; a try is an error of the test."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            if not (host.startswith("127.") or host in {"::1", "localhost"}):
                raise AssertionError(f"a test tried to reach {host}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
