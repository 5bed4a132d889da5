"""pymerkle in the peers' venv: `build` or `verify`, the rate per CPU-second on standard output."""

import sys
import time
from collections.abc import Callable

from pymerkle import InmemoryTree, verify_inclusion

CHUNKS = 4096


def rate(operation: Callable[[], object], *, per_call: int = 1) -> float:
    """Per CPU-second."""
    operation()
    count, started = 0, time.thread_time()
    while (spent := time.thread_time() - started) < 0.5:
        operation()
        count += per_call
    return count / spent


def build() -> InmemoryTree:
    """A list's chunks, and the root."""
    tree = InmemoryTree(algorithm="sha256")
    for chunk in range(CHUNKS):
        tree.append_entry(chunk.to_bytes(64, "big"))
    tree.get_state()
    return tree


def main(operation: str) -> float:
    """The rate that is asked for."""
    if operation == "build":
        return rate(build, per_call=CHUNKS)
    tree = build()
    place = 1234
    base, root, proof = tree.get_leaf(place), tree.get_state(), tree.prove_inclusion(place, CHUNKS)
    return rate(lambda: verify_inclusion(base, root, proof))


if __name__ == "__main__":
    print(main(sys.argv[1]))
