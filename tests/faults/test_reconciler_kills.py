"""The reconciler is killed with SIGKILL at every failpoint, on a real EVM node, and goes on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "ledger"))

from anvil_chain import Anvil
from ledgers import ORIGIN, City

from ledger import chain_store, store
from ledger.chain import LogHead

LEDGER_TESTS = Path(__file__).parent.parent / "ledger"
POINTS = ("chain.keep", "chain.broadcast", "chain.settle")


@pytest.fixture(scope="module")
def anvil():
    anvil = Anvil(555_001)
    yield anvil
    anvil.stop()


def run(folder, anvil, contract, failpoint=None):
    environment = {name: text for name, text in os.environ.items() if name != "CITY_FAILPOINT"}
    if failpoint:
        environment["CITY_FAILPOINT"] = failpoint
    return subprocess.run(
        [sys.executable, str(LEDGER_TESTS / "reconciler_child.py"), folder, anvil.url, contract],
        env=environment,
        timeout=60,
        check=False,
    ).returncode


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["kill-before", "kill-after"])
@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_any_point_of_anchoring_is_healed_by_the_next_start(anvil, tmp_path, point, mode):
    city = City(tmp_path)
    for _ in range(3):
        city.close()
    with city.database.reading() as session:
        newest = store.newest_epoch(session)
    contract = anvil.deploy(ORIGIN).address
    words = (str(tmp_path), anvil, contract.hex())

    assert run(*words, failpoint=f"{point}:{mode}") == -signal.SIGKILL
    assert run(*words) == 0
    head = anvil.chain(contract, ORIGIN).head(at="final").head
    assert head == LogHead(newest.size, newest.size, newest.root)
    with city.database.reading() as session:
        (row,) = chain_store.load_chains(session)
    assert (row.final.head, row.alarm) == (head, None)
    assert city.check() == []
    city.database.close()
