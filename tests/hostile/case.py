"""
A hostile case: one judge line that breaks exactly one named check, or the twin that breaks none.

`check` names an entry of `switches.SWITCHES`. With that check switched off, every case that names
it must come out differently: a check that nobody would miss is no check.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class HostileCase:
    """
    `id`: unique, stable. `sid`: the acceptance test of docs/security.md that it belongs to.
    `line`: the members of a judge case. `detail`: the code that the named check gives.
    """

    id: str
    sid: str
    format: str
    check: str
    line: Mapping[str, object]
    outcome: str
    reason: str | None
    detail: str | None

    @property
    def must_pass(self) -> bool:
        """Whether this is a must-accept twin."""
        return self.outcome == "passed"


Generator = Callable[[], Iterator[HostileCase]]


def problem(case: HostileCase, answer: Mapping[str, object]) -> str | None:
    """How an answer differs from what the case demands, or None."""
    if answer["outcome"] != case.outcome:
        return f"{case.id}: {answer['outcome']} {answer.get('details')}, not {case.outcome}"
    if case.must_pass:
        return None
    if case.reason not in answer["reasons"]:
        return f"{case.id}: {answer['reasons']}, not {case.reason}"
    if case.detail is not None and case.detail not in answer.get("details", ()):
        return f"{case.id}: {answer.get('details')}, not {case.detail}"
    return None
