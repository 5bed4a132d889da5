"""`verify_many`: the same checks on two processes, against one process, by the clock."""

from collections import deque
from dataclasses import replace

from benchmarks.operation import Bench, Operation, by_the_clock, refuse_unless
from benchmarks.papers import AUDIENCE, NONCE, Papers, fresh_signer, issue_licence, present
from credentials.verdict import Outcome
from runtime.work_pool import available_processes
from verifier.verify_many import CHUNK, Shown, judge_all, open_pool

COUNT = 768
PROCESSES = 2


def build(bench: Bench) -> list[Operation]:
    """Presentations of many holders, each shown once a run. The children wait between runs."""
    papers = bench.papers
    shown = [show(papers) for _ in range(COUNT)]
    setting = (papers.material, papers.policy)
    pool = bench.closing.enter_context(
        open_pool(papers.material, papers.policy, processes=PROCESSES)
    )
    verdicts = list(pool.run(shown, chunk=CHUNK))
    refuse_unless(verdicts == judge_all(setting, shown), "order of verify_many")
    refuse_unless(all(each.outcome is Outcome.PASSED for each in verdicts), "bulk")
    return [
        Operation(
            f"verify_many, {PROCESSES} processes on {available_processes()} cores, by the clock",
            by_the_clock(lambda: deque(pool.run(shown, chunk=CHUNK), maxlen=0), count=COUNT),
            by_the_clock(lambda: judge_all(setting, shown), count=COUNT),
            "one process",
            aim_of_limit=1.7,
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
