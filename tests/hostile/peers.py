"""
`python -m tests.hostile.peers`: other libraries on the same hostile cases, beside ours.

A peer is told whose key it is, the audience, the nonce and the time, as far as it can be told. It
is asked only what a library of its kind answers: not whom to trust for which type, not about
certificate chains, not what a status list says, and about dates only where it takes the time from
its caller. Then to accept what must be rejected is a false accept, and the other way round a false
reject; a crash is an error that is not the library's own way to refuse. Peers run in processes and
environments of their own. docs/hostile.md says how to read the table.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cityhall.commands.judge import answer_line
from tests.hostile.case import HostileCase, problem
from tests.hostile.collection import all_cases
from tests.hostile.stage import DID, ISSUER, line

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = Path(__file__).parent / "peer_processes"
PYTHON = (str(ROOT / ".venv-peers/bin/python"), str(PROCESSES / "python_peer.py"))
NODE = ("node", str(PROCESSES / "node_peer.mjs"))

WHOLE = frozenset({"S-001", "S-002", "S-004", "S-007", "S-009", "S-010", "S-012", "S-014", "S-036"})
BINDING = frozenset({"S-039", "S-040", "S-042"})
DATES = frozenset({"S-028", "S-127"})
TOKEN = WHOLE - {"S-036"}
NOT_ASKED = frozenset({"use_of_keys", "listed_keys", "accreditation", "status_reference"})
"""Checks of trust and status, which a caller makes."""

PEERS: dict[str, tuple[Sequence[str], str, frozenset[str]]] = {
    "openvc-core dc+sd-jwt": (PYTHON, "dc+sd-jwt", WHOLE | BINDING | DATES),
    "sd-jwt (Python) dc+sd-jwt": (PYTHON, "dc+sd-jwt", WHOLE | BINDING),
    "@sd-jwt/sd-jwt-vc dc+sd-jwt": (NODE, "dc+sd-jwt", WHOLE | BINDING),
    "PyJWT vc+jwt": (PYTHON, "vc+jwt", TOKEN),
    "jose (npm) vc+jwt": (NODE, "vc+jwt", TOKEN),
    "openvc-core jwt_vc_json": (PYTHON, "jwt_vc_json", TOKEN),
    "PyJWT jwt_vc_json": (PYTHON, "jwt_vc_json", TOKEN),
    "jose (npm) jwt_vc_json": (NODE, "jwt_vc_json", TOKEN),
}


def main() -> None:
    """Print the table."""
    _say(
        "| library, format | cases | twins | false accepts | false rejects | crashes | accepts of |"
    )
    _say("|---|---|---|---|---|---|---|")
    for name, (command, form, sids) in PEERS.items():
        cases = [case for case in all_cases() if case.sid in sids and _is_asked(case, form)]
        assert _ask(command, name, [_good(form)]) == [{"accepts": True}], f"{name} is asked wrongly"
        counted = _count(cases, _ask(command, name, cases))
        ours = _count(cases, [_our_answer(case) for case in cases])
        _print(name, cases, counted)
        _print(f"this judge, the same {form}", cases, ours)
    every = all_cases()
    wrong = sum(problem(case, _judged(case)) is not None for case in every)
    _say(f"\nThis judge on all {len(every)} cases: {wrong} come out otherwise than they must.")


def _good(form: str) -> HostileCase:
    """The paper that all these cases are altered from: who refuses it was not asked rightly."""
    paper = "jwt_vc" if form == "jwt_vc_json" else form
    return HostileCase(f"good/{paper}", "", form, "", line(paper), "passed", None, None)


def _is_asked(case: HostileCase, form: str) -> bool:
    """Presentations of this format; of JWTs those that stand alone."""
    paper = case.id.split("/")[1]
    if case.format != form or case.check in NOT_ASKED or paper.startswith("jwt_vp"):
        return False
    issuers: Any = case.line["issuers"]
    if any(entry.get("x5c_anchors") for entry in issuers.values()):
        return False
    return "nonce" in case.line or form != "dc+sd-jwt"


def _ask(command: Sequence[str], name: str, cases: Sequence[HostileCase]) -> list[dict[str, Any]]:
    lines = [json.dumps(_question(name, case)) for case in cases]
    done = subprocess.run(
        command,
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": ""},
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _question(name: str, case: HostileCase) -> dict[str, Any]:
    shown = case.line
    issuers: Any = shown["issuers"]
    agency = issuers.get(ISSUER) or issuers.get(DID)
    return {
        "peer": name,
        "presentation": shown["presentation"],
        "key": agency["keys"][0],
        "keys": agency["keys"],
        "audience": shown.get("audience"),
        "nonce": shown.get("nonce"),
        "bound": shown["require_holder_binding"],
        "now": shown["now"],
        "lists": shown["status_lists"],
        "typ": "vc+jwt" if case.format == "vc+jwt" else None,
    }


def _judged(case: HostileCase) -> dict[str, Any]:
    return dict(answer_line(json.dumps(case.line).encode(), prove=lambda _: {}))


def _our_answer(case: HostileCase) -> dict[str, Any]:
    return {"accepts": _judged(case)["outcome"] == "passed"}


def _count(cases: Sequence[HostileCase], answers: Sequence[dict[str, Any]]) -> Counter[str]:
    assert len(cases) == len(answers)
    counted: Counter[str] = Counter()
    for case, answer in zip(cases, answers, strict=True):
        counted["accepts"] += answer["accepts"] and not case.must_pass
        counted["rejects"] += not answer["accepts"] and case.must_pass
        counted["crashes"] += "crash" in answer
        if answer["accepts"] and not case.must_pass:
            counted[case.sid] += 1
    return counted


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _print(name: str, cases: Sequence[HostileCase], counted: Counter[str]) -> None:
    twins = sum(case.must_pass for case in cases)
    by_test = ", ".join(f"{sid} {counted[sid]}" for sid in sorted(counted) if sid[:2] == "S-")
    figures = " | ".join(str(counted[each]) for each in ("accepts", "rejects", "crashes"))
    _say(f"| {name} | {len(cases)} | {twins} | {figures} | {by_test or '-'} |")


if __name__ == "__main__":
    main()
