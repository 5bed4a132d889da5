"""What the door to eth-account leaves as it was."""

import subprocess
import sys


def test_the_door_to_eth_account_leaves_recursion_bounded():
    # Below it a library raises the limit to 100,000: nested input would end the process.
    code = "import sys, ledger.evm_signer; print(sys.getrecursionlimit())"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="."
    )

    assert int(done.stdout) <= 1_000
