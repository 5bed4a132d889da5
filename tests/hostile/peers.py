"""
`python -m tests.hostile.peers`: other libraries on the same hostile cases, beside ours.

To accept what must be rejected is a false accept, and the other way round a false reject; a crash
is an error that is not the library's own way to refuse, or the end of its process. What a peer
leaves to its caller and what it does not read at all are counted apart (`tests/hostile/peer_list`).
docs/hostile.md says how to read the table. With a name, only the peers of that name are asked, and
every wrong answer is printed.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cityhall.commands.judge import answer_line
from tests.hostile.case import HostileCase, problem
from tests.hostile.collection import all_cases
from tests.hostile.peer_list import PEERS, Peer
from tests.hostile.peer_process import PeerProcess, find_missing
from tests.hostile.peer_questions import build_question, is_asked, shared_by_cases

HEAD = (
    "| library, format | cases | twins | false accepts | false rejects | crashes "
    "| does not look | not understood | accepts of |"
)
FIGURES = ("false accept", "false reject", "crash", "does not look", "not understood")


def main(names: Sequence[str]) -> None:
    """Print the table."""
    _say(HEAD)
    _say("|---" * HEAD.count("| ") + "|")
    for peer in PEERS:
        if names and peer.name not in names:
            continue
        if reason := find_missing(peer.script):
            raise SystemExit(f"{peer.title}: {reason}")
        asked = [case for case in all_cases() if is_asked(case, peer)]
        verdicts = list(score(peer, asked))
        _print(peer, asked, verdicts)
        if names:
            _print_each(asked, verdicts)
    if not names:
        _say_ours()


def score(peer: Peer, cases: Iterable[HostileCase]) -> Iterator[frozenset[str]]:
    """For each case what is counted, from `FIGURES`; nothing when all is well."""
    process = PeerProcess(peer.script, shared_by_cases())
    try:
        for case in cases:
            if not peer.reads(case):
                yield frozenset({"not understood"})
                continue
            answer = process.ask(build_question(case, peer))
            found = {"crash"} if "crash" in answer else set()
            if answer["accepts"] and not case.must_pass:
                found.add("false accept" if peer.looks(case) else "does not look")
            if not answer["accepts"] and case.must_pass:
                found.add("false reject")
            yield frozenset(found)
    finally:
        process.stop()


def _print(peer: Peer, cases: Sequence[HostileCase], verdicts: Sequence[frozenset[str]]) -> None:
    counted = Counter(each for verdict in verdicts for each in verdict)
    by_test = Counter(
        case.sid for case, found in zip(cases, verdicts, strict=True) if "false accept" in found
    )
    twins = sum(case.must_pass for case in cases)
    figures = " | ".join(str(counted[each]) for each in FIGURES)
    accepts = ", ".join(f"{sid} {by_test[sid]}" for sid in sorted(by_test))
    _say(f"| {peer.title} | {len(cases)} | {twins} | {figures} | {accepts or '-'} |")


def _print_each(cases: Sequence[HostileCase], verdicts: Sequence[frozenset[str]]) -> None:
    for case, found in zip(cases, verdicts, strict=True):
        if found - {"not understood"}:
            _say(f"{case.id} [{case.check}]: {', '.join(sorted(found))}")


def _say_ours() -> None:
    every = all_cases()
    wrong = sum(problem(case, _judged(case)) is not None for case in every)
    _say(f"\nThis judge on all {len(every)} cases: {wrong} come out otherwise than they must.")


def _judged(case: HostileCase) -> dict[str, object]:
    return dict(answer_line(json.dumps(case.line).encode(), prove=lambda _: {}))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
