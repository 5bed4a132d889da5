"""The document workshop, one core unless a line says otherwise: every format, every check on."""

from contextlib import ExitStack
from pathlib import Path

from benchmarks.measure import Row
from benchmarks.operation import Bench, find_operations
from benchmarks.papers import build_papers
from benchmarks.peers.client import Peers


def run(peers: Path) -> list[Row]:
    """A row for each operation."""
    return _with_operations(peers, profiled=False)[0]


def profile(peers: Path) -> str:
    """What each operation is made of."""
    return "\n".join(_with_operations(peers, profiled=True)[1])


def _with_operations(python: Path, *, profiled: bool) -> tuple[list[Row], list[str]]:
    papers = build_papers()
    with ExitStack() as closing:
        peers = Peers(python, papers)
        closing.callback(peers.stop)
        operations = find_operations(Bench(papers, peers, closing))
        if profiled:
            return [], [each.profile() for each in operations if each.parts]
        return [each.measure() for each in operations], []
