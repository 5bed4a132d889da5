"""
One line of the bench: what we do, the limit, the peers, the aim, and the parts that it is made of.

Each module of `benchmarks/operations/` offers `build(bench)`, which gives its operations; a format
is added by adding a file. What is timed is shown to be right before: a bench of refusals would
look fast.
"""

import importlib
import pkgutil
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks import operations
from benchmarks.measure import Contender, Row, compete, local
from benchmarks.papers import Papers
from benchmarks.peers.client import PeerError, Peers


@dataclass(frozen=True, slots=True)
class Bench:
    """What operations are built from; what must be closed in the end goes to `closing`."""

    papers: Papers
    peers: Peers
    closing: ExitStack


@dataclass(frozen=True, slots=True)
class Operation:
    """
    `ours` and `limit` give a rate; `limit_times`: how many limits ours is compared with.
    `aim_of_limit`, `aim_of_peer`: the least share of the limit and the least times the fastest
    peer. `parts`: what `--profile` measures one by one, in the order in which it is done.
    """

    name: str
    ours: Contender
    limit: Contender
    limit_name: str
    limit_times: float = 1.0
    aim_of_limit: float | None = None
    aim_of_peer: float | None = None
    peers: Mapping[str, Contender] = field(default_factory=dict)
    parts: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    note: Callable[[float], str] = lambda _: ""

    def measure(self) -> Row:
        """Ours, the limit and every peer in turns."""
        peers = {f"peer {name}": contender for name, contender in self.peers.items()}
        found = compete({"limit": self.limit, "ours": self.ours, **peers})
        rates = {name: found[f"peer {name}"] for name in self.peers}
        fastest = max(rates, key=lambda name: rates[name], default="")
        others = [f"{name} {rate:,.0f} /s" for name, rate in rates.items() if name != fastest]
        return Row(
            self.name,
            found["ours"],
            found["limit"] / self.limit_times,
            self.limit_name,
            rates.get(fastest),
            fastest or "none",
            note="; ".join(filter(None, [self.note(found["ours"]), *others])),
            aim_of_limit=self.aim_of_limit,
            aim_of_peer=self.aim_of_peer,
        )

    def profile(self) -> str:
        """Each part in microseconds and in limits. Alone and warm they cost less than together."""
        rates = compete(
            {"limit": self.limit, **{name: local(part) for name, part in self.parts.items()}},
            runs=3,
        )
        limit = rates.pop("limit")
        lines = [
            f"    {name:<52}{1e6 / rate:9.1f} us{limit / rate:8.3f}" for name, rate in rates.items()
        ]
        return "\n".join([f"{self.name}: by part; last column in {self.limit_name}", *lines])


def find_operations(bench: Bench) -> list[Operation]:
    """Those of every module, in the order of the modules' names."""
    names = sorted(module.name for module in pkgutil.iter_modules(operations.__path__))
    modules = [importlib.import_module(f"{operations.__name__}.{name}") for name in names]
    return [operation for module in modules for operation in module.build(bench)]


def refuse_unless(is_right: bool, what: str) -> None:
    """Before anything is timed."""
    if not is_right:
        raise AssertionError(f"the benchmark's {what} does not hold")


def available(contenders: Mapping[str, Contender]) -> dict[str, Contender]:
    """Those peers that can do it here."""
    working = {}
    for name, contender in contenders.items():
        try:
            contender()
        except (PeerError, ImportError):
            continue
        working[name] = contender
    return working


def by_the_clock(work: Callable[[], object], *, count: int) -> Contender:
    """Rate by the clock of work that takes several processes and does `count` operations."""

    def contend() -> float:
        started = time.perf_counter()
        work()
        return count / (time.perf_counter() - started)

    return contend
