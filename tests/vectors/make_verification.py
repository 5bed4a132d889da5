"""
Write `verification.json`: presentations, material and policies with the verdict each must get.

What is expected (outcome, reason) is written by hand here; the whole verdict beside it is what
Python found, so that JavaScript can be compared check by check. Texts, proofs, registries and
policies that several cases share stand once, under a name.
"""

import json
from dataclasses import replace
from pathlib import Path

from credentials.verdict import build_verdict_json
from tests.vectors import reading_cases
from tests.vectors.verification_cases import CASES

TARGET = Path(__file__).parent / "verification.json"


class Shelf:
    """Things by a short name, each once."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.things = {}

    def name(self, thing):
        """The name of a thing."""
        for name, known in self.things.items():
            if known == thing:
                return name
        self.things[f"{self.prefix}{len(self.things) + 1}"] = thing
        return f"{self.prefix}{len(self.things)}"


def build_document():
    """The whole file."""
    shelves = {kind: Shelf(kind[0]) for kind in ("lists", "proofs", "trust", "keepers", "demands")}
    cases = [build_case(case, shelves) for case in CASES]
    return {
        "about": "Run by pytest and node --test. given.now is a NumericDate.",
        **{kind: shelf.things for kind, shelf in shelves.items()},
        "cases": cases,
    }


def build_case(case, shelves):
    """One case, its parts by name."""
    given = {
        "presentation": case.presentation,
        "trust": shelves["trust"].name(case.trust),
        "lists": {
            uri: [
                {
                    "token": shelves["lists"].name(token),
                    "proof": shelves["proofs"].name(proof) if proof is not None else None,
                }
                for token, proof in copies
            ]
            for uri, copies in case.lists.items()
        },
        "log": shelves["keepers"].name(case.log) if case.log is not None else None,
        "is_replayed": case.is_replayed,
        "memory": case.memory,
        "policy": shelves["demands"].name(case.policy),
        "now": case.now,
        "audience": case.audience,
        "nonce": case.nonce,
    }
    written = {
        "name": case.name,
        "why": case.why,
        "spec": case.spec,
        "given": given,
        "expect": case.expect,
        "reason": case.reason,
    }
    document = {kind: shelf.things for kind, shelf in shelves.items()}
    verdict = reading_cases.judge(written, document)
    return written | {"verdict": build_verdict_json(replace(verdict, purpose=None))}


def build_text(document):
    """JSON with one case, or one shared thing, a line: differences stay readable."""

    def compact(value):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    parts = []
    for name, value in document.items():
        if isinstance(value, dict):
            lines = [f"{compact(key)}: {compact(thing)}" for key, thing in value.items()]
            parts.append(f"{compact(name)}: {{\n" + ",\n".join(lines) + "\n}")
        elif isinstance(value, list):
            parts.append(f"{compact(name)}: [\n" + ",\n".join(map(compact, value)) + "\n]")
        else:
            parts.append(f"{compact(name)}: {compact(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(build_text(build_document()), encoding="utf-8")
