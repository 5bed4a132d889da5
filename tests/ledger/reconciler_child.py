"""
One reconciler in a process of its own, to be killed: `reconciler_child.py FOLDER URL CONTRACT`.

Steps until it is killed or the newest head is final; `CITY_FAILPOINT` says where it dies.
"""

import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))

from anvil_chain import GOVERNOR, LEDGER_KEY, MAX_FEE, RELAYER, transport
from ledgers import NOON, ORIGIN

from ledger.chain import Finality, FinalityKind
from ledger.evm import EvmChain, EvmPlace
from ledger.json_rpc import Node, parse_quantity
from ledger.reconciler import Reconciler, State
from runtime.database import Database


def main(folder, url, contract):
    node = Node(url, transport)
    place = EvmPlace(
        chain_id=parse_quantity(node.ask("eth_chainId")),
        contract=bytes.fromhex(contract),
        governor=GOVERNOR,
        origin=ORIGIN,
        finality=Finality(FinalityKind.DEPTH, 4),
        cadence=timedelta(0),
        max_fee=MAX_FEE,
    )
    reconciler = Reconciler(
        Database(f"sqlite:///{folder}/register.sqlite3"),
        EvmChain(place, (node,), 1, LEDGER_KEY, RELAYER),
        max_fee=MAX_FEE,
        patience=timedelta(seconds=30),
        clock=lambda: NOON,
    )
    for _ in range(100):
        if reconciler.step().state is State.CURRENT:
            return 0
        node.ask("anvil_mine", "0x1")
        time.sleep(0.01)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
