"""
`verify_many`: the same checks on two processes, against one process, by the clock.

By the clock two processes need two idle cores. What they cost in CPU does not: the note says how
many times faster two idle cores would be by that.
"""

import multiprocessing
import os
import time
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.operation import Bench, Operation, by_the_clock, refuse_unless
from benchmarks.papers import AUDIENCE, NONCE, Papers, fresh_signer, issue_licence, present
from credentials.verdict import Outcome, Verdict
from runtime.work_pool import WorkPool, available_processes
from verifier.verify_many import CHUNK, Setting, Shown, judge_all, open_pool

COUNT = 768
PROCESSES = 2


@dataclass(slots=True)
class Bulk:
    """The same presentations for one process and for several; CPU seconds of each way."""

    shown: list[Shown]
    setting: Setting
    pool: WorkPool[Setting, Shown, Verdict]
    alone: float = 0.0
    together: float = 0.0
    rounds_alone: int = 0
    rounds_together: int = 0

    def judge_alone(self) -> list[Verdict]:
        """One process."""
        before = time.process_time()
        verdicts = judge_all(self.setting, self.shown)
        self.alone += time.process_time() - before
        self.rounds_alone += 1
        return verdicts

    def judge_together(self) -> None:
        """All processes, this one included: it hands out and takes in."""
        before = time.process_time() + children_seconds()
        deque(self.pool.run(self.shown, chunk=CHUNK), maxlen=0)
        self.together += time.process_time() + children_seconds() - before
        self.rounds_together += 1

    def tell(self, _rate: float) -> str:
        """What the clock would say on idle cores, by what was spent."""
        alone, together = self.alone / self.rounds_alone, self.together / self.rounds_together
        return (
            f"by CPU seconds {PROCESSES * alone / together:.2f} times on {PROCESSES} idle cores; "
            f"load {os.getloadavg()[0]:.1f} on {available_processes()} cores"
        )


def build(bench: Bench) -> list[Operation]:
    """Presentations of many holders, each shown once a run. The children wait between runs."""
    papers = bench.papers
    pool = bench.closing.enter_context(
        open_pool(papers.material, papers.policy, processes=PROCESSES)
    )
    shown = [show(papers) for _ in range(COUNT)]
    bulk = Bulk(shown, (papers.material, papers.policy), pool)
    verdicts = list(pool.run(shown, chunk=CHUNK))
    refuse_unless(verdicts == judge_all(bulk.setting, shown), "order of verify_many")
    refuse_unless(all(each.outcome is Outcome.PASSED for each in verdicts), "bulk")
    return [
        Operation(
            f"verify_many, {PROCESSES} processes, by the clock",
            by_the_clock(bulk.judge_together, count=COUNT),
            by_the_clock(bulk.judge_alone, count=COUNT),
            "one process",
            aim_of_limit=1.7,
            note=bulk.tell,
        )
    ]


def show(papers: Papers) -> Shown:
    """A licence of somebody else, shown."""
    papers = replace(papers, holder=fresh_signer())
    credential = issue_licence(
        papers.issuer, holder_jwk=papers.holder.public_jwk,
        key_id=papers.issuer_key.thumbprint, now=papers.now,
    )  # fmt: skip
    text = present(credential, papers.holder, now=papers.now)
    return Shown({"driving_licence": text}, papers.now, AUDIENCE, NONCE)


def children_seconds() -> float:
    """CPU seconds of the living children, from /proc."""
    ticks = 0
    for child in multiprocessing.active_children():
        fields = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
